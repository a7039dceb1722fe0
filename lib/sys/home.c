/* SPDX-License-Identifier: ISC */
#include "sys/home.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "pure/buf.h"

#ifndef POSTERN_CONTROL
#define POSTERN_CONTROL "/etc/postern"
#endif
#ifndef POSTERN_QUEUE
#define POSTERN_QUEUE "/var/spool/postern"
#endif
#ifndef POSTERN_LIBEXEC
#define POSTERN_LIBEXEC "/usr/local/libexec/postern"
#endif
#ifndef POSTERN_SBIN
#define POSTERN_SBIN "/usr/local/sbin"
#endif

/* Where the socket unit makes it (control/systemd/postern-submit.socket). */
#define SUBMIT "/run/postern/submit"
#define MAILQ  "/run/postern/mailq"
#define ASK    "/run/postern/ask"

/* Where postern-oauth2.service keeps its state. */
#define OAUTH2 "/var/lib/postern-oauth2"

static const char *
path_of(char out[LIMIT_PATH], struct span dir, const char *a, const char *b)
{
	struct buf path = { out, LIMIT_PATH, 0, false };

	buf_span(&path, dir);
	buf_str(&path, a);
	buf_str(&path, b);
	buf_cstr(&path);
	if (!path.over)
		return out;
	errno = ENAMETOOLONG;
	return NULL;
}

/* The private world's directory, or NULL outside one. */
static const char *
private_world(void)
{
	const char *dir = getenv("POSTERN_HOME");

	return dir && *dir ? dir : NULL;
}

const char *
home_control(char out[LIMIT_PATH])
{
	const char *dir = private_world();

	return dir ? path_of(out, span_of(dir), "/control", "")
		   : path_of(out, SPAN(POSTERN_CONTROL), "", "");
}

const char *
home_queue(char out[LIMIT_PATH])
{
	const char *dir = private_world();

	return dir ? path_of(out, span_of(dir), "/queue", "")
		   : path_of(out, SPAN(POSTERN_QUEUE), "", "");
}

/* A whole path to a program of ours, not to a link of another name. */
static bool
names_ours(const char *path)
{
	const char *name = path ? strrchr(path, '/') : NULL;

	return name && *path == '/' && strncmp(name, "/postern-", 9) == 0;
}

/* The directory of the running program, with the slash at its end. Returns -1
 * with errno. */
static int
own_directory(char out[LIMIT_PATH], struct span *dir)
{
	/* The path that exec was given, and where that says nothing, the
	 * kernel's own answer, which costs a walk through /proc. */
	const char *self = (const char *)getauxval(AT_EXECFN);
	ssize_t n;

	if (names_ours(self)) {
		n = (ssize_t)strlen(self);
	} else {
		self = out;
		n = readlink("/proc/self/exe", out, LIMIT_PATH);
	}
	if (n == -1)
		return -1;
	while (n > 0 && self[n - 1] != '/')
		n--;
	*dir = (struct span){ self, (size_t)n };
	return 0;
}

const char *
home_sibling(char out[LIMIT_PATH], const char *name)
{
	char text[LIMIT_PATH];
	struct span dir;

	if (own_directory(text, &dir) == -1)
		return NULL;
	return path_of(out, dir, "postern-", name);
}

/* The program where `make install` puts it, or, in a private world, beside the
 * running one, unless that is itself where `make install` puts programs. */
static const char *
find(char out[LIMIT_PATH], struct span installed, const char *name)
{
	char text[LIMIT_PATH];
	struct span dir;

	if (!private_world())
		return path_of(out, installed, "/postern-", name);
	if (own_directory(text, &dir) == -1)
		return NULL;
	if (span_eq(dir, SPAN(POSTERN_SBIN "/")) ||
		span_eq(dir, SPAN(POSTERN_LIBEXEC "/")))
		return path_of(out, installed, "/postern-", name);
	return path_of(out, dir, "postern-", name);
}

const char *
home_program(char out[LIMIT_PATH], const char *name)
{
	return find(out, SPAN(POSTERN_LIBEXEC), name);
}

const char *
home_command(char out[LIMIT_PATH], const char *name)
{
	return find(out, SPAN(POSTERN_SBIN), name);
}

const char *
home_submit(char out[LIMIT_PATH])
{
	const char *path = getenv("POSTERN_SUBMIT");
	const char *dir = private_world();

	if (path && *path)
		return path_of(out, span_of(path), "", "");
	return dir ? path_of(out, span_of(dir), "/submit", "")
		   : path_of(out, SPAN(SUBMIT), "", "");
}

const char *
home_mailq(char out[LIMIT_PATH])
{
	const char *dir = private_world();

	return dir ? path_of(out, span_of(dir), "/mailq", "")
		   : path_of(out, SPAN(MAILQ), "", "");
}

const char *
home_ask(char out[LIMIT_PATH], const char *name)
{
	const char *dir = private_world();

	return dir ? path_of(out, span_of(dir), "/ask/", name)
		   : path_of(out, SPAN(ASK), "/", name);
}

const char *
home_oauth2(char out[LIMIT_PATH])
{
	const char *dir = private_world();

	return dir ? path_of(out, span_of(dir), "/oauth2", "")
		   : path_of(out, SPAN(OAUTH2), "", "");
}

const char *
home_path(char out[LIMIT_PATH], struct span path)
{
	const char *dir = private_world();
	struct buf full = { out, LIMIT_PATH, 0, false };

	if (path.n == 0 || (path.p[0] != '/' && !dir)) {
		errno = EINVAL;
		return NULL;
	}
	if (path.p[0] != '/') {
		buf_str(&full, dir);
		buf_char(&full, '/');
	}
	buf_span(&full, path);
	buf_cstr(&full);
	if (!full.over)
		return out;
	errno = ENAMETOOLONG;
	return NULL;
}

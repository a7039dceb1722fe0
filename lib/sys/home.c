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

const char *
home_sibling(char out[LIMIT_PATH], const char *name)
{
	/* The path that exec was given, and where that says nothing, the
	 * kernel's own answer, which costs a walk through /proc. */
	const char *self = (const char *)getauxval(AT_EXECFN);
	char text[LIMIT_PATH];
	ssize_t n;

	if (names_ours(self)) {
		n = (ssize_t)strlen(self);
	} else {
		self = text;
		n = readlink("/proc/self/exe", text, sizeof text);
	}
	if (n == -1)
		return NULL;
	while (n > 0 && self[n - 1] != '/')
		n--;
	return path_of(out, (struct span){ self, (size_t)n }, "postern-", name);
}

const char *
home_program(char out[LIMIT_PATH], const char *name)
{
	if (private_world())
		return home_sibling(out, name);
	return path_of(out, SPAN(POSTERN_LIBEXEC), "/postern-", name);
}

const char *
home_command(char out[LIMIT_PATH], const char *name)
{
	if (private_world())
		return home_sibling(out, name);
	return path_of(out, SPAN(POSTERN_SBIN), "/postern-", name);
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

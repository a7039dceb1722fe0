/* SPDX-License-Identifier: ISC */
#include "admin/certs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "admin/step.h"
#include "pure/handover.h"
#include "sys/ask.h"
#include "sys/child.h"
#include "sys/clock.h"
#include "sys/home.h"
#include "sys/io.h"

enum { LINE = 2048, READY_MS = 5000 };

static const struct span fault = SPAN_INIT("fault ");
static const struct span note = SPAN_INIT("note ");
static const struct span ok = SPAN_INIT("ok ");

static int
say(struct span line)
{
	struct span text = span_from(line, span_find(line, ' ') + 1);
	int n = (int)text.n;

	if (span_begins_nocase(line, fault))
		return step_fault(DIE_SETUP, "tls", "%.*s", n, text.p);
	if (span_begins_nocase(line, note))
		step_note("tls", "%.*s", n, text.p);
	else if (span_begins_nocase(line, ok))
		step_ok("tls", "%.*s", n, text.p);
	return 0;
}

/* All that is found is said; the first fault counts. */
static int
say_all(FILE *from)
{
	char text[LINE];
	int code = 0;

	while (fgets(text, sizeof text, from)) {
		struct span line = span_of(text);
		int one = say(span_head(line, span_find(line, '\n')));

		if (!code)
			code = one;
	}
	return code;
}

/* Starts `postern-tls -n`. Returns where it writes, or NULL with errno. */
static FILE *
start(const char *program, pid_t *pid)
{
	static char option[] = "-n";
	char *const argv[] = { (char *)(uintptr_t)program, option, NULL };
	int end[2];
	FILE *from;

	if (pipe2(end, O_CLOEXEC) == -1)
		return NULL;
	*pid = child_start(
		argv, environ, &(struct child_fd){ end[1], STDOUT_FILENO }, 1);
	close(end[1]);
	from = *pid == -1 ? NULL : fdopen(end[0], "r");
	if (!from)
		close(end[0]);
	return from;
}

static bool
read_all(int fd, char *to, size_t n)
{
	int64_t until = clock_ms() + READY_MS;
	ssize_t got = 1;

	for (size_t have = 0; have < n && got > 0; have += (size_t)got)
		got = io_read(fd, to + have, n - have, until, NULL);
	return got > 0;
}

/* What the service says to whoever connects. */
static int
hear_ready(int fd)
{
	char text[HANDOVER_MAX];
	struct handover word;
	int n = -1;

	if (read_all(fd, text, HANDOVER_HEAD))
		n = handover_length((struct span){ text, HANDOVER_HEAD });
	if (n == -1 || (n && !read_all(fd, text, (size_t)n)) ||
		handover_parse((struct span){ text, (size_t)n }, &word) == -1)
		return step_fault(DIE_LATER, "tls",
			"the service postern-tls does not say that it is "
			"ready; see journalctl -u postern-tls");
	if (word.error.n)
		return step_fault(DIE_SETUP, "tls",
			"clients are not offered TLS: %.*s (journalctl -u "
			"postern-tls); let the user postern-tls read the key, "
			"or bring it by LoadCredential=, as INSTALL has it",
			(int)word.error.n, word.error.p);
	step_ok("tls", "the service postern-tls is ready");
	return 0;
}

/* Root can read any key; whether the service can, it says itself. */
static int
service_check(void)
{
	const char *place;
	struct ask ask;
	int code = 0;
	int found = ask_service(&ask, "tls", SOCK_STREAM, &place);

	if (found == 1)
		code = hear_ready(ask.fd);
	else if (found == 0)
		step_note("tls",
			"nobody listens at %s, so each session starts "
			"postern-tls and must be able to read the "
			"key; systemctl enable --now "
			"postern-tls.socket",
			place);
	else
		code = step_fault(
			DIE_LATER, "tls", "%s: %s", place, strerror(errno));
	ask_close(&ask);
	return code;
}

int
certs_check(const struct control *c)
{
	char program[LIMIT_PATH];
	pid_t pid = -1;
	FILE *from;
	int code;
	int end;

	if (!c->text[CONTROL_TLSCERT])
		return 0;
	from = home_program(program, "tls") ? start(program, &pid) : NULL;
	if (!from) {
		int error = errno;

		if (pid != -1)
			child_wait(pid);
		return step_fault(
			DIE_SETUP, "tls", "%s: %s", program, strerror(error));
	}
	code = say_all(from);
	fclose(from);
	end = child_wait(pid);
	if (!code && end != 0)
		return step_fault(DIE_LATER, "tls",
			"postern-tls -n ended with %d and did not say why",
			end);
	return code ? code : service_check();
}

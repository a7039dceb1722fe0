/* SPDX-License-Identifier: ISC */
#include "admin/certs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "admin/step.h"
#include "sys/child.h"
#include "sys/home.h"

enum { LINE = 2048 };

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
	return code;
}

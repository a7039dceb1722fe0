/* SPDX-License-Identifier: ISC */
#include "smtp/inject.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "queue/store.h"
#include "sys/child.h"
#include "sys/clock.h"
#include "sys/home.h"
#include "sys/io.h"
#include "sys/log.h"

/* The exit codes of qmail-queue that a client hears of in its own way. */
static const struct {
	int from;
	int to;
	enum event event;
} codes[] = {
	{QUEUE_ACCEPTED,      QUEUE_ACCEPTED,     EVENT_ACCEPTED     },
	{ QUEUE_ADDRESS_LONG, QUEUE_ADDRESS_LONG, EVENT_QUEUE_ADDRESS},
	{ 11,		 40,                 EVENT_QUEUE_REFUSED},
	{ QUEUE_WRITE,        QUEUE_WRITE,        EVENT_NO_SPACE     },
	{ QUEUE_CONFIG,       QUEUE_CONFIG,       EVENT_QUEUE_CONFIG },
	{ QUEUE_NETWORK,      QUEUE_NETWORK,      EVENT_QUEUE_NETWORK},
	{ 72,		 74,                 EVENT_QUEUE_NETWORK},
};

enum event
inject_event(int code)
{
	for (size_t i = 0; i < LEN(codes); i++)
		if (code >= codes[i].from && code <= codes[i].to)
			return codes[i].event;
	return EVENT_QUEUE;
}

/* Appends the filters to argv, each line one path. */
static int
plan_filters(struct inject_plan *plan, struct control *c, size_t *n)
{
	struct control_list *list = &plan->filters;
	struct span entry;

	if (control_list(c, CONTROL_FILTERS, list) == -1)
		return -1;
	while (control_next(list, &entry)) {
		if (entry.p[0] != '/')
			return control_fail(c, list->name, list->line,
				"not a path that begins with /");
		if (*n == INJECT_FILTERS)
			return control_fail(
				c, list->name, list->line, "too many filters");
		/* the entry is followed by its newline, or by the NUL behind
		 * the file, unless it was trimmed; all are free to be NUL */
		plan->argv[*n] = list->text + (entry.p - list->text);
		plan->argv[*n][entry.n] = '\0';
		(*n)++;
	}
	return 0;
}

static bool
is_ours(const char *variable)
{
	return strncmp(variable, "QMAILQUEUE=", 11) == 0 ||
	       strncmp(variable, "POSTERN_ID=", 11) == 0;
}

int
inject_plan(struct inject_plan *plan, struct control *c, char **env)
{
	struct buf queue = BUF(plan->queue_env);
	size_t n = 0;

	*plan = (struct inject_plan){ .argv = { NULL } };
	if (!home_program(plan->queue, "queue"))
		return control_fail(c, "", 0, strerror(errno));
	if (plan_filters(plan, c, &n))
		return -1;
	plan->argv[n] = plan->queue;
	buf_str(&queue, "QMAILQUEUE=");
	buf_str(&queue, plan->queue);
	buf_cstr(&queue);
	plan->env[0] = plan->queue_env;
	plan->env[1] = plan->id_env;
	for (n = 2; *env; env++) {
		if (is_ours(*env))
			continue;
		if (n == INJECT_ENV + 2)
			return control_fail(c, "", 0,
				"more environment variables than 256");
		plan->env[n++] = *env;
	}
	return 0;
}

static void
close_pair(const int pair[2])
{
	close(pair[0]);
	close(pair[1]);
}

int
inject_start(
	struct inject *in, struct inject_plan *plan, const char id[QUEUE_ID])
{
	struct buf variable = BUF(plan->id_env);
	int text[2];
	int envelope[2];
	struct child_fd fds[2];

	*in = (struct inject){ .pid = 0 };
	buf_str(&variable, "POSTERN_ID=");
	buf_span(&variable, (struct span){ id, QUEUE_ID });
	buf_cstr(&variable);
	if (pipe2(text, O_CLOEXEC) == -1)
		return -1;
	if (pipe2(envelope, O_CLOEXEC) == -1) {
		close_pair(text);
		return -1;
	}
	fds[0] = (struct child_fd){ text[0], 0 };
	fds[1] = (struct child_fd){ envelope[0], 1 };
	in->pid = child_start(plan->argv, plan->env, fds, 2);
	if (in->pid == -1) {
		int error = errno;

		close_pair(text);
		close_pair(envelope);
		in->pid = 0;
		errno = error;
		return -1;
	}
	close(text[0]);
	in->unread = plan->argv[1] ? envelope[0] : -1;
	if (in->unread == -1)
		close(envelope[0]);
	in->text = text[1];
	in->envelope = envelope[1];
	return 0;
}

/* Writes to a pipe of the first program; it may be slow, not stuck. */
static void
pass(struct inject *in, int fd, struct span text)
{
	if (in->broken)
		return;
	if (io_write(fd, text.p, text.n, clock_ms() + INJECT_WAIT * 1000) == -1)
		in->broken = true;
}

void
inject_text(struct inject *in, struct span text)
{
	pass(in, in->text, text);
}

/* Waits for the first program, not for ever: one that hangs is killed. What
 * it may have queued by then is queued twice, never lost. */
static int
wait_child(int pid)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	if (fd != -1) {
		if (io_wait_read(fd, clock_ms() + INJECT_WAIT * 1000, NULL) ==
			-1)
			kill(pid, SIGKILL);
		close(fd);
	}
	return child_wait(pid);
}

static void
close_unread(struct inject *in)
{
	if (in->unread != -1)
		close(in->unread);
	in->unread = -1;
}

/* Did the programs leave something of the envelope in the pipe? */
static bool
left_unread(const struct inject *in)
{
	int n;

	return in->unread != -1 && ioctl(in->unread, FIONREAD, &n) == 0 &&
	       n > 0;
}

enum event
inject_finish(struct inject *in, struct span head, struct span rcpts)
{
	int code;

	close(in->text);
	/* more than any pipe takes would wait for a reader for ever */
	if (head.n + rcpts.n > PIPE_BUF)
		close_unread(in);
	if (head.n)
		pass(in, in->envelope, head);
	pass(in, in->envelope, rcpts);
	close(in->envelope);
	code = wait_child(in->pid);
	in->broken |= left_unread(in);
	close_unread(in);
	if (code != QUEUE_ACCEPTED || in->broken) {
		struct log log;

		log_begin(&log, LOG_LEVEL_ERROR, "queue");
		log_text(&log, "reason",
			code == QUEUE_ACCEPTED
				? SPAN("it ended before it had read it all")
				: SPAN("it did not take the message"));
		log_number(&log, "exit", (uint64_t)(unsigned)code);
		log_write(&log);
	}
	/* a success that did not see every octet is none */
	if (code == QUEUE_ACCEPTED && in->broken)
		code = QUEUE_CRASHED;
	in->pid = 0;
	return inject_event(code);
}

void
inject_abort(struct inject *in)
{
	if (!in->pid)
		return;
	close(in->text);
	close(in->envelope);
	close_unread(in);
	wait_child(in->pid);
	in->pid = 0;
}

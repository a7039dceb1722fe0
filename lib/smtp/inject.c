/* SPDX-License-Identifier: ISC */
#include "smtp/inject.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "control/rewrite.h"
#include "queue/store.h"
#include "sys/ask.h"
#include "sys/child.h"
#include "sys/clock.h"
#include "sys/home.h"
#include "sys/io.h"
#include "sys/log.h"
#include "sys/packet.h"

enum { ID_AT = sizeof "POSTERN_ID=" - 1 }; /* in id_env */

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
	       strncmp(variable, "POSTERN_ID=", 11) == 0 ||
	       strncmp(variable, "POSTERN_SUBMISSION=", 19) == 0;
}

int
inject_plan(struct inject_plan *plan, struct control *c, char **env,
	bool submission)
{
	struct buf queue = BUF(plan->queue_env);
	static char submitted[] = "POSTERN_SUBMISSION=1";
	bool rewrite = submission || rewrite_wanted(c);
	size_t n = 0;

	*plan = (struct inject_plan){ .argv = { NULL } };
	if (!home_program(plan->queue, "queue") ||
		(rewrite && !home_program(plan->rewrite, "rewrite")))
		return control_fail(c, "", 0, strerror(errno));
	if (plan_filters(plan, c, &n))
		return -1;
	if (rewrite)
		plan->argv[n++] = plan->rewrite;
	plan->argv[n] = plan->queue;
	buf_str(&queue, "QMAILQUEUE=");
	buf_str(&queue, rewrite ? plan->rewrite : plan->queue);
	buf_cstr(&queue);
	plan->env[0] = plan->queue_env;
	plan->env[1] = plan->id_env;
	n = 2;
	if (submission)
		plan->env[n++] = submitted;
	for (; *env; env++) {
		if (is_ours(*env))
			continue;
		if (n == INJECT_ENV + 2)
			return control_fail(c, "", 0,
				"more environment variables than 256");
		plan->env[n++] = *env;
	}
	return 0;
}

bool
inject_filtered(const struct inject_plan *plan)
{
	return plan->argv[0] != plan->queue && plan->argv[0] != plan->rewrite;
}

/* Makes a pipe for a program's descriptor. What it takes before the program
 * runs costs no waiting, so the end we write never blocks; the other end does
 * for filters, who may know nothing else. */
static int
open_pipe(const struct inject *in, int pair[2])
{
	if (!in->plan->argv[1])
		return pipe2(pair, O_CLOEXEC | O_NONBLOCK);
	if (pipe2(pair, O_CLOEXEC) == -1)
		return -1;
	return fcntl(pair[1], F_SETFL, O_WRONLY | O_NONBLOCK);
}

static void
shut(int *fd)
{
	if (*fd != -1)
		close(*fd);
	*fd = -1;
}

static void
shut_all(struct inject *in)
{
	for (int i = 0; i < 2; i++) {
		shut(&in->text[i]);
		shut(&in->envelope[i]);
	}
}

/* What was to be started stands in control/filters, or is the queue. */
static void
log_not_started(const struct inject_plan *plan)
{
	struct log log;

	log_begin(&log, LOG_LEVEL_ERROR, "queue");
	log_text(&log, "reason", span_of(strerror(errno)));
	log_text(&log, "program", span_of(plan->argv[0]));
	log_write(&log);
}

static void
give_up(struct inject *in)
{
	log_not_started(in->plan);
	in->broken = true;
}

void
inject_open(
	struct inject *in, struct inject_plan *plan, const char id[QUEUE_ID])
{
	struct buf variable = BUF(plan->id_env);

	*in = (struct inject){
		.plan = plan, {-1,  -1},
                   { -1, -1}
	};
	buf_str(&variable, "POSTERN_ID=");
	buf_span(&variable, (struct span){ id, QUEUE_ID });
	buf_cstr(&variable);
	if (open_pipe(in, in->text) == -1)
		give_up(in);
}

/* Hands the message over to the service, if there is one. Returns 1, 0 when
 * it cannot be reached (a sandbox may not let us ask), -1 with errno. */
static int
hand_over(struct inject *in)
{
	struct ask ask;
	const char *where;

	if (ask_service(&ask, "queue", SOCK_STREAM, &where) != 1)
		return 0;
	in->envelope[1] = ask.fd;
	in->service = true;
	if (packet_send(ask.fd, span_of(in->plan->id_env + ID_AT), in->text[0],
		    true) == -1)
		return -1;
	shut(&in->text[0]);
	return 1;
}

/* Opens the way for the envelope, once. */
static bool
open_way(struct inject *in)
{
	int found = 0;

	if (in->pid || in->service || in->envelope[0] != -1 || in->broken)
		return !in->broken;
	if (!in->plan->argv[1])
		found = hand_over(in);
	if (found == -1 || (found == 0 && open_pipe(in, in->envelope) == -1))
		give_up(in);
	return !in->broken;
}

/* Starts the programs, once, where there is no service. Returns whether
 * somebody reads. */
static bool
start(struct inject *in)
{
	struct child_fd fds[] = {
		{-1,  0},
                { -1, 1}
	};

	if (in->pid || in->service)
		return true;
	if (!open_way(in))
		return false;
	if (in->service)
		return true;
	fds[0].fd = in->text[0];
	fds[1].fd = in->envelope[0];
	in->pid = child_start(in->plan->argv, in->plan->env, fds, LEN(fds));
	if (in->pid == -1) {
		in->pid = 0;
		give_up(in);
		return false;
	}
	shut(&in->text[0]);
	/* kept, it tells what a filter left unread */
	if (!in->plan->argv[1])
		shut(&in->envelope[0]);
	return true;
}

/* Waits until a full pipe takes more; the programs may be slow, not stuck. */
static bool
make_room(struct inject *in, int fd)
{
	if (!in->pid && !in->service)
		return start(in);
	return io_wait_write(fd, clock_ms() + INJECT_WAIT * 1000) == 0;
}

static void
pass(struct inject *in, int fd, struct span text)
{
	while (text.n && !in->broken) {
		ssize_t put = write(fd, text.p, text.n);

		if (put > 0)
			text = span_from(text, (size_t)put);
		else if (errno == EAGAIN)
			in->broken = !make_room(in, fd);
		else if (errno != EINTR)
			in->broken = true;
	}
}

void
inject_text(struct inject *in, struct span text)
{
	pass(in, in->text[1], text);
}

/* Waits for the first program, not for ever: one that hangs is killed. What
 * it may have queued by then is queued twice, never lost. */
static int
wait_child(int pid)
{
	return child_wait_until(pid, clock_ms() + INJECT_WAIT * 1000);
}

/* The same of the service. */
static int
wait_service(int fd)
{
	char code;
	ssize_t n = io_read(
		fd, &code, sizeof code, clock_ms() + INJECT_WAIT * 1000, NULL);

	return n == sizeof code ? code : QUEUE_CRASHED;
}

/* Did the programs leave something of the envelope in the pipe? */
static bool
left_unread(const struct inject *in)
{
	int n;

	return in->envelope[0] != -1 &&
	       ioctl(in->envelope[0], FIONREAD, &n) == 0 && n > 0;
}

static void
log_failed(int code)
{
	struct log log;

	log_begin(&log, LOG_LEVEL_ERROR, "queue");
	log_text(&log, "reason",
		code == QUEUE_ACCEPTED
			? SPAN("it ended before it had read it all")
			: SPAN("it did not take the message"));
	log_number(&log, "exit", (uint64_t)(unsigned)code);
	log_write(&log);
}

enum event
inject_finish(struct inject *in, struct span head, struct span rcpts)
{
	int code;

	shut(&in->text[1]);
	/* more than any pipe takes would wait for a reader for ever */
	if (open_way(in) && head.n + rcpts.n > PIPE_BUF && start(in))
		shut(&in->envelope[0]);
	pass(in, in->envelope[1], head);
	pass(in, in->envelope[1], rcpts);
	if (!in->service)
		shut(&in->envelope[1]);
	if (!start(in)) {
		shut_all(in);
		return EVENT_QUEUE;
	}
	code = in->service ? wait_service(in->envelope[1])
			   : wait_child(in->pid);
	in->pid = 0;
	in->broken |= left_unread(in);
	shut_all(in);
	if (code != QUEUE_ACCEPTED || in->broken)
		log_failed(code);
	/* a success that did not see every octet is none */
	if (code == QUEUE_ACCEPTED && in->broken)
		code = QUEUE_CRASHED;
	return inject_event(code);
}

void
inject_abort(struct inject *in)
{
	if (!in->plan)
		return;
	shut_all(in);
	if (in->pid)
		wait_child(in->pid);
	*in = (struct inject){ .plan = NULL };
}

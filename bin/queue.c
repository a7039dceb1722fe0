/* SPDX-License-Identifier: ISC
 *
 * postern-queue: take one message into the queue, durably or not at all.
 *
 *   fd 0      the message text, to its end
 *   fd 1      then the envelope: F<sender> NUL T<recipient> NUL ... NUL, with
 *             the records of pure/envelope.h between
 *   -l        instead: a socket (queue/service.h) at which messages are handed
 *             over, unix:/path, or - for fd 0, until SIGTERM
 *   fd 2      a log line when something is wrong
 *   reads     control/sync, control/queuereserve, POSTERN_ID (the id to use)
 *   starts    nothing
 *   exit      0 queued and durable; else nothing is queued: 11 and 31 for
 *             good, all others for now (queue/store.h, postern-queue(8))
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "control/control.h"
#include "queue/service.h"
#include "sys/clock.h"
#include "sys/jail.h"
#include "sys/local.h"
#include "sys/log.h"

/* A producer that takes a day is no producer (as in qmail-queue). */
#define PRODUCER_MS (24 * 3600 * INT64_C(1000))

#define USAGE "postern-queue [-l unix:/path | -l -]"

enum { BACKLOG = 1024 };

static struct control conf;

/* What is closed now could be the queue file in a moment: a message must not
 * be read from itself, nor a log line be written into it. */
static bool
descriptors_open(void)
{
	struct pollfd fds[] = { { .fd = 0 }, { .fd = 1 }, { .fd = 2 } };

	if (poll(fds, LEN(fds), 0) == -1)
		return false;
	if (fds[0].revents & POLLNVAL || fds[1].revents & POLLNVAL)
		return false;
	return !(fds[2].revents & POLLNVAL) ||
	       open("/dev/null", O_WRONLY | O_CLOEXEC) == 2;
}

/* Reads control/sync and control/queuereserve. Returns 0 or -1. */
static int
learn(struct store_wish *wish)
{

	if (control_open(&conf) == -1 ||
		control_number(&conf, CONTROL_QUEUERESERVE, &wish->reserve) ==
			-1)
		return -1;
	return store_order_read(&conf, &wish->order);
}

/* The id that stands in the message's Received field already. */
static struct span
chosen_id(void)
{
	const char *id = getenv("POSTERN_ID");

	if (id && queue_id_valid(span_of(id)))
		return span_of(id);
	return (struct span){ NULL, 0 };
}

/* What the log's reader does must not change our exit code. */
static void
send_line(struct log *line)
{
	(void)signal(SIGPIPE, SIG_IGN);
	log_write(line);
}

/* What the producer did is its own affair; the rest an admin must mend. */
static enum log_level
level_of(enum queue_exit code)
{
	switch (code) {
	case QUEUE_ADDRESS_LONG:
	case QUEUE_TIMEOUT:
	case QUEUE_READ:
	case QUEUE_FORMAT:
		return LOG_LEVEL_WARNING;
	default:
		return LOG_LEVEL_ERROR;
	}
}

static void
log_failure(enum queue_exit code, const struct store_result *result)
{
	struct log line;

	log_begin(&line, level_of(code), "unqueued");
	log_number(&line, "exit", code);
	log_text(&line, "cannot", span_of(result->what));
	if (result->error)
		log_text(&line, "reason", span_of(strerror(result->error)));
	send_line(&line);
}

static void
log_success(const struct store_result *result)
{
	struct log line;

	log_begin(&line, LOG_LEVEL_INFO, "queued");
	log_text(&line, "id", (struct span){ result->id, QUEUE_ID });
	log_number(&line, "size", result->size);
	log_number(&line, "recipients", result->recipients);
	send_line(&line);
}

static enum queue_exit
learn_or_say(struct store_wish *wish)
{
	int learnt = learn(wish);

	if (learnt == -1)
		log_reason(LOG_LEVEL_ERROR, "unqueued", control_error(&conf));
	control_close(&conf);
	return learnt == -1 ? QUEUE_CONFIG : QUEUE_ACCEPTED;
}

/* Who chose the id knows it and logs the message itself. */
static enum queue_exit
store(int text, int envelope, struct store_wish *wish)
{
	struct store_result result;
	enum queue_exit code;

	wish->deadline = clock_ms() + PRODUCER_MS;
	code = store_message(text, envelope, wish, &result);
	if (code != QUEUE_ACCEPTED)
		log_failure(code, &result);
	else if (wish->id.n == 0)
		log_success(&result);
	return code;
}

/* The message of the descriptors that we were started with. */
static enum queue_exit
take_ours(void)
{
	struct store_wish wish = { .id = chosen_id() };
	enum queue_exit code = learn_or_say(&wish);

	if (code != QUEUE_ACCEPTED)
		return code;
	jail_close_or_say(JAIL_QUEUE, NULL);
	return store(STDIN_FILENO, STDOUT_FILENO, &wish);
}

/* One that was handed over to the service. */
static enum queue_exit
take(int text, int envelope, struct span id)
{
	struct store_wish wish = { .id = id };
	enum queue_exit code = learn_or_say(&wish);

	return code == QUEUE_ACCEPTED ? store(text, envelope, &wish) : code;
}

static void
close_door(void)
{
	jail_close_or_say(JAIL_QUEUE_SERVICE, NULL);
}

/* The socket that -l names. */
static int
listen_at(const char *where)
{
	int fd = STDIN_FILENO;

	if (strcmp(where, "-") == 0) {
		if (local_check(fd, SOCK_STREAM) == -1)
			die_errno(DIE_SETUP, "listen on fd 0 (-l -)");
		return fd;
	}
	if (strncmp(where, "unix:/", 6) != 0)
		die(DIE_SETUP, "listen on %s: write unix:/run/name", where);
	fd = local_listen(where + 5, SOCK_STREAM, BACKLOG);
	if (fd == -1)
		die_errno(errno == EADDRINUSE ? DIE_LATER : DIE_SETUP,
			"listen on %s", where);
	return fd;
}

static const char *
read_options(int argc, char **argv)
{
	const char *where = NULL;
	int c;

	opterr = 0;
	while ((c = getopt(argc, argv, "l:")) != -1) {
		if (c != 'l')
			die(DIE_SETUP, "start: " USAGE);
		where = optarg;
	}
	if (optind < argc)
		die(DIE_SETUP, "start: " USAGE);
	return where;
}

int
main(int argc, char **argv)
{
	const char *where;

	/* Learn. */
	log_program("postern-queue");
	where = read_options(argc, argv);
	if (!descriptors_open())
		return QUEUE_READ;

	/* Give up: a file size limit is an answer, not a signal. */
	if (signal(SIGXFSZ, SIG_IGN) == SIG_ERR)
		return QUEUE_CRASHED;

	/* Work. */
	if (!where)
		return (int)take_ours();
	(void)signal(SIGPIPE, SIG_IGN);
	jail_look();
	if (service_run(listen_at(where), close_door, take) == -1)
		die_errno(DIE_LATER, "take messages");
	return 0;
}

/* SPDX-License-Identifier: ISC
 *
 * inject: hand a message to postern-queue, through the programs named in
 * control/filters.
 *
 * What is started is: filter1 filter2 ... [postern-rewrite] postern-queue;
 * postern-rewrite only where there is something to rewrite. Every filter gets
 * the message on fd 0 and the envelope on fd 1 (qmail-queue's interface), and
 * runs the command its arguments are with the same two descriptors. In the
 * environment, beside what this process was given: QMAILQUEUE, the path of
 * what follows the filters, and POSTERN_ID, the id that the message is to
 * have.
 *
 * Where postern-queue alone would be started and its service listens
 * (queue/service.h), that takes the message instead.
 *
 * A caller ignores SIGPIPE: a program may end before it has read it all. */
#ifndef SMTP_INJECT_H
#define SMTP_INJECT_H

#include "control/control.h"
#include "queue/format.h"
#include "smtp/reply.h"

enum {
	INJECT_FILTERS = 16,
	INJECT_ENV = 256,
	INJECT_WAIT = 540, /* seconds for the queue's answer: less than the
			    * 10 minutes a client waits (RFC 5321 4.5.3.2.6) */
};

/* What is the same for every message of a session. */
struct inject_plan {
	char *argv[INJECT_FILTERS + 3];
	char *env[INJECT_ENV + 4];
	char queue[LIMIT_PATH];
	char rewrite[LIMIT_PATH];
	char queue_env[LIMIT_PATH + 16];
	char id_env[QUEUE_ID + 16];
	struct control_list filters;
};

/* One message on its way. All zero: none. */
struct inject {
	struct inject_plan *plan;
	int text[2];     /* the pipe to fd 0 of the first program; -1: closed */
	int envelope[2]; /* the pipe to its fd 1; or, written and read, the
			  * connection to the service (queue/service.h) */
	bool service;
	int pid;     /* 0: not started yet */
	bool broken; /* it stopped reading, or was not to be started */
};

/* Reads control/filters and copies the environment. A `submission` always
 * goes through postern-rewrite, with POSTERN_SUBMISSION in the environment. The
 * plan points into itself: do not move it. Returns 0, or -1 with the control
 * error set. */
int inject_plan(struct inject_plan *plan, struct control *c, char **env,
	bool submission);

/* Do programs of others stand in front of our own? */
bool inject_filtered(const struct inject_plan *plan);

/* Opens the way for a message with this id. The programs start when the
 * pipes are full or the message is complete: one of usual size lies there for
 * them to read without waiting. What fails is logged, and inject_finish says
 * EVENT_QUEUE. */
void inject_open(
	struct inject *in, struct inject_plan *plan, const char id[QUEUE_ID]);

/* Passes message text on. A program that stops reading makes it `broken`;
 * the text is dropped from then on, and inject_finish says why. */
void inject_text(struct inject *in, struct span text);

/* Ends the text, passes the envelope's records and its last NUL, and waits.
 * A filter that says yes and has not read an envelope of usual size has not
 * passed it on: that is no success.
 * EVENT_ACCEPTED: the message is durable. */
enum event inject_finish(
	struct inject *in, struct span head, struct span rcpts);

/* Ends it all without the NUL that would make it a message, and waits.
 * Does nothing when no message is on its way. */
void inject_abort(struct inject *in);

/* The meaning of an exit code of postern-queue or a filter. */
enum event inject_event(int code);

#endif

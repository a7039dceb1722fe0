/* SPDX-License-Identifier: ISC
 *
 * report: the sender is told. What he has to be told stands in the journal
 * (the capital letters of queue/format.h); at the end of a round postern-bounce
 * is started with the message's file, and queues one report for all of it.
 * Only when it says that this is done are the recipients marked as told.
 *
 * At most REPORT_CHILDREN run at once; who waits for one stays in hand. One
 * that fails leaves the message where it is: it is put off, and the report is
 * tried again at the end of its next round. */
#ifndef DELIVER_REPORT_H
#define DELIVER_REPORT_H

#include <sys/types.h>

#include "deliver/message.h"
#include "deliver/settings.h"
#include "pure/rate.h"

struct sender;

enum {
	REPORT_CHILDREN = 4,
	REPORT_MS = 900000, /* one may take: queue and its filters have less */
};

struct reports {
	struct message *first; /* who waits, linked by message.stuck */
	struct message *last;
	unsigned running;
	struct report_child {
		pid_t pid; /* 0: none */
		int64_t since;
		struct message *message;
		char id[QUEUE_ID + 1]; /* of the report */
	} child[REPORT_CHILDREN];
	struct rate rate;
	char program[LIMIT_PATH];
};

/* The journal's letter for an outcome of recipient i: whether the sender has
 * to be told of it. `local`: the hop is final delivery; `age`: the message's,
 * in seconds. */
enum queue_mark report_mark(const struct settings *set, const struct message *m,
	uint32_t i, const struct verdict *verdict, bool local, uint64_t age);

/* The round of m is over, and its sender has to be told. */
void report_want(struct sender *s, struct message *m);

/* Starts what waits, and kills what has run too long. */
void report_step(struct sender *s);

/* A child is gone. False: it was none of these. */
bool report_ended(struct sender *s, pid_t pid, int status);

/* Gives back what waits; with `kill` what runs, too. It is found in the queue
 * again. */
void report_recall(struct sender *s, bool kill);

#endif

/* SPDX-License-Identifier: ISC
 *
 * worker: a remote or local process that has a delivery in hand or waits for
 * the next one to the same hop (pure/job.h is what it is told and says). */
#ifndef DELIVER_WORKER_H
#define DELIVER_WORKER_H

#include <sys/types.h>

#include "deliver/hop.h"

enum worker_state {
	WORKER_BUSY,    /* has a delivery in hand */
	WORKER_IDLE,    /* kept for the next one to its hop */
	WORKER_LEAVING, /* its socket is closed; it is not yet gone */
	WORKER_STATES
};

struct worker {
	struct worker *next;
	struct worker *prev;
	struct worker *idle_next; /* of the same hop */
	enum worker_state state;
	pid_t pid; /* 0: reaped */
	int fd;
	int64_t since; /* milliseconds: when it came into its state */
	unsigned served;
	struct hop *hop;
	struct delivery *delivery;
	unsigned count; /* recipients in hand: rcpt[i] of the message */
	uint32_t rcpt[JOB_RCPTS];
	bool answered[JOB_RCPTS];
	bool held;    /* a fault of ours kept somebody */
	bool put_off; /* somebody was, for that reason */
	struct hop_reason reason;
};

/* Workers in one state, in the order in which they came into it. */
struct workers {
	struct worker *first;
	struct worker *last;
};

/* Puts w at the end of a list; takes it out. */
void workers_add(struct workers *list, struct worker *w);
void workers_remove(struct workers *list, struct worker *w);

/* Starts `program` for a hop. NULL with errno. */
struct worker *worker_start(const char *program, struct hop *hop);

/* Hands a delivery over with its message's file; next hop `first` of its route
 * is to be asked first. Reports of ours travel to a smarthost under
 * `bouncesender` (empty: the null sender). Returns 0 (it is busy), or -1 with
 * errno: EPIPE, ECONNRESET: the worker is gone; EMSGSIZE: no job. */
int worker_give(struct worker *w, struct delivery *d, size_t first, int file,
	struct span bouncesender);

/* Receives what the worker says; the packet holds until the next call for any
 * worker. Returns 1, 0 when it has said nothing, -1 when it is gone or its
 * packet is none. */
int worker_receive(struct worker *w, struct span *packet);

/* Takes the next record: 1 with the answer and the message's recipient in
 * *rcpt (unless it is the end of the job), 0 when the packet is empty, -1
 * when it is no answer to the job in hand. */
int worker_next(struct worker *w, struct span *packet,
	struct job_answer *answer, uint32_t *rcpt);

/* Closes its socket: it says QUIT and leaves. */
void worker_close(struct worker *w);

#endif

/* SPDX-License-Identifier: ISC
 *
 * status: what the scheduler knows of itself, kept in the queue directory's
 * file `status` for `postern status` and for the next scheduler: how much went
 * which way, which faults of our own hold mail, when each next hop answered
 * last. Lines as in the log (sys/log.h):
 *
 *	send time=SECONDS pid=N state=running|stopped delivered=N deferred=N
 *	     failed=N held=N
 *	fault since=SECONDS hop=ROUTE status=4.3.5 text="what and the remedy"
 *	     messages=N seen=SECONDS
 *	hop name=ROUTE answered=SECONDS failures=N until=SECONDS text="..."
 *
 * (each on one line). A fault is known by its hop and its status: it is
 * logged once, and again after an hour. It is over when its hop has answered,
 * or when none of the messages that it held met it again; dns, when any host
 * was found by its name. ROUTE is also "local", "dns" (no name server speaks),
 * "bounce" (reports cannot be made), "queue" (the queue directory cannot be
 * written) and "-" (control is broken: all mail waits). */
#ifndef DELIVER_STATUS_H
#define DELIVER_STATUS_H

#include "deliver/schedule.h"
#include "pure/limits.h"
#include "pure/span.h"
#include "queue/spool.h"

enum {
	STATUS_FAULTS = 32,
	STATUS_HOPS = 64,
	STATUS_ROUTE = LIMIT_DOMAIN + 16,
	STATUS_TEXT = 640,
	STATUS_EVERY = 5000,  /* ms between two writings, at least */
	STATUS_GRACE = 60,    /* s for held mail to meet its fault again */
	STATUS_FORGET = 1200, /* s: what another scheduler knew is old then */
	STATUS_REMIND = 3600, /* s until a fault is logged again */
	STATUS_MAX = 1 << 16, /* octets of the file */
};

struct status_fault {
	int64_t since; /* seconds since 1970; 0: it is over, or none */
	int64_t seen;
	int64_t logged;
	uint64_t before; /* messages, as another scheduler counted them */
	struct schedule held;
	char hop[STATUS_ROUTE];
	char status[16];
	char text[STATUS_TEXT];
};

struct status_hop {
	int64_t changed; /* 0: none */
	int64_t answered;
	int64_t until;
	uint64_t failures;
	char name[STATUS_ROUTE];
	char text[STATUS_TEXT];
};

/* How much went which way, for the first line, which adds what the schedulers
 * before this one did: figures that only grow. */
struct status_sums {
	uint64_t delivered;
	uint64_t deferred;
	uint64_t failed;
	uint64_t held;
	uint64_t left; /* messages in the queue, when status_counts */
	bool counted;  /* left is given */
};

/* All zero is one that knows nothing. */
struct status {
	struct status_sums before; /* by the schedulers that were */
	struct status_fault fault[STATUS_FAULTS];
	struct status_hop hop[STATUS_HOPS];
	bool changed;
	int64_t next; /* when it may be written again, milliseconds */
};

/* Takes over what the last scheduler left. */
void status_begin(struct status *st, struct spool *s, int64_t now);

/* A fault of ours kept mail from that hop: logs it when it is new. Returns its
 * number, never 0, for status_held. */
unsigned status_fault(struct status *st, struct span hop, struct span status,
	struct span text, int64_t now);

/* The message waits for fault `number` until entry->when. */
void status_held(
	struct status *st, unsigned number, const struct schedule_entry *entry);

/* That hop is well: its faults are over. */
void status_mended(struct status *st, struct span hop);

/* Gives what waits for faults to `to`, as due now: control was changed. */
void status_wake(struct status *st, struct schedule *to);

/* The hop answered (until 0), or is left alone until then for that reason. */
void status_hop(struct status *st, struct span hop, int64_t now,
	uint64_t failures, int64_t until, struct span text);

/* True when the next writing wants to know sums->left: all mail waits, or, at
 * the end, some fault is left and the queue may be empty. */
bool status_counts(const struct status *st, int64_t tick, bool last);

/* Ends faults that are over (all of them in an empty queue), and writes the
 * file when something changed and it is time (`last`: always, as stopped). */
void status_write(struct status *st, struct spool *s,
	const struct status_sums *sums, int64_t now, int64_t tick, bool last);

#endif

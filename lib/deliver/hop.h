/* SPDX-License-Identifier: ISC
 *
 * hop: a next hop, with what waits for it and what is known of it. All mail
 * for one hop shares its back-off: a dead host is asked by one message at a
 * time, rarely, and the others are put off with what that one learnt. */
#ifndef DELIVER_HOP_H
#define DELIVER_HOP_H

#include "deliver/message.h"
#include "deliver/schedule.h"
#include "deliver/settings.h"

enum {
	HOP_BUCKETS = 16384,
	HOP_START = 4,         /* connections until the hop has answered once */
	HOP_CRASHES = 3,       /* workers lost in a row before a rest */
	HOP_REST = 30,         /* seconds of that rest */
	HOP_FORGET = 6 * 3600, /* seconds after a back-off ended */
	HOP_ASIDE = 300,       /* seconds until one that was down is asked */
};

/* Recipients of one message for one hop: a job that waits or is in hand. */
struct delivery {
	struct delivery *next;
	struct message *message;
	struct hop *hop;
	uint32_t first; /* linked by message_rcpt.next, `count` of them */
	uint32_t last;
	uint32_t count;
	size_t octets; /* of their records in a job, at most */
};

/* Why a hop is left alone: how those who wait are put off meanwhile. */
struct hop_reason {
	enum job_fate fate;
	char status[16];
	char peer[LIMIT_DOMAIN + 64];
	char text[JOB_TEXT + 1];
};

/* Writes a verdict down, and reads it back (of NULL: a general one). */
void hop_reason_set(struct hop_reason *reason, const struct verdict *verdict);
struct verdict hop_reason(const struct hop_reason *reason);

struct worker;

struct hop {
	struct hop *chain;
	struct hop *ready_next;
	struct hop *ready_prev;
	bool ready; /* in the list of those who want a worker */
	bool paced; /* in the list of those who wait for their next message */
	bool local;
	bool smarthost;
	bool up; /* has answered since we know it */

	struct delivery *first;
	struct delivery *last;
	unsigned waiting;
	unsigned workers;       /* with a job or kept for the next */
	struct worker *idle;    /* kept for the next job */
	struct schedule parked; /* messages set aside: enough wait already */

	uint64_t failures; /* in a row, in which nothing could be asked */
	unsigned crashes;  /* workers lost in a row */
	int64_t until;     /* left alone until then, seconds since 1970 */
	int64_t tried;     /* when that was learnt */
	struct hop_reason *reason;
	uint64_t limits;      /* version of the settings they are from */
	uint64_t connections; /* at once; 0: as for all */
	uint64_t perminute;   /* messages; 0: any number */
	int64_t next;         /* when the next one may go, in milliseconds */
	size_t up_at;   /* the first next hop of the route that is up ... */
	int64_t up_end; /* ... and when one before it is asked again */
	size_t route_len;
	char route[];
};

/* All hops but `local`, which stands beside the table. */
struct hops {
	struct hop *bucket[HOP_BUCKETS];
	uint64_t seed; /* any random number */
	struct hop *ready_first;
	struct hop *ready_last;
	size_t ready;
	struct hop *paced; /* linked by ready_next */
	int64_t tick;      /* now, in milliseconds on the monotonic clock */
	int64_t paced_end; /* until then a hop has to be known for its pace */
};

/* A hop that is in no table. NULL with errno ENOMEM. */
struct hop *hop_new(struct span route, bool smarthost);

/* The hop of a route (compared without case), made when it is new. NULL with
 * errno ENOMEM. */
struct hop *hops_find(struct hops *hops, struct span route, bool smarthost);

/* Forgets a hop of which nothing is left to know. */
void hops_forget(struct hops *hops, struct hop *hop);

/* Forgets every unused hop whose back-off ended long before `now`, or begins
 * only after it: the clock was set back. */
void hops_sweep(struct hops *hops, int64_t now);

/* Calls `each` for every hop of the table. */
void hops_each(
	struct hops *hops, void (*each)(void *ctx, struct hop *hop), void *ctx);

/* The list of hops that want a worker: in at the end (or at the front), out
 * at the front, so that each has its turn. */
void hops_want(struct hops *hops, struct hop *hop, bool at_front);
void hops_unwant(struct hops *hops, struct hop *hop);

/* The limits of a hop, from control/nexthops. */
void hop_set_limits(struct hop *hop, const struct settings *settings);

/* True when the hop may be given a message now. */
bool hops_may(const struct hops *hops, const struct hop *hop);

/* Notes that the hop was given one. */
void hops_gave(struct hops *hops, struct hop *hop);

/* Sets a hop that may not be given one yet aside; and wants all those again
 * whose time has come. Returns when to look again; INT64_MAX: never. */
void hops_pace(struct hops *hops, struct hop *hop);
int64_t hops_unpace(struct hops *hops);

/* Adds open recipient i of m to what waits for the hop: to the delivery that
 * waits last when it is of the same message and has room. Returns 0, or -1
 * with errno ENOMEM. */
int hop_add(struct hop *hop, struct message *m, uint32_t i);

/* Takes what has waited longest, and puts it back where it was. */
struct delivery *hop_take(struct hop *hop);
void hop_put_back(struct hop *hop, struct delivery *d);

/* How many workers the hop may have when any may have `most`. */
unsigned hop_limit(const struct hop *hop, uint64_t most);

/* True while the hop is left alone; not when the clock says that this has not
 * begun yet. */
bool hop_resting(const struct hop *hop, int64_t now);

/* Notes that the hop answered: next hop `at` of its route. */
void hop_answered(struct hop *hop, size_t at, int64_t now);

/* Which next hop of the route a job is to begin with: one that is up. Every
 * HOP_ASIDE seconds one job begins with the first, to learn how that is. */
size_t hop_first(struct hop *hop, int64_t now);

/* Leaves the hop alone for `seconds` for that reason. */
void hop_rest(struct hop *hop, const struct verdict *why, int64_t now,
	uint64_t seconds);

/* Ends every back-off: the next message asks again. */
void hop_awake(struct hop *hop);

#endif

/* SPDX-License-Identifier: ISC
 *
 * health: how the relay is, from what lies on the disk: the names in the
 * queue, the runner's own words, the control files, free space. No network,
 * and no message is opened. */
#ifndef ADMIN_HEALTH_H
#define ADMIN_HEALTH_H

#include "control/control.h"
#include "pure/limits.h"
#include "queue/spool.h"

enum {
	HEALTH_STATES = 4, /* new, deferred, held, failed */
	HEALTH_FAULTS = 32,
	HEALTH_HOPS = 64,
	HEALTH_COMPLAINTS = 48,
	HEALTH_TEXT = 1024,
	HEALTH_PATIENCE = 600, /* s that mail may be due without a runner, and a
				* next hop of ours may say nothing */
};

struct health_state {
	const char *name;
	uint64_t count;
	int64_t oldest; /* when it came, seconds since 1970; 0: none */
};

/* A fault of our own side that keeps mail. */
struct health_fault {
	int64_t since;
	uint64_t messages;
	char hop[LIMIT_ROUTE + 1];
	char status[16];
	char text[HEALTH_TEXT];
};

struct health_hop {
	int64_t answered;  /* last; 0: never, as far as is known */
	int64_t until;     /* left alone so long; 0: not */
	uint64_t failures; /* in a row */
	char name[LIMIT_ROUTE + 1];
	char text[HEALTH_TEXT]; /* why it is left alone */
};

/* The runner. */
struct health_send {
	bool running;
	bool known; /* what follows was read */
	int64_t time;
	uint64_t pid;
	uint64_t delivered;
	uint64_t deferred;
	uint64_t failed;
	uint64_t held;
};

struct health {
	int64_t now;
	struct health_state state[HEALTH_STATES];
	int64_t due; /* the earliest time of what is due; 0: nothing is */
	struct health_send send;
	size_t faults;
	struct health_fault fault[HEALTH_FAULTS];
	size_t hops;
	struct health_hop hop[HEALTH_HOPS];
	uint64_t free; /* octets on the queue's disk */
	uint64_t reserve;
	struct control control;
	bool control_good;

	/* what keeps it from being well, in words, with the remedy */
	size_t complaints;
	char complaint[HEALTH_COMPLAINTS][HEALTH_TEXT + LIMIT_ROUTE];
};

/* Looks at everything at time `now`. Mail that came more than max_age seconds
 * ago (0: any) is a complaint. Returns 0, or -1 with errno: the queue cannot
 * be read. */
int health_look(
	struct health *h, struct spool *s, int64_t now, int64_t max_age);

/* True while the hop is left alone. */
bool health_resting(const struct health *h, const struct health_hop *hop);

#endif

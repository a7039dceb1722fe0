/* SPDX-License-Identifier: ISC
 *
 * settings: what the scheduler reads from the control directory. It is read
 * again at the start of every burst of work, so that no reload is needed. */
#ifndef DELIVER_SETTINGS_H
#define DELIVER_SETTINGS_H

#include "control/control.h"
#include "control/mailboxes.h"
#include "control/nexthops.h"
#include "control/routes.h"

/* All zero: nothing was read yet. */
struct settings {
	struct mailboxes *mailboxes; /* which domains are local */
	struct routes *routes;
	struct nexthops *nexthops;
	uint64_t version;           /* counts readings */
	uint64_t activemax;         /* messages the schedule holds */
	uint64_t concurrencyremote; /* connections at a time, over all */
	uint64_t concurrencydest;   /* ... to one next hop */
	uint64_t concurrencylocal;
	uint64_t queuelifetime; /* seconds */
	uint64_t retrymin;      /* seconds */
	uint64_t retrymax;      /* seconds */
	uint64_t sendidle;      /* seconds */
	uint64_t delaywarn;     /* seconds; 0: nobody is warned */
	uint64_t bouncerate;    /* reports to one sender an hour; 0: any */
	char bouncesender[LIMIT_ADDRESS + 1];   /* "": the null sender */
	char doublebounceto[LIMIT_ADDRESS + 1]; /* "": nobody */
};

/* Reads everything anew. Returns 0, or -1 with the reason in c->error; what
 * was read before then still stands. c is closed either way. */
int settings_read(struct settings *s, struct control *c);

void settings_free(struct settings *s);

#endif

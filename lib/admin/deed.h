/* SPDX-License-Identifier: ISC
 *
 * deed: what an admin may do to queued messages, beside a runner that may
 * have them in hand. */
#ifndef ADMIN_DEED_H
#define ADMIN_DEED_H

#include "admin/catalogue.h"

struct deed {
	const char *verb;
	const char *program; /* who says so in the log */
	const char *will;    /* "will be held" */
	const char *done;    /* the event of the log */
	unsigned states;     /* messages it can be done to */
	bool remove;
	int64_t to; /* where they go, unless removed */
};

/* The deed of that name, or NULL. */
const struct deed *deed_named(const char *verb);

/* Why it cannot be done to a message that lies there: words that follow "it
 * is", or NULL when it can. */
const char *deed_refusal(const struct deed *deed, int64_t due);

/* Does it to one message and logs it, with the user who asked. Returns 1; 0
 * when the message has left the queue, or is where it cannot be done
 * (item->due says so); -1 with errno. */
int deed_do(const struct deed *deed, struct catalogue *c, struct item *item,
	const char *user);

#endif

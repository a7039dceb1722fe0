/* SPDX-License-Identifier: ISC
 *
 * story: what a message's journal says of each recipient. */
#ifndef ADMIN_STORY_H
#define ADMIN_STORY_H

#include "deliver/message.h"

/* The last outcome of one recipient. */
struct story_rcpt {
	bool tried;
	char mark; /* of the line before, whatever it was */
	struct queue_record last;
};

struct story {
	struct story_rcpt *rcpt;  /* one for each of the message's */
	struct queue_record last; /* the latest that is no delivery */
	bool tried;
};

/* Reads the journal. The spans point into the message. Returns 0, or -1 with
 * errno ENOMEM. */
int story_read(struct story *story, const struct message *m);
void story_free(struct story *story);

/* Calls `each` for every line of the journal in order; `told`: it says that
 * the sender was told of the outcome before. Returns as story_read. */
typedef void story_each(const struct message *m, void *ctx,
	const struct queue_record *record, bool told);
int story_tell(const struct message *m, story_each *each, void *ctx);

/* "delivered", "failed", "deferred", "held" or "noted". */
const char *story_word(enum queue_mark mark);

#endif

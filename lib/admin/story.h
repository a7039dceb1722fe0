/* SPDX-License-Identifier: ISC
 *
 * story: what a message's journal says of each recipient. */
#ifndef ADMIN_STORY_H
#define ADMIN_STORY_H

#include "deliver/message.h"

/* The last record of one recipient. */
struct story_rcpt {
	bool tried;
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

/* "delivered", "failed", "deferred" or "held". */
const char *story_word(enum queue_mark mark);

#endif

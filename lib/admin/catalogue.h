/* SPDX-License-Identifier: ISC
 *
 * catalogue: the messages of the queue by id, which is by age, as an admin's
 * command goes through them while a runner may be at work: what moves is
 * found again, what goes is gone. */
#ifndef ADMIN_CATALOGUE_H
#define ADMIN_CATALOGUE_H

#include "admin/choice.h"

struct item {
	char id[QUEUE_ID];
	uint32_t turn; /* when it was seen, among those with its id */
	int64_t due;   /* where it was seen */
};

/* All zero but spool is an empty one. */
struct catalogue {
	struct spool *spool;
	struct item *items;
	size_t count;
	size_t room;
	const struct choice *choice;
	int64_t now;
	bool failed;             /* out of memory */
	struct catalogue *fresh; /* read again, for those that moved */
	int64_t fresh_until;
};

/* Reads the names of those that are meant by their names, at `now` (seconds
 * since 1970). Returns 0, or -1 with errno. */
int catalogue_read(
	struct catalogue *c, const struct choice *choice, int64_t now);

void catalogue_free(struct catalogue *c);

/* Finds out where a message is that is not where it was seen, and sets
 * item->due. Returns 0, or -1 with errno (ENOENT: it has left the queue). */
int catalogue_find(struct catalogue *c, struct item *item);

/* Opens a message to be read. Returns as message_glance does; with -1 and
 * ENOENT it has left the queue. */
int catalogue_open(struct catalogue *c, struct item *item, struct message *m);

#endif

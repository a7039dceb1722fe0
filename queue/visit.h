/* SPDX-License-Identifier: ISC
 *
 * visit: the queue as an admin's command sees it, beside a runner that may be
 * at work. Messages are looked at without being touched, and moved or removed
 * by name alone; a runner that has one in hand notices (spool_follow). */
#ifndef QUEUE_VISIT_H
#define QUEUE_VISIT_H

#include "queue/spool.h"

/* Opens the queue directory of this world as it is: nothing is made, nothing
 * is locked. Run by root, this process becomes the directory's owner first,
 * for good: nothing privileged reads what strangers wrote. Returns 0, or -1
 * with errno. */
int visit_open(struct spool *s);

/* Calls `each` for every message of a place: SPOOL_NEW, SPOOL_TRIED (all of
 * cur/), SPOOL_HELD or SPOOL_FAILED. What moves meanwhile may be seen twice,
 * or not at all. Other names are passed over. Returns 0, or -1 with errno. */
int visit_place(struct spool *s, int64_t place, spool_each *each, void *ctx);

/* Where the message is now. Returns 0, or -1 with errno ENOENT: nowhere. */
int visit_find(struct spool *s, const char id[QUEUE_ID], int64_t *due);

/* Moves a message to new/ (to be tried now) or to hold/. 0, or -1 with errno
 * (ENOENT: it does not lie there any more). Not synced. */
int visit_move(
	struct spool *s, const char id[QUEUE_ID], int64_t due, int64_t to);

/* Removes a message. Not synced. 0, or -1 with errno. */
int visit_remove(struct spool *s, const char id[QUEUE_ID], int64_t due);

/* Syncs what was moved and removed. 0, or -1 with errno. */
int visit_sync(struct spool *s);

/* Is a runner at work? Returns 1, 0, or -1 with errno. */
int visit_runner(struct spool *s);

#endif

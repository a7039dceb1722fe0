/* SPDX-License-Identifier: ISC
 *
 * schedule: which messages to take up next, the earliest first. Memory is
 * bounded by `max` entries of 40 octets, not by the queue: when there are more
 * messages, those due later are let go and `more` says that the queue
 * directory has to be read again once the schedule has run dry. */
#ifndef DELIVER_SCHEDULE_H
#define DELIVER_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "queue/format.h"

struct schedule_entry {
	int64_t when; /* take it up then, seconds since 1970 */
	int64_t due;  /* as in its file name; 0 in new/ */
	char id[QUEUE_ID];
};

/* All zero, but max, is an empty schedule. */
struct schedule {
	struct schedule_entry *heap;
	size_t count;
	size_t room;
	size_t max; /* at least 2 */
	bool more;  /* entries at or behind `horizon` were let go */
	struct schedule_entry horizon;
};

/* Adds a message. Returns 0, or -1 with errno ENOMEM: it was let go, and
 * `more` is set. */
int schedule_add(struct schedule *s, const struct schedule_entry *entry);

/* When the first entry is to be taken up; INT64_MAX when there is none. */
int64_t schedule_when(const struct schedule *s);

/* Takes the first entry. False when there is none. */
bool schedule_take(struct schedule *s, struct schedule_entry *entry);

/* Forgets everything, for another reading of the queue directory. */
void schedule_clear(struct schedule *s);

/* Gives the memory back. */
void schedule_free(struct schedule *s);

#endif

/* SPDX-License-Identifier: ISC */
#include "admin/catalogue.h"

#include <errno.h>
#include <stdlib.h>

#include "queue/visit.h"
#include "sys/clock.h"

/* How long a second reading is as good as new, in milliseconds. */
enum { FRESH_MS = 500 };

static void
add(void *ctx, const char id[QUEUE_ID], int64_t due)
{
	struct catalogue *c = ctx;
	struct item *item;

	if (c->failed || !choice_name(c->choice, id, due, c->now))
		return;
	if (c->count == c->room) {
		size_t room = c->room ? 2 * c->room : 1024;

		item = reallocarray(c->items, room, sizeof *item);
		if (!item) {
			c->failed = true;
			return;
		}
		c->items = item;
		c->room = room;
	}
	item = &c->items[c->count];
	memcpy(item->id, id, QUEUE_ID);
	item->due = due;
	item->turn = (uint32_t)c->count++;
}

static int
order(const void *a, const void *b)
{
	const struct item *x = a;
	const struct item *y = b;
	int sign = memcmp(x->id, y->id, QUEUE_ID);

	return sign ? sign : x->turn < y->turn ? -1 : x->turn > y->turn;
}

/* What was seen twice has moved meanwhile: it is where it was seen last. Two
 * in failed/ are two. */
static void
keep_last(struct catalogue *c)
{
	size_t kept = 0;

	for (size_t i = 0; i < c->count; i++) {
		const struct item *item = &c->items[i];
		const struct item *next = item + 1;

		if (i + 1 == c->count ||
			memcmp(item->id, next->id, QUEUE_ID) != 0 ||
			(item->due <= SPOOL_FAILED &&
				next->due <= SPOOL_FAILED))
			c->items[kept++] = *item;
	}
	c->count = kept;
}

/* Mail goes from new/ to cur/ by itself; what an admin brings back to new/
 * meanwhile is seen the second time. */
int
catalogue_read(struct catalogue *c, const struct choice *choice, int64_t now)
{
	static const int64_t places[] = { SPOOL_HELD, SPOOL_NEW, SPOOL_TRIED,
		SPOOL_FAILED, SPOOL_NEW };

	c->choice = choice;
	c->now = now;
	c->count = 0;
	for (size_t i = 0; i < LEN(places); i++)
		if ((choice_state(places[i]) & choice->states) &&
			visit_place(c->spool, places[i], add, c) == -1)
			return -1;
	if (c->failed) {
		errno = ENOMEM;
		return -1;
	}
	if (c->count)
		qsort(c->items, c->count, sizeof *c->items, order);
	keep_last(c);
	return 0;
}

void
catalogue_free(struct catalogue *c)
{
	if (c->fresh)
		catalogue_free(c->fresh);
	free(c->fresh);
	free(c->items);
	*c = (struct catalogue){ .spool = c->spool };
}

static int
order_id(const void *key, const void *item)
{
	return memcmp(key, ((const struct item *)item)->id, QUEUE_ID);
}

/* Reads all names again, unless that was a moment ago. */
static int
refresh(struct catalogue *c)
{
	static const struct choice everything = { .states = STATE_ALL };

	if (!c->fresh)
		c->fresh = calloc(1, sizeof *c->fresh);
	if (!c->fresh)
		return -1;
	if (clock_ms() < c->fresh_until)
		return 0;
	c->fresh->spool = c->spool;
	if (catalogue_read(c->fresh, &everything, c->now) == -1)
		return -1;
	c->fresh_until = clock_ms() + FRESH_MS;
	return 0;
}

int
catalogue_find(struct catalogue *c, struct item *item)
{
	const struct item *found = NULL;

	if (refresh(c) == -1)
		return -1;
	if (c->fresh->count)
		found = bsearch(item->id, c->fresh->items, c->fresh->count,
			sizeof *found, order_id);
	if (found && found->due == item->due) /* it moved since */
		return visit_find(c->spool, item->id, &item->due);
	if (found) {
		item->due = found->due;
		return 0;
	}
	errno = ENOENT;
	return -1;
}

int
catalogue_open(struct catalogue *c, struct item *item, struct message *m)
{
	int result = -1;

	/* it may move again while it is looked for */
	for (int tries = 0; tries < 3; tries++) {
		result = message_glance(m, c->spool, item->id, item->due);
		if (result != -1 || errno != ENOENT)
			return result;
		if (catalogue_find(c, item) == -1)
			return -1;
	}
	errno = ENOENT;
	return result;
}

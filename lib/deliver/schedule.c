/* SPDX-License-Identifier: ISC */
#include "deliver/schedule.h"

#include <stdlib.h>

_Static_assert(sizeof(struct schedule_entry) <= 48, "a million fit in 48 MB");

/* Ids sort by time of arrival, so equals go first come, first served. */
static int
order(const void *a, const void *b)
{
	const struct schedule_entry *x = a;
	const struct schedule_entry *y = b;

	if (x->when != y->when)
		return x->when < y->when ? -1 : 1;
	return memcmp(x->id, y->id, QUEUE_ID);
}

static void
sift_up(struct schedule_entry *heap, size_t at)
{
	struct schedule_entry e = heap[at];

	while (at && order(&e, &heap[(at - 1) / 2]) < 0) {
		heap[at] = heap[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	heap[at] = e;
}

static void
sift_down(struct schedule_entry *heap, size_t count)
{
	struct schedule_entry e = heap[0];
	size_t at = 0;
	size_t child;

	while ((child = 2 * at + 1) < count) {
		if (child + 1 < count &&
			order(&heap[child + 1], &heap[child]) < 0)
			child++;
		if (order(&e, &heap[child]) <= 0)
			break;
		heap[at] = heap[child];
		at = child;
	}
	heap[at] = e;
}

/* Lets the later half go. A sorted array is a heap. */
static void
halve(struct schedule *s)
{
	qsort(s->heap, s->count, sizeof *s->heap, order);
	s->count /= 2;
	s->horizon = s->heap[s->count];
	s->more = true;
}

static int
grow(struct schedule *s)
{
	size_t room = s->room ? 2 * s->room : 256;
	struct schedule_entry *heap;

	if (room > s->max)
		room = s->max;
	heap = realloc(s->heap, room * sizeof *heap);
	if (!heap)
		return -1;
	s->heap = heap;
	s->room = room;
	return 0;
}

int
schedule_add(struct schedule *s, const struct schedule_entry *entry)
{
	if (s->count >= s->max)
		halve(s);
	if (s->more && order(entry, &s->horizon) >= 0)
		return 0;
	if (s->count >= s->room && grow(s) == -1) {
		if (!s->more || order(entry, &s->horizon) < 0)
			s->horizon = *entry;
		s->more = true;
		return -1;
	}
	s->heap[s->count] = *entry;
	sift_up(s->heap, s->count++);
	return 0;
}

int64_t
schedule_when(const struct schedule *s)
{
	return s->count ? s->heap[0].when : INT64_MAX;
}

bool
schedule_take(struct schedule *s, struct schedule_entry *entry)
{
	if (s->count == 0)
		return false;
	*entry = s->heap[0];
	s->heap[0] = s->heap[--s->count];
	if (s->count)
		sift_down(s->heap, s->count);
	return true;
}

void
schedule_clear(struct schedule *s)
{
	s->count = 0;
	s->more = false;
}

void
schedule_free(struct schedule *s)
{
	free(s->heap);
	*s = (struct schedule){ .max = s->max };
}

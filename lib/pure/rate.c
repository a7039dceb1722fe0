/* SPDX-License-Identifier: ISC */
#include "pure/rate.h"

#include "pure/ascii.h"

static uint64_t
hash(const struct rate *rate, struct span key)
{
	uint64_t sum = rate->seed;

	for (size_t i = 0; i < key.n; i++) {
		sum ^= (unsigned char)ascii_lower(key.p[i]);
		sum *= 0x9e3779b97f4a7c15;
		sum ^= sum >> 29;
	}
	return sum ? sum : 1;
}

/* Where the key is counted; its old place when it has one. */
static struct rate_entry *
find(struct rate *rate, uint64_t key, uint32_t hour)
{
	struct rate_entry *best = NULL;

	for (uint64_t i = 0; i < RATE_NEAR; i++) {
		struct rate_entry *e = &rate->entry[(key + i) % RATE_KEYS];

		if (e->key == key && e->hour == hour)
			return e;
		if (e->hour != hour)
			*e = (struct rate_entry){ .hour = hour };
		if (!best || e->count < best->count)
			best = e;
	}
	*best = (struct rate_entry){ key, hour, 0 };
	return best;
}

uint32_t
rate_count(struct rate *rate, struct span key, int64_t seconds)
{
	return find(rate, hash(rate, key), (uint32_t)(seconds / 3600))->count;
}

void
rate_add(struct rate *rate, struct span key, int64_t seconds)
{
	find(rate, hash(rate, key), (uint32_t)(seconds / 3600))->count++;
}

void
rate_drop(struct rate *rate, struct span key, int64_t seconds)
{
	struct rate_entry *e =
		find(rate, hash(rate, key), (uint32_t)(seconds / 3600));

	if (e->count)
		e->count--;
}

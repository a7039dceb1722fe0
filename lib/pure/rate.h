/* SPDX-License-Identifier: ISC
 *
 * rate: so many for each key and hour, in memory of fixed size. When there
 * are more keys than room, the one with the smallest count is forgotten: a
 * key may get more than its share then, never less. */
#ifndef PURE_RATE_H
#define PURE_RATE_H

#include <stdint.h>

#include "pure/span.h"

enum {
	RATE_KEYS = 4096,
	RATE_NEAR = 8, /* places where a key may lie */
};

struct rate_entry {
	uint64_t key; /* hash; 0: free */
	uint32_t hour;
	uint32_t count;
};

/* All zero, but seed, is one that has counted nothing. */
struct rate {
	uint64_t seed; /* any random number */
	struct rate_entry entry[RATE_KEYS];
};

/* How many `key` (ASCII case ignored) has had in the hour of that time, seconds
 * since 1970. */
uint32_t rate_count(struct rate *rate, struct span key, int64_t seconds);

/* Counts one more, or one less. */
void rate_add(struct rate *rate, struct span key, int64_t seconds);
void rate_drop(struct rate *rate, struct span key, int64_t seconds);

#endif

/* SPDX-License-Identifier: ISC
 *
 * bucket: how much each key has used lately, in memory of fixed size. What is
 * in a key's bucket drains evenly, so much an hour. When there are more keys
 * than room, the emptiest bucket near by is forgotten: a key may get more than
 * its share then, never less. */
#ifndef PURE_BUCKET_H
#define PURE_BUCKET_H

#include "pure/span.h"

enum {
	BUCKET_KEYS = 4096,
	BUCKET_NEAR = 8, /* places where a key may lie */
};

struct bucket {
	uint64_t key; /* hash; 0: free */
	int64_t at;   /* milliseconds: when it was looked at last */
	uint64_t in;  /* thousandths */
};

/* All zero, but seed and drain, are empty ones. */
struct buckets {
	uint64_t seed;  /* any random number */
	uint64_t drain; /* an hour; at most 2^32 */
	struct bucket bucket[BUCKET_KEYS];
};

/* How much is in the bucket of `key` (ASCII case ignored) at that time, rounded
 * up. */
uint64_t bucket_level(struct buckets *b, struct span key, int64_t ms);

/* Puts n more into it; n is at most 2^32. */
void bucket_add(struct buckets *b, struct span key, uint64_t n, int64_t ms);

/* Is every one of them empty? */
bool bucket_all_empty(struct buckets *b, int64_t ms);

#endif

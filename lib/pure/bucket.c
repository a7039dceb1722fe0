/* SPDX-License-Identifier: ISC */
#include "pure/bucket.h"

#include "pure/ascii.h"

enum { HOUR_MS = 3600000 };

static uint64_t
hash(const struct buckets *b, struct span key)
{
	uint64_t sum = b->seed;

	for (size_t i = 0; i < key.n; i++) {
		sum ^= (unsigned char)ascii_lower(key.p[i]);
		sum *= 0x9e3779b97f4a7c15;
		sum ^= sum >> 29;
	}
	return sum ? sum : 1;
}

/* An hour drains `drain` thousands of thousandths. */
static void
drain(const struct buckets *b, struct bucket *bucket, int64_t ms)
{
	uint64_t passed = ms > bucket->at ? (uint64_t)(ms - bucket->at) : 0;
	uint64_t out = passed >= HOUR_MS ? b->drain * 1000 * (passed / HOUR_MS)
					 : b->drain * 1000 * passed / HOUR_MS;

	if (out >= bucket->in) {
		bucket->in = 0;
		bucket->at = ms;
	} else if (out) {
		bucket->in -= out;
		/* What is left of a thousandth drains at the next look. */
		bucket->at += (int64_t)(out * HOUR_MS / (b->drain * 1000));
	}
}

/* The bucket of the key; its old one when it has one. */
static struct bucket *
find(struct buckets *b, struct span key, int64_t ms)
{
	uint64_t sum = hash(b, key);
	struct bucket *best = NULL;

	for (uint64_t i = 0; i < BUCKET_NEAR; i++) {
		struct bucket *here = &b->bucket[(sum + i) % BUCKET_KEYS];

		drain(b, here, ms);
		if (here->key == sum)
			return here;
		if (!best || here->in < best->in)
			best = here;
	}
	*best = (struct bucket){ sum, ms, 0 };
	return best;
}

uint64_t
bucket_level(struct buckets *b, struct span key, int64_t ms)
{
	return (find(b, key, ms)->in + 999) / 1000;
}

void
bucket_add(struct buckets *b, struct span key, uint64_t n, int64_t ms)
{
	struct bucket *bucket = find(b, key, ms);

	if (bucket->in < UINT64_MAX / 2)
		bucket->in += n * 1000;
}

bool
bucket_all_empty(struct buckets *b, int64_t ms)
{
	bool empty = true;

	for (size_t i = 0; i < BUCKET_KEYS; i++) {
		drain(b, &b->bucket[i], ms);
		empty &= b->bucket[i].in == 0;
	}
	return empty;
}

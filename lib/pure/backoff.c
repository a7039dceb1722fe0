/* SPDX-License-Identifier: ISC */
#include "pure/backoff.h"

static uint64_t
smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* A number in base - base/10 .. base + base/10, not under `least`. */
static uint64_t
spread(uint64_t base, uint64_t least, uint64_t random)
{
	uint64_t low = base - base / 10;
	uint64_t high;

	if (__builtin_add_overflow(base, base / 10, &high))
		high = UINT64_MAX;
	if (low < least)
		low = least;
	return high - low == UINT64_MAX ? random
					: low + random % (high - low + 1);
}

uint64_t
backoff_message(
	uint64_t attempt, uint64_t retrymin, uint64_t retrymax, uint64_t random)
{
	uint64_t factor;
	uint64_t base;

	if (attempt == 0)
		attempt = 1;
	if (__builtin_mul_overflow(attempt, 2, &factor) ||
		__builtin_mul_overflow(retrymin, factor - 1, &base))
		base = retrymax;
	base = smaller(base, retrymax);
	return spread(base, smaller(retrymin, base), random);
}

uint64_t
backoff_destination(uint64_t failures, uint64_t retrymin, uint64_t retrymax,
	uint64_t random)
{
	uint64_t base = retrymin / 8;

	if (base < BACKOFF_DESTINATION_MIN)
		base = BACKOFF_DESTINATION_MIN;
	while (failures > 1 && base < retrymax) {
		if (__builtin_mul_overflow(base, 2, &base))
			base = retrymax;
		failures--;
	}
	return spread(smaller(base, retrymax), 0, random);
}

/* SPDX-License-Identifier: ISC
 *
 * backoff: when to try again. Times are seconds; nothing here reads a clock
 * or draws a random number: `random` is any 64-bit number, a new one for each
 * call, and spreads what would otherwise wake together. */
#ifndef PURE_BACKOFF_H
#define PURE_BACKOFF_H

#include <stdint.h>

/* The shortest rest of a destination that did not answer. */
enum { BACKOFF_DESTINATION_MIN = 15 };

/* How long a message waits behind its n-th attempt (the first is 1; 0 counts
 * as 1): retrymin * (2n - 1), so that attempt n + 1 comes retrymin * n * n
 * after the first, but at most retrymax; then up to a tenth more or less, yet
 * never less than the smaller of retrymin and retrymax (RFC 5321 4.5.4.1).
 * With 400 and 10800 that is 7, 27, 60, 107 minutes after arrival ..., and
 * every 3 hours from the 14th attempt on. Any numbers are fine: a sum that
 * does not fit is retrymax. */
uint64_t backoff_message(uint64_t attempt, uint64_t retrymin, uint64_t retrymax,
	uint64_t random);

/* How long a destination is left alone after `failures` in a row (0 counts as
 * 1) in which nothing could be asked of it: retrymin / 8 but not under
 * BACKOFF_DESTINATION_MIN, doubled for each failure after the first, at most
 * retrymax; then up to a tenth more or less. */
uint64_t backoff_destination(uint64_t failures, uint64_t retrymin,
	uint64_t retrymax, uint64_t random);

#endif

/* SPDX-License-Identifier: ISC
 *
 * age: spans of time as people write them: 90, 90s, 15m, 4h, 3d, 2w, 1d12h. */
#ifndef PURE_AGE_H
#define PURE_AGE_H

#include "pure/buf.h"

/* Reads an age: numbers with units, a bare last number is seconds. Returns 0,
 * or -1: not an age, or over a thousand years. */
int age_parse(struct span text, int64_t *seconds);

/* Appends the two largest units that are not zero, or one: "3d 4h", "15m".
 * Less than nothing is "0s". */
void age_print(struct buf *out, int64_t seconds);

#endif

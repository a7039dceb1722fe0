/* SPDX-License-Identifier: ISC
 *
 * clock: the two clocks. Deadlines are on the monotonic one, in milliseconds;
 * what is written down is wall time. */
#ifndef SYS_CLOCK_H
#define SYS_CLOCK_H

#include <stdint.h>

/* A deadline that never comes. */
#define CLOCK_NEVER INT64_MAX

/* Milliseconds of the monotonic clock. */
int64_t clock_ms(void);

/* Microseconds since 1970 of the wall clock. */
int64_t clock_wall_us(void);

#endif

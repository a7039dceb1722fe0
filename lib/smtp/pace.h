/* SPDX-License-Identifier: ISC
 *
 * pace: is a client that sends message text fast enough? The rate is averaged
 * over windows of a minute, so that a slow line may stall and catch up, and
 * one that sends a byte now and then may not (S-146). Times in milliseconds
 * of any one clock. */
#ifndef SMTP_PACE_H
#define SMTP_PACE_H

#include <stdbool.h>
#include <stdint.h>

enum { PACE_WINDOW = 60000 };

struct pace {
	uint64_t need; /* octets that a window must bring */
	uint64_t got;  /* octets in this window */
	int64_t start; /* when this window began */
};

/* Begins with `rate` octets a second, 0: any pace will do. */
void pace_begin(struct pace *pace, uint64_t rate, int64_t now);

/* Until when nothing has to be judged, if nothing comes. */
int64_t pace_deadline(const struct pace *pace);

/* Notes octets that came. False: the client is too slow. */
bool pace_step(struct pace *pace, uint64_t octets, int64_t now);

#endif

/* SPDX-License-Identifier: ISC
 *
 * listing: one message of a list, as rows for a terminal, as one line of
 * fields for programs, or as JSON. */
#ifndef ADMIN_LISTING_H
#define ADMIN_LISTING_H

#include "admin/story.h"

/* Columns of the terminal's form. */
void listing_head(void);

/* A message that could be read, at time `now`. */
void listing_row(
	const struct message *m, const struct story *story, int64_t now);
void listing_json(
	const struct message *m, const struct story *story, int64_t now);

/* One that could not: what is known, and why. */
void listing_damaged(
	const char id[QUEUE_ID], int64_t due, const char *why, int64_t now);
void listing_damaged_json(
	const char id[QUEUE_ID], int64_t due, const char *why, int64_t now);

/* Appends a size for the eye: 812, 4.1K, 12M. */
void listing_size(struct buf *out, uint64_t size);

#endif

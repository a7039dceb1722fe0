/* SPDX-License-Identifier: ISC
 *
 * trail: which lines of a log belong to what an admin asks for. A line that
 * fits makes its message's id one that is followed; so does an id that a
 * followed line names (the report on a message that failed). */
#ifndef ADMIN_TRAIL_H
#define ADMIN_TRAIL_H

#include "pure/fields.h"

/* All zero asks for everything. */
struct trail {
	struct span *word; /* what the admin wrote, each of its own */
	size_t words;
	char (*id)[25]; /* ids that are followed: a table, owned; behind an
			 * id 1: a report, followed for all its recipients */
	size_t ids;
	size_t room;
};

enum trail_verdict {
	TRAIL_NO,
	TRAIL_YES,
	TRAIL_MEMORY, /* no room for another id */
};

/* Does this line belong to it? A word is an id; an address; a domain with or
 * without its @; a client's address; else a part of any value. */
enum trail_verdict trail_line(struct trail *s, const struct fields *line);

void trail_free(struct trail *s);

#endif

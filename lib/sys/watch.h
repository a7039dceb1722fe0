/* SPDX-License-Identifier: ISC
 *
 * watch: have these files changed since they were read? A file is known by
 * what stat(2) says of it, behind all links. One that is not there is watched
 * as well. */
#ifndef SYS_WATCH_H
#define SYS_WATCH_H

#include <stdbool.h>
#include <stddef.h>

/* All zero: nothing is watched. */
struct watch {
	struct watch_file *file;
	size_t count;
	size_t room;
};

/* Notes how the file is now: call it before the file is read. Returns 0, or
 * -1 with errno ENOMEM. */
int watch_add(struct watch *w, const char *path);

/* Is one of the files another than it was? */
bool watch_changed(const struct watch *w);

void watch_free(struct watch *w);

#endif

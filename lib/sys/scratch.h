/* SPDX-License-Identifier: ISC
 *
 * scratch: a file without a name, gone with the process. What is small stays
 * in memory; what grows moves to TMPDIR, /var/tmp or /tmp, and stays in memory
 * where none of them can be written. */
#ifndef SYS_SCRATCH_H
#define SYS_SCRATCH_H

#include <stdbool.h>

#include "pure/span.h"

enum { SCRATCH_MEMORY = 1 << 20 }; /* octets; more goes to a disk */

struct scratch {
	int fd;
	bool moved; /* to a disk, or there is none */
	uint64_t size;
};

/* Makes an empty one. Returns 0, or -1 with errno. */
int scratch_open(struct scratch *s);

/* Appends. Returns 0, or -1 with errno. */
int scratch_write(struct scratch *s, struct span text);

/* Writes over what is there. Returns 0, or -1 with errno. */
int scratch_write_at(struct scratch *s, struct span text, uint64_t at);

#endif

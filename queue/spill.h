/* SPDX-License-Identifier: ISC
 *
 * spill: a message text that must be read to its end before anything can be
 * said of its beginning. A small one stays in memory; a larger one goes to a
 * file without a name in tmp/ of the queue, which is gone when we are. */
#ifndef QUEUE_SPILL_H
#define QUEUE_SPILL_H

#include "pure/span.h"

enum { SPILL_HELD = 65536 };

/* All zero is an empty one. Large; keep one, static. */
struct spill {
	int fd; /* 0: no file */
	size_t held;
	uint64_t written;
	char buffer[SPILL_HELD];
};

enum spill_verdict {
	SPILL_DONE = 0,
	SPILL_READ,  /* the text could not be read to its end; errno */
	SPILL_WRITE, /* it could not be kept; errno */
	SPILL_STOP,  /* the sink said -1 */
};

/* Takes all that `from` gives, until its end or the deadline. */
enum spill_verdict spill_take(struct spill *s, int from, int64_t deadline);

/* Gives it all back, in pieces. The sink returns 0, or -1 to stop. */
typedef int spill_sink(void *ctx, struct span text);
enum spill_verdict spill_give(struct spill *s, spill_sink *sink, void *ctx);

void spill_close(struct spill *s);

#endif

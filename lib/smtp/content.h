/* SPDX-License-Identifier: ISC
 *
 * content: the text of a queued message, read through the descriptor that
 * send handed over. A text that fits in one piece is read once and kept. */
#ifndef SMTP_CONTENT_H
#define SMTP_CONTENT_H

#include "pure/eight.h"

enum { CONTENT_PIECE = 65536 }; /* octets read at once */

struct content {
	int fd;
	uint64_t offset; /* where the text begins in the file */
	uint64_t size;
	uint64_t at; /* octets given by content_next */
	size_t held; /* octets of the text's start that are in piece */
	bool looked; /* eight_bit is complete */
	struct eight eight_bit;
	char piece[CONTENT_PIECE];
};

/* Begins with a message; the descriptor stays the caller's. */
void content_begin(struct content *c, int fd, uint64_t offset, uint64_t size);

/* Looks through the whole text once: c->eight_bit. Returns 0, or -1 with
 * errno; EIO when the file is shorter than it should be. */
int content_look(struct content *c);

/* Starts again from the first octet. */
void content_rewind(struct content *c);

/* The next piece, valid until the next call. Returns 1; 0 at the end of the
 * text; -1 with errno as above. */
int content_next(struct content *c, struct span *piece);

#endif

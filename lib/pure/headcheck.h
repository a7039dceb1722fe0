/* SPDX-License-Identifier: ISC
 *
 * headcheck: what a header has of what it must have (RFC 5322 3.6), and where
 * it ends; for messages that are submitted (RFC 6409 6, 8). Nothing is kept of
 * it. Lines may end in CR LF or in LF. */
#ifndef PURE_HEADCHECK_H
#define PURE_HEADCHECK_H

#include "pure/span.h"

enum {
	HEADCHECK_LINE = 998, /* RFC 5322 2.1.1 */
	HEADCHECK_NAME = 16,  /* octets of a field's name that are kept */
};

enum headcheck_field {
	HEADCHECK_FROM,
	HEADCHECK_DATE,
	HEADCHECK_ID,
	HEADCHECK_FIELDS
};

enum headcheck_state {
	HEADCHECK_START = 0, /* of a line */
	HEADCHECK_IN_NAME,
	HEADCHECK_BLANK, /* between name and colon */
	HEADCHECK_REST,  /* of a line */
	HEADCHECK_OVER,
};

/* All zero is a header of which nothing was fed. */
struct headcheck {
	unsigned count[HEADCHECK_FIELDS];
	bool wide;     /* a line is over HEADCHECK_LINE */
	uint64_t size; /* of the header, when it is over: what is added to it
			* goes there */
	enum headcheck_state state;
	uint64_t fed;
	size_t column;
	char name[HEADCHECK_NAME];
	size_t name_len;
};

/* Takes the next piece of the message. Returns false when the header is over:
 * more need not be fed. It is over at an empty line, and before one that is no
 * field. */
bool headcheck_feed(struct headcheck *h, struct span text);

/* The message has ended. */
void headcheck_end(struct headcheck *h);

/* What is wrong with the header for good, in words behind "the header has", or
 * NULL: no From; two of From, Date, Message-ID; a line too long. */
const char *headcheck_fault(const struct headcheck *h);

#endif

/* SPDX-License-Identifier: ISC
 *
 * eight: where in a message octets above ASCII stand: in its header section,
 * in its body. It decides what a server must offer to be sent it (RFC 6152,
 * RFC 6531). */
#ifndef PURE_EIGHT_H
#define PURE_EIGHT_H

#include "pure/span.h"

/* All zero is a message of which nothing was fed. */
struct eight {
	bool header;      /* an octet over 7F before the empty line */
	bool body;        /* one behind it */
	bool header_done; /* the empty line was seen */
	bool inside;      /* a header line has begun */
};

/* Takes the next piece of the text; pieces may be cut anywhere. */
void eight_feed(struct eight *e, struct span piece);

#endif

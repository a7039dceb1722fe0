/* SPDX-License-Identifier: ISC
 *
 * dot: message text out of the bytes behind DATA: transparency dots removed,
 * the end found, and everything noted that decides whether the message may be
 * kept (RFC 5321 4.1.1.4, 4.5.2, 2.3.8). Only CR LF . CR LF ends it. */
#ifndef PURE_DOT_H
#define PURE_DOT_H

#include "pure/span.h"

enum dot_verdict {
	DOT_MORE, /* all bytes are used, the end was not seen */
	DOT_END,  /* the end was seen; what is left in *in is not message */
};

/* Set it up with dot_begin. The facts may be read after any feed and are
 * final after DOT_END. */
struct dot {
	int state;
	bool normalize;	  /* bare LF is a line end, bare CR becomes a space */
	bool bare;	  /* a bare CR or LF was seen (never set by normalize) */
	bool nul;	  /* a NUL was seen */
	bool eight_bit;	  /* an octet over 7F was seen */
	bool header_done; /* the header section has ended */
	unsigned received; /* Received: fields in the header section */
	uint64_t size;	  /* octets of message text so far, CR LF as two */
	uint64_t line;	  /* octets of the current line without CR LF */
	uint64_t longest; /* octets of the longest line */
	char field[16];	  /* the start of the header line being read */
	size_t field_len;
};

void dot_begin(struct dot *d, bool normalize);

/* Takes bytes off *in and writes message text to out, which must have room
 * for in->n + 2 octets (2 * in->n + 2 when normalizing); *out_n says how many
 * were written. The result does not depend on how the bytes are split. A bare
 * CR or LF is written as it stands unless normalizing: the caller refuses the
 * message by `bare`. */
enum dot_verdict dot_feed(struct dot *d, struct span *in, char *out,
	size_t *out_n);

#endif

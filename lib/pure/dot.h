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
	bool normalize; /* bare LF is a line end, bare CR becomes a space */
	bool bare;      /* a bare CR or LF was seen (never set by normalize) */
	bool nul;       /* a NUL was seen */
	bool eight_bit; /* an octet over 7F was seen */
	bool header_done;  /* the header section has ended */
	unsigned received; /* Received: fields in the header section */
	uint64_t size;     /* octets of message text so far, CR LF as two */
	uint64_t line;     /* octets of the current line without CR LF */
	uint64_t longest;  /* octets of the longest line so far */
	int header;        /* where in a header line we are */
	char field[8];     /* the start of the name of the header field */
	size_t field_len;  /* octets of that name so far */
};

void dot_begin(struct dot *d, bool normalize);

/* Takes bytes off *in and writes message text to out, which must have room
 * for in->n + 2 octets (2 * in->n + 2 when normalizing) and may not overlap
 * in; *out_n says how many were written. The result does not depend on how
 * the bytes are split. A bare CR or LF is written as it stands unless
 * normalizing: the caller refuses the message by `bare`.
 *
 * Normalizing, a line that a bare LF ended is a line as good as others: a dot
 * at the start of the next one is removed. It is never half of an end: with a
 * bare LF on either side a lone dot becomes an empty line.
 *
 * The header section ends at the first empty line, or at a line that is
 * neither a field (a name, maybe spaces, a colon) nor its continuation. */
enum dot_verdict dot_feed(
	struct dot *d, struct span *in, char *out, size_t *out_n);

#endif

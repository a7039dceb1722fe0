/* SPDX-License-Identifier: ISC
 *
 * line: command lines out of the bytes of a connection. Only CR LF ends a
 * line (RFC 5321 2.3.8). */
#ifndef PURE_LINE_H
#define PURE_LINE_H

#include "pure/limits.h"
#include "pure/span.h"

enum line_verdict {
	LINE_MORE,  /* all bytes are used, no line yet */
	LINE_READY, /* a line: `text` without its CR LF */
	LINE_LONG,  /* a line over the limit ended; it was thrown away */
	LINE_BARE,  /* a bare LF, or a CR not before LF, was in the line that
		     * has ended: answer and close (P2) */
	LINE_FLOOD, /* over LIMIT_COMMAND_FLOOD without an end: close */
};

/* All zero is a connection on which nothing was read. */
struct line {
	size_t limit; /* octets of a line, with its end; 0: LIMIT_COMMAND */
	size_t len;   /* octets kept */
	size_t seen;  /* octets of this line so far */
	bool cr;      /* the last octet was CR */
	bool bare;    /* a bare CR or LF was seen */
	bool done;    /* the line was given; the next feed starts anew */
	char text[LIMIT_AUTH];
};

/* Takes bytes off *in until a line is there. On LINE_READY the line is
 * line->text, line->len until the next call. A bare LF ends a bad line at
 * once (LINE_BARE), so that a peer that speaks LF gets an answer. With
 * `lenient` (control/normalize) a bare LF ends a line as CR LF does. */
enum line_verdict line_feed(struct line *line, struct span *in, bool lenient);

#endif

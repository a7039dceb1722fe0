/* SPDX-License-Identifier: ISC
 *
 * stuff: message text as it goes out behind DATA: every line ends in CR LF, a
 * line that begins with a dot gets one more, and the end is CR LF . CR LF
 * (RFC 5321 4.5.2, 4.1.1.4). A bare LF in the text becomes CR LF and a bare CR
 * a space: neither ever reaches the wire (2.3.8). A NUL that begins a line is
 * a space as well, for servers that drop NULs and then find a dot. So no
 * server, however it reads line ends, sees an end that is not ours. */
#ifndef PURE_STUFF_H
#define PURE_STUFF_H

#include "pure/buf.h"

/* All zero is a message of which nothing was fed. */
struct stuff {
	bool plain;  /* dots are left alone: line ends only */
	bool inside; /* a line has begun */
	bool cr;     /* a CR was taken; what follows says what it is */
};

/* Room that out must have for one octet of text, and for the end. */
enum { STUFF_ROOM = 5 };

/* Takes text off *in and appends what goes out, until *in is empty or less
 * than STUFF_ROOM octets are free in out. The result does not depend on how
 * the text is split. */
void stuff_feed(struct stuff *s, struct span *in, struct buf *out);

/* Appends what ends the message: a line end when one is missing, dot, CR LF.
 * Needs STUFF_ROOM + 1 octets free in out. */
void stuff_end(struct stuff *s, struct buf *out);

#endif

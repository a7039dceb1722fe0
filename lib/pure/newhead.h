/* SPDX-License-Identifier: ISC
 *
 * newhead: the fields that a new message must have and may lack (RFC 5322
 * 3.6), made. Each appends one field, folded, with its CR LF. */
#ifndef PURE_NEWHEAD_H
#define PURE_NEWHEAD_H

#include "pure/buf.h"

enum { NEWHEAD_NAME = 256 }; /* octets of a name that are shown at most */

/* From: with a display name (may be empty) in the form that it needs: words,
 * a quoted string, or encoded words (RFC 2047) for UTF-8. Control characters
 * in it become spaces, what is no UTF-8 becomes '?'. */
void newhead_from(struct buf *out, struct span name, struct span address);

void newhead_date(struct buf *out, int64_t seconds);

/* Message-ID: of the time, 128 bits of chance, and our name. */
void newhead_id(struct buf *out, int64_t us, const uint64_t chance[2],
	struct span host);

#endif

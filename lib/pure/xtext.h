/* SPDX-License-Identifier: ISC
 *
 * xtext: the encoding of RFC 3461 4. */
#ifndef PURE_XTEXT_H
#define PURE_XTEXT_H

#include "pure/buf.h"

/* True when text is xtext: 21-7E without + and =, or + and two upper-case hex
 * digits; and no decoded octet is a control or NUL. */
bool xtext_valid(struct span text);

/* Appends the decoded (encoded) form. Text to decode must be valid. */
void xtext_decode(struct buf *out, struct span text);
void xtext_encode(struct buf *out, struct span text);

#endif

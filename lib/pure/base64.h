/* SPDX-License-Identifier: ISC
 *
 * base64: the encoding of RFC 4648 4, as AUTH uses it (RFC 4954 4). */
#ifndef PURE_BASE64_H
#define PURE_BASE64_H

#include "pure/buf.h"

/* Octets that n octets become when they are encoded, and at most become when
 * they are decoded. */
#define BASE64_LENGTH(n) (((n) + 2) / 3 * 4)
#define BASE64_ROOM(n)   ((n) / 4 * 3)

/* Appends `in` encoded, whole or not at all (then out->over is set). */
void base64_encode(struct buf *out, struct span in);

/* Appends what `in` stands for, never more than BASE64_ROOM(in.n) octets.
 * Returns 0, or -1 with nothing appended: a length that is no multiple of four,
 * an octet that is not in the alphabet, a = anywhere but at the end, bits that
 * nobody asked for in front of it, or no room (then out->over is set, too). */
int base64_decode(struct buf *out, struct span in);

#endif

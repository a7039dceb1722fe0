/* SPDX-License-Identifier: ISC
 *
 * json: strings of RFC 8259. */
#ifndef PURE_JSON_H
#define PURE_JSON_H

#include "pure/buf.h"

/* Appends text as a JSON string with its quotes, 7-bit whatever text is:
 * characters of well-formed UTF-8 as \uXXXX, an octet that is part of none as
 * U+FFFD. At most six octets for one, and two. */
void json_string(struct buf *out, struct span text);

#endif

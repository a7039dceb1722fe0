/* SPDX-License-Identifier: ISC
 *
 * punycode: a UTF-8 domain as the DNS knows it: each label above ASCII (a
 * U-label) becomes xn-- and its Punycode (RFC 3492, RFC 5890 2.3.2.1). Labels
 * are taken as they stand: a U-label is lower case and composed (NFC) already,
 * as RFC 6531 3.2 asks. */
#ifndef PURE_PUNYCODE_H
#define PURE_PUNYCODE_H

#include "pure/buf.h"

/* Appends the domain; ASCII labels are copied. Returns 0, or -1 when it is not
 * UTF-8, a label becomes longer than LIMIT_LABEL, or `out` is full. */
int punycode_domain(struct buf *out, struct span domain);

#endif

/* SPDX-License-Identifier: ISC
 *
 * crammd5: the answer of CRAM-MD5 (RFC 2195), with OpenSSL's HMAC. Only for
 * servers that know nothing better: we never ask it of anybody. */
#ifndef NET_CRAMMD5_H
#define NET_CRAMMD5_H

#include "pure/buf.h"

/* Appends the user, a space and the digest in hex. Returns 0, or -1: OpenSSL
 * has no MD5 here. */
int crammd5_answer(struct buf *out, struct span user, struct span password,
	struct span challenge);

#endif

/* SPDX-License-Identifier: ISC
 *
 * tlswords: what OpenSSL has to say about a failure. */
#ifndef NET_TLSWORDS_H
#define NET_TLSWORDS_H

#include "pure/buf.h"

/* Appends the reason of the first error in OpenSSL's queue of this thread, in
 * printable ASCII ("no shared cipher"); "unknown reason" when it holds none.
 * Empties the queue. */
void tlswords(struct buf *out);

#endif

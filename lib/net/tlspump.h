/* SPDX-License-Identifier: ISC
 *
 * tlspump: a session's octets, from TLS to a socket and back, until both ends
 * are done. Nothing is read from the client once TLS has ended, be it by a
 * close_notify, by the end of TCP, or by an error: that is the end of what the
 * other side reads, and never clear text (CONFORMANCE.md T-010, S-248). */
#ifndef NET_TLSPUMP_H
#define NET_TLSPUMP_H

#include <openssl/ssl.h>

#include "net/tlswire.h"

/* Pumps between ssl, over wire, and the socket `inside`, after the handshake.
 * Returns when `inside` has ended and what came from it has gone out, with a
 * close_notify behind it. */
void tlspump_run(SSL *ssl, struct tlswire *wire, int inside);

/* Ends the sending half of the socket and waits for the other side to end as
 * well, so that our last words are not thrown away with what it sends. */
void tlspump_linger(int fd);

#endif

/* SPDX-License-Identifier: ISC
 *
 * tlswire: the client's socket as OpenSSL reads and writes it. It never waits,
 * and it has a budget: who sends that many octets and nothing of use, records
 * that are empty or change keys, is read no more (CONFORMANCE.md T-013). */
#ifndef NET_TLSWIRE_H
#define NET_TLSWIRE_H

#include <openssl/bio.h>
#include <stdbool.h>
#include <stddef.h>

enum { TLSWIRE_BUDGET = 131072 }; /* octets between two that are of use */

struct tlswire {
	int fd;
	size_t budget;
	bool ended; /* the other side has ended the stream */
	bool spent; /* the budget is used up */
};

/* A BIO over the socket. `wire` must outlive it. Returns NULL when there is no
 * memory. */
BIO *tlswire_open(struct tlswire *wire, int fd);

/* Something of use came: the budget is whole again. */
void tlswire_useful(struct tlswire *wire);

#endif

/* SPDX-License-Identifier: ISC
 *
 * tlspair: a certificate chain and its private key, with the OCSP response
 * that may be stapled to it. Shared by count: what goes on being good outlives
 * the load that found it. */
#ifndef NET_TLSPAIR_H
#define NET_TLSPAIR_H

#include <openssl/ssl.h>
#include <time.h>

#include "pure/buf.h"

enum {
	TLSPAIR_HASH = 32,    /* octets of SHA-256 */
	TLSPAIR_FILE = 65536, /* octets of a file at most */
};

struct tlspair {
	unsigned count;
	X509 *leaf;
	STACK_OF(X509) * chain; /* without the leaf */
	EVP_PKEY *key;
	unsigned char hash[TLSPAIR_HASH]; /* of the leaf */
	time_t until;                     /* the leaf's notAfter */
	unsigned char *staple;            /* DER; NULL: none */
	size_t staple_n;
	time_t staple_until; /* its nextUpdate */
};

/* Reads the chain from certfile and the key from keyfile (maybe the same), and
 * the OCSP response from staplefile, when it is there. Returns a pair, or NULL
 * with the reason in `why`. A response that cannot be used is left out, and
 * `why` says so; else `why` is empty. */
struct tlspair *tlspair_read(const char *certfile, const char *keyfile,
	const char *staplefile, struct buf *why);

/* One more who holds it; returns it. */
struct tlspair *tlspair_hold(struct tlspair *pair);

/* One less; the last one frees it. NULL is fine. */
void tlspair_drop(struct tlspair *pair);

#endif

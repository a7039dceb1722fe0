/* SPDX-License-Identifier: ISC
 *
 * tlsticket: the keys of session tickets (RFC 5077, RFC 8446 4.6.1). They live
 * in the memory of postern-tls alone, for an hour, and one hour more to be
 * read. From them come keys for each service and each certificate: a ticket
 * of one is nothing to another. */
#ifndef NET_TLSTICKET_H
#define NET_TLSTICKET_H

#include <openssl/ssl.h>
#include <stdint.h>

#include "pure/span.h"

enum {
	TLSTICKET_SECRET = 32,
	TLSTICKET_KEPT = 2,
	TLSTICKET_LIFE = 3600, /* seconds until a key is no more the newest */
};

/* All zero: nobody gets a ticket. */
struct tlsticket {
	unsigned count; /* of secrets; the newest is the first */
	unsigned char secret[TLSTICKET_KEPT][TLSTICKET_SECRET];
	int64_t born; /* clock_ms of the newest */
};

/* Makes a new secret when the newest is too old, and forgets the oldest.
 * Returns 0, or -1 when there is no randomness. */
int tlsticket_turn(struct tlsticket *t, int64_t now);

/* From here on t is that of one service: there is no way back. */
void tlsticket_narrow(struct tlsticket *t, struct span service);

/* What SSL_CTX_set_tlsext_ticket_key_evp_cb wants, but for a session that
 * shows the certificate of that hash: makes (`making`) or finds the keys. */
int tlsticket_key(const struct tlsticket *t, struct span certificate,
	unsigned char name[16], unsigned char *iv, EVP_CIPHER_CTX *cipher,
	EVP_MAC_CTX *mac, bool making);

void tlsticket_wipe(struct tlsticket *t);

#endif

/* SPDX-License-Identifier: ISC
 *
 * scramkey: the arithmetic of SCRAM-SHA-256 (RFC 5802 3, RFC 7677), with
 * OpenSSL's. What holds keys is the caller's to wipe (OPENSSL_cleanse). */
#ifndef NET_SCRAMKEY_H
#define NET_SCRAMKEY_H

#include <stdbool.h>
#include <stdint.h>

#include "pure/span.h"

enum { SCRAMKEY_LENGTH = 32 };

struct scramkey {
	uint8_t client[SCRAMKEY_LENGTH]; /* the client's alone */
	uint8_t stored[SCRAMKEY_LENGTH]; /* by which the server knows him */
	uint8_t server[SCRAMKEY_LENGTH]; /* by which he knows the server */
};

/* All three keys of a password. Returns 0, or -1: OpenSSL could not (memory,
 * or iterations beyond what it takes). */
int scramkey_derive(struct scramkey *key, struct span password,
	struct span salt, uint64_t iterations);

/* HMAC-SHA-256 of the message: the signature of who holds the key (32 octets).
 * With key->server this is ServerSignature. Returns 0 or -1. */
int scramkey_sign(
	uint8_t out[SCRAMKEY_LENGTH], struct span key, struct span message);

/* ClientProof of the AuthMessage (pure/scram). Returns 0 or -1. */
int scramkey_proof(uint8_t out[SCRAMKEY_LENGTH], const struct scramkey *key,
	struct span message);

/* Does the proof show that its maker has the key whose StoredKey this is?
 * Takes the same time for every proof of that length. */
bool scramkey_proved(const uint8_t stored[SCRAMKEY_LENGTH], struct span message,
	struct span proof);

/* Are these the same? The time taken depends on their lengths alone. */
bool scramkey_same(struct span a, struct span b);

#endif

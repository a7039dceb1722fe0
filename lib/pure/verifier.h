/* SPDX-License-Identifier: ISC
 *
 * verifier: a line of control/logins: a name, and what a password is checked
 * against.
 *
 *	app: SCRAM-SHA-256$4096:SALT$STOREDKEY:SERVERKEY
 *	box: $y$j9T$...			a hash of crypt(5)
 *	printer: !$6$...		the same, locked
 *
 * The first form is that of PostgreSQL and others; SALT and keys are base64. */
#ifndef PURE_VERIFIER_H
#define PURE_VERIFIER_H

#include "pure/buf.h"

enum {
	VERIFIER_NAME = 255, /* octets of a name (RFC 4616 2 has no limit) */
	VERIFIER_MAX = 1024, /* octets of a verifier */
	VERIFIER_SALT = 96,  /* octets of a salt, in base64 */
	VERIFIER_KEY = 32,   /* octets of a key */
};

struct verifier {
	bool locked;
	bool scram;
	uint64_t iterations; /* of SCRAM: 4096 to 10000000 */
	struct span salt;    /* base64 */
	struct span stored;
	struct span server;
	struct span hash; /* of crypt(5) */
};

/* May a login have this name? Visible ASCII, 1 to VERIFIER_NAME octets, none
 * of : " [ ] \ , and no # or ! in front. */
bool verifier_name(struct span name);

/* Reads what stands behind the colon. Whether crypt(3) knows the method of a
 * hash is not asked. Returns NULL, or what is wrong. */
const char *verifier_parse(struct span text, struct verifier *out);

/* Splits an entry and reads it. Returns NULL, or what is wrong. */
const char *verifier_entry(
	struct span entry, struct span *name, struct span *text);

/* Appends a verifier of SCRAM; salt and keys are plain here. */
void verifier_print(struct buf *out, uint64_t iterations, struct span salt,
	struct span stored, struct span server);

#endif

/* SPDX-License-Identifier: ISC
 *
 * tlspolicy: what TLS a connection to another host must have, from
 * control/tlspolicy:
 *
 *	NEXTHOP: none
 *	NEXTHOP: may
 *	NEXTHOP: encrypt
 *	NEXTHOP: verify [NAME ...]
 *	NEXTHOP: fingerprint SHA256:HEX [SHA256:HEX ...]
 *
 * NEXTHOP is a next hop as in a route (pure/route.h), the same without its
 * port, or without its brackets, .domain for every name below it, or * for
 * all; the most exact line decides, in this order. */
#ifndef CONTROL_TLSPOLICY_H
#define CONTROL_TLSPOLICY_H

#include "control/control.h"

struct tlspolicy; /* opaque */

enum tlspolicy_level {
	TLSPOLICY_NONE,    /* never */
	TLSPOLICY_MAY,     /* when the server offers it; nobody is checked */
	TLSPOLICY_ENCRYPT, /* always; nobody is checked */
	TLSPOLICY_VERIFY,  /* always, with a certificate that is trusted */
	TLSPOLICY_FINGERPRINT, /* always, with one of these public keys */
	TLSPOLICY_LEVELS
};

enum { TLSPOLICY_DIGEST = 32 }; /* octets of SHA-256 */

struct tlspolicy_choice {
	enum tlspolicy_level level;
	/* Words with blanks between: names that the certificate may be for
	 * (none: the host's own), .domain for any below it; or fingerprints. */
	struct span words;
	unsigned line; /* that decided; 0: the default */
};

/* Reads and checks the whole file. Returns NULL with the control error set. */
struct tlspolicy *tlspolicy_open(struct control *c);
void tlspolicy_close(struct tlspolicy *p);

/* What holds for one next hop. `credentials`: a password or token is to go
 * there, so that without a line the default is verify, not may. Spans point
 * into p. */
void tlspolicy_find(const struct tlspolicy *p, struct span hop,
	bool credentials, struct tlspolicy_choice *out);

/* The word of a level. */
const char *tlspolicy_word(enum tlspolicy_level level);

/* Reads SHA256:HEX, colons allowed between the octets. Returns 0 or -1. */
int tlspolicy_fingerprint(
	struct span word, unsigned char digest[TLSPOLICY_DIGEST]);

#endif

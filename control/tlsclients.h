/* SPDX-License-Identifier: ISC
 *
 * tlsclients: control/tlsclients, the clients that are known by the key of
 * their certificate and may relay.
 *
 *	FINGERPRINT: IDENTITY
 *
 * The fingerprint is the SHA-256 of the certificate's public key (SPKI, DER) in
 * 64 hex digits. Names in certificates count for nothing. */
#ifndef CONTROL_TLSCLIENTS_H
#define CONTROL_TLSCLIENTS_H

#include "control/control.h"

enum { TLSCLIENTS_DIGITS = 64 };

/* Splits an entry. Returns NULL, or what is wrong with it. */
const char *tlsclients_entry(
	struct span entry, struct span *key, struct span *identity);

/* True when it is a fingerprint in hex digits. */
bool tlsclients_fingerprint(struct span text);

/* Looks a fingerprint up, in the text and then in tlsclients.cdb. Returns 1 and
 * appends the identity (LIMIT_IDENTITY octets at most), *line says where it
 * stands (0: the database); 0 when it is not listed; -1 with the control error
 * set: a line anywhere in the text is wrong, or a file cannot be read. */
int tlsclients_find(struct control *c, struct span fingerprint,
	struct buf *identity, unsigned *line);

#endif

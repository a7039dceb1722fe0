/* SPDX-License-Identifier: ISC
 *
 * password: a password against the verifier of a login, and verifiers for new
 * passwords. Passwords are compared as typed: UTF-8 without control characters
 * (RFC 4616 2; no SASLprep, so that one typed in another normal form of
 * Unicode is another). */
#ifndef NET_PASSWORD_H
#define NET_PASSWORD_H

#include "pure/verifier.h"

enum {
	PASSWORD_MAX = 255,          /* octets */
	PASSWORD_ITERATIONS = 65536, /* of new verifiers of SCRAM */
	PASSWORD_SALT = 15,          /* octets of their salt */
};

/* May s be a password? */
bool password_valid(struct span s);

/* Returns 1 when it is the password, 0 when not, -1 when that cannot be told:
 * crypt(3) does not know the method, or no memory. The time taken does not
 * depend on how much of it is right. Whether the login is locked is not
 * asked. */
int password_check(const struct verifier *verifier, struct span password);

/* Appends a verifier of SCRAM, or a hash of crypt(3) by its best method.
 * Returns 0, or -1 with errno. */
int password_scram(struct buf *out, struct span password);
int password_crypt(struct buf *out, struct span password);

#endif

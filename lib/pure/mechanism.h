/* SPDX-License-Identifier: ISC
 *
 * mechanism: the SASL mechanisms by which we log in to other servers, the best
 * first: one that shows nothing of the password goes before one that does. */
#ifndef PURE_MECHANISM_H
#define PURE_MECHANISM_H

#include "pure/buf.h"

enum mechanism {
	MECHANISM_SCRAM_PLUS,  /* SCRAM-SHA-256-PLUS, RFC 7677 */
	MECHANISM_SCRAM,       /* SCRAM-SHA-256 */
	MECHANISM_CRAM_MD5,    /* RFC 2195 */
	MECHANISM_PLAIN,       /* RFC 4616 */
	MECHANISM_LOGIN,       /* draft-murchison-sasl-login */
	MECHANISM_OAUTHBEARER, /* RFC 7628 */
	MECHANISM_XOAUTH2,
	MECHANISMS
};

/* A set of mechanisms is a number with a bit for each. */
static inline unsigned
mechanism_bit(enum mechanism m)
{
	return 1U << m;
}

enum {
	/* with a bearer token; all others take a password */
	MECHANISMS_TOKEN =
		1U << MECHANISM_OAUTHBEARER | 1U << MECHANISM_XOAUTH2,
	MECHANISMS_PASSWORD = (1U << MECHANISM_OAUTHBEARER) - 1,
};

/* The name as the protocol has it. */
const char *mechanism_name(enum mechanism m);

/* The mechanism of that name in any case, or MECHANISMS. */
enum mechanism mechanism_find(struct span name);

/* The best of a set, or MECHANISMS when it is empty. */
enum mechanism mechanism_best(unsigned set);

/* Appends the names of a set with blanks between. */
void mechanism_print(struct buf *out, unsigned set);

#endif

/* SPDX-License-Identifier: ISC
 *
 * sasl: the client's side of one SASL exchange (RFC 4422), octets in and octets
 * out: base64 and the protocol around it are the caller's.
 *
 *	struct sasl s = { .mechanism = ..., .user = ..., .secret = ... };
 *
 *	sasl_begin(&s, &out)            what the client says first, if it does
 *	sasl_answer(&s, challenge, &out)
 *	s.proved                        may success be believed?
 */
#ifndef NET_SASL_H
#define NET_SASL_H

#include "pure/mechanism.h"
#include "pure/scram.h"

enum sasl_verdict {
	SASL_ANSWER,    /* out is the answer, maybe an empty one */
	SASL_SENSELESS, /* no such challenge belongs there */
	SASL_WEAK,      /* the server wants too few or too many iterations */
	SASL_FALSE,     /* it does not know the password, so it is not the
			 * server that we mean */
	SASL_BROKEN,    /* OpenSSL could not */
};

struct sasl {
	enum mechanism mechanism;
	struct span user;
	struct span secret; /* password or token */
	struct span host;   /* who is asked, for OAUTHBEARER */
	uint16_t port;
	struct span cbname; /* channel binding that this connection has ... */
	struct span cbdata; /* ... for SCRAM; empty: none */
	bool plus;          /* the server offers SCRAM-SHA-256-PLUS */
	unsigned step;      /* challenges answered */
	bool proved;        /* nothing is left that the server has to show */
	size_t reason_len;
	char reason[64]; /* why the server will refuse, in its own words */
	size_t nonce_len;
	char nonce[SCRAM_NONCE + 1]; /* set before sasl_begin for tests only */
	size_t first_len;
	char first[SCRAM_NAME * 3 + 128]; /* client-first */
	unsigned char signature[32];      /* that the server must show */
};

/* Begins. Returns SASL_ANSWER with what the client says first (nothing where
 * the server speaks first: sasl_speaks_first), or SASL_BROKEN. */
enum sasl_verdict sasl_begin(struct sasl *s, struct buf *out);

/* True when the client has the first word in this mechanism. */
bool sasl_speaks_first(enum mechanism mechanism);

/* Answers a challenge. What does not fit in out sets out->over. */
enum sasl_verdict sasl_answer(
	struct sasl *s, struct span challenge, struct buf *out);

#endif

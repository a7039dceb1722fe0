/* SPDX-License-Identifier: ISC
 *
 * bearer: what a client says that logs in with a token, and what the server
 * says why not. */
#ifndef PURE_BEARER_H
#define PURE_BEARER_H

#include "pure/mechanism.h"

struct bearer {
	struct span user;
	struct span host; /* who is asked, as the client knows it */
	uint16_t port;
	struct span token;
};

/* Appends the one message of MECHANISM_OAUTHBEARER (RFC 7628 3.1), or of
 * MECHANISM_XOAUTH2, which knows neither host nor port. */
void bearer_print(
	struct buf *out, enum mechanism mechanism, const struct bearer *bearer);

/* The server's challenge after that message is a reason in JSON (RFC 7628
 * 3.2.2). Appends the value of "status", or of "error" where there is none of
 * it, made printable and at most 60 octets; nothing when neither is there. The
 * words are for the log: nothing else hangs on them. */
void bearer_reason(struct buf *out, struct span json);

#endif

/* SPDX-License-Identifier: ISC
 *
 * consent: the ways to tokens that need a person once: a code typed into a
 * browser (RFC 8628), an address copied out of one (RFC 6749 4.1 with RFC 7636
 * and RFC 8252 7.3), a refresh token that is at hand. */
#ifndef NET_CONSENT_H
#define NET_CONSENT_H

#include "net/grant.h"

/* Shows where to type what, and how many seconds the code is good for. */
typedef void consent_show(
	void *ctx, struct span uri, struct span code, uint64_t seconds);

/* Waits until the person has answered; then the tokens are on disk. */
enum grant_result consent_device(
	struct grant *g, consent_show *show, void *ctx);

/* What the address that comes back must fit. */
struct consent_code {
	char state[33];
	char verifier[65];
};

/* Appends the address to open in a browser. Returns 0, or -1 with g->why. */
int consent_address(struct grant *g, struct consent_code *c, struct buf *out);

/* Takes the address that the browser ended at, or the code in it. */
enum grant_result consent_address_came(
	struct grant *g, const struct consent_code *c, struct span pasted);

/* Takes a refresh token, and tries it. */
enum grant_result consent_token_came(struct grant *g, struct span token);

#endif

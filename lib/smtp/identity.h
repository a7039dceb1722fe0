/* SPDX-License-Identifier: ISC
 *
 * identity: who the client is, by AUTH (RFC 4954), and what that allows:
 * whom it may send as (control/senders) and to how many (control/userrate).
 * The exchange itself is postern-auth's; no secret is understood here, none is
 * logged, and what held one is wiped. */
#ifndef SMTP_IDENTITY_H
#define SMTP_IDENTITY_H

#include "smtp/reply.h"

struct session;

enum {
	IDENTITY_TRIES = 3,   /* failures of a connection */
	IDENTITY_ROUNDS = 10, /* challenges of an exchange */
};

/* At EHLO: asks what may be said to AUTH now and notes it for
 * identity_offered(). Where nobody can log in it does nothing. */
void identity_offer(struct session *s);

/* The mechanisms to be offered, spaces between; empty: none. */
struct span identity_offered(const struct session *s);

/* Judges AUTH and its argument. EVENT_AUTH: identity_take() does the rest. */
enum event identity_judge(struct session *s, struct span argument);

/* Holds the exchange. Returns the event that ends it. */
enum event identity_take(struct session *s);

/* May the client send as this address (EVENT_MAIL)? The null sender is
 * everybody's. */
enum event identity_sender(struct session *s, struct span sender);

/* May it send to so many as the transaction has (EVENT_DATA)? */
enum event identity_rate(struct session *s);

/* True for a line that begins as AUTH does: it may hold a secret. */
bool identity_secret(struct span line);

/* What of such a line may be shown: AUTH, and the mechanism if it is one that
 * has a name. */
struct span identity_shown(struct span line);

#endif

/* SPDX-License-Identifier: ISC
 *
 * authremote: who we are at other servers, from control/authremote:
 *
 *	KEY: USER SECRET [WORD ...]
 *
 * KEY is a next hop as in a route (pure/route.h), the same without its port or
 * without its brackets, .domain for every name below it, or * for all; or a
 * sender: address, @domain, @.domain for every name below it, <> for bounces.
 * SECRET says where the password or token is, never what it is:
 *
 *	file:/path       the first line of a file; file: may be left out
 *	credential:NAME  the same of $CREDENTIALS_DIRECTORY/NAME
 *	oauth2:ACCOUNT   the token that postern-oauth2 keeps for ACCOUNT
 *
 * WORD is a mechanism that may be used (all that fit without one), `at=HOP` for
 * a sender's line that holds at that next hop alone, `cleartext` or
 * `unverified` to allow what is forbidden without it. */
#ifndef CONTROL_AUTHREMOTE_H
#define CONTROL_AUTHREMOTE_H

#include "control/control.h"
#include "pure/mechanism.h"

struct authremote; /* opaque */

enum authremote_source {
	AUTHREMOTE_FILE,
	AUTHREMOTE_CREDENTIAL,
	AUTHREMOTE_OAUTH2,
};

/* What one line says. Spans point into the table. */
struct authremote_login {
	struct span key;
	struct span at; /* empty: at any smarthost */
	struct span user;
	enum authremote_source source;
	struct span secret; /* path, name or account */
	struct span where;  /* the whole word */
	unsigned allowed;   /* mechanisms, a set */
	bool cleartext;     /* may go over a connection without TLS */
	bool unverified;    /* ... over TLS with a host that is not verified */
	bool by_sender;     /* KEY is a sender */
	unsigned line;
};

/* Reads and checks the whole file. Returns NULL with the control error set. */
struct authremote *authremote_open(struct control *c);
void authremote_close(struct authremote *a);

/* The login for mail of an envelope sender (empty: null) that goes to a next
 * hop; NULL: none. A sender's line goes before a hop's, and of each kind the
 * most exact wins. Where the hop is no smarthost (the recipient's own domain),
 * or LMTP, only a line that names it counts. */
const struct authremote_login *authremote_find(const struct authremote *a,
	struct span sender, struct span hop, bool smarthost);

/* Line after line, in order; NULL behind the last. */
const struct authremote_login *authremote_line(
	const struct authremote *a, size_t i);

/* True when the line could be meant for that next hop, whoever sends. */
bool authremote_fits(const struct authremote_login *login, struct span hop);

#endif

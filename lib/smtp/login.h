/* SPDX-License-Identifier: ISC
 *
 * login: logs a client connection in to a smarthost (RFC 4954), behind the
 * last EHLO and before the first MAIL. */
#ifndef SMTP_LOGIN_H
#define SMTP_LOGIN_H

#include "control/authremote.h"
#include "pure/route.h"
#include "smtp/client.h"

/* Who is asked. */
struct login {
	const struct authremote_login *as; /* who we are; NULL: nobody */
	struct span host;                  /* for OAUTHBEARER and the words */
	uint16_t port;
	bool clear_allowed; /* the TLS policy asks for none here */
	struct span cbname; /* channel binding of the connection; empty: none */
	struct span cbdata;
	char literal[IP_TEXT];
};

/* For a next hop of that route; clear_allowed and the binding are left out. */
void login_to(struct login *login, const struct authremote_login *as,
	const struct route *route);

/* Logs in; without login->as there is nothing to do. Nothing of a password or
 * token leaves before the connection is as the line of control/authremote wants
 * it: over TLS with a host that is verified, unless it allows less (T-038).
 *
 * CLIENT_DONE: logged in, and the server has shown that it knows the password
 * where the mechanism has it show that. Else the connection is closed
 * and c->words say why, never with the secret in them:
 *   CLIENT_HELD  refused (5yz), or a fault of our own: secret, TLS, no
 *                mechanism that both know, a server that is not the one meant
 *   CLIENT_NEXT  4yz, silence, a lost connection, nonsense */
enum client_verdict login_run(struct client *c, const struct login *login);

#endif

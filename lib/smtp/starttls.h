/* SPDX-License-Identifier: ISC
 *
 * starttls: TLS on connections to other hosts, as control/tlspolicy wants it:
 * from the first octet on (RFC 8314 3.3), or by STARTTLS (RFC 3207) and
 * another EHLO; and what REQUIRETLS wants on top (RFC 8689 4.2.1). */
#ifndef SMTP_STARTTLS_H
#define SMTP_STARTTLS_H

#include "net/tlsclient.h"
#include "pure/route.h"
#include "smtp/client.h"

/* What all connections share. */
struct starttls {
	struct tlspolicy *policies; /* control/tlspolicy */
	bool fallback;              /* control/tlsfallback */
	struct tlsclient tls;
	struct tlsclient_result now; /* of the connection; now.session: "" is
				      * clear text */
	bool failed; /* of the last starttls_open: TLS only may be, and did not
		      * come about; a new connection may do without */
	bool unfit;  /* ... the server is verified and has no REQUIRETLS */
	bool unmet;  /* ... it has not the TLS that control files want */
};

/* What one connection must be. */
struct starttls_want {
	struct tlspolicy_choice policy;
	const struct route *route;
	struct span host; /* its name, for MX as DNS gave it; empty: an address
			   */
	bool requiretls;  /* for a message that asks for it */
	bool login;       /* a password is to go there */
	bool clear;       /* TLS has failed a moment ago: this once without */
};

/* Reads the control files. Returns 0 or -1 (control error). */
int starttls_settings(struct starttls *s, struct control *c);

/* Takes over a connected socket and does all that comes before a login or the
 * first MAIL: greeting, EHLO, TLS, EHLO again. Returns as client_open:
 *
 *   CLIENT_DONE  the connection is what it must be: c->tls, c->verified
 *   CLIENT_NEXT  it cannot be had now; also where TLS must be and is not
 *   CLIENT_HELD  a fault of our own, such as no authorities to verify by */
enum client_verdict starttls_open(struct starttls *s, struct client *c, int fd,
	struct span helo, const struct starttls_want *want);

#endif

/* SPDX-License-Identifier: ISC
 *
 * routes: where mail goes, from control/smtproutes, in qmail's form,
 *
 *	domain:ROUTE      mail for that domain
 *	.domain:ROUTE     mail for every name below it
 *	:ROUTE            mail for everybody else
 *
 * and control/senderroutes, for everybody else by the envelope sender:
 *
 *	app@domain:ROUTE  mail from that address
 *	@domain:ROUTE     mail from that domain
 *	@.domain:ROUTE    mail from every name below it
 *	<>:ROUTE          bounces
 *
 * ROUTE is as in pure/route.h; an empty one means the recipient's domain's own
 * MX. A line of smtproutes that names the recipient's domain or a part of it
 * goes first, then senderroutes, then the default line of smtproutes. In each
 * file the most exact line wins, whatever its place. */
#ifndef CONTROL_ROUTES_H
#define CONTROL_ROUTES_H

#include "control/control.h"

struct routes; /* opaque */

/* A route, and who decided. */
struct routes_choice {
	char text[LIMIT_ROUTE + 1]; /* next hops, one blank between */
	bool smarthost;   /* a line named them; else the recipient's domain is
			   * the route, a literal in brackets */
	const char *file; /* control file that decided; NULL: none did */
	unsigned line;    /* its line, 0 without a file */
};

/* Reads and checks both files whole: one bad line is an error with its
 * number. Returns NULL with the control error set. */
struct routes *routes_open(struct control *c);
void routes_close(struct routes *r);

/* The route for mail from an envelope sender (empty: null) to a recipient's
 * domain (which may be a literal). Returns 0, or -1 when no line named a route
 * and the domain is neither a domain nor the literal of an address: no port or
 * other part of a route is taken from an envelope. */
int routes_find(const struct routes *r, struct span sender, struct span domain,
	struct routes_choice *out);

/* Calls `each` for every line of both files that names a route. */
typedef void routes_each(void *ctx, const struct routes_choice *choice);
void routes_walk(const struct routes *r, routes_each *each, void *ctx);

#endif

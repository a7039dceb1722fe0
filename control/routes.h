/* SPDX-License-Identifier: ISC
 *
 * routes: control/smtproutes, in qmail's form:
 *
 *	domain:ROUTE      mail for that domain
 *	.domain:ROUTE     mail for every name below it
 *	:ROUTE            mail for everybody else
 *
 * ROUTE is as in pure/route.h; an empty one means the domain's own MX. The
 * most exact line wins, whatever its place. */
#ifndef CONTROL_ROUTES_H
#define CONTROL_ROUTES_H

#include "control/control.h"

struct routes; /* opaque */

/* Reads and checks the whole file: one bad line is an error with its number.
 * Returns NULL with the control error set. */
struct routes *routes_open(struct control *c);
void routes_close(struct routes *r);

/* The route for a recipient's domain (which may be a literal). Returns 1 when
 * smtproutes decided (text copied to out as a C string), 0 when the domain
 * itself is the route (copied as well, literals in brackets), -1 when nothing
 * decided and it is neither a domain nor the literal of an address: no port
 * or other part of a route is taken from an envelope. `out` must hold
 * LIMIT_DOMAIN + 16. */
int routes_find(const struct routes *r, struct span domain, char *out);

#endif

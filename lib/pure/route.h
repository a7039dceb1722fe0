/* SPDX-License-Identifier: ISC
 *
 * route: a next hop as text, in smtproutes and in jobs.
 *
 *	example.org           the MX hosts of that name, port 25
 *	example.org:2525      the same on another port
 *	[smart.example]:587   that host's own addresses, no MX
 *	[192.0.2.1]           that address
 *	[2001:db8::1]:2525, [IPv6:2001:db8::1]:2525
 */
#ifndef PURE_ROUTE_H
#define PURE_ROUTE_H

#include "pure/ip.h"

struct route {
	struct span name; /* host or domain; empty when `ip` says it all */
	struct ip ip;     /* family IP_NONE unless a literal was given */
	uint16_t port;
	bool use_mx;
};

/* Returns 0, or -1 when text is no route: bad host name, bad address, port
 * not 1..65535, an IPv6 address without brackets. */
int route_parse(struct span text, struct route *out);

#endif

/* SPDX-License-Identifier: ISC
 *
 * route: a next hop as text, in smtproutes, senderroutes and jobs.
 *
 *	example.org           the MX hosts of that name, port 25
 *	example.org:2525      the same on another port
 *	[smart.example]:587   that host's own addresses, no MX
 *	[192.0.2.1]           that address
 *	[2001:db8::1]:2525, [IPv6:2001:db8::1]:2525
 *	smtps:[smart.example], smtps:smart.example
 *	                      that host's own addresses, port 465, TLS from the
 *	                      first octet on (RFC 8314 3.3); port 465 always
 *	                      means that, and smtps: may name another
 *	lmtp:[host]:24        LMTP (RFC 2033) over TCP: host or address in
 *	                      brackets, and a port, which is not 25
 *	lmtp:/run/x/lmtp      LMTP over a unix socket
 *
 * A route is one of these, or several with blanks between: they are asked in
 * this order. */
#ifndef PURE_ROUTE_H
#define PURE_ROUTE_H

#include "pure/ip.h"

enum {
	ROUTE_HOPS = 8,   /* next hops of one route at most */
	ROUTE_PATH = 107, /* octets of a unix socket's path (unix(7)) */
};

struct route {
	struct span
		name; /* host or domain; empty when ip or path says it all */
	struct ip ip; /* family IP_NONE unless a literal was given */
	struct span path; /* of a unix socket; else empty */
	uint16_t port;
	bool use_mx;
	bool lmtp;
	bool tls; /* from the first octet on */
};

/* Reads one next hop. Returns 0, or -1 when text is none: bad host name, bad
 * address, port not 1..65535, an IPv6 address without brackets, LMTP with
 * neither an absolute path nor brackets and a port. */
int route_parse(struct span text, struct route *out);

/* The next hop without smtps: and port; lmtp: as it is. Only for what
 * route_parse takes. */
struct span route_host(struct span hop);

/* A key of the control files about next hops: a next hop, .suffix or *; the
 * first is read into `out`, which is all zero for the others. */
bool route_key(struct span key, struct route *out);

/* Does what a key says name the host of that next hop? Without brackets it
 * names the host in brackets as well. Ports are not looked at. */
bool route_names(const struct route *key, const struct route *hop);

/* A key of the control files about senders: an address, @domain, @.suffix or
 * <>. */
bool route_sender_key(struct span key);

/* Takes the first next hop off a route. False when there is none left. */
bool route_next(struct span *route, struct span *hop);

/* NULL when text is a route: one to ROUTE_HOPS next hops. Else what is wrong
 * with it and what to write instead. */
const char *route_wrong(struct span text);

#endif

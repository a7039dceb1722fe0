/* SPDX-License-Identifier: ISC
 *
 * dns: which hosts to try for a route, with their addresses. net/query asks
 * (EDNS, TCP after truncation, a bound on every wait, which the C library's
 * resolver has not over TCP); pure/dnsmsg reads the answers, pure/mx chooses.
 *
 *	[192.0.2.1]	that address, no DNS
 *	[name]		/etc/hosts, localhost, then A and AAAA of the name
 *	name		MX (RFC 5321 5.1)
 *
 * Names above ASCII are asked for as A-labels (net/idna.h). One search
 * takes 60 seconds at most. */
#ifndef NET_DNS_H
#define NET_DNS_H

#include "control/control.h"
#include "pure/mx.h"
#include "pure/route.h"

enum {
	DNS_HOSTS = MX_MAX,
	DNS_ADDRESSES = MX_ADDRESSES,
};

/* Why there is no host to try. */
enum dns_verdict {
	DNS_OK = 0,
	DNS_LATER,         /* no answer, SERVFAIL, REFUSED: 4.4.3 */
	DNS_NO_DOMAIN,     /* NXDOMAIN: 5.1.2 */
	DNS_NO_ADDRESS,    /* exists, but nothing to connect to: 5.4.4 */
	DNS_ADDRESS_LATER, /* some MX host's addresses could not be asked: 4.4.4
			    */
	DNS_NULL_MX,       /* 5.1.10 (RFC 7505) */
	DNS_LOOP,          /* best MX is this host: 5.4.6 (RFC 5321 5.1) */
	DNS_MUTE,          /* no name server says anything: held, 4.4.3 */
	DNS_CONFIG,        /* control/nameservers, moreipme, mxlocal: held */
};

struct dns_host {
	char name[LIMIT_DOMAIN + 1];
	uint16_t preference;
	size_t addresses;
	struct ip address[DNS_ADDRESSES]; /* in the order to try */
};

/* Reads the resolver's settings and this host's addresses, and opens
 * /etc/hosts: later no file is opened any more. Once for each process that
 * delivers; again where settings are only to be checked. Returns 0 or -1
 * (control error). */
int dns_begin(struct control *c);

/* The hosts of a route in the order to try: MX by preference, equals in
 * random order, implicit MX, own host and worse removed (RFC 5321 5.1). Own
 * are `own_name` (may be ""), the addresses of the interfaces and of
 * control/moreipme, and without control/mxlocal 127/8, ::1, 0/8 and ::; a
 * literal is own on port 25 only. Without control/mxlocal link-local addresses
 * and MX targets that are localhost or addresses in text are passed over. A
 * host's IPv6 and IPv4 addresses take turns. With `smarthost` none of these
 * rules applies: the admin said so. `hosts` has room for DNS_HOSTS. */
enum dns_verdict dns_hosts(const struct route *route, const char *own_name,
	bool smarthost, struct dns_host *hosts, size_t *count);

#endif

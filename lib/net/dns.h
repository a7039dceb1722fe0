/* SPDX-License-Identifier: ISC
 *
 * dns: which hosts to try for a route, with their addresses. The queries are
 * the C library's resolver (EDNS, TCP after truncation, random ids); the
 * answers are read by pure/dnsmsg. */
#ifndef NET_DNS_H
#define NET_DNS_H

#include "control/control.h"
#include "pure/ip.h"
#include "pure/route.h"

enum {
	DNS_HOSTS = 100,     /* MX records that count */
	DNS_ADDRESSES = 16,  /* addresses of one host that count */
};

/* Why there is no host to try. */
enum dns_verdict {
	DNS_OK = 0,
	DNS_LATER,	  /* no answer, SERVFAIL, REFUSED: 4.4.3 */
	DNS_NO_DOMAIN,	  /* NXDOMAIN: 5.1.2 */
	DNS_NO_ADDRESS,	  /* exists, but nothing to connect to: 5.4.4 */
	DNS_ADDRESS_LATER, /* some MX host's addresses could not be asked: 4.4.4 */
	DNS_NULL_MX,	  /* 5.1.10 (RFC 7505) */
	DNS_LOOP,	  /* best MX is this host: 5.4.6 (RFC 5321 5.1) */
	DNS_CONFIG,	  /* control/nameservers, moreipme, mxlocal: held */
};

struct dns_host {
	char name[LIMIT_DOMAIN + 1];
	uint16_t preference;
	size_t addresses;
	struct ip address[DNS_ADDRESSES]; /* in the order to try */
};

/* Reads the resolver's settings. Call once. Returns 0 or -1 (control error). */
int dns_begin(struct control *c);

/* The hosts of a route in the order to try: MX by preference, equals in
 * random order, implicit MX, own host and worse removed, literals as they
 * are (RFC 5321 5.1). `own_name` is this host's name. With `smarthost` the
 * own-host rule does not apply: the admin said so. */
enum dns_verdict dns_hosts(const struct route *route, const char *own_name,
	bool smarthost, struct dns_host *hosts, size_t *count);

#endif

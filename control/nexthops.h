/* SPDX-License-Identifier: ISC
 *
 * nexthops: what holds for a next hop, from control/nexthops:
 *
 *	NEXTHOP SETTING=VALUE ...
 *
 *	connections=N    at once
 *	messages=N       over one connection
 *	perminute=N      messages, evenly spread
 *	helo=NAME        said in EHLO
 *	source=ADDRESS   of our end; once for IPv4, once for IPv6
 *
 * NEXTHOP is a next hop as in a route (pure/route.h), the same without its
 * port, .domain for every name below it, or * for all. Each setting is taken
 * from the most exact line that has it, in this order. */
#ifndef CONTROL_NEXTHOPS_H
#define CONTROL_NEXTHOPS_H

#include "control/control.h"
#include "pure/ip.h"

struct nexthops; /* opaque */

enum nexthop_setting {
	NEXTHOP_CONNECTIONS,
	NEXTHOP_MESSAGES,
	NEXTHOP_PERMINUTE,
	NEXTHOP_HELO,
	NEXTHOP_SOURCE,
	NEXTHOP_SETTINGS
};

struct nexthop {
	uint64_t number[NEXTHOP_HELO];   /* 0: no limit here */
	struct span helo;                /* empty: control/helohost */
	struct ip source[2];             /* IPv4, IPv6; family IP_NONE: any */
	unsigned line[NEXTHOP_SETTINGS]; /* that decided; 0: none did */
};

/* The word of a setting. */
const char *nexthop_word(enum nexthop_setting setting);

/* Reads and checks the whole file. Returns NULL with the control error set. */
struct nexthops *nexthops_open(struct control *c);
void nexthops_close(struct nexthops *n);

/* What holds for one next hop. Spans point into n. */
void nexthops_find(
	const struct nexthops *n, struct span hop, struct nexthop *out);

/* The limits for a whole route: the strictest of its next hops. */
void nexthops_limits(
	const struct nexthops *n, struct span route, struct nexthop *out);

#endif

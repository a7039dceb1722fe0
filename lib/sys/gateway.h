/* SPDX-License-Identifier: ISC
 *
 * gateway: is an address a default gateway of this machine? Behind NAT, as in
 * front of containers, the gateway's address stands for the whole world. */
#ifndef SYS_GATEWAY_H
#define SYS_GATEWAY_H

#include "pure/ip.h"

/* Where the kernel's routing tables are read, in the formats of
 * /proc/net/route and /proc/net/ipv6_route. The first path of each pair is
 * used when it is there: a unit with a network of its own is told about the
 * host's. */
struct gateway_paths {
	const char *v4[2];
	const char *v6[2];
};

extern const struct gateway_paths gateway_default_paths;

/* Returns 1, 0, or -1 with errno when the table of the address's family
 * could not be read or does not look like one. */
int gateway_is(const struct gateway_paths *paths, const struct ip *ip);

#endif

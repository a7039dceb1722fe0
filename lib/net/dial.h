/* SPDX-License-Identifier: ISC
 *
 * dial: a TCP connection to one host of several addresses, or one to a unix
 * socket. */
#ifndef NET_DIAL_H
#define NET_DIAL_H

#include "net/dns.h"

/* Connects to the host's addresses in order, the next one started when the
 * one before has been silent for a short while (RFC 8305's idea), the first
 * to answer wins; each is given timeout_ms at most. `source` is the IPv4 and
 * the IPv6 address to come from; of a kind that is missing there no address is
 * tried, but when both are missing, or source is NULL, the kernel chooses.
 * Returns a connected, blocking, close-on-exec socket and the address it
 * reached, or -1 with errno of the last failure, or -2: a source address could
 * not be used. */
int dial_host(const struct dns_host *host, uint16_t port,
	const struct ip source[2], int64_t timeout_ms, struct ip *reached);

#endif

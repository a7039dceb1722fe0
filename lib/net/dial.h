/* SPDX-License-Identifier: ISC
 *
 * dial: a TCP connection to one host of several addresses, or one to a unix
 * socket. */
#ifndef NET_DIAL_H
#define NET_DIAL_H

#include "net/dns.h"

/* Connects to the host's addresses in order, the next one started when the
 * one before has been silent for a short while (RFC 8305's idea), the first
 * to answer wins; each is given timeout_ms at most. Returns a connected,
 * blocking, close-on-exec socket and the address it reached, or -1 with errno
 * of the last failure. */
int dial_host(const struct dns_host *host, uint16_t port, int64_t timeout_ms,
	struct ip *reached);

/* Connects to a unix socket: a path of ROUTE_PATH octets at most. Returns as
 * above; EAGAIN when its server took nobody for timeout_ms. */
int dial_unix(struct span path, int64_t timeout_ms);

#endif

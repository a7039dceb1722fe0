/* SPDX-License-Identifier: ISC
 *
 * ip: an IPv4 or IPv6 address as bytes, and networks of them. An IPv4 address
 * written in IPv6 (::ffff:192.0.2.1) is IPv4 from the moment it is read. */
#ifndef PURE_IP_H
#define PURE_IP_H

#include <stdbool.h>
#include <stdint.h>

#include "pure/buf.h"

enum ip_family { IP_NONE = 0, IP_V4 = 4, IP_V6 = 6 };

struct ip {
	enum ip_family family;
	uint8_t byte[16]; /* the first 4 for IPv4, the rest zero */
};

/* An address and how many of its leading bits count. */
struct ip_net {
	struct ip ip;
	unsigned bits;
};

/* One end of a connection. On a unix socket the family is IP_NONE. */
struct end {
	struct ip ip;
	uint16_t port;
};

/* The longest text of an address, without a NUL. */
enum { IP_TEXT = 45 };

/* Reads the text of an address: four decimal numbers without leading zeros,
 * or RFC 4291 2.2 text. Returns 0, or -1 when it is anything else. */
int ip_parse(struct span text, struct ip *out);

/* Takes bytes as they stand in a sockaddr (4 or 16 of them). */
struct ip ip_from_bytes(const void *bytes, enum ip_family family);

/* Appends the canonical text (RFC 5952 for IPv6). */
void ip_print(struct buf *out, const struct ip *ip);

/* Appends the address as a mail literal: [192.0.2.1] or [IPv6:2001:db8::1]
 * (RFC 5321 4.1.3). */
void ip_print_literal(struct buf *out, const struct ip *ip);

bool ip_eq(const struct ip *a, const struct ip *b);

/* 127.0.0.0/8 or ::1. */
bool ip_is_loopback(const struct ip *ip);

/* Reads ADDRESS or ADDRESS/BITS. Without /BITS it is that address alone.
 * A v4-mapped network of 96 bits or more becomes the IPv4 network.
 * Returns 0, or -1: no address, too many bits, or bits set behind the prefix
 * (10.0.0.1/8 is somebody's mistake, not a network). */
int ip_net_parse(struct span text, struct ip_net *out);

/* Families are compared, so a v4 net never holds a v6 address. */
bool ip_net_has(const struct ip_net *net, const struct ip *ip);

/* True for a network of exactly one address. */
bool ip_net_single(const struct ip_net *net);

#endif

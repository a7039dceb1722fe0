/* SPDX-License-Identifier: ISC */
#include "pure/ip.h"

#include <arpa/inet.h>

#include "pure/ascii.h"

static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

/* inet_pton takes 192.0.2.1 only without leading zeros in musl and glibc; it
 * needs a NUL behind the text, and text with a NUL inside is no address. */
int
ip_parse(struct span text, struct ip *out)
{
	char copy[IP_TEXT + 1];
	uint8_t byte[16] = { 0 };
	bool v6 = span_find(text, ':') < text.n;

	if (text.n == 0 || text.n > IP_TEXT)
		return -1;
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (ascii_hex(c) == -1 && c != ':' && c != '.')
			return -1;
	}
	memcpy(copy, text.p, text.n);
	copy[text.n] = '\0';
	if (inet_pton(v6 ? AF_INET6 : AF_INET, copy, byte) != 1)
		return -1;
	*out = ip_from_bytes(byte, v6 ? IP_V6 : IP_V4);
	return 0;
}

struct ip
ip_from_bytes(const void *bytes, enum ip_family family)
{
	struct ip ip = { .family = family };

	if (family == IP_V4) {
		memcpy(ip.byte, bytes, 4);
	} else if (family == IP_V6) {
		memcpy(ip.byte, bytes, 16);
		if (memcmp(ip.byte, mapped, sizeof mapped) == 0)
			return ip_from_bytes(ip.byte + 12, IP_V4);
	}
	return ip;
}

/* In every log line and Received field: without the printf of inet_ntop. */
static void
print_v4(struct buf *out, const uint8_t byte[4])
{
	for (int i = 0; i < 4; i++) {
		if (i)
			buf_char(out, '.');
		buf_number(out, byte[i]);
	}
}

static void
print_v6(struct buf *out, const uint8_t byte[16])
{
	char text[INET6_ADDRSTRLEN];

	buf_str(out, inet_ntop(AF_INET6, byte, text, sizeof text));
}

void
ip_print(struct buf *out, const struct ip *ip)
{
	switch (ip->family) {
	case IP_V4:
		print_v4(out, ip->byte);
		break;
	case IP_V6:
		print_v6(out, ip->byte);
		break;
	default:
		buf_str(out, "unknown");
	}
}

void
ip_print_literal(struct buf *out, const struct ip *ip)
{
	buf_str(out, ip->family == IP_V6 ? "[IPv6:" : "[");
	ip_print(out, ip);
	buf_char(out, ']');
}

bool
ip_eq(const struct ip *a, const struct ip *b)
{
	return a->family == b->family &&
	       memcmp(a->byte, b->byte, sizeof a->byte) == 0;
}

bool
ip_is_loopback(const struct ip *ip)
{
	static const uint8_t one[16] = { [15] = 1 };

	if (ip->family == IP_V4)
		return ip->byte[0] == 127;
	return ip->family == IP_V6 && memcmp(ip->byte, one, sizeof one) == 0;
}

/* The bits of byte i that belong to a prefix of `bits`. */
static uint8_t
prefix_mask(unsigned bits, unsigned i)
{
	if (bits >= 8 * (i + 1))
		return 0xff;
	if (bits <= 8 * i)
		return 0;
	return (uint8_t)(0xff00 >> (bits - 8 * i));
}

int
ip_net_parse(struct span text, struct ip_net *out)
{
	size_t slash = span_find(text, '/');
	struct span address = span_head(text, slash);
	bool v6 = span_find(address, ':') < address.n;
	uint64_t bits = v6 ? 128 : 32;

	if (ip_parse(address, &out->ip) == -1)
		return -1;
	if (slash < text.n) {
		struct span digits = span_from(text, slash + 1);

		if (digits.n > 3 || span_number(digits, &bits) != 0 ||
			bits > (v6 ? 128 : 32))
			return -1;
	}
	if (v6 && out->ip.family == IP_V4) {
		if (bits < 96)
			return -1;
		bits -= 96;
	}
	out->bits = (unsigned)bits;
	for (unsigned i = 0; i < 16; i++)
		if (out->ip.byte[i] & ~prefix_mask(out->bits, i))
			return -1;
	return 0;
}

bool
ip_net_has(const struct ip_net *net, const struct ip *ip)
{
	if (net->ip.family != ip->family)
		return false;
	for (unsigned i = 0; i < 16; i++)
		if ((ip->byte[i] ^ net->ip.byte[i]) & prefix_mask(net->bits, i))
			return false;
	return true;
}

bool
ip_net_single(const struct ip_net *net)
{
	return net->bits == (net->ip.family == IP_V4 ? 32U : 128U);
}

/* SPDX-License-Identifier: ISC */
#include "sys/gateway.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "pure/ascii.h"

/* RTF_UP and RTF_GATEWAY of the kernel's routing tables. */
enum { ROUTE_UP = 1, ROUTE_GATEWAY = 2 };

/* A line of either table, with room. */
enum { ROUTE_LINE = 512 };

const struct gateway_paths gateway_default_paths = {
	{"/run/postern/route",       "/proc/net/route"     },
	{ "/run/postern/ipv6_route", "/proc/net/ipv6_route"},
};

struct route_line {
	bool is_default;
	struct ip gateway; /* IP_NONE: none */
};

/* Takes the next word off a line. */
static struct span
next_word(struct span *line)
{
	size_t n = 0;
	struct span word;

	*line = span_trim(*line);
	while (n < line->n && line->p[n] != ' ' && line->p[n] != '\t')
		n++;
	word = span_head(*line, n);
	*line = span_from(*line, n);
	return word;
}

/* Reads hex digits that fill a word, at most 8. Returns 0 or -1. */
static int
hex_number(struct span word, uint32_t *out)
{
	*out = 0;
	if (word.n == 0 || word.n > 8)
		return -1;
	for (size_t i = 0; i < word.n; i++) {
		int digit = ascii_hex(word.p[i]);

		if (digit == -1)
			return -1;
		*out = *out << 4 | (uint32_t)digit;
	}
	return 0;
}

/* Reads 32 hex digits. Returns 0 or -1. */
static int
hex_v6(struct span word, uint8_t out[16])
{
	uint32_t byte;

	if (word.n != 32)
		return -1;
	for (size_t i = 0; i < 16; i++) {
		if (hex_number((struct span){ word.p + 2 * i, 2 }, &byte))
			return -1;
		out[i] = (uint8_t)byte;
	}
	return 0;
}

/* Iface Destination Gateway Flags RefCnt Use Metric Mask ... The addresses
 * are printed as numbers of this machine's byte order. */
static int
read_v4(struct span line, struct route_line *route)
{
	uint32_t value[7];

	next_word(&line);
	for (size_t i = 0; i < LEN(value); i++) {
		struct span word = next_word(&line);
		uint64_t decimal;

		if (i >= 3 && i <= 5) { /* decimal columns, of no use here */
			if (span_number(word, &decimal) != 0)
				return -1;
		} else if (hex_number(word, &value[i])) {
			return -1;
		}
	}
	route->is_default = value[0] == 0 && value[6] == 0;
	if ((value[2] & (ROUTE_UP | ROUTE_GATEWAY)) ==
		(ROUTE_UP | ROUTE_GATEWAY))
		route->gateway = ip_from_bytes(&value[1], IP_V4);
	return 0;
}

/* Destination bits Source bits Nexthop Metric RefCnt Use Flags Iface */
static int
read_v6(struct span line, struct route_line *route)
{
	static const uint8_t zero[16];
	uint8_t to[16];
	uint8_t from[16];
	uint8_t hop[16];
	uint32_t value[6];

	if (hex_v6(next_word(&line), to) ||
		hex_number(next_word(&line), &value[0]) ||
		hex_v6(next_word(&line), from) ||
		hex_number(next_word(&line), &value[1]) ||
		hex_v6(next_word(&line), hop))
		return -1;
	for (size_t i = 2; i < LEN(value); i++)
		if (hex_number(next_word(&line), &value[i]))
			return -1;
	route->is_default = value[0] == 0 && memcmp(to, zero, 16) == 0;
	if ((value[5] & (ROUTE_UP | ROUTE_GATEWAY)) ==
		(ROUTE_UP | ROUTE_GATEWAY))
		route->gateway = ip_from_bytes(hop, IP_V6);
	return 0;
}

/* Judges one line. Returns 1 when it names ip as a default gateway, 0, -1. */
static int
judge_line(struct span line, const struct ip *ip)
{
	struct route_line route = { .gateway = { .family = IP_NONE } };
	int bad;

	if (!span_trim(line).n || span_begins_nocase(line, SPAN("Iface")))
		return 0;
	bad = ip->family == IP_V4 ? read_v4(line, &route)
				  : read_v6(line, &route);
	if (bad)
		return -1;
	return route.is_default && ip_eq(&route.gateway, ip);
}

/* Goes through the table line by line; it may be of any length. */
static int
judge_table(int fd, const struct ip *ip)
{
	char text[ROUTE_LINE * 8];
	size_t len = 0;
	ssize_t got;

	while ((got = read(fd, text + len, sizeof text - len)) != 0) {
		struct span rest = { text, 0 };
		size_t end;

		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1)
			return -1;
		rest.n = len + (size_t)got;
		while ((end = span_find(rest, '\n')) < rest.n) {
			int verdict = judge_line(span_head(rest, end), ip);

			if (verdict == -1)
				errno = EINVAL;
			if (verdict)
				return verdict;
			rest = span_from(rest, end + 1);
		}
		if (rest.n == sizeof text) {
			errno = EINVAL;
			return -1;
		}
		memmove(text, rest.p, rest.n);
		len = rest.n;
	}
	errno = EINVAL; /* a last line without an end is half a table */
	return len ? -1 : 0;
}

int
gateway_is(const struct gateway_paths *paths, const struct ip *ip)
{
	const char *const *path = ip->family == IP_V4 ? paths->v4 : paths->v6;
	int fd = open(path[0], O_RDONLY | O_CLOEXEC);
	int verdict;
	int error;

	if (fd == -1)
		fd = open(path[1], O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return -1;
	verdict = judge_table(fd, ip);
	error = errno;
	close(fd);
	errno = error;
	return verdict;
}

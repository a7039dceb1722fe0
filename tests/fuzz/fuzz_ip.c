/* SPDX-License-Identifier: ISC
 *
 * ip and route: an address is taken just when inet_pton takes it, and printed
 * it is read as the same; a network holds its own address; a next hop without
 * its port is one as well. */
#include <arpa/inet.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

#include "pure/ip.h"
#include "pure/route.h"

/* Slow and sure. */
static bool
reference(struct span text)
{
	char copy[64];
	uint8_t byte[16];

	if (text.n >= sizeof copy || memchr(text.p, '\0', text.n))
		return false;
	memcpy(copy, text.p, text.n);
	copy[text.n] = '\0';
	return inet_pton(AF_INET, copy, byte) == 1 ||
	       inet_pton(AF_INET6, copy, byte) == 1;
}

static void
address(struct span text)
{
	char room[IP_TEXT + sizeof "[IPv6:]"];
	struct buf out = BUF(room);
	struct ip ip;
	struct ip again;
	bool good = ip_parse(text, &ip) == 0;

	MUST(good == reference(text));
	if (!good)
		return;
	ip_print(&out, &ip);
	MUST(!out.over && out.len <= IP_TEXT);
	MUST(ip_parse(buf_text(&out), &again) == 0 && ip_eq(&ip, &again));
	MUST(ip_is_loopback(&ip) == ip_is_loopback(&again));
	out.len = 0;
	ip_print_literal(&out, &ip);
	MUST(!out.over && out.p[0] == '[' && out.p[out.len - 1] == ']');
}

static void
network(struct span text, struct span other)
{
	struct ip_net net;
	struct ip ip;

	if (ip_net_parse(text, &net) == -1)
		return;
	MUST(ip_net_has(&net, &net.ip));
	MUST(net.bits <= (net.ip.family == IP_V4 ? 32 : 128));
	if (ip_parse(other, &ip) == -1)
		return;
	if (ip_net_single(&net))
		MUST(ip_net_has(&net, &ip) == ip_eq(&net.ip, &ip));
	if (net.bits == 0)
		MUST(ip_net_has(&net, &ip) == (ip.family == net.ip.family));
}

static void
one_hop(struct span hop)
{
	struct route route;
	struct route host;

	if (route_parse(hop, &route) == -1)
		return;
	MUST(route.lmtp || route.name.n || route.ip.family);
	MUST(!route.path.n || (route.lmtp && route.path.p[0] == '/'));
	MUST(route.path.n || route.port);
	if (route.lmtp)
		return;
	MUST(route_parse(route_host(hop), &host) == 0);
	MUST(span_eq(host.name, route.name) && ip_eq(&host.ip, &route.ip));
}

static void
hops(struct span text)
{
	bool good = !route_wrong(text);
	struct span hop;
	struct route route;
	size_t count = 0;

	one_hop(text);
	while (route_next(&text, &hop)) {
		one_hop(hop);
		count++;
		MUST(!good || route_parse(hop, &route) == 0);
	}
	MUST(!good || (count && count <= ROUTE_HOPS));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct span in = fuzz_input(data, n);
	struct span first = span_head(in, span_find(in, '\n'));
	struct span second = span_from(in, first.n + 1);

	address(first);
	network(first, second);
	hops(first);
	return 0;
}

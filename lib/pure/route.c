/* SPDX-License-Identifier: ISC */
#include "pure/route.h"

#include "pure/address.h"
#include "pure/ascii.h"

enum { PORT_SMTP = 25, PORT_SMTPS = 465 };

static const struct span lmtp_prefix = SPAN_INIT("lmtp:");
static const struct span smtps_prefix = SPAN_INIT("smtps:");

/* What stands behind a host: nothing, or a colon and a port. */
static int
parse_port(struct span text, uint16_t preset, uint16_t *port)
{
	uint64_t n;

	*port = preset;
	if (text.n == 0)
		return 0;
	if (text.p[0] != ':' || text.n > sizeof ":65535" - 1 ||
		span_number(span_from(text, 1), &n) != 0 || n == 0 ||
		n > UINT16_MAX)
		return -1;
	*port = (uint16_t)n;
	return 0;
}

/* What stands in brackets: an address, or a host whose own addresses count. */
static int
parse_bracketed(struct span text, struct route *out)
{
	static const struct span tag = SPAN_INIT("IPv6:");

	if (span_begins_nocase(text, tag)) {
		text = span_from(text, tag.n);
		return span_find(text, ':') < text.n ? ip_parse(text, &out->ip)
						     : -1;
	}
	if (ip_parse(text, &out->ip) == 0)
		return 0;
	out->name = text;
	return address_domain_valid(text, true) ? 0 : -1;
}

/* A host in brackets, and its port. */
static int
parse_host(struct span text, uint16_t preset, struct route *out)
{
	size_t end = span_find(text, ']');

	if (end == text.n ||
		parse_bracketed((struct span){ text.p + 1, end - 1 }, out) ==
			-1)
		return -1;
	return parse_port(span_from(text, end + 1), preset, &out->port);
}

/* A name, and its port. */
static int
parse_name(struct span text, uint16_t preset, struct route *out)
{
	size_t end = span_find(text, ':');

	out->name = span_head(text, end);
	if (!address_domain_valid(out->name, true))
		return -1;
	return parse_port(span_from(text, end), preset, &out->port);
}

/* RFC 2033 5: LMTP stays off port 25. */
static int
parse_lmtp(struct span text, struct route *out)
{
	out->lmtp = true;
	if (text.p[0] == '[')
		return parse_host(text, PORT_SMTP, out) == 0 &&
				       out->port != PORT_SMTP
			       ? 0
			       : -1;
	out->path = text;
	for (size_t i = 0; i < text.n; i++)
		if (!ascii_visible(text.p[i]))
			return -1;
	return text.n > 1 && text.n <= ROUTE_PATH ? 0 : -1;
}

/* Nobody publishes such hosts by MX: a name is the host's own. */
static int
parse_smtps(struct span text, struct route *out)
{
	struct ip ip;

	out->tls = true;
	if (text.p[0] == '[')
		return parse_host(text, PORT_SMTPS, out);
	if (parse_name(text, PORT_SMTPS, out) == -1)
		return -1;
	return ip_parse(out->name, &ip) == 0 ? -1 : 0;
}

int
route_parse(struct span text, struct route *out)
{
	int result;

	*out = (struct route){ .use_mx = false };
	if (text.n > lmtp_prefix.n && span_begins_nocase(text, lmtp_prefix) &&
		(text.p[lmtp_prefix.n] == '/' || text.p[lmtp_prefix.n] == '['))
		return parse_lmtp(span_from(text, lmtp_prefix.n), out);
	/* smtps:25 is a host of that name */
	if (text.n > smtps_prefix.n && span_begins_nocase(text, smtps_prefix) &&
		!ascii_digit(text.p[smtps_prefix.n]))
		return parse_smtps(span_from(text, smtps_prefix.n), out);
	out->use_mx = !text.n || text.p[0] != '[';
	result = out->use_mx ? parse_name(text, PORT_SMTP, out)
			     : parse_host(text, PORT_SMTP, out);
	out->tls = out->port == PORT_SMTPS;
	return result;
}

struct span
route_host(struct span hop)
{
	size_t bracket;

	if (span_begins_nocase(hop, lmtp_prefix) &&
		span_find(hop, '[') + span_find(hop, '/') < 2 * hop.n)
		return hop;
	if (span_begins_nocase(hop, smtps_prefix) &&
		!ascii_digit(hop.p[smtps_prefix.n]))
		hop = span_from(hop, smtps_prefix.n);
	bracket = span_find(hop, ']');
	return span_head(
		hop, bracket < hop.n ? bracket + 1 : span_find(hop, ':'));
}

bool
route_key(struct span key, struct route *out)
{
	struct ip ip;

	*out = (struct route){ .use_mx = false };
	if (span_eq(key, SPAN("*")))
		return true;
	if (key.n > 1 && key.p[0] == '.')
		return address_domain_valid(span_from(key, 1), true);
	return route_parse(key, out) == 0 &&
	       !(out->use_mx && ip_parse(out->name, &ip) == 0);
}

bool
route_names(const struct route *key, const struct route *hop)
{
	return (key->use_mx || !hop->use_mx) && key->lmtp == hop->lmtp &&
	       ip_eq(&key->ip, &hop->ip) &&
	       span_eq_nocase(key->name, hop->name) &&
	       span_eq(key->path, hop->path);
}

bool
route_sender_key(struct span key)
{
	static const struct address_rules rules = { .utf8 = true,
		.loose_dots = true };
	struct address parsed;

	if (span_eq(key, SPAN("<>")))
		return true;
	if (key.n > 1 && key.p[0] == '@')
		return address_domain_valid(
			span_from(key, key.p[1] == '.' ? 2 : 1), true);
	return address_mailbox(key, &rules, &parsed) == ADDRESS_OK;
}

bool
route_next(struct span *route, struct span *hop)
{
	size_t n = 0;

	*route = span_trim(*route);
	while (n < route->n && route->p[n] != ' ' && route->p[n] != '\t')
		n++;
	*hop = span_head(*route, n);
	*route = span_from(*route, n);
	return n > 0;
}

/* A mistake that has words of its own. */
static const char *
hop_wrong(struct span hop)
{
	struct route route;
	struct ip ip;

	if (route_parse(hop, &route) == 0)
		return route.use_mx && ip_parse(route.name, &ip) == 0
			       ? "an address without brackets; write "
				 "[192.0.2.1]"
			       : NULL;
	if (span_begins_nocase(hop, smtps_prefix))
		return "not a route; smtps: takes a host or an address in "
		       "brackets, smtps:[host] or smtps:[host]:port";
	if (!span_begins_nocase(hop, lmtp_prefix))
		return "not a route; write host, host:port, [host]:port, "
		       "[192.0.2.1]:port, [2001:db8::1]:port, smtps:[host], "
		       "lmtp:/path/to/socket or lmtp:[host]:port";
	if (span_from(hop, lmtp_prefix.n).n > ROUTE_PATH)
		return "not a route; the path of a unix socket has 107 octets "
		       "at most";
	return "not a route; LMTP needs the path of a socket, "
	       "lmtp:/path/to/socket, or a host in brackets with a port that "
	       "is not 25, lmtp:[host]:port";
}

/* As in `smart.example:587 user password`, which other programs take. */
static bool
is_bare_word(struct span hop)
{
	struct route route;

	return route_parse(hop, &route) == 0 && route.use_mx &&
	       span_find(route.name, '.') == route.name.n;
}

const char *
route_wrong(struct span text)
{
	bool word = false;
	struct span hop;
	int hops = 0;

	while (route_next(&text, &hop)) {
		const char *why = hop_wrong(hop);

		if (why)
			return why;
		word = word || is_bare_word(hop);
		if (++hops > ROUTE_HOPS)
			return "more than 8 next hops; keep the best";
	}
	if (word && hops > 1)
		return "a bare word among several next hops; write [host] if "
		       "it is one; names and passwords do not belong here";
	return hops ? NULL : "not a route; there is no next hop";
}

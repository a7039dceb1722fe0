/* SPDX-License-Identifier: ISC */
#include "pure/route.h"

#include "pure/address.h"

enum { PORT_SMTP = 25 };

/* What stands behind a host: nothing, or a colon and a port. */
static int
parse_port(struct span text, uint16_t *port)
{
	uint64_t n;

	*port = PORT_SMTP;
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

int
route_parse(struct span text, struct route *out)
{
	size_t end;

	*out = (struct route){ .use_mx = false };
	if (text.n && text.p[0] == '[') {
		end = span_find(text, ']');
		if (end == text.n ||
			parse_bracketed((struct span){ text.p + 1, end - 1 },
				out) == -1)
			return -1;
		return parse_port(span_from(text, end + 1), &out->port);
	}
	end = span_find(text, ':');
	out->name = span_head(text, end);
	out->use_mx = true;
	if (!address_domain_valid(out->name, true))
		return -1;
	return parse_port(span_from(text, end), &out->port);
}

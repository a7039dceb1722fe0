/* SPDX-License-Identifier: ISC */
#include "control/nexthops.h"

#include <errno.h>
#include <stdlib.h>

#include "pure/address.h"
#include "pure/route.h"

#define BAD_NUMBER "write a number from 1 to 1000000 behind the ="

struct entry {
	struct span key;
	struct nexthop says; /* line[] is set for what the line says */
};

struct nexthops {
	struct control_list list;
	struct entry *entry;
	size_t count;
};

static const char *const words[NEXTHOP_SETTINGS] = {
	[NEXTHOP_CONNECTIONS] = "connections",
	[NEXTHOP_MESSAGES] = "messages",
	[NEXTHOP_PERMINUTE] = "perminute",
	[NEXTHOP_HELO] = "helo",
	[NEXTHOP_SOURCE] = "source",
};

const char *
nexthop_word(enum nexthop_setting setting)
{
	return words[setting];
}

static bool
helo_valid(struct span name)
{
	struct route literal;

	if (name.n && name.p[0] == '[')
		return name.p[name.n - 1] == ']' &&
		       route_parse(name, &literal) == 0 && literal.ip.family;
	return address_domain_valid(name, false);
}

static const char *
take_source(struct nexthop *says, struct span value)
{
	struct ip *to;
	struct ip ip;

	if (ip_parse(value, &ip) == -1)
		return "not an address behind source=; write 192.0.2.1 or "
		       "2001:db8::1, without brackets";
	to = &says->source[ip.family == IP_V6];
	if (to->family)
		return "a second source= of one kind; write one for IPv4 and "
		       "one for IPv6";
	*to = ip;
	return NULL;
}

static const char *
take_value(struct nexthop *says, int setting, struct span value)
{
	uint64_t *number;

	if (setting == NEXTHOP_SOURCE)
		return take_source(says, value);
	if (setting == NEXTHOP_HELO) {
		says->helo = value;
		return helo_valid(value) ? NULL
					 : "not a name behind helo=; write "
					   "one like mail.example.org";
	}
	number = &says->number[setting];
	if (span_number(value, number) != 0 || *number < 1 || *number > 1000000)
		return BAD_NUMBER;
	return NULL;
}

static const char *
take_setting(struct nexthop *says, struct span word, unsigned line)
{
	size_t equals = span_find(word, '=');
	struct span name = span_head(word, equals);
	int i = 0;

	while (i < NEXTHOP_SETTINGS && !span_eq(name, span_of(words[i])))
		i++;
	if (i == NEXTHOP_SETTINGS || equals == word.n)
		return "not a setting; there are connections=N messages=N "
		       "perminute=N helo=NAME source=ADDRESS";
	if (says->line[i] && i != NEXTHOP_SOURCE)
		return "a setting twice; keep one";
	says->line[i] = line;
	return take_value(says, i, span_from(word, equals + 1));
}

static const char *
read_line(struct span line, unsigned number, struct entry *e)
{
	struct route route;
	struct span word;
	bool any = false;

	*e = (struct entry){ .key = SPAN("") };
	route_next(&line, &e->key); /* its words have blanks between as well */
	if (!route_key(e->key, &route))
		return "not a next hop before the settings; write it as in "
		       "smtproutes, or .domain, or *";
	while (route_next(&line, &word)) {
		const char *why = take_setting(&e->says, word, number);

		if (why)
			return why;
		any = true;
	}
	return any ? NULL
		   : "a next hop without settings; write connections=N "
		     "messages=N perminute=N helo=NAME source=ADDRESS";
}

static const struct entry *
find_key(const struct nexthops *n, struct span key)
{
	for (size_t i = 0; i < n->count; i++)
		if (span_eq_nocase(n->entry[i].key, key))
			return &n->entry[i];
	return NULL;
}

static int
read_entries(struct control *c, struct nexthops *n)
{
	struct span line;

	while (control_next(&n->list, &line)) {
		struct entry *e = &n->entry[n->count];
		const char *why = read_line(line, n->list.line, e);

		if (!why && find_key(n, e->key))
			why = "a second line for the same next hop; keep one";
		if (why)
			return control_fail(c, n->list.name, n->list.line, why);
		n->count++;
	}
	return 0;
}

struct nexthops *
nexthops_open(struct control *c)
{
	struct nexthops *n = calloc(1, sizeof *n);
	int result = -1;

	if (!n)
		goto out;
	result = control_list(c, CONTROL_NEXTHOPS, &n->list);
	if (result == -1)
		goto out;
	n->entry = calloc(control_count(&n->list) + 1, sizeof *n->entry);
	result = n->entry ? read_entries(c, n)
			  : control_fail(c, n->list.name, 0, strerror(errno));
out:
	if (!n)
		control_fail(c, control_file(CONTROL_NEXTHOPS)->name, 0,
			strerror(errno));
	if (result != -1)
		return n;
	nexthops_close(n);
	return NULL;
}

void
nexthops_close(struct nexthops *n)
{
	if (!n)
		return;
	control_list_free(&n->list);
	free(n->entry);
	free(n);
}

/* Adds what a line says and no more exact line has said. */
static void
apply(const struct nexthops *n, struct span key, struct nexthop *out)
{
	const struct entry *e = find_key(n, key);

	for (int i = 0; e && i < NEXTHOP_SETTINGS; i++) {
		if (out->line[i] || !e->says.line[i])
			continue;
		out->line[i] = e->says.line[i];
		if (i < NEXTHOP_HELO)
			out->number[i] = e->says.number[i];
		else if (i == NEXTHOP_HELO)
			out->helo = e->says.helo;
		else
			memcpy(out->source, e->says.source, sizeof out->source);
	}
}

void
nexthops_find(const struct nexthops *n, struct span hop, struct nexthop *out)
{
	struct route route;

	*out = (struct nexthop){ .helo = SPAN("") };
	if (n->count == 0 || route_parse(hop, &route) == -1)
		return;
	apply(n, hop, out);
	apply(n, route_host(hop), out);
	for (size_t i = 1; route.use_mx && i < route.name.n; i++)
		if (route.name.p[i] == '.')
			apply(n, span_from(route.name, i), out);
	apply(n, SPAN("*"), out);
}

void
nexthops_limits(
	const struct nexthops *n, struct span route, struct nexthop *out)
{
	struct nexthop one;
	struct span hop;

	*out = (struct nexthop){ .helo = SPAN("") };
	while (route_next(&route, &hop)) {
		nexthops_find(n, hop, &one);
		for (int i = 0; i < NEXTHOP_HELO; i++)
			if (one.number[i] &&
				(!out->number[i] ||
					one.number[i] < out->number[i])) {
				out->number[i] = one.number[i];
				out->line[i] = one.line[i];
			}
	}
}

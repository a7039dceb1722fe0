/* SPDX-License-Identifier: ISC */
#include "control/routes.h"

#include <errno.h>
#include <stdlib.h>

#include "pure/address.h"
#include "pure/ascii.h"
#include "pure/route.h"

struct entry {
	struct span key;
	struct span text;
	unsigned line;
};

/* The entries point into the text of the list; sorted by key. */
struct routes {
	struct control_list list;
	struct entry *entry;
	size_t count;
};

static int
compare_keys(struct span a, struct span b)
{
	for (size_t i = 0; i < a.n && i < b.n; i++) {
		int d = ascii_lower(a.p[i]) - ascii_lower(b.p[i]);

		if (d)
			return d;
	}
	return (a.n > b.n) - (a.n < b.n);
}

static int
compare_entries(const void *a, const void *b)
{
	const struct entry *x = a;
	const struct entry *y = b;
	int d = compare_keys(x->key, y->key);

	return d ? d : (x->line > y->line) - (x->line < y->line);
}

/* A domain or the literal of an address. */
static bool
domain_valid(struct span domain)
{
	struct route literal;

	if (domain.n == 0 || domain.p[0] != '[')
		return address_domain_valid(domain, true);
	return domain.p[domain.n - 1] == ']' &&
	       route_parse(domain, &literal) == 0 && literal.ip.family;
}

/* "", a domain, .suffix, or a literal in brackets. */
static bool
key_valid(struct span key)
{
	return key.n == 0 ||
	       domain_valid(span_from(key, key.p[0] == '.' ? 1 : 0));
}

/* NULL, or what is wrong with a line and what to write instead. */
static const char *
split_line(struct span line, struct entry *out)
{
	size_t colon = 0;
	struct route route;
	struct ip ip;

	if (line.p[0] == '[')
		colon = span_find(line, ']');
	colon += span_find(span_from(line, colon), ':');
	if (colon >= line.n)
		return "no colon; write domain:ROUTE, .domain:ROUTE or :ROUTE";
	out->key = span_trim(span_head(line, colon));
	out->text = span_trim(span_from(line, colon + 1));
	if (!key_valid(out->key))
		return "not a domain before the colon; write domain:ROUTE, "
		       ".domain:ROUTE or :ROUTE";
	if (out->text.n == 0)
		return NULL;
	if (route_parse(out->text, &route) == -1)
		return "not a route; write host, host:port, [host]:port, "
		       "[192.0.2.1]:port or [2001:db8::1]:port";
	if (route.use_mx && ip_parse(route.name, &ip) == 0)
		return "an address without brackets; write [192.0.2.1]";
	return NULL;
}

static size_t
count_entries(struct control_list *list)
{
	struct span line;
	size_t n = 0;

	while (control_next(list, &line))
		n++;
	control_rewind(list);
	return n;
}

/* Fills the table, or records the first line that is wrong. */
static int
read_entries(struct control *c, struct routes *r)
{
	struct span line;

	while (control_next(&r->list, &line)) {
		struct entry *e = &r->entry[r->count];
		const char *why = split_line(line, e);

		if (why)
			return control_fail(c, r->list.name, r->list.line, why);
		e->line = r->list.line;
		r->count++;
	}
	qsort(r->entry, r->count, sizeof *r->entry, compare_entries);
	for (size_t i = 1; i < r->count; i++)
		if (span_eq_nocase(r->entry[i - 1].key, r->entry[i].key))
			return control_fail(c, r->list.name, r->entry[i].line,
				"a second route for the same domain; keep one");
	return 0;
}

struct routes *
routes_open(struct control *c)
{
	struct routes *r = calloc(1, sizeof *r);

	if (!r)
		goto fail;
	if (control_list(c, CONTROL_SMTPROUTES, &r->list) == -1) {
		free(r);
		return NULL;
	}
	r->entry = calloc(count_entries(&r->list) + 1, sizeof *r->entry);
	if (!r->entry)
		goto fail;
	if (read_entries(c, r) == 0)
		return r;
	routes_close(r);
	return NULL;
fail:
	control_fail(
		c, control_file(CONTROL_SMTPROUTES)->name, 0, strerror(errno));
	routes_close(r);
	return NULL;
}

void
routes_close(struct routes *r)
{
	if (!r)
		return;
	control_list_free(&r->list);
	free(r->entry);
	free(r);
}

static const struct entry *
find_key(const struct routes *r, struct span key)
{
	size_t low = 0;
	size_t high = r->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int d = compare_keys(key, r->entry[middle].key);

		if (d == 0)
			return &r->entry[middle];
		if (d < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

/* The name itself, then .suffixes from the longest on, then the default. A
 * literal has no suffixes. */
static const struct entry *
find_domain(const struct routes *r, struct span domain)
{
	const struct entry *found = find_key(r, domain);
	bool literal = domain.n && domain.p[0] == '[';

	for (size_t i = 1; !found && !literal && i < domain.n; i++)
		if (domain.p[i] == '.')
			found = find_key(r, span_from(domain, i));
	return found ? found : find_key(r, SPAN(""));
}

int
routes_find(const struct routes *r, struct span domain, char *out)
{
	const struct entry *found = find_domain(r, domain);
	struct buf text = { out, LIMIT_DOMAIN + 16, 0, false };
	int decided = found && found->text.n;

	if (!decided && !domain_valid(domain))
		return -1;
	buf_span(&text, decided ? found->text : domain);
	buf_cstr(&text);
	return text.over ? -1 : decided;
}

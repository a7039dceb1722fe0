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
struct table {
	struct control_list list;
	struct entry *entry;
	size_t count;
};

struct routes {
	struct table domains; /* smtproutes */
	struct table senders; /* senderroutes */
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
domain_key_valid(struct span key)
{
	return key.n == 0 ||
	       domain_valid(span_from(key, key.p[0] == '.' ? 1 : 0));
}

/* What the two files differ in. */
static const struct kind {
	enum control_id id;
	bool (*key_valid)(struct span key);
	const char *no_colon;
	const char *bad_key;
	const char *twice;
} kinds[] = {
	{CONTROL_SMTPROUTES,    domain_key_valid,
         "no colon; write domain:ROUTE, .domain:ROUTE or :ROUTE", "not a domain before the colon; write domain:ROUTE, "
		".domain:ROUTE or :ROUTE", "a second route for the same domain; keep one, with all its "
		"next hops in one line"},
	{ CONTROL_SENDERROUTES, route_sender_key,
         "no colon; write app@domain:ROUTE, @domain:ROUTE, "
		"@.domain:ROUTE or <>:ROUTE",		     "not a sender before the colon; write app@domain:ROUTE, "
		"@domain:ROUTE, @.domain:ROUTE or <>:ROUTE",   "a second route for the same sender; keep one, with all its "
		"next hops in one line"  },
};

/* NULL, or what is wrong with a line and what to write instead. */
static const char *
split_line(const struct kind *kind, struct span line, struct entry *out)
{
	if (!control_split(line, &out->key, &out->text))
		return kind->no_colon;
	if (!kind->key_valid(out->key))
		return kind->bad_key;
	return out->text.n ? route_wrong(out->text) : NULL;
}

/* Fills the table, or records the first line that is wrong. */
static int
read_entries(struct control *c, const struct kind *kind, struct table *t)
{
	struct span line;

	while (control_next(&t->list, &line)) {
		struct entry *e = &t->entry[t->count];
		const char *why = split_line(kind, line, e);

		if (why)
			return control_fail(c, t->list.name, t->list.line, why);
		e->line = t->list.line;
		t->count++;
	}
	qsort(t->entry, t->count, sizeof *t->entry, compare_entries);
	for (size_t i = 1; i < t->count; i++)
		if (span_eq_nocase(t->entry[i - 1].key, t->entry[i].key))
			return control_fail(
				c, t->list.name, t->entry[i].line, kind->twice);
	return 0;
}

static int
read_table(struct control *c, const struct kind *kind, struct table *t)
{
	if (control_list(c, kind->id, &t->list) == -1)
		return -1;
	t->entry = calloc(control_count(&t->list) + 1, sizeof *t->entry);
	if (!t->entry)
		return control_fail(c, t->list.name, 0, strerror(errno));
	return read_entries(c, kind, t);
}

struct routes *
routes_open(struct control *c)
{
	struct routes *r = calloc(1, sizeof *r);

	if (!r) {
		control_fail(c, control_file(CONTROL_SMTPROUTES)->name, 0,
			strerror(errno));
		return NULL;
	}
	if (read_table(c, &kinds[0], &r->domains) == 0 &&
		read_table(c, &kinds[1], &r->senders) == 0)
		return r;
	routes_close(r);
	return NULL;
}

static void
free_table(struct table *t)
{
	control_list_free(&t->list);
	free(t->entry);
}

void
routes_close(struct routes *r)
{
	if (!r)
		return;
	free_table(&r->domains);
	free_table(&r->senders);
	free(r);
}

static const struct entry *
find_key(const struct table *t, struct span key)
{
	size_t low = 0;
	size_t high = t->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int d = compare_keys(key, t->entry[middle].key);

		if (d == 0)
			return &t->entry[middle];
		if (d < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

/* The name itself, then .suffixes from the longest on. A literal has none. */
static const struct entry *
find_domain(const struct table *t, struct span domain)
{
	const struct entry *found = domain.n ? find_key(t, domain) : NULL;
	bool literal = domain.n && domain.p[0] == '[';

	for (size_t i = 1; !found && !literal && i < domain.n; i++)
		if (domain.p[i] == '.')
			found = find_key(t, span_from(domain, i));
	return found;
}

/* The address itself, then @domain, then @.suffixes from the longest on. */
static const struct entry *
find_sender(const struct table *t, struct span sender)
{
	struct span domain = address_domain_of(sender);
	const struct entry *found;
	char key[LIMIT_DOMAIN + 2];

	if (t->count == 0)
		return NULL;
	found = find_key(t, sender.n ? sender : SPAN("<>"));
	for (size_t i = 0; !found && i < domain.n; i++) {
		struct buf out = BUF(key);

		if (i && domain.p[i] != '.')
			continue;
		buf_char(&out, '@');
		buf_span(&out, span_from(domain, i));
		if (!out.over)
			found = find_key(t, buf_text(&out));
	}
	return found;
}

/* One blank between the next hops: equal routes look equal. */
static void
put_route(struct buf *out, struct span text)
{
	struct span hop;

	while (route_next(&text, &hop)) {
		if (out->len)
			buf_char(out, ' ');
		buf_span(out, hop);
	}
}

int
routes_find(const struct routes *r, struct span sender, struct span domain,
	struct routes_choice *out)
{
	const struct table *table = &r->domains;
	const struct entry *found = find_domain(table, domain);
	struct buf text = BUF(out->text);

	if (!found) {
		table = &r->senders;
		found = find_sender(table, sender);
	}
	if (!found) {
		table = &r->domains;
		found = find_key(table, SPAN(""));
	}
	out->smarthost = found && found->text.n;
	out->file = found ? table->list.name : NULL;
	out->line = found ? found->line : 0;
	if (!out->smarthost && !domain_valid(domain))
		return -1;
	if (out->smarthost)
		put_route(&text, found->text);
	else
		buf_span(&text, domain);
	buf_cstr(&text);
	return text.over ? -1 : 0;
}

static void
walk_table(const struct table *t, routes_each *each, void *ctx)
{
	for (size_t i = 0; i < t->count; i++) {
		struct routes_choice choice = { .smarthost = true,
			.file = t->list.name,
			.line = t->entry[i].line };
		struct buf text = BUF(choice.text);

		buf_span(&text, t->entry[i].text);
		buf_cstr(&text);
		if (t->entry[i].text.n && !text.over)
			each(ctx, &choice);
	}
}

void
routes_walk(const struct routes *r, routes_each *each, void *ctx)
{
	walk_table(&r->domains, each, ctx);
	walk_table(&r->senders, each, ctx);
}

/* SPDX-License-Identifier: ISC
 *
 * ehlo: an offer is believed only when its keyword stands in the input, and a
 * reply that is read twice offers what it offered once (C-008, C-044). */
#include <stdlib.h>

#include "pure/ehlo.h"

#define MUST(fact)                                                             \
	do {                                                                   \
		if (!(fact))                                                   \
			abort();                                               \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static bool
has(struct span all, struct span word)
{
	for (size_t i = 0; i + word.n <= all.n; i++)
		if (span_begins_nocase(span_from(all, i), word))
			return true;
	return false;
}

static void
feed(struct ehlo *e, struct span all)
{
	while (all.n) {
		size_t n = span_find(all, '\n');

		ehlo_line(e, span_head(all, n));
		all = span_from(all, n + 1);
	}
}

static void
mechanisms(unsigned set)
{
	char text[128];
	struct buf out = BUF(text);
	enum mechanism best = mechanism_best(set);

	mechanism_print(&out, set);
	MUST(!out.over && (best == MECHANISMS) == (set == 0));
	MUST(best == MECHANISMS ||
		mechanism_find(span_of(mechanism_name(best))) == best);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct span all = { (const char *)data, n };
	struct ehlo once = { 0 };
	struct ehlo twice;

	feed(&once, all);
	twice = once;
	twice.lines = 0;
	feed(&twice, all);
	MUST(twice.lines == once.lines);
	MUST(memcmp(&once, &twice, sizeof once) == 0);
	MUST(!once.pipelining || has(all, SPAN("PIPELINING")));
	MUST(!once.size || has(all, SPAN("SIZE")));
	MUST(!once.eight_bit || has(all, SPAN("8BITMIME")));
	MUST(!once.smtputf8 || has(all, SPAN("SMTPUTF8")));
	MUST(!once.dsn || has(all, SPAN("DSN")));
	MUST(!once.rcpt_max || has(all, SPAN("RCPTMAX=")));
	MUST(!once.auth || has(all, SPAN("AUTH")));
	mechanisms(once.mechanisms);
	MUST(once.rcpt_max <= 999999 && once.mail_max <= 999999);
	return 0;
}

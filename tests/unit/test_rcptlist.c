/* SPDX-License-Identifier: ISC
 *
 * rcptlist: who is named in a header field, however it is written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "pure/rcptlist.h"

/* The mailboxes with a bar behind each, and what was wrong at last, all by
 * pieces of `step` octets. */
static struct span
listed(struct span text, size_t step)
{
	static const struct address_rules rules = { .utf8 = true };
	static char made[8192];
	struct buf out = BUF(made);
	struct rcptlist list = { 0 };
	enum rcptlist_verdict verdict = RCPTLIST_MORE;
	struct span piece = SPAN("");
	bool ended = false;
	struct address a;

	while (verdict != RCPTLIST_BAD && !ended) {
		if (!piece.n && text.n) {
			piece = span_head(text, step);
			text = span_from(text, piece.n);
		}
		ended = !piece.n;
		verdict = ended ? rcptlist_end(&list)
				: rcptlist_feed(&list, &piece);
		if (verdict != RCPTLIST_MAILBOX)
			continue;
		ended = false;
		if (rcptlist_address(&list, &rules, &a) == ADDRESS_OK)
			buf_span(&out, address_text(&a));
		else
			buf_str(&out, "?");
		buf_char(&out, '|');
	}
	if (verdict == RCPTLIST_BAD) {
		buf_str(&out, "BAD ");
		buf_str(&out, list.why);
	}
	assert_false(out.over);
	return buf_text(&out);
}

struct row {
	const char *text;
	const char *list;
};

#define ROW(text, list)                                                        \
	{                                                                      \
		text, list                                                     \
	}

static void
assert_rows(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct span text = span_of(rows[i].text);

		for (size_t step = 1; step <= text.n + 1; step++) {
			struct span got = listed(text, step);

			if (!span_eq(got, span_of(rows[i].list)))
				fail_msg("%s: '%.*s', not '%s'", rows[i].text,
					(int)got.n, got.p, rows[i].list);
		}
	}
}

/* D-016 L-009 */
static void
usual_lists(void **state)
{
	static const struct row rows[] = {
		ROW("a@b.example", "a@b.example|"),
		ROW(" a@b.example \r\n", "a@b.example|"),
		ROW("root", "root|"),
		ROW("root (Cron Daemon)", "root|"),
		ROW("a@b, c@d,\r\n\te@f\r\n", "a@b|c@d|e@f|"),
		ROW("App Other <app@x.example>", "app@x.example|"),
		ROW("\"Other, App\" <app@x>, b@c", "app@x|b@c|"),
		ROW("\"a, b@c\" <d@e>", "d@e|"),
		ROW("\"quote \\\" <x@y>,\" <d@e>", "d@e|"),
		ROW("(a, b@c) d@e (f <g@h>)", "d@e|"),
		ROW("a (one (two \\) three) four) @ b . example",
			"a@b.example|"),
		ROW("Pete(A nice \\) chap) <pete(his account)@silly.test(his "
		    "host)>",
			"pete@silly.test|"),
		ROW("A Group(Some people)\r\n :Some Body <c@(its "
		    "host.)public.example>,\r\n"
		    "\tjob@example.org,\r\n Jobs <jdev@one.test> (my dear "
		    "friend); (the end)",
			"c@public.example|job@example.org|jdev@one.test|"),
		ROW("(Empty list)(start)Hidden recipients  :(nobody(that I "
		    "know))  ;",
			""),
		ROW("undisclosed-recipients:;", ""),
		ROW("undisclosed-recipients:", ""),
		ROW("a: b@c; , d@e", "b@c|d@e|"),
		ROW("a@b; c@d", "a@b|c@d|"),
		ROW(",, a@b,,c@d,", "a@b|c@d|"),
		ROW("", ""),
		ROW("<@x.example,@y.example:a@b>", "a@b|"),
		ROW("\"jobs dev\"@x.example", "\"jobs dev\"@x.example|"),
		ROW("\"jobs.dev\"@x.example", "jobs.dev@x.example|"),
		ROW("a@[192.0.2.1], b@[IPv6:2001:db8::1]",
			"a@[192.0.2.1]|b@[IPv6:2001:db8::1]|"),
		ROW("[list] App <a@b>", "a@b|"),
		ROW("J\xc3\xb6rg <j\xc3\xb6rg@x.example>",
			"j\xc3\xb6rg@x.example|"),
	};

	(void)state;
	assert_rows(rows, LEN(rows));
}

/* RFC 2047: an encoded word is a name, whatever stands in it */
static void
encoded_words(void **state)
{
	static const struct row rows[] = {
		ROW("=?utf-8?q?J=C3=B6rg?= <j@x>", "j@x|"),
		ROW("=?UTF-8?B?SsO2cmc=?= =?utf-8?b?eA==?= <j@x>", "j@x|"),
		ROW("=?utf-8?q?Dev,_John_<x@y>?= <j@x>, a@b", "j@x|a@b|"),
		ROW("=?utf-8*de?q?a?b?c?= <j@x>", "j@x|"),
		ROW("=?utf-8?q?root@x.example?=",
			"BAD several words without < and >"),
		ROW("=?utf-8?q?a@b,\r\n c@d <e@f>", "e@f|"),
		ROW("a=?x?q?b@c.example", "a=?x?q?b@c.example|"),
		ROW("=?=@x", "=?=@x|"),
	};

	(void)state;
	assert_rows(rows, LEN(rows));
}

static void
no_lists(void **state)
{
	static const struct row rows[] = {
		ROW("app other", "BAD several words without < and >"),
		ROW("a@b c@d", "BAD several words without < and >"),
		ROW("a@b, c d", "a@b|BAD several words without < and >"),
		ROW("<a b@c>", "BAD words between < and >"),
		ROW("<a@b, c@d>", "BAD a comma between < and >"),
		ROW("<a@b", "BAD a < without its >"),
		ROW("a@b>", "BAD a > without its <"),
		ROW("<a@b> c", "BAD words behind a > without a comma"),
		ROW("<<a@b>>", "BAD a second <"),
		ROW("a <b@c> <d@e>", "BAD a second <"),
		ROW("<>", "BAD nothing between < and >"),
		ROW("(a@b", "BAD a ( without its )"),
		ROW("a@b)", "BAD a ) without its ("),
		ROW("\"a@b", "BAD a quote that nothing ends"),
		ROW("a@[1.2", "BAD a [ without its ]"),
		ROW("a@b]", "BAD a ] without its ["),
		ROW("a\\@b", "BAD a backslash outside of quotes"),
		ROW("a@b:c@d;", "BAD a colon that ends no group's name"),
		ROW("a:b:c@d;", "BAD a colon that ends no group's name"),
		ROW(":a@b;", "BAD a colon that ends no group's name"),
		ROW("a@b, c\x01@d", "a@b|BAD a control character"),
		ROW("a@b@c", "?|"),
		ROW("a..b@c", "?|"),
		ROW("\"\"@c", "?|"),
		ROW("a@-b", "?|"),
	};

	(void)state;
	assert_rows(rows, LEN(rows));
	assert_true(span_eq(
		listed(SPAN("a\0b@c"), 9), SPAN("BAD a control character")));
}

static void
bounds(void **state)
{
	static char text[4096];
	struct span got;

	(void)state;
	memset(text, 'a', 1001);
	got = listed((struct span){ text, 1001 }, 100);
	assert_true(span_eq(got, SPAN("BAD an address of over 1000 octets")));
	memset(text, 'a', 3000);
	memcpy(text + 3000, " <a@b>", 6);
	got = listed((struct span){ text, 3006 }, 100);
	assert_true(span_eq(got, SPAN("a@b|")));
	memset(text, '(', 200);
	got = listed((struct span){ text, 200 }, 7);
	assert_true(span_eq(got, SPAN("BAD comments nested over 100 deep")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(usual_lists),
		cmocka_unit_test(encoded_words),
		cmocka_unit_test(no_lists),
		cmocka_unit_test(bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

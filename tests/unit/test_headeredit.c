/* SPDX-License-Identifier: ISC
 *
 * headeredit: what changes, and that nothing else does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "pure/headeredit.h"

static struct headeredit edit;
static char output[1 << 20];
static struct buf out;
static size_t asked;

static int
collect(void *ctx, struct span text)
{
	buf_span(ctx, text);
	return 0;
}

/* Names without a domain get one, old.example moves, and the rest stays. */
static int
address(void *ctx, enum headeredit_kind kind, struct span text, struct buf *to)
{
	(void)ctx;
	(void)kind;
	asked++;
	if (span_find(text, '@') == text.n) {
		buf_span(to, text);
		buf_str(to, "@host.example");
		return 1;
	}
	if (!span_ends_nocase(text, SPAN("@old.example")))
		return 0;
	buf_span(to, span_head(text, text.n - 11));
	buf_str(to, "new.far.example");
	return 1;
}

static struct span
run(unsigned kinds, struct span text, size_t piece)
{
	out = BUF(output);
	asked = 0;
	headeredit_begin(&edit, kinds, address, collect, &out);
	while (text.n) {
		struct span part = span_head(text, piece);

		assert_int_equal(headeredit_feed(&edit, part), 0);
		text = span_from(text, part.n);
	}
	assert_int_equal(headeredit_end(&edit), 0);
	assert_false(out.over);
	return buf_text(&out);
}

#define BOTH (HEADEREDIT_FROM | HEADEREDIT_TO)

static void
assert_edit(unsigned kinds, const char *in, const char *want)
{
	for (size_t piece = 1; piece < 200; piece = piece * 3 + 1) {
		struct span got = run(kinds, span_of(in), piece);

		if (!span_eq(got, span_of(want)))
			fail_msg("pieces of %zu:\n%.*s\nnot\n%s", piece,
				(int)got.n, got.p, want);
	}
}

static void
addresses_change_and_nothing_else(void **state)
{
	static const struct {
		const char *in;
		const char *out;
	} rows[] = {
		{"From: root (Cron Daemon)\r\n\r\n",
                 "From: root@host.example (Cron Daemon)\r\n\r\n"												  },
		{ "From: \"Cron, the \\\"Daemon\\\"\" <root>\r\n\r\nx",
                 "From: \"Cron, the \\\"Daemon\\\"\" "
			"<root@host.example>\r\n\r\nx"													    },
		{ "FROM :\troot\r\n",						   "FROM :\troot@host.example\r\n"                                           },
		{ "from:root",							  "from:root@host.example"                                                  },
		{ "Sender: a@old.example\r\nReply-To: <b@Old.Example>\r\n"
		  "Cc: c\r\nTo: d, e@x, f\r\nSubject: to: root\r\n\r\nTo: "
		  "g\r\n",					     "Sender: a@new.far.example\r\nReply-To: "
			"<b@new.far.example>\r\n"
			"Cc: c@host.example\r\nTo: d@host.example, e@x, "
			"f@host.example\r\nSubject: to: root\r\n\r\nTo: "
			"g\r\n"											},
		{ "To:\r\n\tapp\r\n\t,\r\n\tbox (b,\r\n c)\r\nX: y\r\n\r\n",
                 "To:\r\n\tapp@host.example\r\n\t,\r\n\tbox@host."
			"example (b,\r\n "
			"c)\r\nX: y\r\n\r\n"														      },
		{ "To: Us: app, Box <box>;, eng\r\n\r\n",
                 "To: Us: app@host.example, Box <box@host.example>;, "
			"eng@host.example\r\n\r\n"														},
		{ "To: x (y) . z @ (at) old.example\r\n\r\n",
                 "To: x.z@new.far.example\r\n\r\n"														},
		{ "To: =?utf-8?q?J=C3=B6rg?= <j>\r\n\r\n",
                 "To: =?utf-8?q?J=C3=B6rg?= <j@host.example>\r\n\r\n"											     },
		{ "To: J\xc3\xb6rg <j>\r\n\r\n",
                 "To: J\xc3\xb6rg <j@host.example>\r\n\r\n"												       },
		{ "To: undisclosed-recipients:;\r\n\r\n",
                 "To: undisclosed-recipients:;\r\n\r\n"													   },
		{ "To: <>\r\nCc:\r\nFrom: Job Dev\r\n\r\n",
                 "To: <>\r\nCc:\r\nFrom: Job Dev\r\n\r\n"													 },
 /* LF alone, and no end */
		{ "From: a\nTo: b\n\nTo: c\n",
                 "From: a@host.example\nTo: b@host.example\n\nTo: c\n"											    },
 /* what is no field begins the body */
		{ "X: y\r\nFrom a@b Mon\r\nFrom: c\r\n",
                 "X: y\r\nFrom a@b Mon\r\nFrom: c\r\n"													    },
		{ "X: y\r\nno field\r\nFrom: c\r\n",
                 "X: y\r\nno field\r\nFrom: c\r\n"														},
		{ ": y\r\nFrom: c\r\n",						 ": y\r\nFrom: c\r\n"                                                      },
		{ "\r\nFrom: c\r\n",						    "\r\nFrom: c\r\n"							 },
		{ "X: y\r\n To: b\r\nTos: c\r\nT: d\r\nXTo: e\r\n"
		  "Resent-From: f\r\nSenderSenderSenderTo: g\r\n\r\n", "X: y\r\n To: b\r\nTos: c\r\nT: d\r\nXTo: e\r\n"
			"Resent-From: f\r\nSenderSenderSenderTo: g\r\n\r\n"},
		{ "",								   ""									},
	};

	(void)state;
	for (size_t i = 0; i < LEN(rows); i++)
		assert_edit(BOTH, rows[i].in, rows[i].out);
}

static void
only_the_kinds_that_are_asked_for(void **state)
{
	(void)state;
	assert_edit(HEADEREDIT_FROM, "From: a\r\nTo: b\r\nSender: c\r\n\r\n",
		"From: a@host.example\r\nTo: b\r\nSender: c@host.example\r\n"
		"\r\n");
	assert_edit(HEADEREDIT_TO, "From: a\r\nTo: b\r\nSender: c\r\n\r\n",
		"From: a\r\nTo: b@host.example\r\nSender: c\r\n\r\n");
}

/* D-017 */
static void
no_line_grows_past_998_octets(void **state)
{
	static char text[4000];
	struct buf in = BUF(text);
	struct span got;
	size_t lines = 0;

	(void)state;
	buf_str(&in, "To: n0");
	for (int i = 1; i < 250; i++) {
		buf_str(&in, i % 2 ? ",n" : ", n");
		buf_number(&in, (uint64_t)i % 10);
	}
	buf_str(&in, "\r\n\r\n");
	assert_true(in.len < 998);
	got = run(BOTH, buf_text(&in), 1000);
	assert_int_equal(asked, 250);
	while (got.n) {
		size_t n = span_find(got, '\n');

		assert_true(n <= 999);
		assert_true(n < 2 || lines == 0 || got.p[0] == ' ');
		got = span_from(got, n + 1);
		lines++;
	}
	assert_true(lines > 4);
}

/* D-016: ten megabytes of header, in one field, one line, one address. */
static void
headers_of_any_size_go_through(void **state)
{
	static const struct span pieces[] = { SPAN_INIT("app@x, "),
		SPAN_INIT("Name <app@x>,\r\n "), SPAN_INIT("wordwordword "),
		SPAN_INIT("(comment)\r\n\t"), SPAN_INIT("\"\\\"") };
	const size_t n = 10 << 20;
	char *text = malloc(n + 64);
	char *big = malloc(n + 64);

	(void)state;
	for (size_t i = 0; i < LEN(pieces); i++) {
		struct buf in = { text, n, 0, false };
		struct buf to = { big, n + 64, 0, false };

		buf_str(&in, "To: ");
		while (in.cap - in.len > 100)
			buf_span(&in, pieces[i]);
		buf_str(&in, "\r\nFrom: app@x\r\n\r\nbody\r\n");
		headeredit_begin(&edit, BOTH, address, collect, &to);
		for (size_t at = 0; at < in.len; at += 8000)
			assert_int_equal(
				headeredit_feed(&edit,
					span_head(span_from(buf_text(&in), at),
						8000)),
				0);
		assert_int_equal(headeredit_end(&edit), 0);
		assert_true(span_eq(buf_text(&in), buf_text(&to)));
	}
	free(text);
	free(big);
}

/* A field that was given up is left behind; the next one is edited. */
static void
what_cannot_be_an_address_is_left_alone(void **state)
{
	static char text[200000];
	struct buf in = BUF(text);
	struct span got;

	(void)state;
	buf_str(&in, "To: root (");
	for (int i = 0; i < 100000; i++)
		buf_char(&in, 'x');
	buf_str(&in, "), app\r\n , box\r\nCc: eng\r\n\r\n");
	got = run(BOTH, buf_text(&in), 777);
	assert_true(span_ends_nocase(
		got, SPAN("), app\r\n , box\r\nCc: eng@host.example\r\n\r\n")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_change_and_nothing_else),
		cmocka_unit_test(only_the_kinds_that_are_asked_for),
		cmocka_unit_test(no_line_grows_past_998_octets),
		cmocka_unit_test(headers_of_any_size_go_through),
		cmocka_unit_test(what_cannot_be_an_address_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

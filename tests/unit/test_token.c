/* SPDX-License-Identifier: ISC
 *
 * token: the text of token files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "pure/limits.h"
#include "pure/token.h"

static void
what_is_printed_is_read_back(void **state)
{
	const struct token token = {
		.access = SPAN_INIT("eyJ.a-b_c~d+/="),
		.refresh = SPAN_INIT("0.AX"),
		.error = SPAN_INIT("two\nlines \xc3\xa9"),
		.expires = 1800000000,
		.refreshed = 1799996400,
		.refreshexpires = 1,
		.tried = UINT64_MAX,
		.later = 2,
		.warned = 3,
	};
	char text[1000];
	struct buf out = BUF(text);
	struct token back;

	(void)state;
	token_print(&out, &token);
	assert_false(out.over);
	assert_null(token_parse(buf_text(&out), &back));
	assert_true(span_eq(back.access, token.access));
	assert_true(span_eq(back.refresh, token.refresh));
	assert_true(span_eq(back.error, SPAN("two?lines ??")));
	assert_true(back.expires == token.expires);
	assert_true(back.refreshed == token.refreshed);
	assert_true(back.refreshexpires == 1);
	assert_true(back.tried == UINT64_MAX);
	assert_true(back.later == 2 && back.warned == 3);
}

static void
what_is_empty_is_left_out(void **state)
{
	const struct token token = { .access = SPAN_INIT("a"), .expires = 5 };
	char text[100];
	struct buf out = BUF(text);

	(void)state;
	token_print(&out, &token);
	assert_true(span_eq(buf_text(&out), SPAN("access a\nexpires 5\n")));
}

static void
files_that_are_refused(void **state)
{
	static const struct {
		struct span text;
		const char *why;
	} rows[] = {
		{SPAN_INIT(""),                        "empty"                  },
		{ SPAN_INIT("access a\nexpires 5"),
                 "its last line has no end"                                     },
		{ SPAN_INIT("access \n"),              "not a token"            },
		{ SPAN_INIT("access\n"),               "not a token"            },
		{ SPAN_INIT("access a b\n"),           "not a token"            },
		{ SPAN_INIT("access a\1b\n"),          "not a token"            },
		{ SPAN_INIT("access a\naccess b\n"),   "a word twice"           },
		{ SPAN_INIT("refresh \xc3\xa9\n"),     "not a token"            },
		{ SPAN_INIT("access a\nexpires -5\n"),
                 "not a number of seconds"                                      },
		{ SPAN_INIT("expires 1.5\n"),          "not a number of seconds"},
		{ SPAN_INIT("access a\r\n"),           "not a token"            },
	};
	struct token out;

	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		const char *why = token_parse(rows[i].text, &out);

		assert_non_null(why);
		assert_string_equal(why, rows[i].why);
	}
	assert_null(token_parse(SPAN("access a\n\nnewer word\n"), &out));
	assert_true(span_eq(out.access, SPAN("a")));
}

static void
tokens_have_a_length(void **state)
{
	static char text[LIMIT_TOKEN + 1];

	(void)state;
	memset(text, 'x', sizeof text);
	assert_true(token_valid((struct span){ text, LIMIT_TOKEN }));
	assert_false(token_valid((struct span){ text, LIMIT_TOKEN + 1 }));
	assert_false(token_valid(SPAN("")));
}

static void
a_token_is_due_at_half_of_its_time(void **state)
{
	static const struct {
		uint64_t now;
		bool due;
	} rows[] = {
		{999,   true }, /* the clock was set back */
		{ 1000, false},
		{ 2799, false},
		{ 2800, true },
		{ 4600, true },
		{ 9999, true },
	};
	struct token token = {
		.access = SPAN_INIT("a"), .refreshed = 1000, .expires = 4600
	};

	(void)state;
	for (size_t i = 0; i < LEN(rows); i++)
		assert_int_equal(token_due(&token, rows[i].now), rows[i].due);
	token.expires = 1000;
	assert_true(token_due(&token, 1000));
	token = (struct token){ .refreshed = 1000, .expires = 4600 };
	assert_true(token_due(&token, 1000));
}

static void
the_end_is_told_some_days_before(void **state)
{
	struct token token = { .refreshexpires = 864000 };

	(void)state;
	assert_int_equal(token_ends(&token, 0, 10), -1);
	assert_int_equal(token_ends(&token, 1, 10), 9);
	assert_int_equal(token_ends(&token, 864000, 10), 0);
	assert_int_equal(token_ends(&token, 900000, 10), 0);
	assert_int_equal(token_ends(&token, 900000, 0), -1);
	token.refreshexpires = 0;
	assert_int_equal(token_ends(&token, 1, 10), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_printed_is_read_back),
		cmocka_unit_test(what_is_empty_is_left_out),
		cmocka_unit_test(files_that_are_refused),
		cmocka_unit_test(tokens_have_a_length),
		cmocka_unit_test(a_token_is_due_at_half_of_its_time),
		cmocka_unit_test(the_end_is_told_some_days_before),
	};

	return cmocka_run_group_tests_name("token", tests, NULL, NULL);
}

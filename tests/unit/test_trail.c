/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "admin/trail.h"

#define ID_A "0000000000aaaaaaaaaaaaaa"
#define ID_R "0000000000cccccccccccccc"

static enum trail_verdict
judge(struct trail *t, const char *text)
{
	struct fields line;

	assert_true(fields_begin(&line, span_of(text)));
	return trail_line(t, &line);
}

static void
a_word_is_what_it_looks_like(void **state)
{
	static const struct {
		const char *word;
		const char *line;
		enum trail_verdict want;
	} rows[] = {
		{"box@b.example",  "x to=Box@B.example",                    TRAIL_YES},
		{ "box@b.example", "x to=fox@b.example",                    TRAIL_NO },
		{ "box@b.example", "x to=box@b.example.net",                TRAIL_NO },
		{ "box@b.example", "x command=\"RCPT TO:<box@b.example>\"",
                 TRAIL_YES							   },
		{ "@b.example",    "x from=a@b.example",                    TRAIL_YES},
		{ "@b.example",    "x from=a@c.b.example",                  TRAIL_NO },
		{ "b.example",     "x to=a@b.example",                      TRAIL_YES},
		{ "b.example",     "x to=a@c.example peer=mx.b.example",
                 TRAIL_YES							   },
		{ "b.example",     "x to=a@bb.example",                     TRAIL_NO },
		{ "192.0.2.7",     "x client=192.0.2.7",                    TRAIL_YES},
		{ "192.0.2.7",     "x peer=mx[192.0.2.7]:25",               TRAIL_YES},
		{ ID_A,            "x id=" ID_A,                            TRAIL_YES},
		{ ID_A,            "x id=" ID_R,                            TRAIL_NO },
		{ "greylist",      "x reply=\"450 Greylisted\"",            TRAIL_YES},
		{ "a\"b",          "x from=\"a\\\"b@c.example\"",           TRAIL_YES},
	};

	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		struct span word = span_of(rows[i].word);
		struct trail t = { .word = &word, .words = 1 };

		if (judge(&t, rows[i].line) != rows[i].want)
			fail_msg("%s: %s", rows[i].word, rows[i].line);
		trail_free(&t);
	}
}

static void
nothing_asked_is_everything(void **state)
{
	struct trail t = { .words = 0 };

	(void)state;
	assert_int_equal(judge(&t, "end"), TRAIL_YES);
	assert_int_equal(t.ids, 0);
}

static void
a_message_and_its_report_are_followed(void **state)
{
	struct span word = SPAN("box@b.example");
	struct trail t = { .word = &word, .words = 1 };

	(void)state;
	assert_int_equal(judge(&t, "queued id=" ID_A), TRAIL_NO);
	assert_int_equal(
		judge(&t, "accepted id=" ID_A " to=box@b.example to=c@d"),
		TRAIL_YES);
	assert_int_equal(judge(&t, "queued id=" ID_A), TRAIL_YES);
	assert_int_equal(judge(&t, "delivered id=" ID_A " to=c@d"), TRAIL_NO);
	assert_int_equal(judge(&t, "delivered id=" ID_R " to=c@d"), TRAIL_NO);
	assert_int_equal(judge(&t, "told id=" ID_A " report=" ID_R), TRAIL_YES);
	assert_int_equal(judge(&t, "delivered id=" ID_R " to=c@d"), TRAIL_YES);
	trail_free(&t);
}

static void
many_messages_are_followed(void **state)
{
	struct span word = SPAN("@b.example");
	struct trail t = { .word = &word, .words = 1 };
	char text[128];

	(void)state;
	for (unsigned i = 0; i < 5000; i++) {
		snprintf(text, sizeof text,
			"x id=0000%07ua000000000000 to=a@b.example", i);
		assert_int_equal(judge(&t, text), TRAIL_YES);
	}
	assert_int_equal(t.ids, 5000);
	for (unsigned i = 0; i < 5000; i++) {
		snprintf(text, sizeof text, "queued id=0000%07ua000000000000",
			i);
		assert_int_equal(judge(&t, text), TRAIL_YES);
	}
	assert_int_equal(judge(&t, "queued id=" ID_R), TRAIL_NO);
	trail_free(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_word_is_what_it_looks_like),
		cmocka_unit_test(nothing_asked_is_everything),
		cmocka_unit_test(a_message_and_its_report_are_followed),
		cmocka_unit_test(many_messages_are_followed),
	};

	return cmocka_run_group_tests_name("trail", tests, NULL, NULL);
}

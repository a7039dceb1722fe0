/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "pure/clean.h"

static void
assert_clean(const char *text, const char *want)
{
	char room[256];
	struct buf out = BUF(room);

	clean_text(&out, span_of(text));
	if (!span_eq(buf_text(&out), span_of(want)))
		print_error("'%.*s' is not '%s'\n", (int)out.len, room, want);
	assert_true(span_eq(buf_text(&out), span_of(want)));
}

static void
what_can_be_read_stays(void **state)
{
	(void)state;
	assert_clean("", "");
	assert_clean("plain \\ text", "plain \\ text");
	assert_clean("Gr\xc3\xbc\xc3\x9f\x65 \xe2\x82\xac \xf0\x9f\x93\xac",
		"Gr\xc3\xbc\xc3\x9f\x65 \xe2\x82\xac \xf0\x9f\x93\xac");
}

static void
controls_and_broken_octets_are_shown_as_hex(void **state)
{
	(void)state;
	assert_clean("a\x1b[31mb\r\n", "a\\x1b[31mb\\x0d\\x0a");
	assert_clean("\x7f", "\\x7f");
	assert_clean("\xff\xfe", "\\xff\\xfe");
	assert_clean("\xc3", "\\xc3");
	assert_clean("\xe2\x82 a", "\\xe2\\x82 a");
	assert_clean("\xc0\xaf", "\\xc0\\xaf");
}

/* A C1 control is one to a terminal, and a turned line lies to the eye. */
static void
characters_that_act_are_shown_as_hex(void **state)
{
	(void)state;
	assert_clean("\xc2\x9b", "\\xc2\\x9b");
	assert_clean("\xe2\x80\xae"
		     "abc",
		"\\xe2\\x80\\xae"
		"abc");
	assert_clean("\xe2\x81\xa6", "\\xe2\\x81\\xa6");
	assert_clean("\xef\xbb\xbf", "\\xef\\xbb\\xbf");
	assert_clean("\xe2\x80\x93", "\xe2\x80\x93");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_can_be_read_stays),
		cmocka_unit_test(controls_and_broken_octets_are_shown_as_hex),
		cmocka_unit_test(characters_that_act_are_shown_as_hex),
	};

	return cmocka_run_group_tests_name("clean", tests, NULL, NULL);
}

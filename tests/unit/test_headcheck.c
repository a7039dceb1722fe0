/* SPDX-License-Identifier: ISC
 *
 * headcheck: what a message lacks that is submitted (A-022, A-024, D-018). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "pure/buf.h"
#include "pure/headcheck.h"

static struct headcheck
check(struct span text)
{
	struct headcheck h = { .fed = 0 };

	(void)headcheck_feed(&h, text);
	headcheck_end(&h);
	return h;
}

static void
assert_fault(const char *text, const char *fault, size_t size)
{
	struct headcheck h = check(span_of(text));
	const char *found = headcheck_fault(&h);

	assert_string_equal(found ? found : "", fault);
	assert_int_equal(h.size, size);
}

static void
faults_are_named(void **state)
{
	(void)state;
	assert_fault("From: a\r\n\r\nFrom: b\r\n", "", 9);
	assert_fault("From: a\r\n", "", 9);
	assert_fault("From: a", "", 7);
	assert_fault("X: a\r\n From: b\r\n\r\n", "no field From", 16);
	assert_fault("", "no field From", 0);
	assert_fault("\r\nFrom: a\r\n", "no field From", 0);
	assert_fault("Froma: a\r\nFro: b\r\n\r\n", "no field From", 18);
	assert_fault("from:a\r\nFROM\t : b\r\n\r\n", "two fields From", 19);
	assert_fault(
		"From: a\r\nDate: b\r\ndate: c\r\n\r\n", "two fields Date", 27);
	assert_fault("From: a\r\nMessage-ID: b\r\nMessage-Id: c\r\n\r\n",
		"two fields Message-ID", 39);
	/* the header ends before what is no field */
	assert_fault("From: a\r\nno field\r\nFrom: b\r\n\r\n", "", 9);
	assert_fault("From: a\r\nFrom b c\r\n\r\n", "", 9);
}

static void
lines_have_998_octets(void **state)
{
	char text[1100];

	(void)state;
	for (size_t n = 997; n <= 1000; n++) {
		struct buf out = BUF(text);
		struct headcheck h;

		buf_str(&out, "From: ");
		while (out.len < n)
			buf_char(&out, 'x');
		buf_str(&out, "\r\n\r\n");
		h = check(buf_text(&out));
		assert_int_equal(h.wide, n > 998);
		assert_int_equal(h.size, n + 2);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(faults_are_named),
		cmocka_unit_test(lines_have_998_octets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

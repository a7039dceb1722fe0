/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "pure/line.h"

static struct line reader;

static void
restart(void)
{
	memset(&reader, 0, sizeof reader);
}

/* Feeds `in` in pieces of `step` octets and expects one verdict at its last
 * octet, after nothing but LINE_MORE. */
static void
assert_ends(struct span in, size_t step, bool lenient, enum line_verdict want)
{
	restart();
	while (in.n) {
		struct span piece = span_head(in, step);
		size_t n = piece.n;
		enum line_verdict got = line_feed(&reader, &piece, lenient);

		if (in.n > n)
			assert_int_equal(got, LINE_MORE);
		else
			assert_int_equal(got, want);
		assert_int_equal(piece.n, 0);
		in = span_from(in, n);
	}
}

static void
assert_each_way(struct span in, bool lenient, enum line_verdict want)
{
	assert_ends(in, in.n, lenient, want);
	assert_ends(in, 1, lenient, want);
	assert_ends(in, 2, lenient, want);
	assert_ends(in, in.n - 1, lenient, want);
}

static void
assert_text(struct span want)
{
	assert_int_equal(reader.len, want.n);
	assert_memory_equal(reader.text, want.p, want.n);
}

/* S-041 S-042 */
static void
a_line_ends_at_cr_lf_however_it_is_split(void **state)
{
	(void)state;
	assert_each_way(SPAN("NOOP\r\n"), false, LINE_READY);
	assert_text(SPAN("NOOP"));
	assert_each_way(SPAN("\r\n"), false, LINE_READY);
	assert_text(SPAN(""));
	for (size_t n = 1; n <= 6; n++)
		assert_ends(SPAN("NOOP\r\n"), n, false, LINE_READY);
}

/* S-041: what stands behind a line is left for the next call. */
static void
lines_of_one_segment_come_one_by_one(void **state)
{
	struct span in = SPAN("RSET\r\n\r\nQUIT\r\nNO");

	(void)state;
	restart();
	assert_int_equal(line_feed(&reader, &in, false), LINE_READY);
	assert_text(SPAN("RSET"));
	assert_int_equal(line_feed(&reader, &in, false), LINE_READY);
	assert_text(SPAN(""));
	assert_int_equal(line_feed(&reader, &in, false), LINE_READY);
	assert_text(SPAN("QUIT"));
	assert_int_equal(line_feed(&reader, &in, false), LINE_MORE);
	assert_int_equal(in.n, 0);
	in = SPAN("OP\r\n");
	assert_int_equal(line_feed(&reader, &in, false), LINE_READY);
	assert_text(SPAN("NOOP"));
}

/* S-039: P2. */
static void
bare_line_feeds_and_returns_are_seen(void **state)
{
	(void)state;
	assert_each_way(SPAN("NOOP\n"), false, LINE_BARE);
	assert_each_way(SPAN("NOOP\rRSET\r\n"), false, LINE_BARE);
	assert_each_way(SPAN("NOOP\r\r\n"), false, LINE_BARE);
	assert_each_way(SPAN("\rNOOP\r\n"), false, LINE_BARE);
	assert_each_way(SPAN("\rNOOP\n"), false, LINE_BARE);
}

/* S-039 */
static void
a_bad_line_does_not_spoil_the_next(void **state)
{
	struct span in = SPAN("a\rb\r\nNOOP\r\nc\nNOOP\r\n");

	(void)state;
	restart();
	assert_int_equal(line_feed(&reader, &in, false), LINE_BARE);
	assert_int_equal(line_feed(&reader, &in, false), LINE_READY);
	assert_text(SPAN("NOOP"));
	assert_int_equal(line_feed(&reader, &in, false), LINE_BARE);
	assert_int_equal(line_feed(&reader, &in, false), LINE_READY);
	assert_text(SPAN("NOOP"));
}

/* S-039: control/normalize. */
static void
a_lenient_line_may_end_in_lf(void **state)
{
	(void)state;
	assert_each_way(SPAN("NOOP\n"), true, LINE_READY);
	assert_text(SPAN("NOOP"));
	assert_each_way(SPAN("NOOP\r\n"), true, LINE_READY);
	assert_text(SPAN("NOOP"));
	assert_each_way(SPAN("NO\rOP\n"), true, LINE_BARE);
}

/* S-037: a NUL is text; it does not cut the line. */
static void
a_nul_does_not_end_anything(void **state)
{
	(void)state;
	assert_each_way(SPAN("RCPT TO:<ok\0@evil>\r\n"), false, LINE_READY);
	assert_text(SPAN("RCPT TO:<ok\0@evil>"));
}

static struct span
long_line(size_t octets_with_end)
{
	static char text[LIMIT_COMMAND_FLOOD + 16];

	memset(text, 'x', sizeof text);
	text[octets_with_end - 2] = '\r';
	text[octets_with_end - 1] = '\n';
	return (struct span){ text, octets_with_end };
}

/* S-023 S-024 S-027 */
static void
the_longest_line_is_whole_and_a_longer_one_is_none(void **state)
{
	(void)state;
	assert_each_way(long_line(512), false, LINE_READY);
	assert_each_way(long_line(LIMIT_COMMAND), false, LINE_READY);
	assert_text(span_head(long_line(LIMIT_COMMAND), LIMIT_COMMAND - 2));
	assert_each_way(long_line(LIMIT_COMMAND + 1), false, LINE_LONG);
	assert_each_way(long_line(LIMIT_COMMAND + 2), false, LINE_LONG);
	assert_each_way(long_line(LIMIT_COMMAND_FLOOD), false, LINE_LONG);
}

/* S-029 */
static void
the_command_behind_an_overlong_line_runs_once(void **state)
{
	static char text[3000 + 16];
	struct span in = { text, 3000 + 8 };

	(void)state;
	memset(text, 'x', 3000);
	memcpy(text + 3000, "\r\nRSET\r\n", 8);
	restart();
	assert_int_equal(line_feed(&reader, &in, false), LINE_LONG);
	assert_int_equal(line_feed(&reader, &in, false), LINE_READY);
	assert_text(SPAN("RSET"));
	assert_int_equal(in.n, 0);
	assert_int_equal(line_feed(&reader, &in, false), LINE_MORE);
}

/* S-028 */
static void
a_flood_without_an_end_is_noticed(void **state)
{
	static char text[1024];
	size_t fed = 0;
	enum line_verdict verdict = LINE_MORE;

	(void)state;
	restart();
	memset(text, 'x', sizeof text);
	while (verdict == LINE_MORE && fed <= LIMIT_COMMAND_FLOOD) {
		struct span in = { text, sizeof text };

		verdict = line_feed(&reader, &in, false);
		fed += sizeof text;
	}
	assert_int_equal(verdict, LINE_FLOOD);
	restart();
	memset(text, '\r', sizeof text);
	verdict = LINE_MORE;
	while (verdict == LINE_MORE && fed <= 3 * LIMIT_COMMAND_FLOOD) {
		struct span in = { text, sizeof text };

		verdict = line_feed(&reader, &in, false);
		fed += sizeof text;
	}
	assert_int_equal(verdict, LINE_FLOOD);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_ends_at_cr_lf_however_it_is_split),
		cmocka_unit_test(lines_of_one_segment_come_one_by_one),
		cmocka_unit_test(bare_line_feeds_and_returns_are_seen),
		cmocka_unit_test(a_bad_line_does_not_spoil_the_next),
		cmocka_unit_test(a_lenient_line_may_end_in_lf),
		cmocka_unit_test(a_nul_does_not_end_anything),
		cmocka_unit_test(
			the_longest_line_is_whole_and_a_longer_one_is_none),
		cmocka_unit_test(the_command_behind_an_overlong_line_runs_once),
		cmocka_unit_test(a_flood_without_an_end_is_noticed),
	};

	return cmocka_run_group_tests_name("line", tests, NULL, NULL);
}

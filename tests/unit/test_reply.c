/* SPDX-License-Identifier: ISC
 *
 * reply: what counts as an SMTP reply, and what never does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "pure/buf.h"
#include "pure/reply.h"

static struct reply reply;

/* Feeds text in pieces of `step` octets until the reply is complete or bad. */
static enum reply_verdict
feed(struct span text, size_t step)
{
	enum reply_verdict verdict = REPLY_MORE;

	memset(&reply, 0, sizeof reply);
	while (text.n && (verdict == REPLY_MORE || verdict == REPLY_LINE)) {
		struct span piece = span_head(text, step);
		size_t n = piece.n;

		verdict = reply_feed(&reply, &piece);
		text = span_from(text, n - piece.n);
	}
	return verdict;
}

static void
is_reply(struct span in, int code, struct span status, struct span text)
{
	for (size_t step = 1; step <= in.n; step++) {
		assert_int_equal(feed(in, step), REPLY_READY);
		assert_int_equal(reply.code, code);
		assert_true(span_eq(reply_status(&reply), status));
		assert_true(span_eq(reply_text(&reply), text));
	}
}

static void
is_bad(struct span in)
{
	for (size_t step = 1; step <= in.n; step++)
		assert_int_equal(feed(in, step), REPLY_BAD);
}

/* C-005 */
static void
single_lines(void **state)
{
	(void)state;
	is_reply(SPAN("250 ok\r\n"), 250, SPAN(""), SPAN("250 ok"));
	is_reply(SPAN("250\r\n"), 250, SPAN(""), SPAN("250"));
	is_reply(SPAN("250 \r\n"), 250, SPAN(""), SPAN("250"));
	is_reply(SPAN("299 strange\r\n"), 299, SPAN(""), SPAN("299 strange"));
	is_reply(SPAN("499 x\r\n"), 499, SPAN(""), SPAN("499 x"));
	is_reply(SPAN("599 x\r\n"), 599, SPAN(""), SPAN("599 x"));
	is_reply(SPAN("354 go\r\n"), 354, SPAN(""), SPAN("354 go"));
}

static void
several_lines(void **state)
{
	(void)state;
	is_reply(SPAN("550-5.1.1 no\r\n550-such\r\n550 5.1.1 user\r\n"), 550,
		SPAN("5.1.1"), SPAN("550 5.1.1 no such 5.1.1 user"));
	is_reply(SPAN("250-\r\n250\r\n"), 250, SPAN(""), SPAN("250"));
}

/* C-004 */
static void
no_reply(void **state)
{
	(void)state;
	is_bad(SPAN("150 wait\r\n"));
	is_bad(SPAN("000 x\r\n"));
	is_bad(SPAN("600 x\r\n"));
	is_bad(SPAN("2 50 x\r\n"));
	is_bad(SPAN("25 ok\r\n"));
	is_bad(SPAN("2500 ok\r\n"));
	is_bad(SPAN("ok\r\n"));
	is_bad(SPAN("2x0 ok\r\n"));
	is_bad(SPAN("250_ok\r\n"));
	is_bad(SPAN("250\tok\r\n"));
	is_bad(SPAN("250\0ok\r\n"));
	is_bad(SPAN("\0"
		    "250 ok\r\n"));
	is_bad(SPAN("\r\n"));
	is_bad(SPAN("\n"));
	is_bad(SPAN(" 250 ok\r\n"));
	is_bad(SPAN("-250 ok\r\n"));
	is_bad(SPAN("250\r \r\n"));
	is_bad(SPAN("25\r\n"));
	is_bad(SPAN("250-a\r\n251 b\r\n"));
	is_bad(SPAN("250-a\r\n550 b\r\n"));
	is_bad(SPAN("250-a\r\nb\r\n"));
	is_bad(SPAN("SSH-2.0-x\r\n"));
}

/* C-004: what is no reply is known before its line ends. */
static void
no_reply_is_seen_early(void **state)
{
	(void)state;
	is_bad(SPAN("H"));
	is_bad(SPAN("2500"));
}

/* C-007 */
static void
line_ends(void **state)
{
	(void)state;
	is_reply(SPAN("250 ok\n"), 250, SPAN(""), SPAN("250 ok"));
	is_reply(SPAN("250\n"), 250, SPAN(""), SPAN("250"));
	is_reply(SPAN("250-a\n250 b\r\n"), 250, SPAN(""), SPAN("250 a b"));
	is_reply(SPAN("250 a\rb\r\r\n"), 250, SPAN(""), SPAN("250 a?b?"));
}

/* C-007 */
static void
text_is_cleaned(void **state)
{
	(void)state;
	is_reply(SPAN("550 a\0b\x1b[2J\xc3\xa9\x7f\tc\r\n"), 550, SPAN(""),
		SPAN("550 a?b?[2J??? c"));
}

static void
enhanced_codes(void **state)
{
	(void)state;
	is_reply(SPAN("250 2.1.5 ok\r\n"), 250, SPAN("2.1.5"),
		SPAN("250 2.1.5 ok"));
	is_reply(SPAN("250 2.1.5\r\n"), 250, SPAN("2.1.5"), SPAN("250 2.1.5"));
	is_reply(SPAN("450 4.123.456 x\r\n"), 450, SPAN("4.123.456"),
		SPAN("450 4.123.456 x"));
	/* class and code disagree */
	is_reply(SPAN("550 4.1.1 x\r\n"), 550, SPAN(""), SPAN("550 4.1.1 x"));
	is_reply(SPAN("250 5.1.1 x\r\n"), 250, SPAN(""), SPAN("250 5.1.1 x"));
	is_reply(SPAN("354 3.0.0 x\r\n"), 354, SPAN(""), SPAN("354 3.0.0 x"));
	/* not codes */
	is_reply(SPAN("550 5.1 x\r\n"), 550, SPAN(""), SPAN("550 5.1 x"));
	is_reply(SPAN("550 5..1 x\r\n"), 550, SPAN(""), SPAN("550 5..1 x"));
	is_reply(SPAN("550 5.1.\r\n"), 550, SPAN(""), SPAN("550 5.1."));
	is_reply(SPAN("550 5.1.1x\r\n"), 550, SPAN(""), SPAN("550 5.1.1x"));
	is_reply(SPAN("550 5.1234.1 x\r\n"), 550, SPAN(""),
		SPAN("550 5.1234.1 x"));
	/* of the last line */
	is_reply(SPAN("550-5.1.1 x\r\n550 y\r\n"), 550, SPAN(""),
		SPAN("550 5.1.1 x y"));
}

static char many[2 * LIMIT_REPLY_TOTAL];

/* C-006 */
static void
many_lines(void **state)
{
	struct buf b = BUF(many);

	(void)state;
	for (int i = 1; i < LIMIT_REPLY_LINES; i++)
		buf_str(&b, "250-x\r\n");
	buf_str(&b, "250 x\r\n");
	assert_int_equal(feed(buf_text(&b), 7), REPLY_READY);
	b.len = 0;
	for (int i = 0; i < LIMIT_REPLY_LINES; i++)
		buf_str(&b, "250-x\r\n");
	buf_str(&b, "250 x\r\n");
	assert_int_equal(feed(buf_text(&b), 7), REPLY_BAD);
	assert_int_equal(feed(buf_text(&b), 100000), REPLY_BAD);
}

/* C-006 */
static void
long_lines(void **state)
{
	struct buf b = BUF(many);

	(void)state;
	buf_str(&b, "250 ");
	while (b.len < LIMIT_REPLY_LINE + 100)
		buf_char(&b, 'x');
	buf_str(&b, "\r\n");
	for (size_t step = 1; step <= b.len; step += 997) {
		assert_int_equal(feed(buf_text(&b), step), REPLY_READY);
		assert_int_equal(reply_text(&reply).n, LIMIT_REPLY_KEPT);
		assert_int_equal(reply_line(&reply).n, LIMIT_REPLY_LINE - 4);
	}
	b.len = 4;
	while (b.len <= LIMIT_REPLY_TOTAL)
		buf_char(&b, 'x');
	assert_int_equal(feed(buf_text(&b), 1000), REPLY_BAD);
	assert_int_equal(feed(buf_text(&b), 1000000), REPLY_BAD);
	b.len = LIMIT_REPLY_TOTAL - 2;
	buf_str(&b, "\r\n");
	assert_int_equal(feed(buf_text(&b), 1000), REPLY_READY);
}

/* C-031: the framing of one reply leaves the next one alone. */
static void
one_after_the_other(void **state)
{
	struct span in = SPAN("250 a\r\n550-5.1.1 b\r\n550 c\r\n354 d\r\n2");

	(void)state;
	memset(&reply, 0, sizeof reply);
	assert_int_equal(reply_feed(&reply, &in), REPLY_READY);
	assert_int_equal(reply.code, 250);
	assert_int_equal(reply_feed(&reply, &in), REPLY_LINE);
	assert_true(span_eq(reply_line(&reply), SPAN("5.1.1 b")));
	assert_int_equal(reply_feed(&reply, &in), REPLY_READY);
	assert_true(span_eq(reply_text(&reply), SPAN("550 5.1.1 b c")));
	assert_int_equal(reply_feed(&reply, &in), REPLY_READY);
	assert_int_equal(reply.code, 354);
	assert_int_equal(reply_feed(&reply, &in), REPLY_MORE);
	assert_int_equal(in.n, 0);
}

/* C-041: after a protocol error nothing is a reply any more. */
static void
bad_is_for_good(void **state)
{
	struct span in = SPAN("hello\r\n");

	(void)state;
	memset(&reply, 0, sizeof reply);
	assert_int_equal(reply_feed(&reply, &in), REPLY_BAD);
	in = SPAN("250 ok\r\n");
	assert_int_equal(reply_feed(&reply, &in), REPLY_BAD);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(single_lines),
		cmocka_unit_test(several_lines),
		cmocka_unit_test(no_reply),
		cmocka_unit_test(no_reply_is_seen_early),
		cmocka_unit_test(line_ends),
		cmocka_unit_test(text_is_cleaned),
		cmocka_unit_test(enhanced_codes),
		cmocka_unit_test(many_lines),
		cmocka_unit_test(long_lines),
		cmocka_unit_test(one_after_the_other),
		cmocka_unit_test(bad_is_for_good),
	};

	return cmocka_run_group_tests_name("reply", tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC
 *
 * command, eight: what the client side says, and what of it the text decides.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "pure/command.h"
#include "pure/eight.h"

static const struct ehlo nothing;
static const struct ehlo all = {
	.size = true, .eight_bit = true, .smtputf8 = true, .dsn = true
};

static char text[4096];

static struct span
mail(struct span sender, const struct ehlo *offers)
{
	struct job job = {
		.sender = sender, .ret = SPAN("HDRS"), .envid = SPAN("a+2Bb")
	};
	struct buf out = BUF(text);

	assert_int_equal(command_mail(&out, &job, offers, 77, true, true), 0);
	return buf_text(&out);
}

static struct span
rcpt(struct span address)
{
	struct job_rcpt to = { .address = address };
	struct buf out = BUF(text);

	assert_int_equal(command_rcpt(&out, &to, &all), 0);
	return buf_text(&out);
}

/* C-009 C-045 C-046 C-061 C-063; C-066: AUTH= is never among them */
static void
parameters_only_as_offered(void **state)
{
	(void)state;
	assert_true(span_eq(mail(SPAN("a@b.example"), &nothing),
		SPAN("MAIL FROM:<a@b.example>\r\n")));
	assert_true(span_eq(mail(SPAN(""), &all),
		SPAN("MAIL FROM:<> SIZE=77 BODY=8BITMIME SMTPUTF8 RET=HDRS "
		     "ENVID=a+2Bb\r\n")));
}

/* C-063 C-064: what came as xtext goes on as it came. */
static void
notify_and_orcpt(void **state)
{
	struct job_rcpt to = { .address = SPAN("x@y.example"),
		.notify = SPAN("SUCCESS,DELAY"),
		.orcpt = SPAN("rfc822;a+2Bb+3D@c.example") };
	struct buf out = BUF(text);

	(void)state;
	assert_int_equal(command_rcpt(&out, &to, &all), 0);
	assert_true(span_eq(buf_text(&out),
		SPAN("RCPT TO:<x@y.example> NOTIFY=SUCCESS,DELAY "
		     "ORCPT=rfc822;a+2Bb+3D@c.example\r\n")));
	out.len = 0;
	assert_int_equal(command_rcpt(&out, &to, &nothing), 0);
	assert_true(span_eq(buf_text(&out), SPAN("RCPT TO:<x@y.example>\r\n")));
}

/* C-018 */
static void
quotes_where_they_are_needed(void **state)
{
	(void)state;
	assert_true(span_eq(rcpt(SPAN("a b@c.example")),
		SPAN("RCPT TO:<\"a b\"@c.example>\r\n")));
	assert_true(span_eq(rcpt(SPAN("\"a b\"@c.example")),
		SPAN("RCPT TO:<\"a b\"@c.example>\r\n")));
	assert_true(span_eq(rcpt(SPAN("a\"b\\c@d.example")),
		SPAN("RCPT TO:<\"a\\\"b\\\\c\"@d.example>\r\n")));
	assert_true(span_eq(rcpt(SPAN("\"a\"b\"@c.example")),
		SPAN("RCPT TO:<\"\\\"a\\\"b\\\"\"@c.example>\r\n")));
	assert_true(span_eq(rcpt(SPAN("\"a@b\"@c.example")),
		SPAN("RCPT TO:<\"a@b\"@c.example>\r\n")));
	assert_true(span_eq(rcpt(SPAN("a@b@c.example")),
		SPAN("RCPT TO:<\"a@b\"@c.example>\r\n")));
	assert_true(span_eq(rcpt(SPAN("@c.example")),
		SPAN("RCPT TO:<\"\"@c.example>\r\n")));
	assert_true(span_eq(rcpt(SPAN("a.!#$%&'*+-/=?^_`{|}~@c.example")),
		SPAN("RCPT TO:<a.!#$%&'*+-/=?^_`{|}~@c.example>\r\n")));
	assert_true(span_eq(rcpt(SPAN("root")), SPAN("RCPT TO:<root>\r\n")));
	assert_true(span_eq(rcpt(SPAN("a>b@c.example")),
		SPAN("RCPT TO:<\"a>b\"@c.example>\r\n")));
}

/* C-017 */
static void
no_line_end_inside_a_line(void **state)
{
	static const struct span bad[] = { SPAN_INIT("a\r\nRSET@b.example"),
		SPAN_INIT("a@b.example\n"), SPAN_INIT("a\rb@c.example"),
		SPAN_INIT("a\0b@c.example"), SPAN_INIT("a\x7f@c.example") };

	(void)state;
	for (size_t i = 0; i < LEN(bad); i++) {
		struct job job = { .sender = bad[i] };
		struct job_rcpt to = { .address = bad[i] };
		struct job_rcpt by = { .address = SPAN("a@b.example"),
			.orcpt = bad[i] };
		struct buf out = BUF(text);

		assert_int_equal(command_rcpt(&out, &to, &all), -1);
		assert_int_equal(command_rcpt(&out, &by, &all), -1);
		assert_int_equal(
			command_mail(&out, &job, &all, 1, false, false), -1);
		assert_int_equal(command_verb(&out, "EHLO", bad[i]), -1);
		assert_int_equal(out.len, 0);
	}
}

/* C-017: a value with a space would become another parameter. */
static void
no_space_inside_a_value(void **state)
{
	struct job_rcpt to = { .address = SPAN("a@b.example"),
		.notify = SPAN("NEVER X=Y") };
	struct buf out = BUF(text);

	(void)state;
	assert_int_equal(command_rcpt(&out, &to, &all), -1);
	to = (struct job_rcpt){ .address = SPAN("a@b.example> NOTIFY=NEVER") };
	assert_int_equal(command_rcpt(&out, &to, &all), -1);
	assert_int_equal(out.len, 0);
	assert_false(out.over);
}

static void
looked_through(struct span in, bool header, bool body)
{
	for (size_t step = 1; step <= in.n; step++) {
		struct eight e = { .header = false };
		struct span left = in;

		while (left.n) {
			eight_feed(&e, span_head(left, step));
			left = span_from(left, step);
		}
		assert_int_equal(e.header, header);
		assert_int_equal(e.body, body);
	}
}

/* C-060 C-061 C-062 */
static void
eight_bit_octets(void **state)
{
	(void)state;
	looked_through(SPAN("a: b\r\n\r\nc\r\n"), false, false);
	looked_through(SPAN("a: \xc3\xa9\r\n\r\nc\r\n"), true, false);
	looked_through(SPAN("a: b\r\n\r\n\xff\r\n"), false, true);
	looked_through(SPAN("\r\n\x80"), false, true);
	looked_through(SPAN("a: b\n\n\x80"), false, true);
	looked_through(SPAN("a: b\r\nc: \x80"), true, false);
	looked_through(SPAN("a: b\r\n\r\n0123456789012345678901234567890123456"
			    "78901234567890123456789\xe9x\r\n"),
		false, true);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parameters_only_as_offered),
		cmocka_unit_test(notify_and_orcpt),
		cmocka_unit_test(quotes_where_they_are_needed),
		cmocka_unit_test(no_line_end_inside_a_line),
		cmocka_unit_test(no_space_inside_a_value),
		cmocka_unit_test(eight_bit_octets),
	};

	return cmocka_run_group_tests_name("command", tests, NULL, NULL);
}

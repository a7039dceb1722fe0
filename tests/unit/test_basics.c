/* SPDX-License-Identifier: ISC
 *
 * span, buf, ascii, ip: the modules everything else stands on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "pure/ascii.h"
#include "pure/buf.h"
#include "pure/ip.h"
#include "sys/log.h"

static void
numbers(void **state)
{
	uint64_t n;

	(void)state;
	assert_int_equal(span_number(SPAN("18446744073709551615"), &n), 0);
	assert_true(n == UINT64_MAX);
	assert_int_equal(span_number(SPAN("18446744073709551616"), &n), -2);
	assert_int_equal(span_number(SPAN("99999999999999999999"), &n), -2);
	assert_int_equal(span_number(SPAN(""), &n), -1);
	assert_int_equal(span_number(SPAN("+1"), &n), -1);
	assert_int_equal(span_number(SPAN("0x10"), &n), -1);
	assert_int_equal(span_number(SPAN("000000000000000000001"), &n), -1);
}

static void
overlong_text_is_an_answer(void **state)
{
	char text[4];
	struct buf b = BUF(text);

	(void)state;
	buf_str(&b, "abc");
	buf_str(&b, "de");
	assert_true(b.over);
	assert_true(span_eq(buf_text(&b), SPAN("abc")));
}

/* S-233: overlong forms, surrogates, above U+10FFFF, truncated. */
static void
utf8(void **state)
{
	(void)state;
	assert_true(utf8_valid(SPAN("\xce\xb4@\xce\xb5\xce\xbb.example")));
	assert_true(utf8_valid(SPAN("\xf0\x9f\x93\xab")));
	assert_false(utf8_valid(SPAN("\xc0\xaf")));
	assert_false(utf8_valid(SPAN("\xed\xa0\x80")));
	assert_false(utf8_valid(SPAN("\xf4\x90\x80\x80")));
	assert_false(utf8_valid(SPAN("\xe2\x82")));
	assert_false(utf8_valid(SPAN("\x80")));
}

static bool
net_has(struct span net, struct span address)
{
	struct ip_net n;
	struct ip ip;

	assert_int_equal(ip_net_parse(net, &n), 0);
	assert_int_equal(ip_parse(address, &ip), 0);
	return ip_net_has(&n, &ip);
}

static void
networks(void **state)
{
	struct ip_net n;

	(void)state;
	assert_true(net_has(SPAN("10.0.0.0/8"), SPAN("10.255.0.1")));
	assert_false(net_has(SPAN("10.0.0.0/8"), SPAN("11.0.0.1")));
	assert_true(net_has(SPAN("192.0.2.128/25"), SPAN("192.0.2.200")));
	assert_false(net_has(SPAN("192.0.2.128/25"), SPAN("192.0.2.100")));
	assert_true(net_has(SPAN("192.0.2.1"), SPAN("::ffff:192.0.2.1")));
	assert_true(net_has(SPAN("::ffff:10.0.0.0/104"), SPAN("10.1.1.1")));
	assert_true(net_has(SPAN("2001:db8::/32"), SPAN("2001:db8:1::9")));
	assert_false(net_has(SPAN("::/1"), SPAN("10.1.1.1")));
	assert_int_equal(ip_net_parse(SPAN("10.0.0.1/8"), &n), -1);
	assert_int_equal(ip_net_parse(SPAN("10.0.0.0/33"), &n), -1);
	assert_int_equal(ip_net_parse(SPAN("10.0.0.0/"), &n), -1);
	assert_int_equal(ip_net_parse(SPAN("10.0.0"), &n), -1);
	assert_int_equal(ip_net_parse(SPAN("01.2.3.4"), &n), -1);
	assert_int_equal(ip_net_parse(SPAN("host"), &n), -1);
}

static void
log_values_stay_on_one_line(void **state)
{
	char text[64];
	struct buf b = BUF(text);

	(void)state;
	log_escape(&b, SPAN("a\r\nb\x1b\"\\\x85"));
	assert_true(span_eq(
		buf_text(&b), SPAN("\"a\\x0d\\x0ab\\x1b\\\"\\\\\\x85\"")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(overlong_text_is_an_answer),
		cmocka_unit_test(utf8),
		cmocka_unit_test(networks),
		cmocka_unit_test(log_values_stay_on_one_line),
	};

	return cmocka_run_group_tests_name("basics", tests, NULL, NULL);
}

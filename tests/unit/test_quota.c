/* SPDX-License-Identifier: ISC
 *
 * quota: how much a mailbox may hold, and maildirsize. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "pure/quota.h"

static void
is_quota(
	const char *text, uint64_t octets, uint64_t messages, const char *shown)
{
	char line[64];
	struct buf out = BUF(line);
	struct quota q;

	if (quota_parse(span_of(text), &q) == -1)
		fail_msg("refused: %s", text);
	assert_int_equal(q.octets, octets);
	assert_int_equal(q.messages, messages);
	quota_print(&out, &q);
	assert_string_equal(buf_cstr(&out), shown);
}

static void
quotas_are_read(void **state)
{
	static const char *const bad[] = { "", "1", "S", "0S", "0C", "1X",
		"-1S", "1S,", ",1S", "1S,2S", "1C,2C", "1S 2C", "1g", "None",
		"9223372036854775808S", "9000000000G", "1S,x" };
	struct quota q;

	(void)state;
	is_quota("1000S", 1000, 0, "1000S");
	is_quota("1000S,20C", 1000, 20, "1000S,20C");
	is_quota("20C,1K", 1024, 20, "1024S,20C");
	is_quota("5M", 5 << 20, 0, "5242880S");
	is_quota("2G", 2ULL << 30, 0, "2147483648S");
	is_quota("7C", 0, 7, "7C");
	is_quota("none", 0, 0, "");
	is_quota("9223372036854775807S", INT64_MAX, 0, "9223372036854775807S");
	for (size_t i = 0; i < LEN(bad); i++)
		if (quota_parse(span_of(bad[i]), &q) == 0)
			fail_msg("taken: %s", bad[i]);
}

static void
accounts_add_up(void **state)
{
	const struct quota q = { 1000, 0 };
	const struct quota both = { 1000, 10 };
	static const char *const bad[] = { "", "1000S\n", "1000S",
		"999S\n1 1\n", "1000S,10C\n1 1\n", "1000S\n1 1", "1000S\n1\n",
		"1000S\n1 1 1\n", "1000S\nx 1\n", "1000S\n\n", "\n1 1\n",
		"1000S\n1 1\n9223372036854775807 1\n",
		"1000S\n9223372036854775808 1\n", "1000S\n- 1\n" };
	struct quota_sum sum;

	(void)state;
	assert_int_equal(quota_read(SPAN("1000S\n10 1\n"), &q, &sum), 0);
	assert_int_equal(sum.octets, 10);
	assert_int_equal(sum.lines, 1);
	assert_int_equal(quota_read(SPAN("1000S,10C\n"
					 "         500            5\n"
					 "  -20 -1\n30 1 \n"),
				 &both, &sum),
		0);
	assert_int_equal(sum.octets, 510);
	assert_int_equal(sum.messages, 5);
	assert_int_equal(sum.lines, 3);
	for (size_t i = 0; i < LEN(bad); i++)
		if (quota_read(span_of(bad[i]), &q, &sum) == 0)
			fail_msg("taken: %s", bad[i]);
}

static void
what_fits(void **state)
{
	const struct quota octets = { 1000, 0 };
	const struct quota messages = { 0, 2 };
	struct quota_sum sum = { .octets = 400, .messages = 1 };

	(void)state;
	assert_true(quota_fits(&octets, &sum, 600));
	assert_false(quota_fits(&octets, &sum, 601));
	assert_false(quota_fits(&octets, &sum, UINT64_MAX));
	assert_true(quota_fits(&messages, &sum, UINT64_MAX));
	sum.messages = 2;
	assert_false(quota_fits(&messages, &sum, 1));
	sum = (struct quota_sum){ .octets = -400, .messages = -1 };
	assert_true(quota_fits(&octets, &sum, 1000));
	assert_false(quota_fits(&octets, &sum, 1001));
	sum.octets = 2000;
	assert_false(quota_fits(&octets, &sum, 0));
}

static void
names_hold_sizes(void **state)
{
	uint64_t octets = 0;

	(void)state;
	assert_int_equal(quota_name(SPAN("1.M2R3.host,S=45"), &octets), 1);
	assert_int_equal(octets, 45);
	assert_int_equal(
		quota_name(SPAN("1.host,W=50,S=46,X=1:2,RS"), &octets), 1);
	assert_int_equal(octets, 46);
	assert_int_equal(quota_name(SPAN("1.host,S=45:2,ST"), &octets), -1);
	assert_int_equal(quota_name(SPAN("1.host:2,S"), &octets), 0);
	assert_int_equal(quota_name(SPAN("1.host,S=x"), &octets), 0);
	assert_int_equal(quota_name(SPAN("S=45"), &octets), 0);
	assert_int_equal(quota_name(SPAN(""), &octets), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quotas_are_read),
		cmocka_unit_test(accounts_add_up),
		cmocka_unit_test(what_fits),
		cmocka_unit_test(names_hold_sizes),
	};

	return cmocka_run_group_tests_name("quota", tests, NULL, NULL);
}

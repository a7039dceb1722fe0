/* SPDX-License-Identifier: ISC
 *
 * mx: which MX records count, and in which order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "pure/mx.h"

static struct mx_set set;

/* Adds a record whose target is plain text. */
static bool
add(const char *target, uint16_t preference, bool mxlocal, uint32_t random)
{
	struct dnsmsg_record r = { .preference = preference };
	struct span rest = span_of(target);

	while (rest.n) {
		size_t n = span_find(rest, '.');

		r.name.wire[r.name.n++] = (uint8_t)n;
		memcpy(r.name.wire + r.name.n, rest.p, n);
		r.name.n += n;
		rest = span_from(rest, n + 1);
	}
	r.name.wire[r.name.n++] = 0;
	return mx_add(&set, &r, mxlocal, random);
}

static int
empty_set(void **state)
{
	(void)state;
	set = (struct mx_set){ .count = 0 };
	return 0;
}

static void
order_is(const char *want)
{
	char text[200];
	struct buf b = BUF(text);

	for (size_t i = 0; i < set.count; i++) {
		buf_str(&b, i ? " " : "");
		buf_str(&b, set.mx[i].name);
	}
	assert_string_equal(buf_cstr(&b), want);
}

/* C-070 */
static void
the_best_stand_first(void **state)
{
	(void)state;
	add("c", 30, false, 0);
	add("a", 0, false, 9);
	add("d", 65535, false, 1);
	add("b2", 10, false, 2);
	add("b1", 10, false, 1);
	add("b3", 10, false, UINT32_MAX);
	order_is("a b1 b2 b3 c d");
}

/* C-070: 1,000 times three equals; each of the six orders is as likely. The
 * bound is the 99.99 % point of chi-square with five degrees of freedom. */
static void
equals_are_shuffled_evenly(void **state)
{
	static const char *const orders[] = { "abc", "acb", "bac", "bca", "cab",
		"cba" };
	unsigned seen[6] = { 0 };
	double chi = 0;

	srandom(20260);
	for (size_t run = 0; run < 1000; run++) {
		char order[4] = "";

		empty_set(state);
		add("a", 10, false, (uint32_t)random());
		add("b", 10, false, (uint32_t)random());
		add("c", 10, false, (uint32_t)random());
		for (size_t i = 0; i < 3; i++)
			order[i] = set.mx[i].name[0];
		for (size_t i = 0; i < 6; i++)
			seen[i] += strcmp(order, orders[i]) == 0;
	}
	for (size_t i = 0; i < 6; i++) {
		double d = seen[i] - 1000.0 / 6;

		chi += d * d / (1000.0 / 6);
	}
	assert_true(chi < 25.74);
}

/* C-074 */
static void
null_mx(void **state)
{
	(void)state;
	assert_false(mx_refused(&set));
	add("", 0, false, 0);
	assert_true(mx_refused(&set));
	add("", 10, false, 0);
	assert_true(mx_refused(&set));
	add("a", 10, false, 0);
	assert_false(mx_refused(&set));
	order_is("a");
	empty_set(state);
	add("", 0, false, 0);
	add("localhost", 0, false, 0);
	assert_false(mx_refused(&set));
	assert_int_equal(set.count, 0);
}

/* C-076 */
static void
own_host_and_equals_and_worse_go(void **state)
{
	(void)state;
	add("a", 10, false, 0);
	add("b", 20, false, 0);
	add("us.example", 20, false, 1);
	add("c", 20, false, 2);
	add("d", 30, false, 0);
	assert_false(mx_cut(&set, SPAN("")));
	assert_false(mx_cut(&set, SPAN("other.example")));
	assert_int_equal(set.count, 5);
	assert_true(mx_cut(&set, SPAN("US.example")));
	order_is("a");
	add("us.example", 5, false, 0);
	assert_true(mx_cut(&set, SPAN("us.example")));
	assert_int_equal(set.count, 0);
}

/* C-081 C-084 */
static void
targets_that_are_no_hosts_are_ignored(void **state)
{
	static const char *const local[] = { "192.0.2.1", "localhost",
		"LocalHost", "x.localhost" };
	static const char *const odd[] = { "a b", "a/b", "-a", "a-", "a\r\nb",
		"\xe4.example", "a:b" };

	(void)state;
	for (size_t i = 0; i < LEN(local); i++)
		assert_false(add(local[i], 1, false, 0));
	for (size_t i = 0; i < LEN(odd); i++)
		assert_false(add(odd[i], 1, true, 0));
	assert_int_equal(set.count, 0);
	assert_int_equal(set.ignored, LEN(local) + LEN(odd));
	for (size_t i = 0; i < LEN(local); i++)
		assert_true(add(local[i], 1, true, 0));
	assert_int_equal(set.count, LEN(local));
}

/* C-085 */
static void
the_best_hundred_count(void **state)
{
	(void)state;
	for (int i = 0; i < 500; i++) {
		char name[8];

		snprintf(name, sizeof name, "h%d", (i * 7) % 500);
		assert_true(add(name, (uint16_t)((i * 7) % 500), false, 0));
	}
	assert_int_equal(set.count, MX_MAX);
	for (size_t i = 0; i < MX_MAX; i++)
		assert_int_equal(set.mx[i].preference, i);
}

/* C-078 */
static void
families_take_turns(void **state)
{
	struct ip v6[MX_ADDRESSES];
	struct ip v4[MX_ADDRESSES];
	struct ip out[MX_ADDRESSES];

	(void)state;
	for (uint8_t i = 0; i < MX_ADDRESSES; i++) {
		v6[i] = (struct ip){ IP_V6, { i } };
		v4[i] = (struct ip){ IP_V4, { i } };
	}
	assert_int_equal(mx_interleave(out, v6, 0, v4, 0), 0);
	assert_int_equal(mx_interleave(out, v6, 1, v4, 3), 4);
	assert_true(ip_eq(&out[0], &v6[0]) && ip_eq(&out[1], &v4[0]) &&
		    ip_eq(&out[2], &v4[1]) && ip_eq(&out[3], &v4[2]));
	assert_int_equal(mx_interleave(out, v6, MX_ADDRESSES, v4, MX_ADDRESSES),
		MX_ADDRESSES);
	assert_true(ip_eq(&out[14], &v6[7]) && ip_eq(&out[15], &v4[7]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(the_best_stand_first, empty_set),
		cmocka_unit_test_setup(equals_are_shuffled_evenly, empty_set),
		cmocka_unit_test_setup(null_mx, empty_set),
		cmocka_unit_test_setup(
			own_host_and_equals_and_worse_go, empty_set),
		cmocka_unit_test_setup(
			targets_that_are_no_hosts_are_ignored, empty_set),
		cmocka_unit_test_setup(the_best_hundred_count, empty_set),
		cmocka_unit_test(families_take_turns),
	};

	return cmocka_run_group_tests_name("mx", tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <stdio.h>

#include "pure/rate.h"

static struct rate rate;

static int
nothing_counted(void **state)
{
	(void)state;
	rate = (struct rate){ .seed = 7 };
	return 0;
}

/* */
static void
each_key_has_its_count(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++)
		rate_add(&rate, SPAN("a@b.example"), 100000);
	rate_add(&rate, SPAN("c@b.example"), 100000);
	assert_int_equal(rate_count(&rate, SPAN("A@B.example"), 100000), 3);
	assert_int_equal(rate_count(&rate, SPAN("c@b.example"), 100000), 1);
	assert_int_equal(rate_count(&rate, SPAN("d@b.example"), 100000), 0);
	rate_drop(&rate, SPAN("a@b.example"), 100000);
	assert_int_equal(rate_count(&rate, SPAN("a@b.example"), 100000), 2);
	rate_drop(&rate, SPAN("d@b.example"), 100000);
	assert_int_equal(rate_count(&rate, SPAN("d@b.example"), 100000), 0);
}

static void
an_hour_later_all_is_forgotten(void **state)
{
	(void)state;
	rate_add(&rate, SPAN("a@b.example"), 7199);
	assert_int_equal(rate_count(&rate, SPAN("a@b.example"), 7199), 1);
	assert_int_equal(rate_count(&rate, SPAN("a@b.example"), 7200), 0);
}

/* More keys than room: those who had most are remembered. */
static void
the_worst_are_remembered(void **state)
{
	char key[32];

	(void)state;
	for (int i = 0; i < 100; i++)
		rate_add(&rate, SPAN("storm@b.example"), 50);
	for (int i = 0; i < 10 * RATE_KEYS; i++) {
		int n = snprintf(key, sizeof key, "%d@b.example", i);

		rate_add(&rate, (struct span){ key, (size_t)n }, 50);
	}
	assert_int_equal(rate_count(&rate, SPAN("storm@b.example"), 50), 100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(each_key_has_its_count, nothing_counted),
		cmocka_unit_test_setup(
			an_hour_later_all_is_forgotten, nothing_counted),
		cmocka_unit_test_setup(
			the_worst_are_remembered, nothing_counted),
	};

	return cmocka_run_group_tests_name("rate", tests, NULL, NULL);
}

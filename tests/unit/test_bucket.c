/* SPDX-License-Identifier: ISC
 *
 * bucket: what was used drains evenly, and keys are apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "pure/bucket.h"

#define HOUR INT64_C(3600000)

static struct buckets b;

static int
begin(void **state)
{
	(void)state;
	b = (struct buckets){ .seed = 7, .drain = 60 };
	return 0;
}

static void
it_fills_and_drains(void **state)
{
	const struct span key = SPAN("192.0.2.1");

	(void)state;
	assert_int_equal(bucket_level(&b, key, 1000), 0);
	for (int i = 0; i < 30; i++)
		bucket_add(&b, key, 1, 1000);
	assert_int_equal(bucket_level(&b, key, 1000), 30);
	assert_int_equal(bucket_level(&b, key, 1000 + HOUR / 60), 29);
	assert_int_equal(bucket_level(&b, key, 1000 + HOUR / 4), 15);
	assert_false(bucket_all_empty(&b, 1000 + HOUR / 4));
	assert_int_equal(bucket_level(&b, key, 1000 + HOUR / 2), 0);
	assert_true(bucket_all_empty(&b, 1000 + HOUR / 2));
}

/* Looked at often, it drains no slower. */
static void
looks_do_not_count(void **state)
{
	(void)state;
	bucket_add(&b, SPAN("app"), 1, 0);
	for (int64_t ms = 0; ms <= HOUR / 60; ms += 7)
		(void)bucket_level(&b, SPAN("app"), ms);
	assert_int_equal(bucket_level(&b, SPAN("app"), HOUR / 60 + 100), 0);
}

static void
keys_are_apart_and_case_is_not(void **state)
{
	(void)state;
	bucket_add(&b, SPAN("App"), 1000000, 0);
	assert_int_equal(bucket_level(&b, SPAN("aPP"), 0), 1000000);
	assert_int_equal(bucket_level(&b, SPAN("box"), 0), 0);
	assert_int_equal(bucket_level(&b, SPAN("app"), HOUR), 999940);
	/* a clock that goes back drains nothing, and fills nothing */
	assert_int_equal(bucket_level(&b, SPAN("app"), 5), 999940);
}

/* The one that matters is kept when there are more keys than room. */
static void
the_fullest_is_kept(void **state)
{
	(void)state;
	bucket_add(&b, SPAN("worst"), 50, 0);
	for (int i = 0; i < 100000; i++) {
		char key[4] = { (char)(i & 63), (char)(i >> 6 & 63),
			(char)(i >> 12), 'x' };

		bucket_add(&b, (struct span){ key, 4 }, 1, 0);
	}
	assert_int_equal(bucket_level(&b, SPAN("worst"), 0), 50);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(it_fills_and_drains, begin),
		cmocka_unit_test_setup(looks_do_not_count, begin),
		cmocka_unit_test_setup(keys_are_apart_and_case_is_not, begin),
		cmocka_unit_test_setup(the_fullest_is_kept, begin),
	};

	return cmocka_run_group_tests_name("bucket", tests, NULL, NULL);
}

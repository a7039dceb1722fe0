/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "pure/backoff.h"

static const uint64_t draws[] = { 0, 1, 41, 12345678901234567890U,
	UINT64_MAX / 2, UINT64_MAX };

/* */
static void
the_first_retry_waits_for_the_minimum(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < 2000; i++) {
		uint64_t wait = backoff_message(1, 400, 10800, i * 7919);

		assert_true(wait >= 400 && wait <= 440);
	}
}

/* with the defaults, three attempts in the first hour at most, two at
 * least, and then up to every three hours. */
static void
retries_come_quadratically_up_to_the_maximum(void **state)
{
	uint64_t due = 0;

	(void)state;
	for (uint64_t n = 1; n <= 13; n++) {
		uint64_t wait = backoff_message(n, 400, 10800, 0);
		uint64_t base = 400 * (2 * n - 1);

		assert_true(wait >= base - base / 10 && wait <= base);
		due += wait;
		assert_true(due >= 400 * n * n - 40 * n * n);
		assert_true(due <= 400 * n * n);
	}
	for (size_t i = 0; i < sizeof draws / sizeof *draws; i++) {
		uint64_t wait = backoff_message(14, 400, 10800, draws[i]);

		assert_true(wait >= 9720 && wait <= 11880);
		wait = backoff_message(5000, 400, 10800, draws[i]);
		assert_true(wait >= 9720 && wait <= 11880);
	}
}

static void
no_number_overflows(void **state)
{
	static const uint64_t ends[] = { 0, 1, 2, UINT64_MAX / 2,
		UINT64_MAX - 1, UINT64_MAX };
	enum { N = sizeof ends / sizeof *ends };

	(void)state;
	for (unsigned i = 0; i < N * N * N * N; i++) {
		uint64_t n = ends[i % N];
		uint64_t min = ends[i / N % N];
		uint64_t max = ends[i / N / N % N];
		uint64_t random = ends[i / N / N / N];
		uint64_t most =
			max + max / 10 < max ? UINT64_MAX : max + max / 10;
		uint64_t least = min < max ? min : max;

		assert_true(backoff_message(n, min, max, random) <= most);
		assert_true(backoff_message(n, min, max, random) >= least);
		assert_true(backoff_destination(n, min, max, random) <= most);
	}
}

/* 100000 messages of one moment wake in every second of a tenth. */
static void
many_messages_do_not_wake_together(void **state)
{
	static unsigned at[12000];
	uint64_t random = 88172645463325252U;

	(void)state;
	for (unsigned i = 0; i < 100000; i++) {
		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		at[backoff_message(20, 400, 10800, random)]++;
	}
	for (unsigned second = 9720; second <= 11880; second++)
		assert_in_range(at[second], 10, 110);
}

static void
a_dead_destination_rests_longer_each_time(void **state)
{
	uint64_t before = 0;

	(void)state;
	assert_in_range(backoff_destination(1, 400, 10800, 0), 45, 55);
	assert_in_range(backoff_destination(0, 400, 10800, 9), 45, 55);
	assert_in_range(backoff_destination(2, 400, 10800, 5), 90, 110);
	assert_in_range(backoff_destination(1, 1, 10800, 5), 14, 17);
	assert_in_range(backoff_destination(1, 1, 1, 5), 1, 1);
	assert_in_range(
		backoff_destination(UINT64_MAX, 400, 10800, 3), 9720, 11880);
	for (uint64_t n = 1; n <= 8; n++) {
		uint64_t rest = backoff_destination(n, 400, 10800, 0);

		assert_true(rest > before);
		before = rest;
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_retry_waits_for_the_minimum),
		cmocka_unit_test(retries_come_quadratically_up_to_the_maximum),
		cmocka_unit_test(no_number_overflows),
		cmocka_unit_test(many_messages_do_not_wake_together),
		cmocka_unit_test(a_dead_destination_rests_longer_each_time),
	};

	return cmocka_run_group_tests_name("backoff", tests, NULL, NULL);
}

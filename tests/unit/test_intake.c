/* SPDX-License-Identifier: ISC
 *
 * intake: what the scheduler remembers besides the queue. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "deliver/intake.h"
#include "world.h"

static const struct verdict down = { JOB_DEFERRED, SPAN_INIT("4.4.1"),
	SPAN_INIT("-"), SPAN_INIT("connection refused"), SPAN_INIT("") };

static struct spool spool;
static struct sender sender;

static int
begin(void **state)
{
	world_begin(state);
	world_file("me", "mail.example.org\n");
	if (spool_open(&spool) == -1)
		return -1;
	sender = (struct sender){ .spool = &spool,
		.now = 1000000,
		.tick = 1000000,
		.inotify = -1,
		.scan = true,
		.fds = 100 };
	sender.local = hop_new(SPAN("local"), false);
	return sender.local ? 0 : -1;
}

static int
end(void **state)
{
	settings_free(&sender.settings);
	schedule_free(&sender.schedule);
	free(sender.local);
	spool_close(&spool);
	return world_end(state);
}

static size_t
count_hops(void)
{
	size_t n = 0;

	for (size_t i = 0; i < HOP_BUCKETS; i++)
		for (struct hop *h = sender.hops.bucket[i]; h; h = h->chain)
			n++;
	return n;
}

static struct hop *
rest_hop(const char *route, int64_t since, uint64_t seconds)
{
	struct hop *hop = hops_find(&sender.hops, span_of(route), false);

	assert_non_null(hop);
	hop->failures = 3;
	hop_rest(hop, &down, since, seconds);
	return hop;
}

/* Memory does not grow with every domain that was ever down */
static void
hops_long_dead_are_forgotten(void **state)
{
	(void)state;
	rest_hop("long.example", sender.now - HOP_FORGET - 100, 60);
	rest_hop("future.example", sender.now + 86400, 60);
	rest_hop("down.example", sender.now - 10, 60);
	assert_int_equal(count_hops(), 3);
	intake_fill(&sender);
	assert_int_equal(count_hops(), 1);
	assert_true(hop_resting(
		rest_hop("down.example", sender.now, 60), sender.now));
	sender.now += HOP_FORGET + 100;
	sender.scan = true;
	sender.tick = sender.scan_again;
	intake_fill(&sender);
	assert_int_equal(count_hops(), 0);
}

/* the messages before them at the hop went some other way */
static void
what_was_set_aside_is_found_when_nothing_is_in_hand(void **state)
{
	struct schedule_entry entry = { .id = "0000000000000000000000aa" };
	struct hop *hop;

	(void)state;
	intake_fill(&sender);
	assert_false(intake_due(&sender));
	hop = hops_find(&sender.hops, SPAN("busy.example"), false);
	assert_non_null(hop);
	hop->parked.max = 10;
	assert_int_equal(schedule_add(&hop->parked, &entry), 0);
	sender.parked = 1;
	assert_true(intake_due(&sender));
	assert_true(intake_next(&sender) <= sender.scan_again);
	sender.tick = sender.scan_again;
	intake_fill(&sender);
	assert_int_equal(sender.parked, 0);
	assert_false(intake_due(&sender));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			hops_long_dead_are_forgotten, begin, end),
		cmocka_unit_test_setup_teardown(
			what_was_set_aside_is_found_when_nothing_is_in_hand,
			begin, end),
	};

	return cmocka_run_group_tests_name("intake", tests, NULL, NULL);
}

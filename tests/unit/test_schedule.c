/* SPDX-License-Identifier: ISC
 *
 * schedule and hop: what comes next, and to whom. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "deliver/hop.h"
#include "deliver/schedule.h"

static struct schedule_entry
entry(int64_t when, unsigned number)
{
	struct schedule_entry e = { when, when, { 0 } };
	char id[QUEUE_ID + 1];

	snprintf(id, sizeof id, "%024u", number);
	memcpy(e.id, id, QUEUE_ID);
	return e;
}

static void
the_earliest_comes_first(void **state)
{
	struct schedule s = { .max = 5000 };
	struct schedule_entry e;
	int64_t last = -1;
	unsigned n = 0;

	(void)state;
	for (unsigned i = 0; i < 5000; i++) {
		e = entry((int64_t)(i * 7919 % 1000), i);
		assert_int_equal(schedule_add(&s, &e), 0);
	}
	assert_false(s.more);
	assert_int_equal(schedule_when(&s), 0);
	while (schedule_take(&s, &e)) {
		assert_true(e.when >= last);
		last = e.when;
		n++;
	}
	assert_int_equal(n, 5000);
	assert_true(schedule_when(&s) == INT64_MAX);
	schedule_free(&s);
}

static void
equals_go_in_the_order_of_their_ids(void **state)
{
	struct schedule s = { .max = 100 };
	struct schedule_entry e;

	(void)state;
	for (unsigned i = 50; i--;) {
		e = entry(0, i);
		schedule_add(&s, &e);
	}
	for (unsigned i = 0; i < 50; i++) {
		struct schedule_entry want = entry(0, i);

		assert_true(schedule_take(&s, &e));
		assert_memory_equal(e.id, want.id, QUEUE_ID);
	}
	schedule_free(&s);
}

/* Memory is bounded: the later ones are let go, and found again. */
static void
a_queue_longer_than_memory(void **state)
{
	struct schedule s = { .max = 100 };
	bool done[1000] = { false };
	struct schedule_entry e;
	unsigned rounds = 0;
	int64_t last = -1;

	(void)state;
	do {
		schedule_clear(&s);
		for (unsigned i = 0; i < 1000; i++) {
			if (done[i * 389 % 1000])
				continue;
			e = entry((int64_t)(i * 389 % 1000), i);
			schedule_add(&s, &e);
			assert_true(s.count <= 100 && s.room <= 100);
		}
		while (schedule_take(&s, &e)) {
			assert_true(e.when == last + 1);
			last = e.when;
			done[e.when] = true;
		}
	} while (s.more && ++rounds < 100);
	assert_int_equal(last, 999);
	assert_true(rounds < 25);
	schedule_free(&s);
}

static struct hop *
get(struct hops *hops, const char *route, bool smarthost)
{
	struct hop *hop = hops_find(hops, span_of(route), smarthost);

	assert_non_null(hop);
	return hop;
}

static void
hops_are_found_without_case(void **state)
{
	static struct hops hops;
	struct hop *a = get(&hops, "example.org", false);

	(void)state;
	assert_ptr_equal(get(&hops, "Example.ORG", false), a);
	assert_ptr_not_equal(get(&hops, "example.org", true), a);
	assert_ptr_not_equal(get(&hops, "example.net", false), a);
	hops_sweep(&hops, 2 * HOP_FORGET);
	for (size_t i = 0; i < HOP_BUCKETS; i++)
		assert_null(hops.bucket[i]);
}

static void
hops_take_turns(void **state)
{
	static struct hops hops;
	struct hop *a = get(&hops, "a", false);
	struct hop *b = get(&hops, "b", false);
	struct hop *c = get(&hops, "c", false);

	(void)state;
	hops_want(&hops, a, false);
	hops_want(&hops, b, false);
	hops_want(&hops, c, true);
	hops_want(&hops, a, false);
	assert_int_equal(hops.ready, 3);
	assert_ptr_equal(hops.ready_first, c);
	hops_unwant(&hops, a);
	assert_ptr_equal(c->ready_next, b);
	assert_ptr_equal(hops.ready_last, b);
	hops_unwant(&hops, c);
	hops_unwant(&hops, c);
	hops_unwant(&hops, b);
	assert_null(hops.ready_first);
	assert_null(hops.ready_last);
	assert_int_equal(hops.ready, 0);
	hops_sweep(&hops, 2 * HOP_FORGET);
}

/* C-087 Q-045 */
static void
a_hop_that_is_down_rests_until_it_answers(void **state)
{
	static struct hops hops;
	struct hop *hop = get(&hops, "example.org", false);
	struct verdict why = { JOB_DEFERRED, SPAN("4.4.1"), SPAN("mx.example"),
		SPAN("connection refused"), SPAN("") };
	struct verdict got;

	(void)state;
	assert_int_equal(hop_limit(hop, 10), HOP_START);
	assert_int_equal(hop_limit(hop, 2), 2);
	hop_answered(hop, 0, 1000);
	assert_int_equal(hop_limit(hop, 10), 10);
	hop->failures = 1;
	hop_rest(hop, &why, 1000, 60);
	assert_true(hop_resting(hop, 1059));
	assert_false(hop_resting(hop, 1060));
	assert_false(hop_resting(hop, 999)); /* the clock was set back */
	assert_int_equal(hop_limit(hop, 10), 1);
	got = hop_reason(hop->reason);
	assert_int_equal(got.fate, JOB_DEFERRED);
	assert_true(span_eq(got.status, why.status));
	assert_true(span_eq(got.peer, why.peer));
	assert_true(span_eq(got.text, why.text));
	hops_forget(&hops, hop);
	assert_ptr_equal(get(&hops, "example.org", false), hop);
	hop_answered(hop, 0, 1000);
	assert_false(hop_resting(hop, 1001));
	assert_int_equal(hop_limit(hop, 10), 10);
	hops_forget(&hops, hop);
}

/* C-079: a smarthost that is down costs a long wait for a connection; one
 * message in a while finds out whether it is back. */
static void
a_next_hop_that_was_down_is_asked_last(void **state)
{
	static struct hops hops;
	struct hop *hop = get(&hops, "[a] [b]", true);

	(void)state;
	assert_int_equal(hop_first(hop, 1000), 0);
	hop_answered(hop, 1, 1000);
	assert_int_equal(hop_first(hop, 1001), 1);
	hops_forget(&hops, hop);
	hops_sweep(&hops, 1100);
	assert_ptr_equal(get(&hops, "[a] [b]", true), hop);
	hop_answered(hop, 1, 1200);
	assert_int_equal(hop_first(hop, 1000 + HOP_ASIDE - 1), 1);
	assert_int_equal(hop_first(hop, 1000 + HOP_ASIDE), 0);
	assert_int_equal(hop_first(hop, 1000 + HOP_ASIDE), 1);
	assert_int_equal(hop_first(hop, 500), 0); /* the clock was set back */
	hop_answered(hop, 0, 1700);
	assert_int_equal(hop_first(hop, 1701), 0);
	hop_answered(hop, 1, 1800);
	hop_awake(hop);
	assert_int_equal(hop_first(hop, 1801), 0);
	hops_forget(&hops, hop);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_earliest_comes_first),
		cmocka_unit_test(equals_go_in_the_order_of_their_ids),
		cmocka_unit_test(a_queue_longer_than_memory),
		cmocka_unit_test(hops_are_found_without_case),
		cmocka_unit_test(hops_take_turns),
		cmocka_unit_test(a_hop_that_is_down_rests_until_it_answers),
		cmocka_unit_test(a_next_hop_that_was_down_is_asked_last),
	};

	return cmocka_run_group_tests_name("schedule", tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC
 *
 * nexthops: control/nexthops, and the pace that the scheduler keeps by it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "control/nexthops.h"
#include "deliver/hop.h"
#include "world.h"

static struct nexthops *
open_table(const char *text, struct control *c)
{
	struct nexthops *n;

	world_file("nexthops", text);
	assert_int_equal(control_open(c), 0);
	n = nexthops_open(c);
	control_close(c);
	return n;
}

/* The connections for a next hop, and the line that says so. */
static void
allows(const struct nexthops *n, const char *hop, uint64_t connections,
	unsigned line)
{
	struct nexthop out;

	nexthops_find(n, span_of(hop), &out);
	assert_int_equal(out.number[NEXTHOP_CONNECTIONS], connections);
	assert_int_equal(out.line[NEXTHOP_CONNECTIONS], line);
}

/* C-087 */
static void
the_most_exact_line_decides_each_setting(void **state)
{
	struct nexthop out;
	struct nexthops *n;
	struct control c;

	(void)state;
	n = open_table("# limits\n"
		       "*  connections=9 helo=all.example\n"
		       "[smart.example]:587\tconnections=2 perminute=30\n"
		       "[smart.example] connections=3 messages=50\n"
		       ".example.net connections=4\n"
		       "example.org source=192.0.2.5 source=2001:db8::5\n"
		       "lmtp:/run/lmtp connections=1\n",
		&c);
	assert_non_null(n);
	allows(n, "[smart.example]:587", 2, 3);
	allows(n, "[SMART.example]:465", 3, 4);
	allows(n, "a.b.example.net:26", 4, 5);
	allows(n, "example.net", 9, 2);
	allows(n, "[a.example.net]", 9, 2);
	allows(n, "lmtp:/run/lmtp", 1, 7);
	allows(n, "lmtp:/run/other", 9, 2);
	nexthops_find(n, SPAN("[smart.example]:587"), &out);
	assert_int_equal(out.number[NEXTHOP_MESSAGES], 50);
	assert_int_equal(out.line[NEXTHOP_MESSAGES], 4);
	assert_int_equal(out.number[NEXTHOP_PERMINUTE], 30);
	assert_true(span_eq(out.helo, SPAN("all.example")));
	assert_int_equal(out.source[0].family, IP_NONE);
	nexthops_find(n, SPAN("example.org"), &out);
	assert_int_equal(out.source[0].family, IP_V4);
	assert_int_equal(out.source[1].family, IP_V6);
	assert_int_equal(out.line[NEXTHOP_SOURCE], 6);
	nexthops_limits(
		n, SPAN("[smart.example]:465 [smart.example]:587 x.y"), &out);
	assert_int_equal(out.number[NEXTHOP_CONNECTIONS], 2);
	assert_int_equal(out.number[NEXTHOP_PERMINUTE], 30);
	assert_int_equal(out.number[NEXTHOP_MESSAGES], 50);
	nexthops_close(n);
	n = open_table("", &c);
	allows(n, "example.org", 0, 0);
	nexthops_close(n);
}

static void
one_bad_line_is_an_error(void **state)
{
	static const char *const bad[] = { "*\n", "connections=2\n",
		"* connections=0\n", "* connections=1000001\n",
		"* connections=x\n", "* connections\n", "* Connections=2\n",
		"* speed=2\n", "* messages=1 messages=1\n", "* helo=\n",
		"* helo=a@b\n", "* helo=[x]\n", "* helo=-a\n",
		"* source=[::1]\n", "* source=x\n",
		"* source=192.0.2.1 source=192.0.2.2\n",
		"192.0.2.1 connections=2\n", "lmtp:x connections=2\n",
		". connections=2\n", "a:b connections=2\n",
		"# x\n* messages=1\n* messages=2\n",
		"A.example messages=1\na.example messages=1\n" };
	struct control c;

	(void)state;
	for (size_t i = 0; i < LEN(bad); i++) {
		if (open_table(bad[i], &c))
			fail_msg("taken: %s", bad[i]);
		if (strncmp(control_error(&c), "control/nexthops:", 17) != 0)
			fail_msg("%s: %s", bad[i], control_error(&c));
	}
}

/* C-087: no message goes before its time, and nobody looks in between */
static void
a_hop_keeps_its_pace(void **state)
{
	static struct hops hops;
	struct settings settings = { .version = 1 };
	struct control c;
	struct hop *hop;

	(void)state;
	settings.nexthops = open_table("[a] perminute=30 connections=2\n", &c);
	assert_non_null(settings.nexthops);
	hops.tick = 1000;
	hop = hops_find(&hops, SPAN("[a] [b]"), true);
	assert_non_null(hop);
	hop_set_limits(hop, &settings);
	assert_int_equal(hop_limit(hop, 10), 2);
	assert_true(hops_may(&hops, hop));
	hops_gave(&hops, hop);
	assert_false(hops_may(&hops, hop));
	assert_int_equal(hops.paced_end, 3000);
	hops_forget(&hops, hop); /* not yet: its pace must be known */
	assert_ptr_equal(hops_find(&hops, SPAN("[a] [b]"), true), hop);
	hops_want(&hops, hop, false);
	hops_pace(&hops, hop);
	assert_null(hops.ready_first);
	hops_want(&hops, hop, false); /* it waits, and is not in two lists */
	assert_null(hops.ready_first);
	hops.tick = 2999;
	assert_int_equal(hops_unpace(&hops), 3000);
	assert_null(hops.ready_first);
	hops.tick = 3000;
	assert_int_equal(hops_unpace(&hops), INT64_MAX);
	assert_ptr_equal(hops.ready_first, hop);
	assert_true(hops_may(&hops, hop));
	hops_pace(&hops, hop);
	hops_unwant(&hops, hop);
	assert_null(hops.paced);
	hops_forget(&hops, hop);
	nexthops_close(settings.nexthops);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			the_most_exact_line_decides_each_setting, world_begin,
			world_end),
		cmocka_unit_test_setup_teardown(
			one_bad_line_is_an_error, world_begin, world_end),
		cmocka_unit_test_setup_teardown(
			a_hop_keeps_its_pace, world_begin, world_end),
	};

	return cmocka_run_group_tests_name("nexthops", tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC
 *
 * clients: the house is full when it is full, in total and for each place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "sys/clients.h"

static struct ip
ip(const char *text)
{
	struct ip address;

	assert_int_equal(ip_parse(span_of(text), &address), 0);
	return address;
}

static enum clients_answer
ask(const struct clients *c, const char *text)
{
	struct ip address = ip(text);

	return clients_ask(c, &address);
}

static void
enter(struct clients *c, pid_t pid, const char *text)
{
	struct ip address = ip(text);

	clients_enter(c, pid, &address);
}

static void
total_is_kept(void **state)
{
	struct clients c;

	(void)state;
	assert_int_equal(clients_open(&c, 2, 2, 1), 0);
	assert_int_equal(ask(&c, "192.0.2.1"), CLIENTS_WELCOME);
	enter(&c, 101, "192.0.2.1");
	enter(&c, 102, "192.0.2.2");
	assert_int_equal(ask(&c, "192.0.2.3"), CLIENTS_FULL);
	assert_int_equal(clients_leave(&c, 101), 0);
	assert_int_equal(ask(&c, "192.0.2.3"), CLIENTS_WELCOME);
	clients_close(&c);
}

static void
each_address_is_counted_alone(void **state)
{
	struct clients c;

	(void)state;
	assert_int_equal(clients_open(&c, 10, 2, 1), 0);
	enter(&c, 101, "192.0.2.1");
	enter(&c, 102, "::ffff:192.0.2.1");
	assert_int_equal(ask(&c, "192.0.2.1"), CLIENTS_CROWDED);
	assert_int_equal(ask(&c, "192.0.2.2"), CLIENTS_WELCOME);
	assert_int_equal(clients_leave(&c, 102), 0);
	assert_int_equal(ask(&c, "192.0.2.1"), CLIENTS_WELCOME);
	clients_close(&c);
}

static void
an_ipv6_client_is_its_64(void **state)
{
	struct clients c;

	(void)state;
	assert_int_equal(clients_open(&c, 10, 2, 1), 0);
	enter(&c, 101, "2001:db8:0:1::1");
	enter(&c, 102, "2001:db8:0:1:ffff:ffff:ffff:ffff");
	assert_int_equal(ask(&c, "2001:db8:0:1::2"), CLIENTS_CROWDED);
	assert_int_equal(ask(&c, "2001:db8:0:2::2"), CLIENTS_WELCOME);
	/* the same first bytes do not make an IPv4 client of it */
	assert_int_equal(ask(&c, "32.1.13.184"), CLIENTS_WELCOME);
	clients_close(&c);
}

static void
local_clients_count_in_the_total_alone(void **state)
{
	struct clients c;
	struct ip none = { .family = IP_NONE };

	(void)state;
	assert_int_equal(clients_open(&c, 3, 1, 1), 0);
	for (pid_t pid = 1; pid <= 3; pid++) {
		assert_int_equal(clients_ask(&c, &none), CLIENTS_WELCOME);
		clients_enter(&c, pid, &none);
	}
	assert_int_equal(clients_ask(&c, &none), CLIENTS_FULL);
	clients_close(&c);
}

static void
strangers_processes_are_told_apart(void **state)
{
	struct clients c;

	(void)state;
	assert_int_equal(clients_open(&c, 3, 3, 1), 0);
	enter(&c, 16, "192.0.2.1");
	assert_int_equal(clients_leave(&c, 32), -1); /* same bucket */
	assert_int_equal(clients_leave(&c, 16), 0);
	assert_int_equal(clients_leave(&c, 16), -1);
	assert_int_equal(c.count, 0);
	clients_close(&c);
}

/* A long random life beside a naive list that cannot be wrong. */
static void
agrees_with_a_naive_list(void **state)
{
	enum { TOTAL = 50, EACH = 3, PLACES = 30, STEPS = 200000 };
	struct {
		pid_t pid;
		unsigned place;
	} list[TOTAL];
	size_t n = 0;
	struct clients c;
	uint64_t chance = 88172645463325252U;
	pid_t next_pid = 1;

	(void)state;
	assert_int_equal(clients_open(&c, TOTAL, EACH, 42), 0);
	for (int i = 0; i < STEPS; i++) {
		unsigned place;
		unsigned same = 0;
		struct ip address = { .family = IP_V4 };

		chance ^= chance << 13;
		chance ^= chance >> 7;
		chance ^= chance << 17;
		place = (unsigned)(chance >> 8) % PLACES;
		if (n && (chance & 7) < 3) {
			size_t gone = (size_t)(chance >> 20) % n;

			assert_int_equal(clients_leave(&c, list[gone].pid), 0);
			list[gone] = list[--n];
			continue;
		}
		address.byte[3] = (uint8_t)place;
		for (size_t k = 0; k < n; k++)
			same += list[k].place == place;
		assert_int_equal(clients_ask(&c, &address),
			n == TOTAL     ? CLIENTS_FULL
			: same >= EACH ? CLIENTS_CROWDED
				       : CLIENTS_WELCOME);
		if (n == TOTAL || same >= EACH)
			continue;
		clients_enter(&c, next_pid, &address);
		list[n].pid = next_pid++;
		list[n++].place = place;
		assert_int_equal(c.count, n);
	}
	clients_close(&c);
}

static pid_t seen[4];
static size_t seen_count;

static void
see(pid_t pid)
{
	seen[seen_count++ % 4] = pid;
}

static void
everybody_is_visited_once(void **state)
{
	struct clients c;

	(void)state;
	assert_int_equal(clients_open(&c, 8, 8, 1), 0);
	enter(&c, 7, "192.0.2.1");
	enter(&c, 8, "2001:db8::1");
	enter(&c, 9, "192.0.2.1");
	assert_int_equal(clients_leave(&c, 8), 0);
	clients_each(&c, see);
	assert_int_equal(seen_count, 2);
	assert_int_equal(seen[0] + seen[1], 16);
	clients_close(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(total_is_kept),
		cmocka_unit_test(each_address_is_counted_alone),
		cmocka_unit_test(an_ipv6_client_is_its_64),
		cmocka_unit_test(local_clients_count_in_the_total_alone),
		cmocka_unit_test(strangers_processes_are_told_apart),
		cmocka_unit_test(agrees_with_a_naive_list),
		cmocka_unit_test(everybody_is_visited_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

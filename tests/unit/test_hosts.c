/* SPDX-License-Identifier: ISC
 *
 * hosts: a file in the form of /etc/hosts (C-083). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "net/hosts.h"
#include "world.h"

static void
finds(const char *name, const char *want)
{
	char text[200];
	struct buf b = BUF(text);
	struct ip found[4];
	FILE *f = fopen(world_path("hosts"), "r");
	size_t n = hosts_find(f, span_of(name), found, 4);

	if (f)
		fclose(f);
	for (size_t i = 0; i < n; i++) {
		buf_str(&b, i ? " " : "");
		ip_print(&b, &found[i]);
	}
	assert_string_equal(buf_cstr(&b), want);
}

static void
names_and_aliases_are_found(void **state)
{
	(void)state;
	world_file("hosts", "# 192.0.2.9 hub\n"
			    "192.0.2.1\thub.example hub # smart\n"
			    "  2001:db8::1   HUB\r\n"
			    "not-an-address hub\n"
			    "192.0.2.300 hub\n"
			    "192.0.2.2 hubble ahub hub.example.org\n"
			    "192.0.2.3\n"
			    "\n"
			    "192.0.2.4 last");
	finds("hub", "192.0.2.1 2001:db8::1");
	finds("Hub.Example", "192.0.2.1");
	finds("last", "192.0.2.4");
	finds("smart", "");
	finds("192.0.2.3", "");
	finds("hu", "");
}

static void
long_lines_and_many_addresses(void **state)
{
	char text[4000];
	struct buf b = BUF(text);

	(void)state;
	buf_str(&b, "192.0.2.1 ");
	for (size_t i = 0; i < 1200; i++)
		buf_char(&b, 'x');
	buf_str(&b, " hub\n192.0.2.2 hub\n");
	for (size_t i = 3; i < 9; i++) {
		buf_str(&b, "192.0.2.");
		buf_number(&b, i);
		buf_str(&b, " hub\n");
	}
	world_file("hosts", buf_cstr(&b));
	finds("hub", "192.0.2.2 192.0.2.3 192.0.2.4 192.0.2.5");
}

static void
without_a_file_nothing_is_found(void **state)
{
	(void)state;
	finds("hub", "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			names_and_aliases_are_found, world_begin, world_end),
		cmocka_unit_test_setup_teardown(
			long_lines_and_many_addresses, world_begin, world_end),
		cmocka_unit_test_setup_teardown(without_a_file_nothing_is_found,
			world_begin, world_end),
	};

	return cmocka_run_group_tests_name("hosts", tests, NULL, NULL);
}

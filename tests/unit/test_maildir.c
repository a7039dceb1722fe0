/* SPDX-License-Identifier: ISC
 *
 * maildir: the names of files in it. tests/shell/test_local delivers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "deliver/maildir.h"

static char name[160];

static const char *
name_of(int64_t us, uint64_t chance, struct span host)
{
	memset(name, '#', sizeof name);
	maildir_name(name, us, chance, host);
	assert_non_null(memchr(name, '\0', sizeof name));
	return name;
}

/* L-001 */
static void
names_hold_time_chance_and_host(void **state)
{
	(void)state;
	assert_string_equal(name_of(1700000000000042, 0xfe, SPAN("mx.example")),
		"1700000000.M000042R00000000000000fe.mx.example");
	assert_string_equal(name_of(1700000000999999, UINT64_MAX, SPAN("h")),
		"1700000000.M999999Rffffffffffffffff.h");
}

/* A / would be another directory, a : begins a reader's flags. */
static void
host_names_cannot_leave_the_directory(void **state)
{
	static const char odd[] =
		"////////////////////////////////////////////"
		"////////////////////////////////////////////";

	(void)state;
	assert_string_equal(name_of(1000000, 1, SPAN("../a:2,S")),
		"1.M000000R0000000000000001...\\057a\\0722,S");
	name_of(INT64_MAX, UINT64_MAX, span_of(odd));
	assert_null(strchr(name, '/'));
	assert_true(strlen(name) < sizeof name);
	name_of(0, 0, SPAN(""));
	assert_string_equal(name, "0.M000000R0000000000000000.");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_hold_time_chance_and_host),
		cmocka_unit_test(host_names_cannot_leave_the_directory),
	};

	return cmocka_run_group_tests_name("maildir", tests, NULL, NULL);
}

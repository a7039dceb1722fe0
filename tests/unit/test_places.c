/* SPDX-License-Identifier: ISC
 *
 * places: what a jail leaves open. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdbool.h>

#include "sys/places.h"
#include "world.h"

static struct places places;

/* The list holds the path, or does not. */
static bool
holds(const char *path)
{
	for (size_t i = 0; i < places.n; i++)
		if (strcmp(places.path[i], path) == 0)
			return true;
	return false;
}

static int
end(void **state)
{
	places_free(&places);
	return world_end(state);
}

static void
a_list_has_a_null_at_its_end(void **state)
{
	(void)state;
	assert_null(places.path);
	places_add(&places, "/a");
	places_add(&places, "/b");
	assert_int_equal(places.n, 2);
	assert_string_equal(places.path[1], "/b");
	assert_null(places.path[2]);
}

static void
the_directory_above_is_found(void **state)
{
	static const char *const paths[][2] = {
		{"/a/b/c",    "/a/b"},
		{ "/a/b/c//", "/a/b"},
		{ "/a//b",    "/a"  },
		{ "/a",       "/"   },
		{ "/",        "/"   },
		{ "a",        "."   },
	};

	(void)state;
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		places_add_above(&places, paths[i][0]);
		assert_string_equal(places.path[i], paths[i][1]);
	}
}

/* What editors and package managers put in a file's place is read, too. */
static void
a_file_needs_its_directory_and_that_of_its_target(void **state)
{
	(void)state;
	world_file("key", "secret\n");
	assert_int_equal(mkdir(world_path("links"), 0700), 0);
	assert_int_equal(symlink("../key", world_path("links/key")), 0);
	places_add_readable(&places, world_path("links/key"));
	assert_true(holds(world_path("links")));
	assert_int_equal(places.n, 2);
	assert_non_null(strstr(places.path[1], "/control"));
}

static void
a_directory_needs_those_of_its_links(void **state)
{
	(void)state;
	assert_int_equal(mkdir(world_path("certs"), 0700), 0);
	assert_int_equal(symlink("/etc/passwd", world_path("certs/1.0")), 0);
	assert_int_equal(symlink("/etc/group", world_path("certs/2.0")), 0);
	assert_int_equal(symlink("/nowhere/x", world_path("certs/3.0")), 0);
	places_add_readable(&places, world_path("certs"));
	assert_int_equal(places.n, 2);
	assert_true(holds(world_path("certs")));
	assert_true(holds("/etc"));
}

static void
the_root_is_never_opened_for_a_file(void **state)
{
	(void)state;
	places_add_readable(&places, "/postern-no-such-secret");
	assert_int_equal(places.n, 1);
	assert_string_equal(places.path[0], "/postern-no-such-secret");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, world_begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_list_has_a_null_at_its_end),
		TEST(the_directory_above_is_found),
		TEST(a_file_needs_its_directory_and_that_of_its_target),
		TEST(a_directory_needs_those_of_its_links),
		TEST(the_root_is_never_opened_for_a_file),
	};

	return cmocka_run_group_tests_name("places", tests, NULL, NULL);
}

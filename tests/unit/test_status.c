/* SPDX-License-Identifier: ISC
 *
 * What `postern status` is told, and when. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "deliver/status.h"
#include "tests/unit/world.h"

static struct status st;

/* Is there that word in what was written? */
static int
written(const char *word)
{
	char path[100];
	char text[4096] = "";
	FILE *in;

	snprintf(path, sizeof path, "%s/status", world_dir);
	in = fopen(path, "r");
	assert_non_null(in);
	assert_true(fread(text, 1, sizeof text - 1, in) > 0);
	fclose(in);
	return strstr(text, word) != NULL;
}

static void
a_new_fault_does_not_wait_for_the_next_writing(void **state)
{
	struct spool spool = { .dir = open(world_dir, O_RDONLY | O_DIRECTORY) };
	struct status_sums sums = { .held = 1 };
	struct span text = SPAN("login refused: 535 5.7.8 no");

	(void)state;
	status_begin(&st, &spool, 1000);
	status_hop(&st, SPAN("a.example"), 1000, 0, 0, SPAN(""));
	status_write(&st, &spool, &sums, 1000, 1000000, false);
	assert_false(written("fault"));
	status_fault(&st, SPAN("a.example"), SPAN("4.7.8"), text, 1000);
	status_write(&st, &spool, &sums, 1000, 1000001, false);
	assert_true(written("fault since=1000 hop=a.example"));
	/* what is no news waits */
	status_hop(&st, SPAN("b.example"), 1000, 0, 0, SPAN(""));
	status_write(&st, &spool, &sums, 1000, 1000002, false);
	assert_false(written("b.example"));
	close(spool.dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_new_fault_does_not_wait_for_the_next_writing,
			world_begin, world_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

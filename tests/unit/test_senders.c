/* SPDX-License-Identifier: ISC
 *
 * senders: as whom a login may send. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "control/senders.h"
#include "world.h"

/* 1, 0, -1 as senders_allow says with the files as they are. */
static int
allowed(const char *identity, const char *sender)
{
	struct control c;
	int result;

	assert_int_equal(control_open(&c), 0);
	result = senders_allow(&c, span_of(identity), span_of(sender));
	control_close(&c);
	return result;
}

static void
without_a_line_a_login_is_itself(void **state)
{
	(void)state;
	world_file("me", "mail.example.org\n");
	world_file("defaulthost", "example.org\n");
	world_file("locals", "shop.example\nother.example\n");
	assert_int_equal(allowed("app", "app@mail.example.org"), 1);
	assert_int_equal(allowed("app", "APP@Example.org"), 1);
	assert_int_equal(allowed("app", "app@other.example"), 1);
	assert_int_equal(allowed("app", "box@example.org"), 0);
	assert_int_equal(allowed("app", "app@far.example"), 0);
	assert_int_equal(allowed("app", "app"), 0);
	assert_int_equal(allowed("app@far.example", "app@far.example"), 1);
	assert_int_equal(allowed("app@far.example", "app@example.org"), 0);
}

static void
lines_say_it_all(void **state)
{
	(void)state;
	world_file("me", "mail.example.org\n");
	world_file("senders", "# who\n"
			      "app: noreply@shop.example, alert@shop.example\n"
			      "APP:\t@list.example\n"
			      "gateway: *\n"
			      "mute:\n");
	assert_int_equal(allowed("app", "noreply@shop.example"), 1);
	assert_int_equal(allowed("app", "Alert@SHOP.example"), 1);
	assert_int_equal(allowed("app", "any@list.example"), 1);
	assert_int_equal(allowed("app", "any@a.list.example"), 0);
	assert_int_equal(allowed("app", "app@mail.example.org"), 0);
	assert_int_equal(allowed("gateway", "x@far.example"), 1);
	assert_int_equal(allowed("mute", "mute@mail.example.org"), 0);
	assert_int_equal(allowed("box", "box@mail.example.org"), 1);
}

static void
mistakes_are_no_answer(void **state)
{
	static const char *const wrong[] = { "app\n", ": a@b.example\n",
		"app: nobody\n", "app: @-x\n", "app: a@b.example c@\n" };
	struct control c;

	(void)state;
	for (size_t i = 0; i < LEN(wrong); i++) {
		world_file("senders", wrong[i]);
		assert_int_equal(allowed("app", "x@y.example"), -1);
		assert_int_equal(control_open(&c), 0);
		assert_int_equal(senders_check(&c), -1);
		assert_non_null(strstr(control_error(&c), "senders:1"));
		control_close(&c);
	}
	world_file("senders", "app: a@b.example\n");
	world_file("senders.cdb", "not one\n");
	assert_int_equal(allowed("box", "x@y.example"), -1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, world_begin, world_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_a_line_a_login_is_itself),
		TEST(lines_say_it_all),
		TEST(mistakes_are_no_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC
 *
 * vault: files that are replaced as a whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "sys/clock.h"
#include "sys/vault.h"
#include "world.h"

static struct vault vault;

static void
open_vault(void)
{
	char path[200];

	snprintf(path, sizeof path, "%s/vault", world_dir);
	assert_int_equal(vault_open(&vault, path, true), 0);
}

/* 1 and the text, 0 without a file. */
static int
holds(const char *suffix, const char *text)
{
	char out[100];
	struct buf in = BUF(out);
	int result = vault_read(&vault, SPAN("a"), suffix, &in);

	assert_true(result != 1 || span_eq(buf_text(&in), span_of(text)));
	return result;
}

static void
a_file_is_replaced_as_a_whole(void **state)
{
	struct vault_file f;
	struct stat st;
	char path[300];

	(void)state;
	open_vault();
	assert_int_equal(holds(".x", ""), 0);
	assert_int_equal(
		vault_begin(&f, &vault, SPAN("a"), ".x", 0640, 4096), 0);
	assert_int_equal(vault_publish(&f, SPAN("one\n")), 0);
	vault_drop(&f);
	assert_int_equal(holds(".x", "one\n"), 1);
	snprintf(path, sizeof path, "%s/vault/a.x", world_dir);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(
		vault_begin(&f, &vault, SPAN("a"), ".x", 0600, 4096), 0);
	vault_drop(&f);
	assert_int_equal(holds(".x", "one\n"), 1);
	snprintf(path, sizeof path, "%s/vault/.a.x.new", world_dir);
	assert_int_equal(stat(path, &st), -1);
	vault_close(&vault);
}

static void
what_a_killed_one_left_is_no_hindrance(void **state)
{
	struct vault_file f;
	struct vault_file again;

	(void)state;
	open_vault();
	assert_int_equal(
		vault_begin(&f, &vault, SPAN("a"), ".x", 0600, 4096), 0);
	assert_int_equal(
		vault_begin(&again, &vault, SPAN("a"), ".x", 0600, 4096), 0);
	assert_int_equal(vault_publish(&again, SPAN("two\n")), 0);
	assert_int_equal(holds(".x", "two\n"), 1);
	close(f.fd);
	vault_drop(&again);
	vault_close(&vault);
}

static void
one_holds_the_lock(void **state)
{
	int fd;

	(void)state;
	open_vault();
	fd = vault_lock(&vault, SPAN("a"), 0);
	assert_true(fd >= 0);
	assert_int_equal(vault_lock(&vault, SPAN("a"), clock_ms() + 60), -1);
	assert_int_equal(errno, ETIMEDOUT);
	close(fd);
	fd = vault_lock(&vault, SPAN("a"), 0);
	assert_true(fd >= 0);
	close(fd);
	vault_close(&vault);
}

static void
odd_files_are_refused(void **state)
{
	char path[300];
	char out[8];
	struct buf in = BUF(out);

	(void)state;
	open_vault();
	snprintf(path, sizeof path, "%s/vault/a.x", world_dir);
	assert_int_equal(symlink("/etc/hostname", path), 0);
	assert_int_equal(vault_read(&vault, SPAN("a"), ".x", &in), -1);
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(vault_read(&vault, SPAN("a"), ".x", &in), -1);
	unlink(path);
	world_file("me", "12345678");
	assert_int_equal(link(world_path("me"), path), 0);
	assert_int_equal(vault_read(&vault, SPAN("a"), ".x", &in), -1);
	assert_int_equal(errno, EFBIG);
	assert_int_equal(vault_lock(&vault, SPAN("../a"), 0), -1);
	assert_int_equal(vault_lock(&vault, SPAN(""), 0), -1);
	vault_close(&vault);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_file_is_replaced_as_a_whole, world_begin, world_end),
		cmocka_unit_test_setup_teardown(
			what_a_killed_one_left_is_no_hindrance, world_begin,
			world_end),
		cmocka_unit_test_setup_teardown(
			one_holds_the_lock, world_begin, world_end),
		cmocka_unit_test_setup_teardown(
			odd_files_are_refused, world_begin, world_end),
	};

	return cmocka_run_group_tests_name("vault", tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC
 *
 * secret: the first line of a file that not everybody may read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "sys/secret.h"
#include "world.h"

/* What is read of a file with that text and mode; NULL: refused. */
static const char *
reads(const char *text, mode_t mode, const char *scheme)
{
	static char out[16];
	struct buf secret = BUF(out);
	char where[300];
	char why[256] = "";

	world_file("me", text);
	if (chmod(world_path("me"), mode) == -1)
		world_stop("chmod");
	snprintf(where, sizeof where, "%s%s", scheme,
		*scheme == 'c' ? "me" : world_path("me"));
	if (secret_read(span_of(where), &secret, why) == -1) {
		assert_true(*why);
		return NULL;
	}
	return buf_cstr(&secret);
}

static void
the_first_line_is_the_secret(void **state)
{
	(void)state;
	assert_string_equal(reads("a b \n#c\n", 0600, "file:"), "a b ");
	assert_string_equal(reads("x", 0640, "file:"), "x");
	assert_string_equal(reads("x\r\n", 0400, ""), "x");
	assert_null(reads("", 0600, "file:"));
	assert_null(reads("\nx\n", 0600, "file:"));
	assert_null(reads("x\n", 0644, "file:"));
	assert_null(reads("0123456789abcdef\n", 0600, "file:"));
	assert_null(reads("x\n", 0600, "file:/none"));
}

static void
a_credential_has_a_directory(void **state)
{
	(void)state;
	unsetenv("CREDENTIALS_DIRECTORY");
	assert_null(reads("x\n", 0600, "credential:"));
	setenv("CREDENTIALS_DIRECTORY", world_path(""), 1);
	assert_string_equal(reads("x\n", 0600, "credential:"), "x");
	unsetenv("CREDENTIALS_DIRECTORY");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			the_first_line_is_the_secret, world_begin, world_end),
		cmocka_unit_test_setup_teardown(
			a_credential_has_a_directory, world_begin, world_end),
	};

	return cmocka_run_group_tests_name("secret", tests, NULL, NULL);
}

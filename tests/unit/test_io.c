/* SPDX-License-Identifier: ISC
 *
 * io: a write ends at its deadline although the descriptor is blocking. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sys/clock.h"
#include "sys/io.h"

static char much[1 << 22];

/* S-147: nobody reads; all of it would never fit. */
static void
nobody_reads(int fd)
{
	int64_t begin = clock_ms();

	assert_int_equal(io_write(fd, much, sizeof much, begin + 50), -1);
	assert_int_equal(errno, ETIMEDOUT);
	assert_true(clock_ms() - begin >= 50);
}

static void
a_full_socket_ends_at_the_deadline(void **state)
{
	int pair[2];

	(void)state;
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	nobody_reads(pair[0]);
	close(pair[1]);
	assert_int_equal(io_write(pair[0], much, 1, CLOCK_NEVER), -1);
	assert_int_equal(errno, EPIPE);
	close(pair[0]);
}

static void
a_full_pipe_ends_at_the_deadline(void **state)
{
	int pair[2];

	(void)state;
	assert_int_equal(pipe2(pair, O_CLOEXEC), 0);
	nobody_reads(pair[1]);
	close(pair[0]);
	close(pair[1]);
}

static void
everything_arrives(void **state)
{
	char got[8192];
	int pair[2];

	(void)state;
	for (size_t i = 0; i < sizeof got; i++)
		much[i] = (char)(i * 7);
	assert_int_equal(pipe2(pair, O_CLOEXEC), 0);
	assert_int_equal(
		io_write(pair[1], much, sizeof got, clock_ms() + 1000), 0);
	assert_int_equal(read(pair[0], got, sizeof got), sizeof got);
	assert_memory_equal(got, much, sizeof got);
	close(pair[0]);
	close(pair[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_full_socket_ends_at_the_deadline),
		cmocka_unit_test(a_full_pipe_ends_at_the_deadline),
		cmocka_unit_test(everything_arrives),
	};

	return cmocka_run_group_tests_name("io", tests, NULL, NULL);
}

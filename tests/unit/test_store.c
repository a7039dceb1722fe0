/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "queue/spool.h"
#include "queue/store.h"
#include "sys/clock.h"

static char world[] = "/tmp/test_store.XXXXXX";
static char queue[64];

static int
begin_world(void **state)
{
	struct spool s;

	(void)state;
	if (!mkdtemp(world) || setenv("POSTERN_HOME", world, 1) == -1)
		return -1;
	snprintf(queue, sizeof queue, "%s/queue", world);
	if (spool_open(&s) == -1)
		return -1;
	spool_close(&s);
	return 0;
}

static int
end_world(void **state)
{
	char command[200];

	(void)state;
	snprintf(command, sizeof command, "rm -rf '%s'", world);
	return chdir("/") == -1 || system(command);
}

/* How many names are in a room of the queue. */
static unsigned
count(const char *room)
{
	char path[128];
	DIR *dir;
	unsigned n = 0;

	snprintf(path, sizeof path, "%s/%s", queue, room);
	dir = opendir(path);
	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n - 2;
}

/* A pipe that holds these bytes; *writer stays open unless it is NULL. */
static int
pipe_of(struct span bytes, int *writer)
{
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], bytes.p, bytes.n), (ssize_t)bytes.n);
	if (writer)
		*writer = fds[1];
	else
		close(fds[1]);
	return fds[0];
}

static void
a_producer_that_stops_is_given_up(void **state)
{
	struct store_wish wish = { .order = STORE_DIR };
	struct store_result result;
	int writer;
	int text = pipe_of(SPAN("hello"), &writer);
	int envelope = pipe_of(SPAN("Fa\0Tb\0"), NULL);

	(void)state;
	wish.deadline = clock_ms() + 50;
	assert_int_equal(
		store_message(text, envelope, &wish, &result), QUEUE_TIMEOUT);
	assert_int_equal(result.error, ETIMEDOUT);
	assert_non_null(result.what);
	close(writer);
	close(text);
	close(envelope);
	text = pipe_of(SPAN("hello"), NULL);
	envelope = pipe_of(SPAN("Fa\0Tb\0"), &writer);
	wish.deadline = clock_ms() + 50;
	assert_int_equal(
		store_message(text, envelope, &wish, &result), QUEUE_TIMEOUT);
	close(writer);
	close(text);
	close(envelope);
	assert_int_equal(count("tmp"), 0);
	assert_int_equal(count("new"), 0);
}

/* what the writer writes the runner's reader reads. */
static void
what_is_stored_can_be_loaded(void **state)
{
	struct store_wish wish = { .order = STORE_DIR,
		.deadline = CLOCK_NEVER };
	struct store_result result;
	struct spool s;
	struct spool_file f;
	struct span rest;
	struct span value;
	int64_t before = clock_wall_us();
	char letter;
	int text = pipe_of(SPAN("Subject: x\r\n\r\nhello\r\n"), NULL);
	int envelope =
		pipe_of(SPAN("Fa@example.org\0U\0Q\0Auser\0Tb\0\0"), NULL);

	(void)state;
	assert_int_equal(
		store_message(text, envelope, &wish, &result), QUEUE_ACCEPTED);
	assert_int_equal(result.recipients, 1);
	assert_int_equal(spool_open(&s), 0);
	assert_int_equal(spool_load(&s, result.id, 0, &f), 0);
	assert_int_equal(f.header.size, 21);
	assert_true(f.header.arrival_us >= before);
	assert_true(f.header.arrival_us <= clock_wall_us());
	rest = f.envelope;
	for (const char *want = "FUQAT"; *want; want++) {
		assert_int_equal(
			queue_envelope_next(&rest, &letter, &value), 1);
		assert_int_equal(letter, *want);
	}
	assert_int_equal(rest.n, 0);
	assert_int_equal(spool_remove(&s, &f), 0);
	spool_unload(&f);
	spool_close(&s);
	close(text);
	close(envelope);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_producer_that_stops_is_given_up),
		cmocka_unit_test(what_is_stored_can_be_loaded),
	};

	return cmocka_run_group_tests(tests, begin_world, end_world);
}

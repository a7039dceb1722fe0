/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pure/crc.h"
#include "queue/visit.h"
#include "tests/unit/world.h"

#define TEXT     "Subject: hello\r\n\r\nHello.\r\n"
#define ENVELOPE "14:Fa@example.org,14:Tb@example.org,14:Tc@example.org,"
#define ID_A     "0000000000000000000000aa"

static struct spool s;

/* The path of a name in the queue; two hold at a time. */
static const char *
in_queue(const char *name)
{
	static char paths[2][200];
	static unsigned turn;
	char *path = paths[turn++ % 2];

	snprintf(path, sizeof paths[0], "%s/queue/%s", world_dir, name);
	return path;
}

static void
put(const char *name, const char *bytes, size_t n)
{
	int fd = open(in_queue(name), O_WRONLY | O_CREAT | O_TRUNC, 0660);

	assert_int_not_equal(fd, -1);
	assert_int_equal(write(fd, bytes, n), (ssize_t)n);
	close(fd);
}

static void
put_message(const char *name)
{
	char bytes[1000];
	struct queue_header h = { sizeof TEXT - 1, sizeof ENVELOPE - 1,
		1795437747857793, crc32c(0, SPAN(TEXT)),
		crc32c(0, SPAN(ENVELOPE)) };

	queue_header_print(bytes, &h);
	memcpy(bytes + QUEUE_HEADER, TEXT, h.size);
	memcpy(bytes + QUEUE_HEADER + h.size, ENVELOPE, h.envelope);
	put(name, bytes, QUEUE_HEADER + h.size + h.envelope);
}

static bool
there(const char *name)
{
	struct stat st;

	return lstat(in_queue(name), &st) == 0;
}

static int
begin(void **state)
{
	struct spool made;

	if (world_begin(state) || spool_open(&made) == -1)
		return -1;
	spool_close(&made);
	return visit_open(&s);
}

static int
end(void **state)
{
	spool_close(&s);
	return world_end(state);
}

static void
a_visit_makes_nothing(void **state)
{
	struct spool other;

	(void)state;
	assert_int_equal(rmdir(in_queue("hold")), 0);
	assert_int_equal(visit_open(&other), 0);
	spool_close(&other);
	assert_false(there("hold"));
	assert_int_equal(rename(in_queue("new"), in_queue("old")), 0);
	assert_int_equal(visit_open(&other), -1);
	assert_int_equal(errno, ENOENT);
	assert_false(there("new"));
}

struct found {
	int n;
	char id[QUEUE_ID + 1];
	int64_t due;
};

static void
note(void *ctx, const char id[QUEUE_ID], int64_t due)
{
	struct found *found = ctx;

	found->n++;
	memcpy(found->id, id, QUEUE_ID);
	found->due = due;
}

static void
every_place_has_its_names(void **state)
{
	static const struct {
		const char *name;
		int64_t place;
		int64_t due;
	} rows[] = {
		{"new/" ID_A,             SPOOL_NEW,    SPOOL_NEW        },
		{ "cur/0000000077." ID_A, SPOOL_TRIED,  77               },
		{ "hold/" ID_A,           SPOOL_HELD,   SPOOL_HELD       },
		{ "failed/" ID_A,         SPOOL_FAILED, SPOOL_FAILED     },
		{ "failed/" ID_A "-9",    SPOOL_FAILED, SPOOL_FAILED_LAST},
	};
	static const char *const strangers[] = { "new/x", "cur/" ID_A,
		"cur/000000007." ID_A, "cur/0000000000." ID_A,
		"hold/" ID_A "-1", "failed/" ID_A "-0", "failed/" ID_A "-12" };

	(void)state;
	for (size_t i = 0; i < LEN(strangers); i++)
		put_message(strangers[i]);
	for (size_t i = 0; i < LEN(rows); i++) {
		struct found found = { 0 };
		int64_t due;

		put_message(rows[i].name);
		assert_int_equal(
			visit_place(&s, rows[i].place, note, &found), 0);
		assert_int_equal(found.n, 1);
		assert_string_equal(found.id, ID_A);
		assert_int_equal(found.due, rows[i].due);
		assert_int_equal(visit_find(&s, ID_A, &due), 0);
		assert_int_equal(due, rows[i].due);
		assert_int_equal(unlink(in_queue(rows[i].name)), 0);
		assert_int_equal(visit_find(&s, ID_A, &due), -1);
		assert_int_equal(errno, ENOENT);
	}
}

static void
a_glance_needs_no_leave_to_write(void **state)
{
	struct spool_file f;

	(void)state;
	put_message("new/" ID_A);
	assert_int_equal(chmod(in_queue("new/" ID_A), 0440), 0);
	assert_int_equal(link(in_queue("new/" ID_A), in_queue("tmp/x")), 0);
	assert_int_equal(spool_load(&s, ID_A, SPOOL_NEW, &f), -1);
	assert_int_equal(spool_glance(&s, ID_A, SPOOL_NEW, &f), 0);
	assert_int_equal(fcntl(f.fd, F_GETFL) & O_ACCMODE, O_RDONLY);
	assert_true(span_eq(f.envelope, SPAN(ENVELOPE)));
	spool_unload(&f);
	put("hold/" ID_A, "postern-queue 1\n", 16);
	assert_int_equal(spool_glance(&s, ID_A, SPOOL_HELD, &f), -2);
	assert_string_equal(f.why, "it is shorter than a header");
}

/* A runner's file goes where an admin moves it. */
static void
moves_are_followed(void **state)
{
	struct spool_file f;

	(void)state;
	put_message("cur/0000000077." ID_A);
	assert_int_equal(spool_load(&s, ID_A, 77, &f), 0);
	assert_int_equal(spool_follow(&s, &f), 0);
	assert_int_equal(f.due, 77);
	assert_int_equal(visit_move(&s, ID_A, 77, SPOOL_HELD), 0);
	assert_int_equal(spool_follow(&s, &f), 0);
	assert_int_equal(f.due, SPOOL_HELD);
	assert_int_equal(visit_move(&s, ID_A, SPOOL_HELD, SPOOL_NEW), 0);
	assert_int_equal(spool_remove(&s, &f), 0);
	assert_int_equal(f.due, SPOOL_NEW);
	assert_false(there("new/" ID_A));
	assert_int_equal(spool_remove(&s, &f), -1);
	assert_int_equal(errno, ENOENT);
	put_message("new/" ID_A); /* another file is not followed */
	f.due = 77;
	assert_int_equal(spool_follow(&s, &f), -1);
	spool_unload(&f);
}

static void
nothing_is_replaced_by_a_move(void **state)
{
	(void)state;
	put_message("cur/0000000077." ID_A);
	put_message("new/" ID_A);
	assert_int_equal(visit_move(&s, ID_A, 77, SPOOL_NEW), -1);
	assert_int_equal(errno, EEXIST);
	assert_int_equal(visit_move(&s, ID_A, 78, SPOOL_HELD), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(visit_remove(&s, ID_A, 77), 0);
	assert_int_equal(visit_remove(&s, ID_A, 77), -1);
	assert_int_equal(visit_sync(&s), 0);
	assert_true(there("new/" ID_A));
}

static void
a_runner_is_seen(void **state)
{
	struct spool runner;

	(void)state;
	assert_int_equal(visit_runner(&s), 0);
	assert_int_equal(spool_open(&runner), 0);
	assert_int_equal(spool_lock(&runner, true), 0);
	assert_int_equal(visit_runner(&s), 1);
	spool_close(&runner);
	assert_int_equal(visit_runner(&s), 0);
}

static void
an_id_tells_its_time(void **state)
{
	char id[QUEUE_ID];

	(void)state;
	queue_id_print(id, 1795437747857793, UINT64_MAX);
	assert_int_equal(queue_id_time(id), 1795437747857793);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(a_visit_makes_nothing),
		TEST(every_place_has_its_names),
		TEST(a_glance_needs_no_leave_to_write),
		TEST(moves_are_followed),
		TEST(nothing_is_replaced_by_a_move),
		TEST(a_runner_is_seen),
		TEST(an_id_tells_its_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

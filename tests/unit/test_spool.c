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
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "pure/crc.h"
#include "queue/spool.h"

#define TEXT     "Subject: hello\r\n\r\nHello.\r\n"
#define ENVELOPE "14:Fa@example.org,14:Tb@example.org,14:Tc@example.org,"
#define ID_A     "0000000000000000000000aa"
#define ID_B     "0000000000000000000000ab"

static char world[] = "/tmp/test_spool.XXXXXX";

/* The file system that the queue seems to be on; 0: what it is. */
static long pretended;

/* In place of the C library's. */
int
fstatfs(int fd, struct statfs *fs)
{
	long result = syscall(SYS_fstatfs, fd, fs);

	if (pretended)
		fs->f_type = pretended;
	return (int)result;
}

/* Writes a file of n octets. */
static void
put_file(const char *path, const char *bytes, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0660);

	assert_int_not_equal(fd, -1);
	assert_int_equal(write(fd, bytes, n), (ssize_t)n);
	close(fd);
}

static size_t
build(char *out, struct span text, struct span envelope)
{
	struct queue_header h = { text.n, envelope.n, 1795437747857793,
		crc32c(0, text), crc32c(0, envelope) };

	queue_header_print(out, &h);
	memcpy(out + QUEUE_HEADER, text.p, text.n);
	memcpy(out + QUEUE_HEADER + text.n, envelope.p, envelope.n);
	return QUEUE_HEADER + text.n + envelope.n;
}

static void
put_message(const char *path)
{
	char bytes[1000];

	put_file(path, bytes, build(bytes, SPAN(TEXT), SPAN(ENVELOPE)));
}

static int
fresh_world(void **state)
{
	char command[200];

	(void)state;
	snprintf(command, sizeof command, "rm -rf '%s/queue'", world);
	return system(command);
}

static int
end_world(void **state)
{
	char command[200];

	(void)state;
	snprintf(command, sizeof command, "rm -rf '%s'", world);
	return chdir("/") == -1 || system(command);
}

static int
begin_world(void **state)
{
	(void)state;
	if (!mkdtemp(world) || setenv("POSTERN_HOME", world, 1) == -1)
		return -1;
	return chdir(world);
}

static struct spool
open_spool(void)
{
	struct spool s;

	assert_int_equal(spool_open(&s), 0);
	return s;
}

static bool
exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

static struct span
record_line(char *out, size_t cap, uint32_t seed, uint64_t rcpt)
{
	struct buf b = { out, cap, 0, false };
	struct queue_record r = { QUEUE_DELIVERED, 1795437750, rcpt,
		SPAN("2.0.0"), SPAN("mx.example.org"), SPAN("250 thank you") };

	queue_record_print(&b, seed, &r);
	assert_false(b.over);
	return buf_text(&b);
}

static void
directories_are_made_so_that_the_injector_can_only_add(void **state)
{
	struct spool s = open_spool();
	struct stat st;

	(void)state;
	assert_int_equal(stat("queue/new", &st), 0);
	assert_int_equal(st.st_mode & 07777, 03730);
	assert_int_equal(stat("queue/tmp", &st), 0);
	assert_int_equal(st.st_mode & 07777, 03730);
	assert_int_equal(stat("queue/cur", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	spool_close(&s);
	s = open_spool();
	spool_close(&s);
}

/* */
static void
a_second_runner_is_refused(void **state)
{
	struct spool a = open_spool();
	struct spool b = open_spool();
	int status;
	pid_t pid;

	(void)state;
	assert_int_equal(spool_lock(&a, false), 0);
	assert_int_equal(spool_lock(&b, false), -1);
	assert_int_equal(errno, EWOULDBLOCK);
	pid = fork();
	if (pid == 0)
		_exit(spool_lock(&b, false) == -1 && errno == EWOULDBLOCK ? 0
									  : 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	spool_close(&a);
	assert_int_equal(spool_lock(&b, false), 0);
	spool_close(&b);
}

/* */
static void
a_queue_that_others_may_share_is_refused_unless_forced(void **state)
{
	static const long shared[] = { 0x6969, 0x517b, 0xff534d42, 0xfe534d42,
		0x65735546, 0x01021997, 0x00c36400 };
	struct spool s = open_spool();

	(void)state;
	for (size_t i = 0; i < LEN(shared); i++) {
		pretended = shared[i];
		assert_int_equal(spool_lock(&s, false), -1);
		assert_int_equal(errno, EREMOTE);
	}
	assert_int_equal(spool_lock(&s, true), 0);
	pretended = 0;
	spool_close(&s);
	s = open_spool();
	assert_int_equal(spool_lock(&s, false), 0);
	spool_close(&s);
}

struct seen {
	unsigned n;
	char id[4][QUEUE_ID + 1];
	int64_t due[4];
};

static void
note(void *ctx, const char id[QUEUE_ID], int64_t due)
{
	struct seen *seen = ctx;

	assert_true(seen->n < 4);
	memcpy(seen->id[seen->n], id, QUEUE_ID);
	seen->id[seen->n][QUEUE_ID] = '\0';
	seen->due[seen->n++] = due;
}

/* */
static void
a_scan_finds_messages_and_passes_over_other_names(void **state)
{
	struct spool s = open_spool();
	struct seen seen = { 0 };

	(void)state;
	put_message("queue/new/" ID_A);
	put_message("queue/cur/1795437800." ID_B);
	put_message("queue/new/.hidden");
	put_message("queue/new/notanid");
	put_message("queue/cur/" ID_A);
	put_message("queue/cur/0000000000." ID_A);
	put_message("queue/cur/179543780x." ID_A);
	assert_int_equal(spool_scan(&s, note, &seen), 0);
	assert_int_equal(seen.n, 2);
	assert_string_equal(seen.id[0], ID_A);
	assert_int_equal(seen.due[0], 0);
	assert_string_equal(seen.id[1], ID_B);
	assert_int_equal(seen.due[1], 1795437800);
	spool_close(&s);
}

/* */
static void
orphans_go_after_36_hours_and_not_before(void **state)
{
	struct spool s = open_spool();
	time_t now = time(NULL);
	struct timespec old[2] = {
		{now - SPOOL_ORPHAN_S - 60,  0},
		{ now - SPOOL_ORPHAN_S - 60, 0}
	};
	struct timespec young[2] = {
		{now - SPOOL_ORPHAN_S + 60,  0},
		{ now - SPOOL_ORPHAN_S + 60, 0}
	};

	(void)state;
	put_message("queue/tmp/" ID_A);
	put_message("queue/tmp/" ID_B);
	put_message("queue/tmp/stranger");
	assert_int_equal(utimensat(AT_FDCWD, "queue/tmp/" ID_A, old, 0), 0);
	assert_int_equal(utimensat(AT_FDCWD, "queue/tmp/" ID_B, young, 0), 0);
	assert_int_equal(utimensat(AT_FDCWD, "queue/tmp/stranger", old, 0), 0);
	assert_int_equal(spool_sweep(&s), 1);
	assert_false(exists("queue/tmp/" ID_A));
	assert_true(exists("queue/tmp/" ID_B));
	assert_true(exists("queue/tmp/stranger"));
	/* published already: the name in tmp/ came back or stayed */
	put_message("queue/new/" ID_A);
	assert_int_equal(link("queue/new/" ID_A, "queue/tmp/" ID_A), 0);
	assert_int_equal(spool_sweep(&s), 1);
	assert_true(exists("queue/new/" ID_A));
	spool_close(&s);
}

/* Q-009 Q-011 Q-022 */
static void
a_message_lives_through_its_states(void **state)
{
	struct spool s = open_spool();
	struct spool_file f;
	struct queue_record r;
	struct span rest;
	char line[QUEUE_JOURNAL];
	char text[sizeof TEXT];
	int reader;

	(void)state;
	put_message("queue/new/" ID_A);
	assert_int_equal(spool_load(&s, ID_A, 0, &f), 0);
	assert_true(span_eq(f.envelope, SPAN(ENVELOPE)));
	assert_int_equal(f.journal.n, 0);
	assert_int_equal(f.header.arrival_us, 1795437747857793);
	assert_string_equal(f.id, ID_A);
	assert_int_equal(
		spool_append(
			&f, record_line(line, sizeof line, f.seed, 1), true),
		0);
	assert_int_equal(spool_defer(&s, &f, 1795437800), 0);
	assert_true(exists("queue/cur/1795437800." ID_A));
	assert_false(exists("queue/new/" ID_A));
	assert_int_equal(spool_defer(&s, &f, 1795437900), 0);
	assert_int_equal(f.due, 1795437900);

	reader = spool_reader(&s, &f);
	assert_int_not_equal(reader, -1);
	assert_int_equal(fcntl(reader, F_GETFL) & O_ACCMODE, O_RDONLY);
	assert_int_equal(pread(reader, text, sizeof TEXT - 1, QUEUE_HEADER),
		sizeof TEXT - 1);
	assert_memory_equal(text, TEXT, sizeof TEXT - 1);
	close(reader);
	spool_unload(&f);

	assert_int_equal(spool_load(&s, ID_A, 1795437900, &f), 0);
	rest = f.journal;
	assert_int_equal(queue_record_next(&rest, f.seed, &r), 1);
	assert_int_equal(r.mark, QUEUE_DELIVERED);
	assert_int_equal(r.rcpt, 1);
	assert_true(span_eq(r.text, SPAN("250 thank you")));
	assert_int_equal(queue_record_next(&rest, f.seed, &r), 0);
	assert_int_equal(spool_remove(&s, &f), 0);
	assert_false(exists("queue/cur/1795437900." ID_A));
	spool_unload(&f);
	assert_int_equal(spool_load(&s, ID_A, 0, &f), -1);
	assert_int_equal(errno, ENOENT);
	spool_close(&s);
}

/* */
static void
wild_due_times_stay_within_the_name(void **state)
{
	struct spool s = open_spool();
	struct spool_file f;

	(void)state;
	put_message("queue/new/" ID_A);
	assert_int_equal(spool_load(&s, ID_A, 0, &f), 0);
	assert_int_equal(spool_defer(&s, &f, INT64_MAX), 0);
	assert_true(exists("queue/cur/9999999999." ID_A));
	assert_int_equal(spool_defer(&s, &f, -5), 0);
	assert_true(exists("queue/cur/0000000001." ID_A));
	spool_unload(&f);
	spool_close(&s);
}

static void
no_rename_replaces_a_message(void **state)
{
	struct spool s = open_spool();
	struct spool_file f;

	(void)state;
	put_message("queue/new/" ID_A);
	put_message("queue/cur/1795437800." ID_A);
	assert_int_equal(spool_load(&s, ID_A, 0, &f), 0);
	assert_int_equal(spool_defer(&s, &f, 1795437800), -1);
	assert_int_equal(errno, EEXIST);
	spool_unload(&f);
	assert_int_equal(spool_fail(&s, ID_A, 0), 0);
	assert_int_equal(spool_fail(&s, ID_A, 1795437800), 0);
	assert_true(exists("queue/failed/" ID_A));
	assert_true(exists("queue/failed/" ID_A "-1"));
	spool_close(&s);
}

/* a line that was cut by a crash does not count, and neither does what
 * stood behind it when the next one is written. */
static void
a_torn_journal_line_is_overwritten(void **state)
{
	struct spool s = open_spool();
	struct spool_file f;
	struct stat st;
	char first[QUEUE_JOURNAL];
	char line[QUEUE_JOURNAL];
	struct span one;
	struct span two;
	uint64_t start;

	(void)state;
	put_message("queue/new/" ID_A);
	assert_int_equal(spool_load(&s, ID_A, 0, &f), 0);
	start = f.journal_at;
	one = record_line(first, sizeof first, f.seed, 0);
	two = record_line(line, sizeof line, f.seed, 1);
	assert_int_equal(spool_append(&f, one, true), 0);
	/* the first of two more lines is torn, the second is whole */
	assert_int_equal(spool_append(&f, two, true), 0);
	assert_int_equal(spool_append(&f, two, true), 0);
	assert_int_equal(pwrite(f.fd, "\0", 1, (off_t)(start + one.n + 20)), 1);
	spool_unload(&f);

	assert_int_equal(spool_load(&s, ID_A, 0, &f), 0);
	assert_true(span_eq(f.journal, one));
	assert_true(f.tail);
	assert_int_equal(spool_append(&f, two, true), 0);
	assert_int_equal(fstat(f.fd, &st), 0);
	assert_int_equal((uint64_t)st.st_size, start + one.n + two.n);
	spool_unload(&f);
	assert_int_equal(spool_load(&s, ID_A, 0, &f), 0);
	assert_int_equal(f.journal.n, one.n + two.n);
	assert_false(f.tail);
	spool_unload(&f);
	spool_close(&s);
}

static int
load_new(struct spool *s)
{
	struct spool_file f;
	int result = spool_load(s, ID_A, 0, &f);

	if (result == 0)
		spool_unload(&f);
	else if (result == -2)
		assert_non_null(f.why);
	return result;
}

/* */
static void
what_is_no_file_is_damaged_and_never_followed(void **state)
{
	struct spool s = open_spool();

	(void)state;
	put_message("queue/elsewhere");
	assert_int_equal(symlink("../elsewhere", "queue/new/" ID_A), 0);
	assert_int_equal(load_new(&s), -2);
	assert_int_equal(spool_fail(&s, ID_A, 0), 0);
	assert_int_equal(mkfifo("queue/new/" ID_A, 0600), 0);
	assert_int_equal(load_new(&s), -2);
	assert_int_equal(spool_fail(&s, ID_A, 0), 0);
	assert_int_equal(mkdir("queue/new/" ID_A, 0700), 0);
	assert_int_equal(load_new(&s), -2);
	assert_int_equal(spool_fail(&s, ID_A, 0), 0);
	assert_int_equal(link("queue/elsewhere", "queue/new/" ID_A), 0);
	assert_int_equal(load_new(&s), -1);
	assert_int_equal(errno, EMLINK);
	spool_close(&s);
}

/* Q-003 Q-024 */
static void
every_flip_and_every_truncation_of_a_file_is_damage(void **state)
{
	struct spool s = open_spool();
	char bytes[1000];
	size_t n = build(bytes, SPAN(TEXT), SPAN(ENVELOPE));

	(void)state;
	for (size_t cut = 0; cut < n; cut++) {
		put_file("queue/new/" ID_A, bytes, cut);
		assert_int_equal(load_new(&s), -2);
	}
	for (size_t bit = 0; bit < 8 * n; bit++) {
		bytes[bit / 8] = (char)(bytes[bit / 8] ^ 1 << bit % 8);
		put_file("queue/new/" ID_A, bytes, n);
		assert_int_equal(load_new(&s), -2);
		bytes[bit / 8] = (char)(bytes[bit / 8] ^ 1 << bit % 8);
	}
	put_file("queue/new/" ID_A, bytes, n);
	assert_int_equal(load_new(&s), 0);
	spool_close(&s);
}

static void
put_parts(const char *text, const char *envelope)
{
	char bytes[1000];

	put_file("queue/new/" ID_A, bytes,
		build(bytes, span_of(text), span_of(envelope)));
}

/* checksums are right, the envelope is not. */
static void
an_envelope_that_no_writer_makes_is_damage(void **state)
{
	static const char *const bad[] = {
		"",                              /* no sender */
		"2:Fa,",                         /* no recipient */
		"2:Tb,2:Fa,",                    /* order */
		"2:Fa,2:Xb,2:Tb,",               /* unknown letter */
		"2:Fa,1:T,",                     /* empty recipient */
		"2:Fa,02:Tb,",                   /* length with a zero */
		"2:Fa,3:Tb,",                    /* length too large */
		"2:Fa,1:Tb,",                    /* length too small */
		"2:Fa,2:Tb",                     /* no comma */
		"2:Fa,2:Tb,x",                   /* more behind */
		"2:Fa,0:,2:Tb,",                 /* no letter */
		"2:Fa,3:T\n\n,",                 /* line ends */
		"2:Fa,99999999999999999999:Tb,", /* wild length */
	};
	struct spool s = open_spool();

	(void)state;
	put_parts(TEXT, "2:Fa,2:Tb,");
	assert_int_equal(load_new(&s), 0);
	put_parts("", "1:F,2:Tb,");
	assert_int_equal(load_new(&s), 0);
	for (size_t i = 0; i < LEN(bad); i++) {
		put_parts(TEXT, bad[i]);
		assert_int_equal(load_new(&s), -2);
	}
	spool_close(&s);
}

/* Wild lengths under a good checksum: arithmetic may not wrap. */
static void
lengths_beyond_the_file_are_damage(void **state)
{
	static const uint64_t wild[] = { 1, 1000, INT32_MAX, UINT32_MAX,
		9999999999999999U };
	struct spool s = open_spool();
	char bytes[1000];
	size_t n = build(bytes, SPAN(TEXT), SPAN(ENVELOPE));

	(void)state;
	for (size_t i = 0; i < LEN(wild); i++) {
		struct queue_header h;

		assert_int_equal(queue_header_parse(bytes, &h), 0);
		h.size += i % 2 ? wild[i] : 0;
		h.envelope += i % 2 ? 0 : wild[i];
		h.size = h.size > wild[4] ? wild[4] : h.size;
		h.envelope = h.envelope > wild[4] ? wild[4] : h.envelope;
		queue_header_print(bytes, &h);
		put_file("queue/new/" ID_A, bytes, n);
		assert_int_equal(load_new(&s), -2);
		n = build(bytes, SPAN(TEXT), SPAN(ENVELOPE));
	}
	spool_close(&s);
}

/* A text over several pieces, and a header that was never written. */
static void
a_large_text_is_checked_piece_by_piece(void **state)
{
	enum { BIG = 300000 };
	struct spool s = open_spool();
	char *text = malloc(BIG);
	char *bytes = malloc(BIG + 1000);
	size_t n;

	(void)state;
	assert_non_null(text);
	assert_non_null(bytes);
	memset(text, 'x', BIG);
	n = build(bytes, (struct span){ text, BIG }, SPAN(ENVELOPE));
	put_file("queue/new/" ID_A, bytes, n);
	assert_int_equal(load_new(&s), 0);
	for (size_t at = QUEUE_HEADER; at < n; at += 9973) {
		bytes[at] ^= 1;
		put_file("queue/new/" ID_A, bytes, n);
		assert_int_equal(load_new(&s), -2);
		bytes[at] ^= 1;
	}
	memset(bytes, 0, QUEUE_HEADER);
	put_file("queue/new/" ID_A, bytes, n);
	assert_int_equal(load_new(&s), -2);
	free(text);
	free(bytes);
	spool_close(&s);
}

/* Nothing counts as appended when the disk said no. */
static void
an_append_that_fails_leaves_the_journal_as_it_was(void **state)
{
	struct spool s = open_spool();
	struct spool_file f;
	char line[QUEUE_JOURNAL];
	struct stat st;
	int fd;
	int writable;

	(void)state;
	put_message("queue/new/" ID_A);
	assert_int_equal(spool_load(&s, ID_A, 0, &f), 0);
	fd = open("queue/new/" ID_A, O_RDONLY);
	assert_int_not_equal(fd, -1);
	writable = f.fd;
	f.fd = fd;
	assert_int_equal(
		spool_append(
			&f, record_line(line, sizeof line, f.seed, 0), true),
		-1);
	f.fd = writable;
	assert_int_equal(fstat(f.fd, &st), 0);
	assert_int_equal((uint64_t)st.st_size, f.journal_at);
	assert_int_equal(
		spool_append(
			&f, record_line(line, sizeof line, f.seed, 0), true),
		0);
	close(fd);
	spool_unload(&f);
	spool_close(&s);
}

/* a size that costs its maker nothing costs the reader nothing */
static void
a_file_of_holes_is_damaged_before_it_is_read(void **state)
{
	struct queue_header h = { (uint64_t)1 << 43, 51, 1795437747857793, 0,
		0 };
	struct spool s = open_spool();
	struct spool_file f;
	char header[QUEUE_HEADER];

	(void)state;
	queue_header_print(header, &h);
	put_file("queue/new/" ID_A, header, sizeof header);
	assert_int_equal(
		truncate("queue/new/" ID_A, ((off_t)1 << 43) + 179), 0);
	assert_int_equal(spool_load(&s, ID_A, 0, &f), -2);
	assert_string_equal(f.why, "parts of it were never written");
	spool_close(&s);
}

/* */
static void
a_hole_ends_the_journal(void **state)
{
	struct spool s = open_spool();
	struct spool_file f;
	struct stat st;
	char line[QUEUE_JOURNAL];
	struct span text;

	(void)state;
	put_message("queue/new/" ID_A);
	assert_int_equal(stat("queue/new/" ID_A, &st), 0);
	assert_int_equal(truncate("queue/new/" ID_A, (off_t)1 << 43), 0);
	assert_int_equal(spool_load(&s, ID_A, 0, &f), 0);
	assert_int_equal(f.journal.n, 0);
	assert_true(f.tail);
	assert_true(f.map_len < 1 << 20);
	text = record_line(line, sizeof line, f.seed, 1);
	assert_int_equal(spool_append(&f, text, true), 0);
	spool_unload(&f);
	assert_int_equal(spool_load(&s, ID_A, 0, &f), 0);
	assert_int_equal(f.journal.n, text.n);
	assert_false(f.tail);
	spool_unload(&f);
	assert_int_equal(stat("queue/new/" ID_A, &st), 0);
	assert_true(st.st_size < 1000);
	spool_close(&s);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, fresh_world)
	const struct CMUnitTest tests[] = {
		TEST(directories_are_made_so_that_the_injector_can_only_add),
		TEST(a_second_runner_is_refused),
		TEST(a_queue_that_others_may_share_is_refused_unless_forced),
		TEST(a_scan_finds_messages_and_passes_over_other_names),
		TEST(orphans_go_after_36_hours_and_not_before),
		TEST(a_message_lives_through_its_states),
		TEST(wild_due_times_stay_within_the_name),
		TEST(no_rename_replaces_a_message),
		TEST(a_torn_journal_line_is_overwritten),
		TEST(what_is_no_file_is_damaged_and_never_followed),
		TEST(every_flip_and_every_truncation_of_a_file_is_damage),
		TEST(an_envelope_that_no_writer_makes_is_damage),
		TEST(lengths_beyond_the_file_are_damage),
		TEST(a_large_text_is_checked_piece_by_piece),
		TEST(an_append_that_fails_leaves_the_journal_as_it_was),
		TEST(a_file_of_holes_is_damaged_before_it_is_read),
		TEST(a_hole_ends_the_journal),
	};

	return cmocka_run_group_tests(tests, begin_world, end_world);
}

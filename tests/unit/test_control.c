/* SPDX-License-Identifier: ISC
 *
 * control: what the files of the control directory say, and how a mistake in
 * them is named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <sys/wait.h>

#include "control/control.h"
#include "world.h"

static struct control control;
static char value[32];
static uint64_t number;

static void
assert_error(const char *words)
{
	if (!strstr(control_error(&control), words))
		fail_msg("\"%s\" lacks \"%s\"", control_error(&control), words);
}

static void
assert_opens(void)
{
	if (control_open(&control) == -1)
		fail_msg("%s", control_error(&control));
}

static int
read_list(enum control_id id)
{
	struct control_list list;
	int result;

	assert_opens();
	result = control_list(&control, id, &list);
	control_list_free(&list);
	control_close(&control);
	return result;
}

static int
read_line(enum control_id id)
{
	int result;

	assert_opens();
	result = control_line(&control, id, value, sizeof value);
	control_close(&control);
	return result;
}

static int
read_number(enum control_id id)
{
	int result;

	assert_opens();
	result = control_number(&control, id, &number);
	control_close(&control);
	return result;
}

static void
the_table_is_in_order(void **state)
{
	(void)state;
	for (int i = 0; i < CONTROL_COUNT; i++) {
		const struct control_file *file =
			control_file((enum control_id)i);

		assert_non_null(file->name);
		if (i > 0)
			assert_true(
				strcmp(control_file((enum control_id)(i - 1))
						->name,
					file->name) < 0);
		if (file->kind != CONTROL_NUMBER)
			continue;
		assert_int_equal(read_number((enum control_id)i), 0);
		assert_true(number >= file->min && number <= file->max);
	}
}

/* Takes the next column, trimmed, off a row of control/README. */
static struct span
column(struct span *row)
{
	size_t end = span_find(*row, '|');
	struct span text = span_trim(span_head(*row, end));

	*row = span_from(*row, end + 1);
	return text;
}

static void
assert_row(struct span row, const struct control_file *file)
{
	static const char kinds[] = { [CONTROL_LINE] = 'L',
		[CONTROL_NUMBER] = 'N',
		[CONTROL_LIST] = 'E',
		[CONTROL_TABLE] = 'T',
		[CONTROL_CDB] = 'C' };
	char limits[64];
	struct span cell;

	assert_true(span_eq(column(&row), span_of(file->name)));
	cell = column(&row);
	assert_true(cell.n == 1 && cell.p[0] == kinds[file->kind]);
	assert_true(column(&row).n > 0);
	assert_true(column(&row).n > 0);
	column(&row);
	cell = column(&row);
	assert_true(
		span_eq(cell, span_of(*file->preset ? file->preset : "none")));
	cell = column(&row);
	if (file->kind != CONTROL_NUMBER)
		return;
	snprintf(limits, sizeof limits, "%llu to %llu",
		(unsigned long long)file->min, (unsigned long long)file->max);
	assert_true(span_eq(cell, span_of(limits)));
}

static void
the_readme_says_the_same(void **state)
{
	FILE *readme = fopen("control/README", "r");
	char text[512];
	int row = -1;

	(void)state;
	assert_non_null(readme);
	while (fgets(text, sizeof text, readme)) {
		struct span line = { text, strcspn(text, "\n") };

		if (span_find(line, '|') == line.n || text[0] == ' ')
			continue; /* no row; or a pipe of an example */
		if (row >= 0) {
			assert_true(row < CONTROL_COUNT);
			assert_row(line, control_file((enum control_id)row));
		}
		row++;
	}
	assert_int_equal(row, CONTROL_COUNT);
	fclose(readme);
}

static void
entries_are_trimmed_and_comments_left_out(void **state)
{
	struct control_list list;
	struct span entry;

	(void)state;
	world_file(
		"rcpthosts", "# ours\n\n  one.example\t\n #two\nthree#\nend");
	assert_opens();
	assert_int_equal(control_list(&control, CONTROL_RCPTHOSTS, &list), 1);
	for (int round = 0; round < 2; round++) {
		assert_true(control_next(&list, &entry));
		assert_true(span_eq(entry, SPAN("one.example")));
		assert_int_equal(list.line, 3);
		assert_true(control_next(&list, &entry));
		assert_true(span_eq(entry, SPAN("three#")));
		assert_true(control_next(&list, &entry));
		assert_true(span_eq(entry, SPAN("end")));
		assert_int_equal(list.line, 6);
		assert_false(control_next(&list, &entry));
		control_rewind(&list);
	}
	control_list_free(&list);
	control_close(&control);
}

static void
a_missing_file_is_its_default(void **state)
{
	(void)state;
	assert_int_equal(read_list(CONTROL_RCPTHOSTS), 0);
	assert_int_equal(read_line(CONTROL_HELOHOST), 0);
	assert_string_equal(value, "");
	assert_int_equal(read_number(CONTROL_DATABYTES), 0);
	assert_int_equal(number, 52428800);
	assert_int_equal(rmdir(world_path("")), 0);
	assert_int_equal(read_number(CONTROL_TIMEOUTSMTPD), 0);
	assert_int_equal(number, 300);
}

/* What is shipped with nothing but comments changes nothing. */
static void
a_list_of_comments_is_an_empty_list(void **state)
{
	struct control_list list;
	struct span entry;

	(void)state;
	world_file("rcpthosts", "# one domain a line\n#\n\n");
	assert_opens();
	assert_int_equal(control_list(&control, CONTROL_RCPTHOSTS, &list), 1);
	assert_false(control_next(&list, &entry));
	control_list_free(&list);
	control_close(&control);
}

/* What `make install` puts into an empty control directory. */
static void
shipped_files_change_nothing(void **state)
{
	char command[300];
	struct control_list list;
	struct span entry;
	int shipped = 0;

	(void)state;
	snprintf(command, sizeof command, "cp control/default/* %s",
		world_path(""));
	assert_int_equal(system(command), 0);
	assert_opens();
	for (int i = 0; i < CONTROL_COUNT; i++) {
		enum control_id id = (enum control_id)i;

		assert_true(control_list(&control, id, &list) != -1);
		shipped += list.text != NULL;
		assert_false(control_next(&list, &entry));
		control_list_free(&list);
	}
	control_close(&control);
	assert_int_equal(shipped, 5);
}

/* Q-030: a misspelt name is never silence. */
static void
unknown_files_are_errors(void **state)
{
	(void)state;
	world_file("rcpthost", "one.example\n");
	assert_int_equal(control_open(&control), -1);
	assert_error("control/rcpthost: no such control file is known; did you "
		     "mean rcpthosts?");
	control_close(&control);
	unlink(world_path("rcpthost"));
	world_file("wholly-other", "");
	assert_int_equal(control_open(&control), -1);
	assert_error("control/wholly-other: no such control file is known; "
		     "remove it");
	control_close(&control);
	unlink(world_path("wholly-other"));
	world_file("rcpthosts.cdb", "");
	assert_int_equal(control_open(&control), -1);
	control_close(&control);
}

static void
leftovers_are_passed_over(void **state)
{
	static const char *const names[] = { ".git", "#me#", "me~", "me.bak",
		"me.dpkg-new", "README", "rcpthosts.swp" };

	(void)state;
	for (size_t i = 0; i < LEN(names); i++)
		world_file(names[i], "x\r\n");
	assert_int_equal(mkdir(world_path("tables"), 0700), 0);
	assert_int_equal(symlink("README", world_path(".data")), 0);
	world_file("morercpthosts.cdb", "");
	world_file("mailboxes.cdb", "");
	assert_opens();
	for (int i = 0; i < CONTROL_COUNT; i++)
		assert_false(control.text[i]);
	control_close(&control);
}

/* Q-030 */
static void
lines_that_are_no_text_are_errors(void **state)
{
	static const struct {
		const char *text;
		size_t n;
		const char *words;
	} rows[] = {
		{"a\nb\r\n",              5, "control/rcpthosts:2: line ends in CR LF"},
		{ "a\rb\n",               4, "control/rcpthosts:1: control byte"      },
		{ "a\n# \x1b\n",          6, "control/rcpthosts:2: control byte"      },
		{ "a\0b\n",               4, "control/rcpthosts:1: control byte"      },
		{ "a\x7f",                2, "control/rcpthosts:1: control byte"      },
		{ "\xef\xbb\xbf"
		  "a\n", 5, "control/rcpthosts:1: byte order mark"   },
	};
	char text[LIMIT_CONTROL_LINE + 4];

	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		world_bytes("rcpthosts", rows[i].text, rows[i].n);
		assert_int_equal(read_list(CONTROL_RCPTHOSTS), -1);
		assert_error(rows[i].words);
	}
	memset(text, 'x', sizeof text);
	text[0] = '\n';
	text[LIMIT_CONTROL_LINE + 1] = '\n';
	world_bytes("rcpthosts", text, LIMIT_CONTROL_LINE + 2);
	assert_int_equal(read_list(CONTROL_RCPTHOSTS), 1);
	text[LIMIT_CONTROL_LINE + 1] = 'x';
	text[LIMIT_CONTROL_LINE + 2] = '\n';
	world_bytes("rcpthosts", text, LIMIT_CONTROL_LINE + 3);
	assert_int_equal(read_list(CONTROL_RCPTHOSTS), -1);
	assert_error("control/rcpthosts:2: line too long");
}

static void
a_file_has_a_limit(void **state)
{
	(void)state;
	world_file("rcpthosts", "a\n");
	assert_int_equal(
		truncate(world_path("rcpthosts"), LIMIT_CONTROL_FILE + 1), 0);
	assert_int_equal(read_list(CONTROL_RCPTHOSTS), -1);
	assert_error("control/rcpthosts: over 1 MiB");
}

static void
a_line_file_holds_one_value(void **state)
{
	(void)state;
	world_file("helohost", "# name\n mx.example \n\n");
	assert_int_equal(read_line(CONTROL_HELOHOST), 1);
	assert_string_equal(value, "mx.example");
	world_file("helohost", "one.example\n#\ntwo.example\n");
	assert_int_equal(read_line(CONTROL_HELOHOST), -1);
	assert_error("control/helohost:3: a second value");
	world_file("helohost", "# nothing\n");
	assert_int_equal(read_line(CONTROL_HELOHOST), -1);
	assert_error("control/helohost: holds no value");
	world_file("helohost", "0123456789012345678901234567890\n");
	assert_int_equal(read_line(CONTROL_HELOHOST), 1);
	world_file("helohost", "01234567890123456789012345678901\n");
	assert_int_equal(read_line(CONTROL_HELOHOST), -1);
	assert_error("control/helohost:1: too long");
}

static void
numbers_have_a_range(void **state)
{
	static const char *const wrong[] = { "0", "86401", "-1", "1s", "1 2",
		"0x10", "1.5", "18446744073709551616", "300\n300" };

	(void)state;
	world_file("timeoutsmtpd", "86400\n");
	assert_int_equal(read_number(CONTROL_TIMEOUTSMTPD), 0);
	assert_int_equal(number, 86400);
	for (size_t i = 0; i < LEN(wrong); i++) {
		world_file("timeoutsmtpd", wrong[i]);
		assert_int_equal(read_number(CONTROL_TIMEOUTSMTPD), -1);
		assert_error("control/timeoutsmtpd:");
	}
	assert_error("a second value");
	world_file("timeoutsmtpd", "0");
	assert_int_equal(read_number(CONTROL_TIMEOUTSMTPD), -1);
	assert_error("not a whole number from 1 to 86400");
}

/* Nothing but a file is read, and nothing can make the reader wait. */
static void
only_files_are_files(void **state)
{
	(void)state;
	assert_int_equal(mkfifo(world_path("rcpthosts"), 0600), 0);
	assert_int_equal(read_list(CONTROL_RCPTHOSTS), -1);
	assert_error("control/rcpthosts: not a regular file");
	assert_int_equal(mkdir(world_path("locals"), 0700), 0);
	assert_int_equal(read_list(CONTROL_LOCALS), -1);
	assert_error("control/locals: not a regular file");
	assert_int_equal(symlink("nowhere", world_path("me")), 0);
	assert_int_equal(read_line(CONTROL_ME), -1);
	assert_error("control/me: No such file or directory");
	assert_int_equal(symlink("/dev/zero", world_path("relayfrom")), 0);
	assert_int_equal(read_list(CONTROL_RELAYFROM), -1);
	assert_error("control/relayfrom: not a regular file");
}

/* Q-030: what may not be read is not empty. Rights do not bind root, so the
 * reading is done as somebody else. */
static void
an_unreadable_file_is_an_error(void **state)
{
	struct control_list list;
	int code;
	pid_t pid;

	(void)state;
	world_file("rcpthosts", "one.example\n");
	assert_int_equal(chmod(world_path("rcpthosts"), 0), 0);
	assert_int_equal(chmod(world_dir, 0755), 0);
	assert_int_equal(chmod(world_path(""), 0755), 0);
	pid = fork();
	assert_true(pid != -1);
	if (pid == 0) {
		bool good = (geteuid() != 0 || seteuid(12345) == 0) &&
			    control_open(&control) == 0 &&
			    control_list(&control, CONTROL_RCPTHOSTS, &list) ==
				    -1 &&
			    strstr(control_error(&control),
				    "control/rcpthosts: Permission denied");

		_exit(good ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &code, 0), pid);
	assert_int_equal(code, 0);
}

static void
an_unreadable_directory_is_an_error(void **state)
{
	(void)state;
	setenv("POSTERN_HOME", "/dev/null", 1);
	assert_int_equal(control_open(&control), -1);
	assert_error("control/: Not a directory");
	control_close(&control);
}

static void
the_name_of_this_host(void **state)
{
	char me[LIMIT_DOMAIN + 1];

	(void)state;
	world_file("me", "mx.example.org\n");
	assert_opens();
	assert_int_equal(control_me(&control, me), 0);
	assert_string_equal(me, "mx.example.org");
	control_close(&control);
	unlink(world_path("me"));
	assert_opens();
	assert_int_equal(control_me(&control, me), 0);
	assert_true(*me == '\0' || strchr(me, '.') != NULL);
	control_close(&control);
}

#define WORLD(test)                                                            \
	cmocka_unit_test_setup_teardown(test, world_begin, world_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD(the_table_is_in_order),
		WORLD(the_readme_says_the_same),
		WORLD(shipped_files_change_nothing),
		WORLD(entries_are_trimmed_and_comments_left_out),
		WORLD(a_missing_file_is_its_default),
		WORLD(a_list_of_comments_is_an_empty_list),
		WORLD(unknown_files_are_errors),
		WORLD(leftovers_are_passed_over),
		WORLD(lines_that_are_no_text_are_errors),
		WORLD(a_file_has_a_limit),
		WORLD(a_line_file_holds_one_value),
		WORLD(numbers_have_a_range),
		WORLD(only_files_are_files),
		WORLD(an_unreadable_file_is_an_error),
		WORLD(an_unreadable_directory_is_an_error),
		WORLD(the_name_of_this_host),
	};

	return cmocka_run_group_tests_name("control", tests, NULL, NULL);
}

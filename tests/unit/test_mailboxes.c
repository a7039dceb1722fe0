/* SPDX-License-Identifier: ISC
 *
 * mailboxes: who has a Maildir here, and who stands in for postmaster. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <cdb.h>

#include "control/mailboxes.h"
#include "world.h"

static struct control control;
static struct mailboxes *tables;
static char path[LIMIT_PATH];

static void
open_tables(void)
{
	assert_int_equal(control_open(&control), 0);
	tables = mailboxes_open(&control);
	control_close(&control);
	if (!tables)
		fail_msg("%s", control_error(&control));
}

static void
assert_refused(const char *words)
{
	assert_int_equal(control_open(&control), 0);
	assert_null(mailboxes_open(&control));
	control_close(&control);
	if (!strstr(control_error(&control), words))
		fail_msg("\"%s\" lacks \"%s\"", control_error(&control), words);
}

static int
find(const char *address)
{
	path[0] = '\0';
	return mailboxes_find(tables, span_of(address), path, sizeof path);
}

static void
assert_found(const char *address, const char *where)
{
	assert_int_equal(find(address), 1);
	assert_string_equal(path, where);
}

/* A database from key, value, key, value, ..., NULL. */
static void
write_cdb(const char *const *pairs)
{
	struct cdb_make make;
	int fd = open(world_path("mailboxes.cdb"),
		O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd != -1);
	assert_int_equal(cdb_make_start(&make, fd), 0);
	for (; *pairs; pairs += 2)
		assert_int_equal(cdb_make_add(&make, pairs[0],
					 (unsigned)strlen(pairs[0]), pairs[1],
					 (unsigned)strlen(pairs[1])),
			0);
	assert_int_equal(cdb_make_finish(&make), 0);
	close(fd);
}

static void
the_most_exact_line_wins(void **state)
{
	(void)state;
	world_file("locals", "one.example\nTwo.example\n");
	world_file("mailboxes",
		"*:/any\n@one.example:/one\napp:/app\n"
		"app@one.example:/app-one\napp+x@one.example:/app-x-one\n"
		"box+x:/box-x\nbox@two.example:/box-two\n");
	open_tables();
	assert_true(mailboxes_local(tables, SPAN("TWO.EXAMPLE")));
	assert_false(mailboxes_local(tables, SPAN("three.example")));
	assert_false(mailboxes_local(tables, SPAN("")));
	assert_found("app@one.example", "/app-one");
	assert_found("app@two.example", "/app");
	assert_found("App@ONE.example", "/app-one");
	assert_found("app+x@one.example", "/app-x-one");
	assert_found("app+y@one.example", "/app-one");
	assert_found("app+y@two.example", "/app");
	assert_found("box+x@two.example", "/box-x");
	assert_found("box+y@two.example", "/box-two");
	assert_found("box@one.example", "/one");
	assert_found("cat@two.example", "/any");
	mailboxes_close(tables);
}

static void
unknown_names_are_not_found(void **state)
{
	(void)state;
	world_file("locals", "one.example\n[IPv6:2001:db8::1]\n");
	world_file(
		"mailboxes", "app:/app\n@[IPv6:2001:db8::1]:/literal: here\n");
	open_tables();
	assert_int_equal(find("box@one.example"), 0);
	assert_int_equal(find("+app@one.example"), 0);
	assert_int_equal(find("an@one.example"), 0);
	assert_int_equal(find("apps@one.example"), 0);
	assert_int_equal(find("@one.example"), 0);
	assert_int_equal(find("app@"), 0);
	assert_int_equal(find("app"), 0);
	assert_int_equal(find(""), 0);
	assert_found("box@[ipv6:2001:DB8::1]", "/literal: here");
	mailboxes_close(tables);
}

/* A quoted local part is one name, whatever stands in it. */
static void
quotes_do_not_pass_for_other_lines(void **state)
{
	(void)state;
	world_file("locals", "one.example\ntwo.example\n");
	world_file("mailboxes",
		"app@one.example:/app\n*:/any\nj d:/jd\nbox:/box\n");
	open_tables();
	assert_found("\"j d\"@one.example", "/jd");
	assert_found("\"box\"@one.example", "/box");
	assert_found("\"app@one.example\"@two.example", "/any");
	assert_found("\"*\"@two.example", "/any");
	mailboxes_close(tables);
}

static void
the_subaddress_sign_can_be_chosen(void **state)
{
	(void)state;
	world_file("locals", "one.example\n");
	world_file("mailboxes", "app:/app\n");
	world_file("subaddress", "-\n");
	open_tables();
	assert_found("app-list@one.example", "/app");
	assert_int_equal(find("app+list@one.example"), 0);
	mailboxes_close(tables);
	world_file("subaddress", "none\n");
	open_tables();
	assert_int_equal(find("app-list@one.example"), 0);
	mailboxes_close(tables);
	world_file("subaddress", "ab\n");
	assert_refused("control/subaddress: write one sign");
	world_file("subaddress", "@\n");
	assert_refused("control/subaddress: write one sign");
}

static void
text_goes_before_the_database_at_each_step(void **state)
{
	static const char *const pairs[] = { "app@one.example", "/cdb-exact",
		"box", "/cdb-box", "cat", "/cdb-cat", "@one.example",
		"/cdb-one", NULL };

	(void)state;
	write_cdb(pairs);
	world_file("locals", "one.example\ntwo.example\n");
	world_file("mailboxes", "app:/text-app\nBOX:/text-box\n*:/text-any\n");
	open_tables();
	assert_found("app@one.example", "/cdb-exact");
	assert_found("app@two.example", "/text-app");
	assert_found("Box@two.example", "/text-box");
	assert_found("CAT+x@two.example", "/cdb-cat");
	assert_found("dog@one.example", "/cdb-one");
	assert_found("dog@two.example", "/text-any");
	mailboxes_close(tables);
}

/* L-020: a database that cannot be trusted is never "no such user". */
static void
a_damaged_database_is_an_error(void **state)
{
	static const char *const pairs[] = { "app", "/app", "box", "", NULL };
	struct stat st;

	(void)state;
	world_file("locals", "one.example\n");
	write_cdb(pairs);
	open_tables();
	assert_found("app@one.example", "/app");
	assert_int_equal(find("box@one.example"), -1);
	assert_non_null(
		strstr(control_error(&control), "mailboxes.cdb: no path"));
	mailboxes_close(tables);
	assert_int_equal(stat(world_path("mailboxes.cdb"), &st), 0);
	assert_int_equal(
		truncate(world_path("mailboxes.cdb"), st.st_size - 1), 0);
	assert_refused("mailboxes.cdb: damaged");
	world_file("mailboxes.cdb", "");
	assert_refused("mailboxes.cdb: damaged");
}

/* Q-030: a mistake names its line, and nothing is looked up. */
static void
every_line_is_checked(void **state)
{
	static const struct {
		const char *text;
		const char *words;
	} rows[] = {
		{"app:/a\nbox\n",  "control/mailboxes:2: no colon"          },
		{ "# c\n\n:/a\n",  "control/mailboxes:3: no name"           },
		{ "app:\n",        "control/mailboxes:1: no path"           },
		{ "app@:/a\n",     "control/mailboxes:1: not a domain"      },
		{ "app@x..y:/a\n", "control/mailboxes:1: not a domain"      },
		{ "app:/a\x01\n",  "control/mailboxes:1: control byte"      },
		{ "app:/a\tb\n",   "control/mailboxes:1: control byte"      },
		{ "app:/a\r\n",    "control/mailboxes:1: line ends in CR LF"},
	};

	(void)state;
	world_file("locals", "one.example\n");
	for (size_t i = 0; i < LEN(rows); i++) {
		world_file("mailboxes", rows[i].text);
		assert_refused(rows[i].words);
	}
	world_file("mailboxes", "app:/a\n");
	world_file("locals", "one.example\napp@two.example\n");
	assert_refused("control/locals:2: not a domain");
}

/* Q-030: a forgotten file refuses nobody's mail for good. */
static void
local_domains_without_mailboxes_are_an_error(void **state)
{
	(void)state;
	open_tables();
	assert_false(mailboxes_local(tables, SPAN("one.example")));
	mailboxes_close(tables);
	world_file("locals", "# none\n");
	world_file("mailboxes", "# none\n");
	open_tables();
	mailboxes_close(tables);
	world_file("locals", "one.example\n");
	assert_refused("control/mailboxes: no mailbox for the domains");
	unlink(world_path("mailboxes"));
	assert_refused("control/mailboxes: no mailbox for the domains");
}

static void
relative_paths_belong_to_a_private_world(void **state)
{
	char want[LIMIT_PATH];
	struct span key;
	struct span value;

	(void)state;
	world_file("locals", "one.example\n");
	world_file("mailboxes", "app:mail/app\n");
	open_tables();
	snprintf(want, sizeof want, "%s/mail/app", world_dir);
	assert_found("app@one.example", want);
	assert_int_equal(mailboxes_find(tables, SPAN("app@one.example"), path,
				 strlen(want)),
		-1);
	mailboxes_close(tables);
	unsetenv("POSTERN_HOME");
	assert_non_null(
		strstr(mailboxes_entry(SPAN("app:mail/app"), &key, &value),
			"absolute"));
	assert_null(mailboxes_entry(SPAN(" app : /mail/app "), &key, &value));
	assert_true(span_eq(key, SPAN("app")));
	assert_true(span_eq(value, SPAN("/mail/app")));
}

static void
assert_taken(const char *address, const char *as)
{
	struct span out;
	int got = mailboxes_recipient(tables, span_of(address), &out);

	if (got == -1)
		fail_msg("%s", control_error(&control));
	assert_int_equal(got, 1);
	assert_int_equal(out.n, strlen(as));
	assert_memory_equal(out.p, as, out.n);
}

/* S-053 S-054 */
static void
postmaster_is_always_there(void **state)
{
	(void)state;
	world_file("locals", "one.example\ntwo.example\n");
	world_file("mailboxes", "app:/app\npostmaster@two.example:/two\n");
	world_file("postmaster", "admin@far.example\n");
	open_tables();
	assert_taken("Postmaster", "admin@far.example");
	assert_taken("POSTMASTER@one.example", "admin@far.example");
	assert_taken("postmaster@two.example", "postmaster@two.example");
	assert_true(mailboxes_is_postmaster(
		tables, SPAN("PostMaster@ONE.example")));
	assert_false(mailboxes_is_postmaster(
		tables, SPAN("postmaster@far.example")));
	assert_false(mailboxes_is_postmaster(
		tables, SPAN("postmaster@x@one.example")));
	mailboxes_close(tables);
	world_file("mailboxes", "@one.example:/any\n");
	open_tables();
	assert_taken("postmaster@one.example", "postmaster@one.example");
	mailboxes_close(tables);
}

/* S-053: postmaster@me when nothing else was said. */
static void
postmaster_defaults_to_this_host(void **state)
{
	(void)state;
	world_file("me", "mx.example.org\n");
	open_tables();
	assert_taken("postmaster", "postmaster@mx.example.org");
	mailboxes_close(tables);
	world_file("locals", "mx.example.org\n");
	world_file("mailboxes", "postmaster:/pm\n");
	open_tables();
	assert_taken("postmaster", "postmaster@mx.example.org");
	mailboxes_close(tables);
	world_file("locals", "one.example\ntwo.example\n");
	world_file("mailboxes", "app:/app\npostmaster@two.example:/pm\n");
	open_tables();
	assert_taken("postmaster", "postmaster@two.example");
	assert_taken("postmaster@one.example", "postmaster@two.example");
	mailboxes_close(tables);
	world_file("mailboxes", "app:/app\n");
	open_tables();
	assert_taken("postmaster", "postmaster@mx.example.org");
	mailboxes_close(tables);
}

static void
a_postmaster_nobody_reads_is_an_error(void **state)
{
	struct span as;

	(void)state;
	world_file("me", "one.example\n");
	world_file("locals", "one.example\n");
	world_file("mailboxes", "app:/app\n");
	open_tables();
	assert_int_equal(
		mailboxes_recipient(tables, SPAN("postmaster"), &as), -1);
	assert_non_null(strstr(
		control_error(&control), "no mailbox for postmaster; add"));
	assert_int_equal(mailboxes_recipient(
				 tables, SPAN("postmaster@one.example"), &as),
		-1);
	assert_int_equal(
		mailboxes_recipient(tables, SPAN("box@one.example"), &as), 0);
	assert_taken("app@one.example", "app@one.example");
	mailboxes_close(tables);
	world_file("postmaster", "box@one.example\n");
	open_tables();
	assert_int_equal(
		mailboxes_recipient(tables, SPAN("postmaster"), &as), -1);
	mailboxes_close(tables);
	world_file("postmaster", "box\n");
	assert_refused("control/postmaster: not an address");
}

#define WORLD(test)                                                            \
	cmocka_unit_test_setup_teardown(test, world_begin, world_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD(the_most_exact_line_wins),
		WORLD(unknown_names_are_not_found),
		WORLD(quotes_do_not_pass_for_other_lines),
		WORLD(the_subaddress_sign_can_be_chosen),
		WORLD(text_goes_before_the_database_at_each_step),
		WORLD(a_damaged_database_is_an_error),
		WORLD(every_line_is_checked),
		WORLD(local_domains_without_mailboxes_are_an_error),
		WORLD(relative_paths_belong_to_a_private_world),
		WORLD(postmaster_is_always_there),
		WORLD(postmaster_defaults_to_this_host),
		WORLD(a_postmaster_nobody_reads_is_an_error),
	};

	return cmocka_run_group_tests_name("mailboxes", tests, NULL, NULL);
}

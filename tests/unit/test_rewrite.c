/* SPDX-License-Identifier: ISC
 *
 * rewrite: what becomes of senders and recipients, and which line said so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <cdb.h>

#include "control/rewrite.h"
#include "world.h"

static struct control control;
static struct mailboxes *mailboxes;
static struct rewrite *rules;
static char told_text[8192];
static char found_text[8192];

static void
note(void *ctx, const struct rewrite_step *step)
{
	struct buf *out = ctx;

	if (out->len)
		buf_char(out, ' ');
	buf_str(out, step->file);
	buf_char(out, ':');
	buf_number(out, step->line);
}

static struct buf told;

static int
open_all(void)
{
	assert_int_equal(control_open(&control), 0);
	mailboxes = mailboxes_open(&control);
	if (!mailboxes)
		return -1;
	rules = rewrite_open(&control, mailboxes);
	if (!rules)
		return -1;
	rewrite_listen(rules, note, &told);
	return 0;
}

static void
close_all(void)
{
	rewrite_close(rules);
	mailboxes_close(mailboxes);
	control_close(&control);
	rules = NULL;
	mailboxes = NULL;
}

static void
must_open(void)
{
	if (open_all() == -1)
		fail_msg("%s", control_error(&control));
}

static void
assert_error(const char *words)
{
	if (!strstr(control_error(&control), words))
		fail_msg("\"%s\" lacks \"%s\"", control_error(&control), words);
}

static void
assert_refused(const char *words)
{
	assert_int_equal(open_all(), -1);
	close_all();
	assert_error(words);
}

static int
add(void *ctx, struct span address)
{
	struct buf *out = ctx;

	if (out->len)
		buf_char(out, ' ');
	buf_span(out, address);
	return 0;
}

/* What a recipient becomes, and by which lines. */
static int
rcpt(const char *address)
{
	struct buf out = BUF(found_text);
	int result;

	told = BUF(told_text);
	result = rewrite_rcpt(rules, span_of(address), add, &out);
	buf_cstr(&out);
	buf_cstr(&told);
	return result;
}

static void
assert_rcpt(const char *address, const char *to, const char *by)
{
	int result = rcpt(address);

	if (result != 1)
		fail_msg("%s: %d %s", address, result, control_error(&control));
	assert_string_equal(found_text, to);
	assert_string_equal(told_text, by);
}

static void
assert_sender(const char *address, const char *to, const char *by)
{
	struct buf out = BUF(found_text);
	int result;

	told = BUF(told_text);
	result = rewrite_sender(rules, span_of(address), &out);
	buf_cstr(&out);
	buf_cstr(&told);
	assert_int_equal(result, strcmp(address, to) != 0);
	assert_string_equal(found_text, result ? to : "");
	assert_string_equal(told_text, by);
}

static void
assert_recipient(const char *address, int result, const char *as)
{
	struct span to;

	assert_int_equal(
		rewrite_recipient(rules, span_of(address), &to), result);
	if (result == 1 && !span_eq(to, span_of(as)))
		fail_msg("%.*s", (int)to.n, to.p);
}

static void
nothing_is_wanted_without_a_file(void **state)
{
	(void)state;
	world_file("me", "host.example\n");
	assert_int_equal(control_open(&control), 0);
	assert_false(rewrite_wanted(&control));
	control_close(&control);
	world_file("copyall", "archive@x.example\n");
	assert_int_equal(control_open(&control), 0);
	assert_true(rewrite_wanted(&control));
	control_close(&control);
}

/* L-020 */
static void
aliases_become_addresses(void **state)
{
	(void)state;
	world_file("me", "host.example\n");
	world_file("locals", "ours.example\n");
	world_file("mailboxes", "app:/m/app\nbox:/m/box\n");
	world_file("aliases", "# who is who\n"
			      "root: admin@far.example\n"
			      "postmaster: root\n"
			      "team: app, Box , eng@far.example\n"
			      "all: team, app, all\n"
			      "sales@ours.example: app\n"
			      "sales: box\n"
			      "@shop.example: shop@far.example\n"
			      "box: box, copy@far.example\n"
			      "\"odd name\": odd@far.example\n");
	must_open();
	assert_false(rewrite_edits(rules));
	assert_rcpt("root", "admin@far.example", "me:0 aliases:2");
	assert_rcpt("ROOT@Host.example", "admin@far.example", "aliases:2");
	assert_rcpt("root@ours.example", "admin@far.example", "aliases:2");
	assert_rcpt("root@far.example", "root@far.example", "");
	assert_rcpt("root+x@ours.example", "admin@far.example", "aliases:2");
	assert_rcpt(
		"postmaster", "admin@far.example", "me:0 aliases:3 aliases:2");
	/* the lists keep their order; who is named twice comes twice */
	assert_rcpt("team@ours.example",
		"app@ours.example Box@ours.example copy@far.example "
		"eng@far.example",
		"aliases:4 aliases:9");
	assert_rcpt("all@host.example",
		"app@host.example Box@host.example copy@far.example "
		"eng@far.example app@host.example all@host.example",
		"aliases:5 aliases:4 aliases:9");
	assert_rcpt("sales@ours.example", "app@ours.example", "aliases:6");
	assert_rcpt("sales@host.example", "box@host.example copy@far.example",
		"aliases:7 aliases:9");
	assert_rcpt("x@shop.example", "shop@far.example", "aliases:8");
	assert_rcpt(
		"\"Odd Name\"@ours.example", "odd@far.example", "aliases:10");
	assert_rcpt("app@ours.example", "app@ours.example", "");
	assert_rcpt("cron", "cron@host.example", "me:0");
	close_all();
}

static void
who_takes_what_nobody_is_named_for(void **state)
{
	(void)state;
	world_file("me", "host.example\n");
	world_file("locals", "ours.example\nhost.example\n");
	world_file("mailboxes", "app:/m/app\n");
	world_file("aliases", "*: admin@far.example\n");
	must_open();
	assert_rcpt("app", "app@host.example", "me:0");
	assert_rcpt("cron", "admin@far.example", "me:0 aliases:1");
	assert_rcpt(
		"postmaster@ours.example", "admin@far.example", "aliases:1");
	assert_rcpt("\"*\"@far.example", "\"*\"@far.example", "");
	assert_recipient("cron", 1, "cron@host.example");
	assert_recipient("postmaster", 1, "postmaster@host.example");
	close_all();
	world_file("postmaster", "boss@far.example\n");
	must_open();
	assert_rcpt(
		"postmaster@ours.example", "boss@far.example", "postmaster:0");
	assert_recipient("postmaster", 1, "boss@far.example");
	close_all();
	world_file("aliases", "root: admin@far.example\n");
	must_open();
	assert_recipient("root", 1, "root@host.example");
	assert_recipient("root@ours.example", 1, "root@ours.example");
	assert_recipient("app@ours.example", 1, "app@ours.example");
	assert_recipient("cron@ours.example", 0, "");
	assert_recipient("cron", 0, "");
	close_all();
}

/* A local domain of aliases alone needs no mailbox. */
static void
aliases_do_without_mailboxes(void **state)
{
	(void)state;
	world_file("locals", "ours.example\n");
	world_file("aliases", "info@ours.example: app@far.example\n");
	must_open();
	assert_rcpt("info@ours.example", "app@far.example", "aliases:1");
	assert_recipient("other@ours.example", 0, "");
	close_all();
}

/* L-021 */
static void
loops_are_errors_with_a_line(void **state)
{
	char text[2000];
	size_t n = 0;

	(void)state;
	world_file("me", "host.example\n");
	world_file("aliases", "a: b\nb: c@host.example, x@far.example\nc: a\n");
	must_open();
	assert_int_equal(rcpt("a"), -1);
	assert_error("control/aliases:3: leads back");
	close_all();
	for (int i = 0; i < 25; i++)
		n += (size_t)snprintf(
			text + n, sizeof text - n, "a%d: a%d\n", i, i + 1);
	world_file("aliases", text);
	must_open();
	assert_int_equal(rcpt("a0"), -1);
	assert_error("control/aliases:20: aliases in aliases");
	assert_int_equal(rcpt("a10"), 1);
	close_all();
	/* eight names of eight names of ... end somewhere */
	n = 0;
	for (int i = 0; i < 15; i++)
		n += (size_t)snprintf(text + n, sizeof text - n,
			"a%d: a%d,a%d,a%d,a%d\n", i, i + 1, i + 1, i + 1,
			i + 1);
	world_file("aliases", text);
	must_open();
	assert_int_equal(rcpt("a0"), -1);
	assert_error("over 10000");
	close_all();
}

static void
wrong_lines_are_named(void **state)
{
	static const struct {
		const char *file;
		const char *text;
		const char *words;
	} rows[] = {
		{"aliases",          "\nroot\n",                "control/aliases:2: no colon" },
		{ "aliases",         "root:\n",                 "aliases:1: no address"       },
		{ "aliases",         "root: a@b,\n",            "aliases:1: no address"       },
		{ "aliases",         "root: a@b,,c\n",          "aliases:1: no address"       },
		{ "aliases",         ": a@b\n",                 "aliases:1: nothing before"   },
		{ "aliases",         "r: :include:/etc/list\n",
                 "aliases:1: `:include:` is not known here"                                   },
		{ "aliases",         "r: /var/mail/r\n",        "aliases:1: a file cannot"    },
		{ "aliases",         "r: \"|/bin/x y\"\n",      "aliases:1: a program"        },
		{ "aliases",         "r: |x\n",                 "aliases:1: a program"        },
		{ "aliases",         "r: \\r\n",                "aliases:1: no backslash"     },
		{ "aliases",         "r: a b\n",                "aliases:1: not an address"   },
		{ "aliases",         "@.x: a@b\n",              "aliases:1: aliases take"     },
		{ "aliases",         "a b: a@b\n",              "aliases:1: not a pattern"    },
		{ "sender",          "root\n",                  "sender:1: no colon"          },
		{ "sender",          "root: admin\n",           "sender:1: not an address"    },
		{ "sender",          "@a..b: x@y\n",            "sender:1: not a domain"      },
		{ "recipients",      "*: @\n",                  "recipients:1: not a domain"  },
		{ "recipients",      "*: <>\n",                 "recipients:1: not an"        },
		{ "redirectall",     "admin\n",                 "redirectall: not an"         },
		{ "redirectall",     "# none\n",                "redirectall: holds no"       },
		{ "copyall",         "a@b\nc@d\n",              "copyall:2: a second"         },
		{ "allowrecipients", "*\n",                     "allowrecipients:1: everybody"},
		{ "allowrecipients", "@\n",                     "allowrecipients:1: not a"    },
		{ "defaulthost",     "a b\n",                   "defaulthost: not a domain"   },
	};

	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		world_file(rows[i].file, rows[i].text);
		assert_refused(rows[i].words);
		unlink(world_path(rows[i].file));
	}
	world_file("me", "h.example\n");
	world_file("aliases", "root: a@b\nx: y@z\nRoot: c@d\n");
	must_open();
	assert_int_equal(rcpt("root"), -1);
	assert_error("control/aliases:3: a second line");
	close_all();
}

static void
the_first_rule_decides(void **state)
{
	(void)state;
	world_file("me", "host.example\n");
	world_file("locals", "ours.example\n");
	world_file("mailboxes", "x:/x\n");
	world_file("sender", "keep@ours.example: keep@ours.example\n"
			     "root: admin@far.example\n"
			     "app@lan: app@far.example\n"
			     "@lan: @far.example\n"
			     "@.lan:@below.example\n"
			     "@ours.example: noreply@ours.example\n");
	must_open();
	assert_true(rewrite_edits(rules));
	assert_sender("root", "admin@far.example", "me:0 sender:2");
	assert_sender("Root@HOST.example", "admin@far.example", "sender:2");
	assert_sender("root@ours.example", "admin@far.example", "sender:2");
	assert_sender("root@far.example", "root@far.example", "");
	assert_sender("app@LAN", "app@far.example", "sender:3");
	assert_sender("box@lan", "box@far.example", "sender:4");
	assert_sender("\"b b\"@a.lan", "\"b b\"@below.example", "sender:5");
	assert_sender("keep@ours.example", "keep@ours.example", "sender:1");
	assert_sender("z@ours.example", "noreply@ours.example", "sender:6");
	assert_sender("www-data", "www-data@host.example", "me:0");
	close_all();
	world_file("sender", "*: me@far.example\n");
	must_open();
	assert_sender("not an address", "me@far.example", "me:0 sender:1");
	assert_sender("a@b@c", "me@far.example", "sender:1");
	close_all();
}

static void
names_get_defaulthost(void **state)
{
	(void)state;
	world_file("me", "host.example\n");
	world_file("defaulthost", "ours.example\n");
	must_open();
	assert_true(rewrite_edits(rules));
	assert_sender("root", "root@ours.example", "defaulthost:0");
	assert_rcpt("root", "root@ours.example", "defaulthost:0");
	close_all();
}

/* Without any name of its own a host can still send root's mail away. */
static void
a_host_without_a_name(void **state)
{
	char name[LIMIT_DOMAIN + 1];
	bool named;

	(void)state;
	world_file("aliases", "root: admin@far.example\n");
	must_open();
	control_me(&control, name);
	named = *name != '\0';
	if (!named) {
		assert_rcpt("root", "admin@far.example", "aliases:1");
		assert_int_equal(rcpt("cron"), -1);
		assert_error("control/defaulthost: a name without a domain");
	}
	close_all();
}

static void
staging_lets_nothing_out(void **state)
{
	(void)state;
	world_file("me", "host.example\n");
	world_file("allowrecipients", "@ours.example\napp@far.example\n");
	world_file("aliases", "team: app@far.example, eng@evil.example\n");
	must_open();
	assert_rcpt("x@ours.example", "x@ours.example", "");
	assert_rcpt("App@Far.example", "App@Far.example", "");
	assert_int_equal(rcpt("box@far.example"), 0);
	assert_string_equal(told_text, "allowrecipients:0");
	assert_int_equal(rcpt("team"), 0);
	close_all();
	world_file("redirectall", "stage@ours.example\n");
	must_open();
	assert_rcpt("app@far.example", "stage@ours.example", "redirectall:0");
	assert_int_equal(rcpt("box@far.example"), 0);
	close_all();
	world_file("allowrecipients", "# nobody yet\n");
	must_open();
	assert_int_equal(rcpt("stage@ours.example"), 0);
	close_all();
	unlink(world_path("allowrecipients"));
	must_open();
	assert_rcpt("team", "stage@ours.example stage@ours.example",
		"me:0 aliases:1 redirectall:0 redirectall:0");
	close_all();
}

static void
what_may_not_leave_may_stay(void **state)
{
	(void)state;
	world_file("me", "host.example\n");
	world_file("locals", "ours.example\n");
	world_file("mailboxes", "stage:/m/stage\n");
	world_file("otherrecipients", "stage@ours.example\n");
	world_file("allowrecipients", "app@far.example\n");
	must_open();
	assert_true(rewrite_replaces(rules));
	assert_rcpt("app@far.example", "app@far.example", "");
	assert_rcpt(
		"box@far.example", "stage@ours.example", "otherrecipients:0");
	close_all();
	unlink(world_path("allowrecipients"));
	must_open();
	assert_false(rewrite_replaces(rules));
	assert_rcpt("box@far.example", "box@far.example", "");
	close_all();
	world_file("otherrecipients", "other@ours.example\n");
	assert_refused("control/otherrecipients: not an address of");
	world_file("otherrecipients", "stage@far.example\n");
	assert_refused("control/otherrecipients: not an address of");
}

static void
recipients_go_before_aliases(void **state)
{
	(void)state;
	world_file("me", "host.example\n");
	world_file("recipients", "@old.example: @host.example\n");
	world_file("aliases", "app: app@far.example\n");
	must_open();
	assert_rcpt(
		"app@old.example", "app@far.example", "recipients:1 aliases:1");
	close_all();
}

static void
aliases_in_a_database(void **state)
{
	static const char *const pairs[] = { "root", "admin@far.example", "bad",
		":include:/x", "app@host.example", "app@far.example" };
	struct cdb_make make;
	int fd = open(world_path("aliases.cdb"),
		O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	(void)state;
	assert_true(fd != -1);
	assert_int_equal(cdb_make_start(&make, fd), 0);
	for (size_t i = 0; i < LEN(pairs); i += 2)
		assert_int_equal(
			cdb_make_add(&make, pairs[i],
				(unsigned)strlen(pairs[i]), pairs[i + 1],
				(unsigned)strlen(pairs[i + 1])),
			0);
	assert_int_equal(cdb_make_finish(&make), 0);
	close(fd);
	world_file("me", "host.example\n");
	world_file("aliases", "root@host.example: text@far.example\n");
	must_open();
	assert_rcpt("app", "app@far.example", "me:0 aliases.cdb:0");
	assert_rcpt("ROOT", "text@far.example", "me:0 aliases:1");
	assert_int_equal(rcpt("bad"), -1);
	assert_error("control/aliases.cdb: `:include:`");
	close_all();
	world_file("aliases.cdb", "no database");
	assert_refused("aliases.cdb: damaged");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_begin, world_end)
	const struct CMUnitTest tests[] = {
		TEST(nothing_is_wanted_without_a_file),
		TEST(aliases_become_addresses),
		TEST(who_takes_what_nobody_is_named_for),
		TEST(aliases_do_without_mailboxes),
		TEST(loops_are_errors_with_a_line),
		TEST(wrong_lines_are_named),
		TEST(the_first_rule_decides),
		TEST(names_get_defaulthost),
		TEST(a_host_without_a_name),
		TEST(staging_lets_nothing_out),
		TEST(what_may_not_leave_may_stay),
		TEST(recipients_go_before_aliases),
		TEST(aliases_in_a_database),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

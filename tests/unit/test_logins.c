/* SPDX-License-Identifier: ISC
 *
 * verifier, logins, password, loginfile, keeper: what is known of who may log
 * in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "admin/loginfile.h"
#include "control/logins.h"
#include "control/offers.h"
#include "net/keeper.h"
#include "net/password.h"
#include "sys/hashing.h"
#include "tests/unit/world.h"

/* RFC 7677 3: user, pencil */
#define PENCIL                                                                 \
	"SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$"                         \
	"WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"                        \
	"wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="

static void
forms_of_a_verifier(void **state)
{
	struct verifier got;

	(void)state;
	assert_null(verifier_parse(SPAN(PENCIL), &got));
	assert_true(got.scram && !got.locked);
	assert_int_equal(got.iterations, 4096);
	assert_true(span_eq(got.salt, SPAN("W22ZaJ0SNY7soEsUEjb6gQ==")));
	assert_null(verifier_parse(SPAN("!" PENCIL), &got));
	assert_true(got.scram && got.locked);
	assert_null(verifier_parse(SPAN("!$6$salt$x./0"), &got));
	assert_true(!got.scram && got.locked);
	assert_true(span_eq(got.hash, SPAN("$6$salt$x./0")));
}

static void
what_is_no_verifier(void **state)
{
	static const char key[] =
		"WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=";
	static const char *const forms[] = { "SCRAM-SHA-256$4095:c2E=$%s:%s",
		"SCRAM-SHA-256$x:c2E=$%s:%s", "SCRAM-SHA-256$4096:$%s:%s",
		"SCRAM-SHA-256$4096:c2E$%s:%s",
		"SCRAM-SHA-256$4096:c2E=$%s:%s=", "SCRAM-SHA-256$4096:c2E=$%s",
		"SCRAM-SHA-256$10000001:c2E=$%s:%s",
		"SCRAM-SHA-256$4096:c2E=$YWJj:%s", "plain%s", "%.0s", "!%.0s",
		"!!$6$salt$%s", "$6$sa lt$%s", "$6$salt$%s:", "$6$%.0s\t" };
	char text[400];
	struct verifier got;

	(void)state;
	for (size_t i = 0; i < LEN(forms); i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-extra-args"
		snprintf(text, sizeof text, forms[i], key, key);
#pragma GCC diagnostic pop
		if (!verifier_parse(span_of(text), &got))
			fail_msg("taken: %s", text);
	}
	assert_false(verifier_name(SPAN("")));
	assert_false(verifier_name(SPAN("a b")));
	assert_false(verifier_name(SPAN("a,b")));
	assert_false(verifier_name(SPAN("a\\b")));
	assert_false(verifier_name(SPAN("!a")));
	assert_false(verifier_name(SPAN("\xc3\xa9")));
	assert_true(verifier_name(SPAN("box+x@example.org")));
}

/* the compare is scramkey_same; a locked one is checked all the same. */
static void
passwords_are_checked(void **state)
{
	char text[VERIFIER_MAX];
	struct buf out = BUF(text);
	struct verifier v;

	(void)state;
	assert_null(verifier_parse(SPAN("!" PENCIL), &v));
	assert_int_equal(password_check(&v, SPAN("pencil")), 1);
	assert_int_equal(password_check(&v, SPAN("pencils")), 0);
	assert_int_equal(password_check(&v, SPAN("pencim")), 0);
	assert_int_equal(password_crypt(&out, SPAN("pencil")), 0);
	assert_null(verifier_parse(buf_text(&out), &v));
	assert_true(hashing_known(v.hash));
	assert_int_equal(password_check(&v, SPAN("pencil")), 1);
	assert_int_equal(password_check(&v, SPAN("Pencil")), 0);
	assert_null(verifier_parse(SPAN("$zz$salt$hash"), &v));
	assert_false(hashing_known(v.hash));
	assert_int_equal(password_check(&v, SPAN("pencil")), -1);
	out.len = 0;
	assert_int_equal(password_scram(&out, SPAN("pencil")), 0);
	assert_null(verifier_parse(buf_text(&out), &v));
	assert_int_equal(v.iterations, PASSWORD_ITERATIONS);
	assert_int_equal(password_check(&v, SPAN("pencil")), 1);
}

static void
what_can_be_a_password(void **state)
{
	(void)state;
	assert_true(password_valid(SPAN("a b\xc3\xa9")));
	assert_false(password_valid(SPAN("")));
	assert_false(password_valid(SPAN("a\x7f")));
	assert_false(password_valid(SPAN("a\tb")));
	assert_false(password_valid(SPAN("\xc3")));
}

static int
find(const char *name, struct logins *out)
{
	struct control c;
	struct logins_table table;
	int result;

	assert_int_equal(control_open(&c), 0);
	result = logins_open(&c, &table);
	if (result == 0) {
		result = logins_find(&c, &table, span_of(name), out);
		logins_close(&table);
	}
	control_close(&c);
	return result;
}

static void
logins_are_found(void **state)
{
	static struct logins l;
	char stand_in[VERIFIER_NAME + 1];

	(void)state;
	world_file("logins", "# some\nfirst: " PENCIL "\nBox : !" PENCIL
			     "\nbox: $6$second$x\nlast:$6$salt$x\n");
	assert_int_equal(find("bOX", &l), 0);
	assert_int_equal(l.count, 4);
	assert_false(l.scram);
	assert_true(l.found.there);
	assert_string_equal(l.found.name, "box");
	assert_int_equal(l.found.text[0], '!');
	assert_string_equal(l.first.name, "first");
	assert_int_equal(find("stranger", &l), 0);
	assert_false(l.found.there);
	memcpy(stand_in, l.other.name, sizeof stand_in);
	assert_int_equal(find("STRANGER", &l), 0);
	assert_string_equal(l.other.name, stand_in);
	world_file("logins", "first: " PENCIL "\n");
	assert_int_equal(find("x", &l), 0);
	assert_true(l.scram);
	world_file("logins", "first: " PENCIL "\nsecond\n");
	assert_int_equal(find("first", &l), -1);
	world_file("logins", "");
	assert_int_equal(find("x", &l), 0);
	assert_int_equal(l.count, 0);
	assert_int_equal(chmod(world_path("logins"), 0604), 0);
	assert_int_equal(find("x", &l), -1);
}

static void
offers_are_narrowed(void **state)
{
	struct control c;
	bool allowed[OFFERS];

	(void)state;
	assert_int_equal(control_open(&c), 0);
	assert_int_equal(offers_read(&c, allowed), 0);
	assert_true(allowed[OFFER_PLAIN] && allowed[OFFER_EXTERNAL]);
	control_close(&c);
	world_file("authmechanisms", "scram-sha-256\n");
	assert_int_equal(control_open(&c), 0);
	assert_int_equal(offers_read(&c, allowed), 0);
	assert_true(allowed[OFFER_SCRAM] && !allowed[OFFER_SCRAM_PLUS] &&
		    !allowed[OFFER_PLAIN]);
	control_close(&c);
	world_file("authmechanisms", "scram\n");
	assert_int_equal(control_open(&c), 0);
	assert_int_equal(offers_read(&c, allowed), -1);
	control_close(&c);
}

static void
a_line_is_changed_and_no_other(void **state)
{
	char text[400];
	struct buf out = BUF(text);
	const struct span old = SPAN("# one\napp: $x\n\n Box:$y\n#box: z\napp "
				     ": $twice");

	(void)state;
	assert_int_equal(loginfile_edit(&out, old, SPAN("APP"), SPAN("$new"),
				 SPAN("!no")),
		1);
	assert_true(span_eq(buf_text(&out),
		SPAN("# one\nAPP: $new\n\n Box:$y\n#box: z\n")));
	out.len = 0;
	assert_int_equal(
		loginfile_edit(&out, old, SPAN("box"), SPAN(""), SPAN("!no")),
		1);
	assert_true(span_eq(buf_text(&out),
		SPAN("# one\napp: $x\n\n#box: z\napp : $twice\n")));
	assert_int_equal(
		loginfile_edit(&out, old, SPAN("who"), SPAN(""), SPAN("!no")),
		0);
	out.len = 0;
	assert_int_equal(loginfile_edit(&out, SPAN(""), SPAN("app"),
				 SPAN("$new"), SPAN("!no")),
		1);
	assert_true(span_ends_nocase(
		buf_text(&out), SPAN("\nnobody: !no\napp: $new\n")));
	out = (struct buf){ text, 20, 0, false };
	assert_int_equal(loginfile_edit(&out, old, SPAN("app"), SPAN("$new"),
				 SPAN("!no")),
		-1);
}

static struct keeper keeper;

static struct keeper_answer
judge(enum keeper_what what, const char *key, uint32_t number, int64_t ms)
{
	struct keeper_question q = { .what = (uint32_t)what,
		.number = number,
		.length = (uint32_t)strlen(key) };

	memcpy(q.key, key, strlen(key));
	return keeper_judge(&keeper, &q, ms);
}

/* */
static void
failures_slow_down_and_stop(void **state)
{
	const int64_t minute = 60000;
	char text[64];
	struct buf place = BUF(text);

	(void)state;
	keeper = (struct keeper){ .limit = 12, .rate = 5 };
	for (uint32_t i = 1; i <= 12; i++) {
		assert_int_equal(judge(KEEPER_MAY, "192.0.2.1", 0, 0).yes, 1);
		assert_int_equal(
			judge(KEEPER_FAILED, "192.0.2.1", 0, 0).delay_ms,
			i < 10 ? i * 500 : 5000);
	}
	assert_int_equal(judge(KEEPER_MAY, "192.0.2.1", 0, 0).yes, 0);
	assert_int_equal(judge(KEEPER_MAY, "192.0.2.2", 0, 0).yes, 1);
	assert_int_equal(judge(KEEPER_MAY, "192.0.2.1", 0, 5 * minute).yes, 1);
	assert_false(keeper_empty(&keeper, 5 * minute));
	assert_true(keeper_empty(&keeper, 61 * minute));
	/* a unix socket has no address, and no stranger behind it */
	assert_int_equal(judge(KEEPER_FAILED, "", 0, 0).delay_ms, 0);
	assert_int_equal(judge(99, "x", 0, 0).yes, 0);
	keeper_place(&place, SPAN("2001:db8:0:1:2:3:4:5"));
	assert_true(span_eq(buf_text(&place), SPAN("2001:db8:0:1::")));
}

static void
recipients_are_counted(void **state)
{
	(void)state;
	keeper = (struct keeper){ .limit = 12, .rate = 5 };
	assert_int_equal(judge(KEEPER_SENDS, "app", 6, 0).yes, 0);
	assert_int_equal(judge(KEEPER_SENDS, "app", 5, 0).yes, 1);
	assert_int_equal(judge(KEEPER_SENDS, "app", 1, 0).yes, 0);
	assert_int_equal(judge(KEEPER_SENDS, "box", 1, 0).yes, 1);
	assert_int_equal(judge(KEEPER_SENDS, "app", 1, 720000).yes, 1);
	keeper.rate = 0;
	assert_int_equal(judge(KEEPER_SENDS, "app", 1000, 0).yes, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms_of_a_verifier),
		cmocka_unit_test(what_is_no_verifier),
		cmocka_unit_test(passwords_are_checked),
		cmocka_unit_test(what_can_be_a_password),
		cmocka_unit_test_setup_teardown(
			logins_are_found, world_begin, world_end),
		cmocka_unit_test_setup_teardown(
			offers_are_narrowed, world_begin, world_end),
		cmocka_unit_test(a_line_is_changed_and_no_other),
		cmocka_unit_test(failures_slow_down_and_stop),
		cmocka_unit_test(recipients_are_counted),
	};

	return cmocka_run_group_tests_name("logins", tests, NULL, NULL);
}

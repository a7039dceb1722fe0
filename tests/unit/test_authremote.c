/* SPDX-License-Identifier: ISC
 *
 * authremote: which login goes to which server, and what may not stand in
 * control/authremote. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "control/authremote.h"
#include "world.h"

static struct control control;

static struct authremote *
open_table(const char *text)
{
	struct authremote *a;

	world_file("authremote", text);
	assert_int_equal(control_open(&control), 0);
	a = authremote_open(&control);
	control_close(&control);
	return a;
}

/* The line that decides for a sender at a smarthost. */
static unsigned
line_for(const struct authremote *a, const char *sender, const char *hop)
{
	const struct authremote_login *login =
		authremote_find(a, span_of(sender), span_of(hop), true);

	return login ? login->line : 0;
}

static unsigned
line_at_mx(const struct authremote *a, const char *domain)
{
	const struct authremote_login *login = authremote_find(
		a, SPAN("app@shop.example"), span_of(domain), false);

	return login ? login->line : 0;
}

static void
the_most_exact_hop_decides(void **state)
{
	struct authremote *a =
		open_table("# who we are\n"
			   "*: any file:/any\n"
			   "[smart.example]:587:\tport /port\n"
			   "[smart.example]: host credential:host\n"
			   "smart.example: name file:/name PLAIN login\n"
			   ".example.net: below oauth2:below\n"
			   ".a.example.net: deeper oauth2:deeper\n"
			   "[2001:db8::1]:25: six file:/six\n"
			   "lmtp:[192.0.2.1]:24: lmtp file:/lmtp\n");

	(void)state;
	assert_non_null(a);
	assert_int_equal(line_for(a, "", "[SMART.example]:587"), 3);
	assert_int_equal(line_for(a, "", "[smart.example]:465"), 4);
	assert_int_equal(line_for(a, "", "smart.example:587"), 5);
	assert_int_equal(line_for(a, "", "[x.example.net]:587"), 6);
	assert_int_equal(line_for(a, "", "x.a.example.net"), 7);
	assert_int_equal(line_for(a, "", "a.example.net"), 6);
	assert_int_equal(line_for(a, "", "example.net"), 2);
	assert_int_equal(line_for(a, "", "[IPv6:2001:db8:0::1]"), 8);
	assert_int_equal(line_for(a, "", "[2001:db8::1]:26"), 2);
	assert_int_equal(line_for(a, "", "lmtp:[192.0.2.1]:24"), 9);
	assert_int_equal(line_for(a, "", "[192.0.2.1]:24"), 2);
	authremote_close(a);
	a = open_table("smart.example: name file:/name\n"
		       "smtps:[smart.example]: tls file:/tls\n");
	assert_int_equal(line_for(a, "", "[smart.example]:587"), 1);
	assert_int_equal(line_for(a, "", "[smart.example]:465"), 2);
	assert_int_equal(line_for(a, "", "smtps:smart.example"), 2);
	assert_int_equal(line_for(a, "", "smtps:[smart.example]:4650"), 1);
	authremote_close(a);
}

/* T-038: a login for one server is for no other */
static void
no_line_no_login(void **state)
{
	struct authremote *a = open_table("[smart.example]: u file:/s\n"
					  "[192.0.2.1]:587: u file:/s\n");

	(void)state;
	assert_int_equal(line_for(a, "u@x.example", "[other.example]"), 0);
	assert_int_equal(line_for(a, "", "smart.example"), 0);
	assert_int_equal(line_for(a, "", "[192.0.2.1]"), 0);
	assert_int_equal(line_for(a, "", "[192.0.2.11]:587"), 0);
	assert_int_equal(line_for(a, "", "[smart.example.evil.example]"), 0);
	authremote_close(a);
	a = open_table("");
	assert_int_equal(line_for(a, "", "[smart.example]"), 0);
	authremote_close(a);
}

static void
senders_go_before_hops(void **state)
{
	struct authremote *a = open_table(
		"[smart.example]:587: hop file:/hop\n"
		"@shop.example: shop file:/shop\n"
		"app@shop.example: app file:/app\n"
		"@.lists.example: lists file:/lists\n"
		"<>: bounces file:/bounces\n"
		"@far.example: far file:/far at=[far.example]:465\n"
		"@near.example: near file:/near\n"
		"@near.example: there file:/there at=[far.example]\n");

	(void)state;
	assert_non_null(a);
	assert_int_equal(line_for(a, "x@y.example", "[smart.example]:587"), 1);
	assert_int_equal(
		line_for(a, "x@SHOP.example", "[smart.example]:587"), 2);
	assert_int_equal(
		line_for(a, "app@shop.example", "[smart.example]:587"), 3);
	assert_int_equal(line_for(a, "x@a.b.lists.example", "[h.example]"), 4);
	assert_int_equal(line_for(a, "x@lists.example", "[h.example]"), 0);
	assert_int_equal(line_for(a, "", "[h.example]"), 5);
	assert_int_equal(line_for(a, "x@far.example", "[h.example]"), 0);
	assert_int_equal(
		line_for(a, "x@far.example", "[smart.example]:587"), 1);
	assert_int_equal(line_for(a, "x@far.example", "[far.example]:465"), 6);
	assert_int_equal(line_for(a, "x@near.example", "[h.example]"), 7);
	assert_int_equal(line_for(a, "x@near.example", "[far.example]:1"), 8);
	authremote_close(a);
}

/* T-038: an MX host gets no login that is not for its domain by name */
static void
an_mx_needs_its_name(void **state)
{
	struct authremote *a = open_table("*: any file:/any\n"
					  ".example.net: below file:/below\n"
					  "@shop.example: shop file:/shop\n"
					  "[mx.example]: host file:/host\n"
					  "exact.example: exact file:/exact\n");

	(void)state;
	assert_non_null(a);
	assert_int_equal(line_at_mx(a, "far.example"), 0);
	assert_int_equal(line_at_mx(a, "a.example.net"), 0);
	assert_int_equal(line_at_mx(a, "mx.example"), 0);
	assert_int_equal(line_at_mx(a, "exact.example"), 5);
	authremote_close(a);
}

/* Delivery on this machine needs no login, whatever else there is. */
static void
lmtp_needs_its_name(void **state)
{
	struct authremote *a =
		open_table("*: any file:/any\n"
			   "@shop.example: shop file:/shop\n"
			   "@far.example: far /far at=lmtp:/run/lmtp\n"
			   "lmtp:[192.0.2.1]:24: lmtp file:/lmtp\n");

	(void)state;
	assert_non_null(a);
	assert_int_equal(line_for(a, "x@shop.example", "lmtp:/run/lmtp"), 0);
	assert_int_equal(line_for(a, "x@far.example", "lmtp:/run/lmtp"), 3);
	assert_int_equal(
		line_for(a, "x@shop.example", "lmtp:[192.0.2.1]:24"), 4);
	authremote_close(a);
}

static void
words_of_a_line(void **state)
{
	struct authremote *a = open_table(
		"[a.example]: u@a.example oauth2:acc XOAUTH2 unverified\n"
		"[b.example]: u credential:c cleartext plain CRAM-md5\n"
		"[c.example]: u file:/f\n"
		"[d.example]: u oauth2:d\n");
	const struct authremote_login *login = authremote_line(a, 0);

	(void)state;
	assert_non_null(a);
	assert_true(span_eq(login->user, SPAN("u@a.example")));
	assert_int_equal(login->source, AUTHREMOTE_OAUTH2);
	assert_true(span_eq(login->secret, SPAN("acc")));
	assert_int_equal(login->allowed, mechanism_bit(MECHANISM_XOAUTH2));
	assert_true(login->unverified && !login->cleartext);
	login = authremote_line(a, 1);
	assert_int_equal(login->source, AUTHREMOTE_CREDENTIAL);
	assert_int_equal(
		login->allowed, mechanism_bit(MECHANISM_PLAIN) |
					mechanism_bit(MECHANISM_CRAM_MD5));
	assert_true(login->cleartext && !login->unverified);
	assert_int_equal(authremote_line(a, 2)->allowed, MECHANISMS_PASSWORD);
	assert_int_equal(authremote_line(a, 3)->allowed, MECHANISMS_TOKEN);
	assert_null(authremote_line(a, 4));
	assert_true(
		authremote_fits(authremote_line(a, 2), SPAN("[c.example]")));
	assert_false(
		authremote_fits(authremote_line(a, 2), SPAN("[d.example]")));
	authremote_close(a);
}

/* the words about a mistake do not repeat it */
static void
mistakes_have_words(void **state)
{
	static const struct {
		const char *line;
		const char *why;
	} bad[] = {
		{"[smart.example]:587 box hunter2",     "no colon and blank"},
		{ "smart.example",                      "no colon and blank"},
		{ "192.0.2.1: u file:/x",               "neither a next hop"},
		{ "[smart.example: u file:/x",          "neither a next hop"},
		{ "@: u file:/x",                       "neither a next hop"},
		{ "a b@x.example: u file:/x",           "no colon and blank"},
		{ "[smart.example]: u",                 "too few words"     },
		{ "[smart.example]: u hunter2",         "a password never"  },
		{ "[smart.example]: u file:",           "no path"           },
		{ "[smart.example]: u oauth2:",         "not a name"        },
		{ "[smart.example]: u oauth2:../x",     "not a name"        },
		{ "[smart.example]: u credential:a/b",  "not a name"        },
		{ "[smart.example]: u file:/x hunter2", "not a word"        },
		{ "[smart.example]: u file:/x XOAUTH2", "need oauth2:"      },
		{ "[smart.example]: u oauth2:x PLAIN",  "XOAUTH2 and"       },
		{ "[smart.example]: u /x at=[h]",       "at= in the line of"},
		{ "@x.example: u /x at=[h",             "behind at="        },
	};

	(void)state;
	for (size_t i = 0; i < LEN(bad); i++) {
		assert_null(open_table(bad[i].line));
		if (!strstr(control_error(&control), bad[i].why))
			fail_msg(
				"%s: %s", bad[i].line, control_error(&control));
		assert_non_null(strstr(
			control_error(&control), "control/authremote:1"));
		assert_null(strstr(control_error(&control), "hunter2"));
	}
	assert_null(open_table("[a.example]: u /x\n[A.example]: v /y\n"));
	assert_non_null(strstr(control_error(&control),
		"control/authremote:2: a second line"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			the_most_exact_hop_decides, world_begin, world_end),
		cmocka_unit_test_setup_teardown(
			no_line_no_login, world_begin, world_end),
		cmocka_unit_test_setup_teardown(
			senders_go_before_hops, world_begin, world_end),
		cmocka_unit_test_setup_teardown(
			an_mx_needs_its_name, world_begin, world_end),
		cmocka_unit_test_setup_teardown(
			lmtp_needs_its_name, world_begin, world_end),
		cmocka_unit_test_setup_teardown(
			words_of_a_line, world_begin, world_end),
		cmocka_unit_test_setup_teardown(
			mistakes_have_words, world_begin, world_end),
	};

	return cmocka_run_group_tests_name("authremote", tests, NULL, NULL);
}

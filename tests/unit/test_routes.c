/* SPDX-License-Identifier: ISC
 *
 * routes: control/smtproutes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "control/routes.h"

static char home[] = "/tmp/postern-routes-XXXXXX";
static char file[sizeof home + sizeof "/control/smtproutes"];
static char senders[sizeof home + sizeof "/control/senderroutes"];

static int
make_world(void **state)
{
	char dir[sizeof home + sizeof "/control"];

	(void)state;
	if (!mkdtemp(home) || setenv("POSTERN_HOME", home, 1) == -1)
		return -1;
	snprintf(dir, sizeof dir, "%s/control", home);
	snprintf(file, sizeof file, "%s/smtproutes", dir);
	snprintf(senders, sizeof senders, "%s/senderroutes", dir);
	return mkdir(dir, 0700);
}

static int
remove_world(void **state)
{
	(void)state;
	unlink(file);
	unlink(senders);
	file[sizeof home - 1 + sizeof "/control" - 1] = '\0';
	return rmdir(file) == -1 || rmdir(home) == -1 ? -1 : 0;
}

static void
write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void
write_routes(const char *text)
{
	write_file(file, text);
}

static struct routes *
open_routes(struct control *c)
{
	struct routes *r;

	assert_int_equal(control_open(c), 0);
	r = routes_open(c);
	control_close(c);
	return r;
}

static void
finds(const struct routes *r, const char *domain, bool decided,
	const char *route)
{
	struct routes_choice out;

	assert_int_equal(
		routes_find(r, SPAN("a@b.example"), span_of(domain), &out), 0);
	assert_int_equal(out.smarthost, decided);
	assert_string_equal(out.text, route);
}

/* The route from a sender to a domain, and which line said so. */
static void
chooses(const struct routes *r, const char *sender, const char *domain,
	const char *route, const char *name, unsigned line)
{
	struct routes_choice out;

	assert_int_equal(
		routes_find(r, span_of(sender), span_of(domain), &out), 0);
	assert_string_equal(out.text, route);
	if (name)
		assert_string_equal(out.file, name);
	else
		assert_null(out.file);
	assert_int_equal(out.line, line);
}

/* C-083 */
static void
the_most_exact_line_wins(void **state)
{
	struct control c;
	struct routes *r;

	(void)state;
	write_routes("# where things go\n"
		     ":[smart.example]:587\n"
		     ".example.org:hub.example\n"
		     " Example.ORG : [192.0.2.1]:2525 \n"
		     ".deep.example.org:[2001:db8::1]\n"
		     "direct.example:\n"
		     "[192.0.2.9]:other.example\n"
		     "[IPv6:2001:db8::9]:[IPv6:2001:db8::2]:26\n");
	r = open_routes(&c);
	assert_non_null(r);
	finds(r, "example.org", 1, "[192.0.2.1]:2525");
	finds(r, "EXAMPLE.org", 1, "[192.0.2.1]:2525");
	finds(r, "a.example.org", 1, "hub.example");
	finds(r, "deep.example.org", 1, "hub.example");
	finds(r, "a.b.deep.example.org", 1, "[2001:db8::1]");
	finds(r, "notexample.org", 1, "[smart.example]:587");
	finds(r, "direct.example", 0, "direct.example");
	finds(r, "[192.0.2.9]", 1, "other.example");
	finds(r, "[IPv6:2001:db8::9]", 1, "[IPv6:2001:db8::2]:26");
	finds(r, "[192.0.2.8]", 1, "[smart.example]:587");
	routes_close(r);
}

static void
without_a_file_a_domain_is_its_own_route(void **state)
{
	struct control c;
	struct routes *r;

	(void)state;
	unlink(file);
	r = open_routes(&c);
	assert_non_null(r);
	finds(r, "example.org", 0, "example.org");
	finds(r, "[192.0.2.8]", 0, "[192.0.2.8]");
	routes_close(r);
	write_routes("# nothing\n\n");
	r = open_routes(&c);
	assert_non_null(r);
	finds(r, "example.org", 0, "example.org");
	routes_close(r);
}

/* C-017 C-081: an envelope from a hostile injector names no port, and no host
 * without its MX */
static void
what_is_no_domain_is_no_route(void **state)
{
	static const char *const wrong[] = { "", "example.org:22",
		"[127.0.0.1]:22", "[127.0.0.1]:25", "[127.0.0.1]x", "[inside]",
		"a b", "a>b", "[", "[]", ".", "..", "a\rb" };
	struct routes_choice out;
	char longest[400];
	struct control c;
	struct routes *r;

	(void)state;
	unlink(file);
	r = open_routes(&c);
	assert_non_null(r);
	for (size_t i = 0; i < LEN(wrong); i++)
		assert_int_equal(
			routes_find(r, SPAN(""), span_of(wrong[i]), &out), -1);
	memset(longest, 'a', sizeof longest);
	assert_int_equal(
		routes_find(r, SPAN(""),
			(struct span){ longest, sizeof longest }, &out),
		-1);
	routes_close(r);
}

static void
a_domain_of_full_length_fits(void **state)
{
	char domain[LIMIT_DOMAIN + 1];
	char line[LIMIT_DOMAIN + 32];
	char want[LIMIT_DOMAIN + 16];
	struct control c;
	struct routes *r;

	(void)state;
	memset(domain, 'a', LIMIT_DOMAIN);
	for (size_t i = 50; i < LIMIT_DOMAIN; i += 51)
		domain[i] = '.';
	domain[LIMIT_DOMAIN - 1] = 'a';
	domain[LIMIT_DOMAIN] = '\0';
	snprintf(want, sizeof want, "[%s]:65535", domain);
	snprintf(line, sizeof line, "x.example:%s\n", want);
	write_routes(line);
	r = open_routes(&c);
	assert_non_null(r);
	finds(r, domain, 0, domain);
	finds(r, "x.example", 1, want);
	routes_close(r);
}

static void
a_route_may_have_several_next_hops(void **state)
{
	struct control c;
	struct routes *r;

	(void)state;
	write_routes("local.example:lmtp:/run/dovecot/lmtp\n"
		     ":[one.example]:587 \t[two.example]:587  mx.example\n");
	r = open_routes(&c);
	assert_non_null(r);
	finds(r, "local.example", true, "lmtp:/run/dovecot/lmtp");
	finds(r, "far.example", true,
		"[one.example]:587 [two.example]:587 mx.example");
	routes_close(r);
}

static void
senders_choose_where_the_recipient_has_no_line(void **state)
{
	struct control c;
	struct routes *r;

	(void)state;
	write_routes("inside.example:[192.0.2.1]\n"
		     "direct.example:\n"
		     "#\n"
		     ":[default.example]\n");
	write_file(senders, "# who sends where\n"
			    "@shop.example:[shop.example]:587\n"
			    "App@shop.example:[app.example]:587\n"
			    "@.lists.example:lists.example\n"
			    "@plain.example:\n"
			    "<>:[bounces.example]\n"
			    "\"a:b\"@shop.example:[quoted.example]\n");
	r = open_routes(&c);
	assert_non_null(r);
	chooses(r, "box@shop.example", "x.example", "[shop.example]:587",
		"senderroutes", 2);
	chooses(r, "app@SHOP.example", "x.example", "[app.example]:587",
		"senderroutes", 3);
	chooses(r, "c@a.b.lists.example", "x.example", "lists.example",
		"senderroutes", 4);
	chooses(r, "c@lists.example", "x.example", "[default.example]",
		"smtproutes", 4);
	chooses(r, "c@plain.example", "x.example", "x.example", "senderroutes",
		5);
	chooses(r, "", "x.example", "[bounces.example]", "senderroutes", 6);
	chooses(r, "\"a:b\"@shop.example", "x.example", "[quoted.example]",
		"senderroutes", 7);
	chooses(r, "box@shop.example", "inside.example", "[192.0.2.1]",
		"smtproutes", 1);
	chooses(r, "box@shop.example", "direct.example", "direct.example",
		"smtproutes", 2);
	routes_close(r);
	unlink(file);
	r = open_routes(&c);
	assert_non_null(r);
	chooses(r, "d@else.example", "x.example", "x.example", NULL, 0);
	routes_close(r);
	write_file(
		senders, "@shop.example:a.example\nshop.example:b.example\n");
	assert_null(open_routes(&c));
	assert_string_equal(control_error(&c),
		"control/senderroutes:2: not a sender before the colon; write "
		"app@domain:ROUTE, @domain:ROUTE, @.domain:ROUTE or <>:ROUTE");
	unlink(senders);
}

static void
one_bad_line_is_an_error_with_its_number(void **state)
{
	static const struct {
		const char *text;
		const char *error;
	} bad[] = {
		{"example.org\n",				    "control/smtproutes:1: no colon; "    },
		{ "a.example:b.example\n\nnot a domain:x.example\n",
                 "control/smtproutes:3: not a domain before"                                               },
		{ "*:x.example\n",				   "control/smtproutes:1: not a domain"  },
		{ "..a:x.example\n",                                 "control/smtproutes:1: not a domain"  },
		{ "[192.0.2.300]:x\n",                               "control/smtproutes:1: not a domain"  },
		{ "[192.0.2.1\n",				    "control/smtproutes:1: no colon"      },
		{ ":x.example:587 user password\n",
                 "control/smtproutes:1: a bare word "                                                      },
		{ ":2001:db8::1\n",                                  "control/smtproutes:1: not a route; " },
		{ ":x:0\n",					  "control/smtproutes:1: not a route; " },
		{ "a.example:192.0.2.1\n",
                 "control/smtproutes:1: an address without brackets"                                       },
		{ "a.example:x\nA.Example:y\n",
                 "control/smtproutes:2: a second route"                                                    },
		{ ":x\n#\n:y\n",				     "control/smtproutes:3: a second route"},
	};
	struct control c;

	(void)state;
	for (size_t i = 0; i < LEN(bad); i++) {
		write_routes(bad[i].text);
		assert_null(open_routes(&c));
		if (strncmp(control_error(&c), bad[i].error,
			    strlen(bad[i].error)) != 0)
			fail_msg("%s: %s", bad[i].text, control_error(&c));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_most_exact_line_wins),
		cmocka_unit_test(without_a_file_a_domain_is_its_own_route),
		cmocka_unit_test(what_is_no_domain_is_no_route),
		cmocka_unit_test(a_domain_of_full_length_fits),
		cmocka_unit_test(a_route_may_have_several_next_hops),
		cmocka_unit_test(
			senders_choose_where_the_recipient_has_no_line),
		cmocka_unit_test(one_bad_line_is_an_error_with_its_number),
	};

	return cmocka_run_group_tests_name(
		"routes", tests, make_world, remove_world);
}

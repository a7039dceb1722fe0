/* SPDX-License-Identifier: ISC
 *
 * route: next hops as text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "pure/route.h"

static void
is_route(const char *text, const char *name, const char *ip, uint16_t port,
	bool use_mx)
{
	char shown[IP_TEXT];
	struct buf b = BUF(shown);
	struct route r;

	if (route_parse(span_of(text), &r) == -1)
		fail_msg("refused: %s", text);
	assert_true(span_eq(r.name, span_of(name)));
	if (r.ip.family)
		ip_print(&b, &r.ip);
	assert_true(span_eq(buf_text(&b), span_of(ip)));
	assert_int_equal(r.port, port);
	assert_int_equal(r.use_mx, use_mx);
	assert_false(r.lmtp);
}

static void
is_lmtp(const char *text, const char *path, const char *name, uint16_t port)
{
	struct route r;

	if (route_parse(span_of(text), &r) == -1)
		fail_msg("refused: %s", text);
	assert_true(r.lmtp);
	assert_false(r.use_mx);
	assert_true(span_eq(r.path, span_of(path)));
	assert_true(span_eq(r.name, span_of(name)));
	assert_int_equal(r.port, port);
}

/* C-082 C-083 */
static void
every_form_is_read(void **state)
{
	(void)state;
	is_route("example.org", "example.org", "", 25, true);
	is_route("example.org:2525", "example.org", "", 2525, true);
	is_route("localhost:1", "localhost", "", 1, true);
	is_route("[smart.example]", "smart.example", "", 25, false);
	is_route("[smart.example]:587", "smart.example", "", 587, false);
	is_route("[192.0.2.1]", "", "192.0.2.1", 25, false);
	is_route("[192.0.2.1]:65535", "", "192.0.2.1", 65535, false);
	is_route("[2001:db8::1]:2525", "", "2001:db8::1", 2525, false);
	is_route("[IPv6:2001:db8::1]", "", "2001:db8::1", 25, false);
	is_route("[ipv6:2001:DB8::1]:26", "", "2001:db8::1", 26, false);
	is_route("[::ffff:192.0.2.1]", "", "192.0.2.1", 25, false);
}

/* L-007 */
static void
lmtp_has_a_socket_or_a_port(void **state)
{
	char longest[5 + ROUTE_PATH + 2] = "lmtp:/";
	struct route r;

	(void)state;
	is_lmtp("lmtp:/run/dovecot/lmtp", "/run/dovecot/lmtp", "", 0);
	is_lmtp("LMTP:/x", "/x", "", 0);
	is_lmtp("lmtp:[mail.example]:24", "", "mail.example", 24);
	is_lmtp("lmtp:[127.0.0.1]:2003", "", "", 2003);
	is_lmtp("lmtp:[::1]:24", "", "", 24);
	is_route("lmtp", "lmtp", "", 25, true);
	is_route("lmtp:24", "lmtp", "", 24, true);
	memset(longest + 6, 'x', ROUTE_PATH - 1);
	assert_int_equal(route_parse(span_of(longest), &r), 0);
	longest[5 + ROUTE_PATH] = 'x';
	assert_int_equal(route_parse(span_of(longest), &r), -1);
}

static void
is_smtps(const char *text, const char *name, uint16_t port, bool use_mx,
	const char *host)
{
	struct route r;

	if (route_parse(span_of(text), &r) == -1)
		fail_msg("refused: %s", text);
	assert_true(r.tls);
	assert_false(r.lmtp);
	assert_int_equal(r.use_mx, use_mx);
	assert_true(span_eq(r.name, span_of(name)));
	assert_int_equal(r.port, port);
	assert_true(span_eq(route_host(span_of(text)), span_of(host)));
}

/* RFC 8314 3.3 */
static void
tls_from_the_first_octet(void **state)
{
	struct route r;

	(void)state;
	is_smtps("smtps:[smart.example]", "smart.example", 465, false,
		"[smart.example]");
	is_smtps("SMTPS:smart.example", "smart.example", 465, false,
		"smart.example");
	is_smtps("smtps:[192.0.2.1]:2465", "", 2465, false, "[192.0.2.1]");
	is_smtps("smtps:[2001:db8::1]", "", 465, false, "[2001:db8::1]");
	is_smtps("[smart.example]:465", "smart.example", 465, false,
		"[smart.example]");
	is_smtps("example.org:465", "example.org", 465, true, "example.org");
	is_route("smtps", "smtps", "", 25, true);
	is_route("smtps:26", "smtps", "", 26, true);
	assert_int_equal(route_parse(SPAN("lmtp:[127.0.0.1]:465"), &r), 0);
	assert_false(r.tls);
	assert_non_null(
		strstr(route_wrong(SPAN("smtps:192.0.2.1")), "smtps:[host]"));
	assert_non_null(strstr(route_wrong(SPAN("smtps:a.x:")), "smtps:["));
}

static void
a_host_without_its_port(void **state)
{
	static const char *const rows[][2] = {
		{"a.x",            "a.x"          },
		{ "a.x:26",        "a.x"          },
		{ "[a.x]:26",      "[a.x]"        },
		{ "[::1]:26",      "[::1]"        },
		{ "lmtp:/x:y",     "lmtp:/x:y"    },
		{ "lmtp:[a.x]:24", "lmtp:[a.x]:24"},
		{ "lmtp:24",       "lmtp"         },
		{ "smtps:24",      "smtps"        },
	};

	(void)state;
	for (size_t i = 0; i < LEN(rows); i++)
		assert_true(span_eq(
			route_host(span_of(rows[i][0])), span_of(rows[i][1])));
}

static void
a_route_is_a_list(void **state)
{
	struct span route = SPAN(" [a.example]:587\t lmtp:/x  b.example ");
	struct span hop;

	(void)state;
	assert_null(route_wrong(route));
	assert_true(route_next(&route, &hop));
	assert_true(span_eq(hop, SPAN("[a.example]:587")));
	assert_true(route_next(&route, &hop));
	assert_true(span_eq(hop, SPAN("lmtp:/x")));
	assert_true(route_next(&route, &hop));
	assert_true(span_eq(hop, SPAN("b.example")));
	assert_false(route_next(&route, &hop));
	assert_null(route_wrong(SPAN("[a] [b] [c] [d] [e] [f] [g] [h]")));
	assert_non_null(strstr(
		route_wrong(SPAN("[a] [b] [c] [d] [e] [f] [g] [h] [i]")), "8"));
	assert_non_null(route_wrong(SPAN("")));
	assert_non_null(route_wrong(SPAN("a.x, b.x")));
	assert_non_null(
		strstr(route_wrong(SPAN("smart.example:587 user password")),
			"passwords do not belong here"));
	assert_non_null(strstr(route_wrong(SPAN("a 192.0.2.1")), "brackets"));
	assert_non_null(strstr(route_wrong(SPAN("lmtp:[a]")), "LMTP needs"));
	assert_non_null(strstr(route_wrong(SPAN("lmtp:a:24")), "LMTP needs"));
}

static void
anything_else_is_refused(void **state)
{
	static const char *const bad[] = { "", ":25",
		"example.org:", "example.org:0", "example.org:65536",
		"example.org:+25", "example.org:25 ", "example.org:smtp",
		"example.org:000025", "example.org:25:25", "2001:db8::1", "::1",
		"[", "[]", "[]:25", "[192.0.2.1", "192.0.2.1]", "[192.0.2.1]25",
		"[192.0.2.1]:", "[2001:db8::1]]", "[IPv6:192.0.2.1]", "[IPv6:]",
		"[IPv4:1.2.3.4]", "a b", "-a.example", "a..example",
		"example.org.", "a_b@c", "[fe80::1%lo]", "[2001:db8::g]",
		"exa\tmple", "lmtp:", "lmtp:/", "lmtp:x", "lmtp:run/lmtp",
		"lmtp:mail.example:24", "lmtp:[mail.example]",
		"lmtp:[mail.example]:25", "lmtp:[127.0.0.1]:0", "lmtp:/a b",
		"lmtp:/a\x7f", "lmtp:/a\n", "/run/lmtp", "smtps:", "smtps:[a",
		"smtps:/x", "smtps:a.x:0", "smtps:smtps:a.x",
		"smtps:192.0.2.1" };
	struct route r;

	(void)state;
	for (size_t i = 0; i < LEN(bad); i++)
		if (route_parse(span_of(bad[i]), &r) == 0)
			fail_msg("taken: %s", bad[i]);
	assert_int_equal(
		route_parse((struct span){ "a\0.example", 10 }, &r), -1);
}

static void
keys_name_next_hops_and_senders(void **state)
{
	static const char *const hops[] = { "*", ".example", "a.x", "[a.x]:25",
		"smtps:a.x", "lmtp:/run/lmtp", "[192.0.2.1]" };
	static const char *const not_hops[] = { "", ".", "192.0.2.1", "a b",
		"*.example" };
	static const char *const senders[] = { "<>", "a@b.x", "@b.x", "@.x" };
	static const char *const not_senders[] = { "", "a", "@", "@.", "@[a]",
		"@.[192.0.2.1]", "a@" };
	struct route r;

	(void)state;
	for (size_t i = 0; i < LEN(hops); i++)
		assert_true(route_key(span_of(hops[i]), &r));
	for (size_t i = 0; i < LEN(not_hops); i++)
		assert_false(route_key(span_of(not_hops[i]), &r));
	for (size_t i = 0; i < LEN(senders); i++)
		assert_true(route_sender_key(span_of(senders[i])));
	for (size_t i = 0; i < LEN(not_senders); i++)
		assert_false(route_sender_key(span_of(not_senders[i])));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form_is_read),
		cmocka_unit_test(lmtp_has_a_socket_or_a_port),
		cmocka_unit_test(tls_from_the_first_octet),
		cmocka_unit_test(a_host_without_its_port),
		cmocka_unit_test(a_route_is_a_list),
		cmocka_unit_test(keys_name_next_hops_and_senders),
		cmocka_unit_test(anything_else_is_refused),
	};

	return cmocka_run_group_tests_name("route", tests, NULL, NULL);
}

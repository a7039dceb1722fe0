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
		"exa\tmple" };
	struct route r;

	(void)state;
	for (size_t i = 0; i < LEN(bad); i++)
		if (route_parse(span_of(bad[i]), &r) == 0)
			fail_msg("taken: %s", bad[i]);
	assert_int_equal(
		route_parse((struct span){ "a\0.example", 10 }, &r), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form_is_read),
		cmocka_unit_test(anything_else_is_refused),
	};

	return cmocka_run_group_tests_name("route", tests, NULL, NULL);
}

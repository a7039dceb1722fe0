/* SPDX-License-Identifier: ISC
 *
 * tlspolicy: control/tlspolicy. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "control/tlspolicy.h"
#include "world.h"

#define HEX "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF"

static struct tlspolicy *
open_table(const char *text, struct control *c)
{
	struct tlspolicy *p;

	world_file("tlspolicy", text);
	assert_int_equal(control_open(c), 0);
	p = tlspolicy_open(c);
	control_close(c);
	return p;
}

static void
holds(const struct tlspolicy *p, const char *hop, enum tlspolicy_level level,
	unsigned line)
{
	struct tlspolicy_choice out;

	tlspolicy_find(p, span_of(hop), false, &out);
	if (out.level != level || out.line != line)
		fail_msg("%s: %s, line %u", hop, tlspolicy_word(out.level),
			out.line);
}

/* T-035 T-038: the order in which lines decide, and the defaults. */
static void
the_most_exact_line_decides(void **state)
{
	struct tlspolicy_choice out;
	struct tlspolicy *p;
	struct control c;

	(void)state;
	p = open_table(
		"# policies\n"
		"*: encrypt\n"
		"[smart.example]:587:  verify  mx.example  .example.net\n"
		"[smart.example]: none\n"
		".example.net:\tnone\n"
		"example.org: verify\n"
		"smtps:[two.example]: fingerprint SHA256:" HEX "\n"
		".b.example.net: may\n"
		"lmtp:[127.0.0.1]:24: none\n"
		"three.example: verify\n"
		"[three.example]:26: may\n",
		&c);
	assert_non_null(p);
	holds(p, "[SMART.example]:587", TLSPOLICY_VERIFY, 3);
	holds(p, "[smart.example]:25", TLSPOLICY_NONE, 4);
	holds(p, "smtps:[smart.example]", TLSPOLICY_NONE, 4);
	holds(p, "smtps:smart.example:587", TLSPOLICY_VERIFY, 3);
	holds(p, "smart.example", TLSPOLICY_ENCRYPT, 2);
	holds(p, "a.example.net", TLSPOLICY_NONE, 5);
	holds(p, "[a.example.net]", TLSPOLICY_NONE, 5);
	holds(p, "a.b.example.net:26", TLSPOLICY_MAY, 8);
	holds(p, "example.net", TLSPOLICY_ENCRYPT, 2);
	holds(p, "example.org", TLSPOLICY_VERIFY, 6);
	holds(p, "[two.example]:465", TLSPOLICY_FINGERPRINT, 7);
	holds(p, "[two.example]", TLSPOLICY_ENCRYPT, 2);
	holds(p, "lmtp:[127.0.0.1]:24", TLSPOLICY_NONE, 9);
	holds(p, "lmtp:[127.0.0.1]:25024", TLSPOLICY_ENCRYPT, 2);
	holds(p, "[three.example]", TLSPOLICY_VERIFY, 10);
	holds(p, "three.example:26", TLSPOLICY_VERIFY, 10);
	holds(p, "[three.example]:26", TLSPOLICY_MAY, 11);
	tlspolicy_find(p, SPAN("[smart.example]:587"), true, &out);
	assert_true(span_eq(out.words, SPAN("mx.example  .example.net")));
	tlspolicy_close(p);

	p = open_table("", &c);
	holds(p, "example.org", TLSPOLICY_MAY, 0);
	tlspolicy_find(p, SPAN("[smart.example]:587"), true, &out);
	assert_int_equal(out.level, TLSPOLICY_VERIFY);
	assert_int_equal(out.line, 0);
	tlspolicy_close(p);
}

static void
what_is_wrong_is_said(void **state)
{
	static const char *const bad[] = { "example.org", "example.org may",
		"example.org:may", "example.org:", "example.org: maybe",
		"example.org: dane", ": may", "a..b: may", "192.0.2.1: may",
		"may", "*: may x", "*: none SHA256:" HEX, "*: verify -x.y",
		"*: fingerprint", "*: fingerprint " HEX,
		"*: fingerprint SHA256:0" HEX, "*: fingerprint SHA256:00",
		"*: fingerprint SHA256:" HEX " x", "*: may\n*: none",
		"[a.x]:26: may\n[A.x]:26: may", ".: may" };
	struct control c;

	(void)state;
	for (size_t i = 0; i < LEN(bad); i++) {
		if (open_table(bad[i], &c))
			fail_msg("taken: %s", bad[i]);
		if (strncmp(control_error(&c), "control/tlspolicy:", 18) != 0)
			fail_msg("%s: %s", bad[i], control_error(&c));
	}
}

static void
fingerprints_are_hex(void **state)
{
	unsigned char digest[TLSPOLICY_DIGEST];

	(void)state;
	assert_int_equal(tlspolicy_fingerprint(SPAN("sha256:" HEX), digest), 0);
	assert_int_equal(digest[1], 0x11);
	assert_int_equal(digest[31], 0xff);
	assert_int_equal(
		tlspolicy_fingerprint(
			SPAN("SHA256:00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:"
			     "ee:ff:00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:"
			     "ee:ff"),
			digest),
		0);
	assert_int_equal(digest[30], 0xee);
	assert_int_equal(
		tlspolicy_fingerprint(SPAN("SHA256:" HEX ":"), digest), -1);
	assert_int_equal(
		tlspolicy_fingerprint(SPAN("SHA256::" HEX), digest), -1);
	assert_int_equal(tlspolicy_fingerprint(SPAN(""), digest), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			the_most_exact_line_decides, world_begin, world_end),
		cmocka_unit_test_setup_teardown(
			what_is_wrong_is_said, world_begin, world_end),
		cmocka_unit_test(fingerprints_are_hex),
	};

	return cmocka_run_group_tests_name("tlspolicy", tests, NULL, NULL);
}

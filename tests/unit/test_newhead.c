/* SPDX-License-Identifier: ISC
 *
 * newhead, people: what sendmail adds to a message, and to whom it goes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "pure/newhead.h"
#include "pure/people.h"

static struct people people;

static void
from_is(struct span name, const char *field)
{
	char text[4096];
	struct buf out = BUF(text);

	newhead_from(&out, name, SPAN("a@x"));
	buf_cstr(&out);
	assert_false(out.over);
	assert_string_equal(text, field);
}

/* L-017 */
static void
from_has_the_form_that_it_needs(void **state)
{
	(void)state;
	from_is(SPAN(""), "From: a@x\r\n");
	from_is(SPAN("  "), "From: a@x\r\n");
	from_is(SPAN("App Other"), "From: App Other <a@x>\r\n");
	from_is(SPAN("App O. \"Q\""), "From: \"App O. \\\"Q\\\"\" <a@x>\r\n");
	from_is(SPAN("root (x) <y@z>,"), "From: \"root (x) <y@z>,\" <a@x>\r\n");
	from_is(SPAN("a\r\nBcc: b@c"), "From: \"a  Bcc: b@c\" <a@x>\r\n");
	from_is(SPAN("J\xc3\xb6rg"), "From: =?utf-8?q?J=C3=B6rg?= <a@x>\r\n");
	from_is(SPAN("a\xff\x80z"), "From: \"a??z\" <a@x>\r\n");
	from_is(SPAN("=?utf-8?q?x?="), "From: \"=?utf-8?q?x?=\" <a@x>\r\n");
}

/* RFC 2047 2 and 5: 75 octets at most, no character in two words */
static void
long_names_are_folded(void **state)
{
	char name[600];
	char text[4096];
	struct buf out = BUF(text);
	size_t line = 0;

	(void)state;
	for (size_t i = 0; i < sizeof name; i += 3)
		memcpy(name + i, "\xe2\x82\xac", 3);
	newhead_from(&out, (struct span){ name, sizeof name }, SPAN("a@x"));
	assert_false(out.over);
	for (size_t i = 0; i < out.len; i++) {
		line = text[i] == '\n' ? 0 : line + 1;
		assert_true(line <= 82);
		/* a word ends behind the last octet of a character */
		if (text[i] == '?' && text[i + 1] == '=' && text[i + 2] <= ' ')
			assert_memory_equal(text + i - 3, "=AC", 3);
	}
	assert_memory_equal(text + out.len - 7, "<a@x>\r\n", 7);
}

static void
date_and_id(void **state)
{
	const uint64_t chance[2] = { 1, UINT64_MAX };
	char text[256];
	struct buf out = BUF(text);

	(void)state;
	newhead_date(&out, 0);
	newhead_id(&out, 16, chance, SPAN("h.example"));
	assert_string_equal(buf_cstr(&out),
		"Date: Thu, 01 Jan 1970 00:00:00 +0000\r\n"
		"Message-ID: <00000000000010.0000000000000001"
		"ffffffffffffffff@h.example>\r\n");
}

/* */
static void
everybody_once_in_order(void **state)
{
	static const char *const in[] = { "a@x", "b@x", "a@X", "A@x", "b@x",
		"root", "Root", "root" };
	static const char *const once[] = { "a@x", "b@x", "A@x", "root",
		"Root" };
	struct span who;
	size_t at = 0;

	(void)state;
	for (size_t i = 0; i < LEN(in); i++)
		assert_int_equal(people_add(&people, span_of(in[i])), 0);
	assert_int_equal(people.count, LEN(once));
	for (size_t i = 0; i < LEN(once); i++) {
		assert_true(people_next(&people, &at, &who));
		assert_true(span_eq(who, span_of(once[i])));
	}
	assert_false(people_next(&people, &at, &who));
	people_cut(&people, 8);
	assert_int_equal(people.count, 2);
	people_add(&people, SPAN("b@x"));
	assert_int_equal(people.count, 2);
	people_add(&people, SPAN("A@x"));
	assert_int_equal(people.count, 3);
}

static void
many_people(void **state)
{
	char text[32];

	(void)state;
	people_cut(&people, 0);
	for (uint64_t i = 0; i <= PEOPLE_MAX; i++) {
		struct buf b = BUF(text);

		buf_number(&b, i);
		buf_str(&b, "@x.example");
		assert_int_equal(people_add(&people, buf_text(&b)),
			i < PEOPLE_MAX ? 0 : -1);
	}
	assert_int_equal(people.count, PEOPLE_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(from_has_the_form_that_it_needs),
		cmocka_unit_test(long_names_are_folded),
		cmocka_unit_test(date_and_id),
		cmocka_unit_test(everybody_once_in_order),
		cmocka_unit_test(many_people),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC
 *
 * final: what becomes of a message's octets on their way into a mailbox. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdlib.h>

#include "pure/final.h"

static bool looped;

/* Feeds text in pieces of `step` octets. Returns the length of the result. */
static size_t
convert(struct span text, size_t step, char *out)
{
	struct final f;
	size_t n = 0;

	final_begin(&f, SPAN("App@one.example"));
	for (size_t i = 0; i < text.n; i += step) {
		struct span piece = span_head(span_from(text, i), step);
		size_t got = final_feed(&f, piece, out + n);

		assert_true(got <= piece.n + FINAL_HOLD);
		n += got;
	}
	n += final_end(&f, out + n);
	looped = f.loop;
	return n;
}

/* The result is the same however the text is split. */
static void
assert_converts(const char *from, const char *to, bool loop)
{
	struct span text = span_of(from);
	char out[4096];

	for (size_t step = 1; step <= text.n + 1; step++) {
		size_t n = convert(text, step, out);

		assert_int_equal(n, strlen(to));
		assert_memory_equal(out, to, n);
		assert_int_equal(looped, loop);
	}
}

static void
line_ends_become_lf(void **state)
{
	(void)state;
	assert_converts(
		"A: b\r\n\r\nx\r\n\r\ny\r\n", "A: b\n\nx\n\ny\n", false);
	assert_converts("A: b\n\nx\ry\r\r\nz\r", "A: b\n\nx\ry\r\nz\r", false);
	assert_converts("", "", false);
	assert_converts("\r\nbody\r\n", "\nbody\n", false);
	assert_converts("A: b", "A: b", false);
	assert_converts("Retur", "Retur", false);
}

/* L-002 S-219: a Return-Path of the road is not carried into the mailbox. */
static void
return_path_is_left_out(void **state)
{
	(void)state;
	assert_converts("Return-Path: <a@b>\r\nA: b\r\n\r\nReturn-Path: c\r\n",
		"A: b\n\nReturn-Path: c\n", false);
	assert_converts(
		"A: b\r\nreturn-PATH:\r\n\t<a@b>\r\n (x)\r\nC: d\r\n\r\n",
		"A: b\nC: d\n\n", false);
	assert_converts("A: b\r\nReturn-Path : x\r\nReturn-Path:y\r\n\r\n",
		"A: b\n\n", false);
	assert_converts("Return-Paths: x\r\nX-Return-Path: y\r\n  Return-Path: "
			"z\r\n\r\n",
		"Return-Paths: x\nX-Return-Path: y\n  Return-Path: z\n\n",
		false);
	assert_converts("Return-Path: x", "", false);
}

/* A line that is no field ends the header section. */
static void
a_body_without_header_is_left_alone(void **state)
{
	(void)state;
	assert_converts("hello\r\nReturn-Path: x\r\n",
		"hello\nReturn-Path: x\n", false);
	assert_converts("hello, world and all\r\nReturn-Path: x\r\n",
		"hello, world and all\nReturn-Path: x\n", false);
}

/* S-218 */
static void
delivered_to_is_seen(void **state)
{
	(void)state;
	assert_converts("A: b\r\nDELIVERED-to:  app@ONE.example \r\n\r\n",
		"A: b\nDELIVERED-to:  app@ONE.example \n\n", true);
	assert_converts("Delivered-To:\r\n app@one.example\r\nA: b\r\n\r\n",
		"Delivered-To:\n app@one.example\nA: b\n\n", true);
	assert_converts("Delivered-To: app@one.example",
		"Delivered-To: app@one.example", true);
	assert_converts("Delivered-To: app@one.example\r\n",
		"Delivered-To: app@one.example\n", true);
	assert_converts("Delivered-To: box@one.example\r\n\r\n",
		"Delivered-To: box@one.example\n\n", false);
	assert_converts("Delivered-To: app@one.example.org\r\n\r\n",
		"Delivered-To: app@one.example.org\n\n", false);
	assert_converts("A: b\r\n\r\nDelivered-To: app@one.example\r\n",
		"A: b\n\nDelivered-To: app@one.example\n", false);
	assert_converts("A: b\r\n Delivered-To: app@one.example\r\n\r\n",
		"A: b\n Delivered-To: app@one.example\n\n", false);
}

/* A value longer than any recipient is compared whole, never cut. */
static void
a_long_delivered_to_is_another(void **state)
{
	static char text[LIMIT_ADDRESS * 4];
	static char out[sizeof text + FINAL_HOLD];
	size_t n;

	(void)state;
	memset(text, 'x', sizeof text);
	memcpy(text, "Delivered-To: app@one.example", 29);
	n = convert((struct span){ text, sizeof text }, sizeof text, out);
	assert_int_equal(n, sizeof text);
	assert_false(looped);
	memset(text + 29, ' ', sizeof text - 29);
	text[sizeof text - 1] = 'x';
	convert((struct span){ text, sizeof text }, 100, out);
	assert_false(looped);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(line_ends_become_lf),
		cmocka_unit_test(return_path_is_left_out),
		cmocka_unit_test(a_body_without_header_is_left_alone),
		cmocka_unit_test(delivered_to_is_seen),
		cmocka_unit_test(a_long_delivered_to_is_another),
	};

	return cmocka_run_group_tests_name("final", tests, NULL, NULL);
}

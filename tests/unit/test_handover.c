/* SPDX-License-Identifier: ISC
 *
 * handover and authtalk: words between smtpd, tls and auth. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "pure/authtalk.h"
#include "pure/handover.h"

#define BLOCK(text) ((struct span){ text, sizeof(text) - 1 })

static void
a_word_comes_back_as_it_went(void **state)
{
	const struct handover sent = { .service = SPAN("smtp"),
		.client = SPAN("192.0.2.1"),
		.version = SPAN("TLSv1.3"),
		.cipher = SPAN("TLS_AES_256_GCM_SHA384"),
		.name = SPAN("mx.example.org"),
		.fingerprint = SPAN("00ff"),
		.exporter = SPAN("a1"),
		.endpoint = SPAN("b2") };
	char text[HANDOVER_MAX];
	struct buf out = BUF(text);
	struct handover got;

	(void)state;
	handover_print(&out, &sent);
	assert_false(out.over);
	assert_int_equal(
		handover_length(span_head(buf_text(&out), HANDOVER_HEAD)),
		out.len - HANDOVER_HEAD);
	assert_int_equal(
		handover_parse(span_from(buf_text(&out), HANDOVER_HEAD), &got),
		0);
	assert_true(span_eq(got.client, sent.client));
	assert_true(span_eq(got.cipher, sent.cipher));
	assert_true(span_eq(got.endpoint, sent.endpoint));
	assert_int_equal(got.error.n, 0);
}

static void
ready_is_an_empty_block(void **state)
{
	const struct handover ready = { .error = SPAN("") };
	char text[HANDOVER_MAX];
	struct buf out = BUF(text);

	(void)state;
	handover_print(&out, &ready);
	assert_true(span_eq(buf_text(&out), SPAN("0000")));
}

static void
bad_words_are_refused(void **state)
{
	const struct span bad[] = { BLOCK("V"), BLOCK("Vx"), BLOCK("\0"),
		BLOCK("V\0"), BLOCK("Va\0Vb\0"), BLOCK("Za\0"), BLOCK("Va\n\0"),
		BLOCK("Fxx\0"), BLOCK("Va\0K") };
	struct handover word;

	(void)state;
	for (size_t i = 0; i < LEN(bad); i++)
		if (handover_parse(bad[i], &word) != -1)
			fail_msg("word %zu was taken", i);
	assert_int_equal(handover_length(SPAN("07fc")), 2044);
	assert_int_equal(handover_length(SPAN("07fd")), -1);
	assert_int_equal(handover_length(SPAN("00g0")), -1);
	assert_int_equal(handover_length(SPAN("000")), -1);
}

static void
a_block_that_is_too_long_is_none(void **state)
{
	static char big[HANDOVER_MAX];
	char text[2 * HANDOVER_MAX];
	struct buf out = BUF(text);
	struct handover word = {
		.error = {big, sizeof big - 6}
	};

	(void)state;
	memset(big, 'x', sizeof big);
	handover_print(&out, &word);
	assert_false(out.over);
	assert_int_equal(out.len, HANDOVER_MAX);
	out.len = 0;
	word.error.n++;
	handover_print(&out, &word);
	assert_true(out.over);
}

static void
flags_and_lines_of_authtalk(void **state)
{
	char text[256];
	struct buf out = BUF(text);
	const struct authtalk sent = { .mechanism = SPAN("PLAIN"),
		.tls = SPAN("S"),
		.initial = SPAN("\x01\xff=") };
	struct authtalk got;

	(void)state;
	authtalk_print(&out, &sent);
	assert_true(span_eq(buf_text(&out), BLOCK("MPLAIN\0S\0I\x01\xff=\0")));
	assert_int_equal(authtalk_parse(buf_text(&out), &got), 0);
	assert_true(got.tls.n > 0);
	assert_true(span_eq(got.initial, sent.initial));
	assert_int_equal(got.client.n, 0);
	assert_int_equal(authtalk_parse(BLOCK("S1\0"), &got), -1);
	assert_int_equal(authtalk_parse(BLOCK("S\0S\0"), &got), -1);
	assert_int_equal(authtalk_parse(BLOCK("k\xc3\xa9\0"), &got), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_word_comes_back_as_it_went),
		cmocka_unit_test(ready_is_an_empty_block),
		cmocka_unit_test(bad_words_are_refused),
		cmocka_unit_test(a_block_that_is_too_long_is_none),
		cmocka_unit_test(flags_and_lines_of_authtalk),
	};

	return cmocka_run_group_tests_name("handover", tests, NULL, NULL);
}

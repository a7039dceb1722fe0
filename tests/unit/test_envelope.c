/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "pure/envelope.h"
#include "pure/limits.h"

struct record {
	char letter;
	struct span value;
};

/* Judges records up to the first that is refused, and the end. */
static enum envelope_verdict
judge(const struct record *records, size_t n)
{
	struct envelope_state state = { 0 };

	for (size_t i = 0; i < n; i++) {
		enum envelope_verdict verdict = envelope_check(
			&state, records[i].letter, records[i].value);

		if (verdict != ENVELOPE_OK)
			return verdict;
	}
	return envelope_end(&state);
}

#define R(letter, text)                                                        \
	{                                                                      \
		letter, SPAN_INIT(text)                                        \
	}
#define JUDGE(...)                                                             \
	judge((struct record[]){ __VA_ARGS__ },                                \
		LEN(((struct record[]){ __VA_ARGS__ })))

/* */
static void
every_record_has_its_place(void **state)
{
	(void)state;
	assert_int_equal(
		JUDGE(R('F', "a@b.example"), R('B', "8BITMIME"), R('U', ""),
			R('E', "id+2B1"), R('R', "HDRS"), R('Q', ""),
			R('P', "ESMTP"), R('C', "192.0.2.1"), R('H', "c"),
			R('A', "user"), R('D', "report"), R('T', "x@y.example"),
			R('N', "SUCCESS,DELAY"), R('O', "rfc822;x@y"),
			R('T', "z@y.example"), R('O', "rfc822;z@y"),
			R('N', "never"), R('T', "x@y.example")),
		ENVELOPE_OK);
	assert_int_equal(JUDGE(R('F', ""), R('T', "a@b")), ENVELOPE_OK);
}

static void
a_record_out_of_place_is_refused(void **state)
{
	(void)state;
	assert_int_equal(JUDGE(R('T', "a@b")), ENVELOPE_ORDER);
	assert_int_equal(JUDGE(R('B', "7BIT")), ENVELOPE_ORDER);
	assert_int_equal(JUDGE(R('F', ""), R('F', "")), ENVELOPE_ORDER);
	assert_int_equal(JUDGE(R('F', ""), R('N', "NEVER")), ENVELOPE_ORDER);
	assert_int_equal(
		JUDGE(R('F', ""), R('U', ""), R('U', "")), ENVELOPE_ORDER);
	assert_int_equal(
		JUDGE(R('F', ""), R('T', "a@b"), R('U', "")), ENVELOPE_ORDER);
	assert_int_equal(
		JUDGE(R('F', ""), R('T', "a@b"), R('F', "")), ENVELOPE_ORDER);
	assert_int_equal(JUDGE(R('F', ""), R('T', "a@b"), R('N', "NEVER"),
				 R('N', "NEVER")),
		ENVELOPE_ORDER);
	assert_int_equal(JUDGE(R('F', ""), R('T', "a@b"), R('O', "rfc822;x"),
				 R('O', "rfc822;x")),
		ENVELOPE_ORDER);
}

static void
unknown_letters_are_refused(void **state)
{
	(void)state;
	for (int c = 0; c < 256; c++) {
		struct envelope_state s = { 0 };
		bool known = c && strchr("FBUERQPCHADTNO", c);
		enum envelope_verdict verdict =
			envelope_check(&s, (char)c, SPAN(""));

		assert_true(known == (verdict != ENVELOPE_LETTER));
	}
}

/* Q-008 S-085: in every record. */
static void
no_nul_cr_or_lf_in_any_value(void **state)
{
	(void)state;
	for (const char *letter = "FBUERQPCHATNOx"; *letter; letter++)
		for (size_t i = 0; i < 3; i++) {
			struct envelope_state s = { 0 };
			char value[3] = { 'a', "\r\n"[i], 'b' };

			assert_int_equal(envelope_check(&s, *letter,
						 (struct span){ value, 3 }),
				ENVELOPE_BYTES);
		}
}

static void
values_mean_something(void **state)
{
	(void)state;
	assert_int_equal(JUDGE(R('F', ""), R('T', "")), ENVELOPE_VALUE);
	assert_int_equal(JUDGE(R('F', ""), R('B', "8bit")), ENVELOPE_VALUE);
	assert_int_equal(JUDGE(R('F', ""), R('B', "")), ENVELOPE_VALUE);
	assert_int_equal(JUDGE(R('F', ""), R('R', "ALL")), ENVELOPE_VALUE);
	assert_int_equal(JUDGE(R('F', ""), R('U', "x")), ENVELOPE_VALUE);
	assert_int_equal(JUDGE(R('F', ""), R('Q', "x")), ENVELOPE_VALUE);
	assert_int_equal(
		JUDGE(R('F', ""), R('E', "a RET=FULL")), ENVELOPE_VALUE);
	assert_int_equal(JUDGE(R('F', ""), R('T', "a@b"), R('N', "FOO")),
		ENVELOPE_VALUE);
	assert_int_equal(JUDGE(R('F', ""), R('T', "a@b"), R('O', "rfc822")),
		ENVELOPE_VALUE);
}

static void
an_envelope_has_a_sender_and_a_recipient(void **state)
{
	struct envelope_state none = { 0 };

	(void)state;
	assert_int_equal(envelope_end(&none), ENVELOPE_EMPTY);
	assert_int_equal(JUDGE(R('F', "a@b")), ENVELOPE_EMPTY);
	assert_int_equal(JUDGE(R('F', "a@b"), R('U', "")), ENVELOPE_EMPTY);
}

static void
too_long_is_an_answer(void **state)
{
	static char text[LIMIT_RECORD];
	struct span most = { text, LIMIT_RECORD - 2 };
	struct span more = { text, LIMIT_RECORD - 1 };
	struct envelope_state s = { 0 };
	uint64_t sum = LIMIT_RECORD;

	(void)state;
	memset(text, 'x', sizeof text);
	assert_int_equal(envelope_check(&s, 'F', most), ENVELOPE_OK);
	assert_int_equal(envelope_check(&s, 'T', more), ENVELOPE_LONG);
	while (sum + LIMIT_RECORD <= LIMIT_ENVELOPE) {
		assert_int_equal(envelope_check(&s, 'T', most), ENVELOPE_OK);
		sum += LIMIT_RECORD;
	}
	assert_int_equal(envelope_check(&s, 'T', most), ENVELOPE_LONG);
}

/* 100000 recipients need no memory. */
static void
many_recipients_are_counted(void **state)
{
	struct envelope_state s = { 0 };

	(void)state;
	assert_int_equal(envelope_check(&s, 'F', SPAN("")), ENVELOPE_OK);
	for (unsigned i = 0; i < 100000; i++)
		assert_int_equal(
			envelope_check(&s, 'T', SPAN("a@b")), ENVELOPE_OK);
	assert_int_equal(s.recipients, 100000);
	assert_int_equal(envelope_end(&s), ENVELOPE_OK);
}

static void
records_are_written_whole_or_not(void **state)
{
	char text[8];
	struct buf out = BUF(text);

	(void)state;
	envelope_put(&out, 'F', SPAN("ab"));
	assert_int_equal(out.len, 4);
	assert_memory_equal(text, "Fab\0", 4);
	envelope_put(&out, 'T', SPAN("abc"));
	assert_true(out.over);
	assert_int_equal(out.len, 4);
	out.over = false;
	envelope_put(&out, 'T', SPAN("cd"));
	assert_false(out.over);
	assert_memory_equal(text, "Fab\0Tcd\0", 8);
}

static void
every_verdict_has_words(void **state)
{
	(void)state;
	for (int v = ENVELOPE_OK; v <= ENVELOPE_EMPTY; v++)
		assert_true(strlen(envelope_why((enum envelope_verdict)v)) > 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_record_has_its_place),
		cmocka_unit_test(a_record_out_of_place_is_refused),
		cmocka_unit_test(unknown_letters_are_refused),
		cmocka_unit_test(no_nul_cr_or_lf_in_any_value),
		cmocka_unit_test(values_mean_something),
		cmocka_unit_test(an_envelope_has_a_sender_and_a_recipient),
		cmocka_unit_test(too_long_is_an_answer),
		cmocka_unit_test(many_recipients_are_counted),
		cmocka_unit_test(records_are_written_whole_or_not),
		cmocka_unit_test(every_verdict_has_words),
	};

	return cmocka_run_group_tests_name("envelope", tests, NULL, NULL);
}

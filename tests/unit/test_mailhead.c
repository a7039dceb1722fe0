/* SPDX-License-Identifier: ISC
 *
 * mailhead: what of a header leaves, whom it names, what it lacks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "pure/mailhead.h"

static char kept[1 << 17];
static char named[1 << 16];
static struct mailhead head;
static struct span why;

/* Reads a message by pieces of `step`; `kept` is what leaves, `named` the
 * mailboxes with a bar behind each, r before those of Resent-. */
static enum mailhead_verdict
read_all(struct span text, size_t step, bool extract)
{
	struct buf all = BUF(kept);
	struct buf list = BUF(named);
	struct span piece = SPAN("");
	enum mailhead_verdict verdict = MAILHEAD_MORE;

	head = (struct mailhead){ .extract = extract };
	while (verdict <= MAILHEAD_MAILBOX) {
		char small[MAILHEAD_ROOM + 4096];
		struct buf out = BUF(small);

		if (!piece.n && text.n) {
			piece = span_head(text, step < 4096 ? step : 4096);
			text = span_from(text, piece.n);
		}
		verdict = piece.n ? mailhead_feed(&head, &piece, &out)
				  : mailhead_end(&head, &out);
		assert_false(out.over);
		buf_span(&all, buf_text(&out));
		if (verdict != MAILHEAD_MAILBOX)
			continue;
		buf_str(&list, head.resent ? "r" : "");
		buf_span(&list, (struct span){ head.list.text, head.list.len });
		buf_char(&list, '|');
	}
	buf_span(&all, piece);
	buf_span(&all, text);
	buf_cstr(&all);
	buf_cstr(&list);
	assert_false(all.over || list.over);
	why = verdict == MAILHEAD_BAD ? span_of(head.list.why) : SPAN("");
	return verdict;
}

static void
becomes(const char *text, const char *leaves, const char *names, unsigned seen)
{
	size_t n = strlen(text);

	for (size_t step = 1; step <= n + 1; step++) {
		assert_int_equal(
			read_all(span_of(text), step, true), MAILHEAD_END);
		assert_string_equal(kept, leaves);
		assert_string_equal(named, names);
		assert_int_equal(head.seen, seen);
	}
	assert_int_equal(read_all(span_of(text), 7, false), MAILHEAD_END);
	assert_string_equal(kept, leaves);
	assert_string_equal(named, "");
}

/* L-009 */
static void
recipients_and_bcc(void **state)
{
	(void)state;
	becomes("To: a@b, (x) c@d\r\nBCC : App <e@f>,\r\n\tg@h\r\ncc: "
		"i\r\n\r\nTo: j\r\n",
		"To: a@b, (x) c@d\r\ncc: i\r\n\r\nTo: j\r\n",
		"a@b|c@d|e@f|g@h|i|", 0);
	becomes("Bcc: a@b\r\n\r\n", "\r\n", "a@b|", 0);
	becomes("Bcc: a@b", "\r\n", "a@b|", 0);
	becomes("To: a\r\nResent-To: b\r\nResent-Bcc: c\r\nResent-cc: d@e,\r\n "
		"f\r\n\r\nx",
		"To: a\r\nResent-To: b\r\nResent-cc: d@e,\r\n f\r\n\r\nx",
		"a|rb|rc|rd@e|rf|", MAILHEAD_RESENT);
	becomes("Return-Path: <x@y>\r\nTo:\r\n\r\n", "To:\r\n\r\n", "", 0);
}

/* L-017 */
static void
what_is_there(void **state)
{
	(void)state;
	becomes("date: x\r\nFROM : y\r\nMessage-Id: z\r\n\r\nb",
		"date: x\r\nFROM : y\r\nMessage-Id: z\r\n\r\nb", "",
		MAILHEAD_DATE | MAILHEAD_FROM | MAILHEAD_ID);
	becomes("Dates: x\r\nX-From: y\r\n z: From: \r\n\r\nFrom: b",
		"Dates: x\r\nX-From: y\r\n z: From: \r\n\r\nFrom: b", "", 0);
	becomes("", "\r\n", "", 0);
}

/* S-118 D-016 */
static void
where_the_body_begins(void **state)
{
	(void)state;
	becomes("hello\r\n", "\r\nhello\r\n", "", 0);
	becomes("hello", "\r\nhello", "", 0);
	becomes(" To: a\r\n", "\r\n To: a\r\n", "", 0);
	becomes("hello to: a\r\n", "\r\nhello to: a\r\n", "", 0);
	becomes("To: a\r\nhello, b\r\nCc: c\r\n",
		"To: a\r\n\r\nhello, b\r\nCc: c\r\n", "a|", 0);
	becomes("To: a\r\n: b\r\n", "To: a\r\n\r\n: b\r\n", "a|", 0);
	becomes("To: a\r\nT\xc3\xb6: b\r\n", "To: a\r\n\r\nT\xc3\xb6: b\r\n",
		"a|", 0);
	becomes("From a@b Mon Nov 23\r\nTo: c\r\n\r\nx", "To: c\r\n\r\nx", "c|",
		0);
	becomes(">From a@b Mon Nov 23\r\nTo: c\r\n\r\nx", "To: c\r\n\r\nx",
		"c|", 0);
	becomes("To: c\r\nFrom a@b\r\n", "To: c\r\n\r\nFrom a@b\r\n", "c|", 0);
	becomes("From \t: a\r\n", "From \t: a\r\n\r\n", "", MAILHEAD_FROM);
}

static void
lists_that_cannot_be_read(void **state)
{
	(void)state;
	for (size_t step = 1; step < 30; step++) {
		assert_int_equal(
			read_all(SPAN("To: a@b\r\nCc: (x\r\n\r\n"), step, true),
			MAILHEAD_BAD);
		assert_true(span_eq(why, SPAN("a ( without its )")));
		assert_true(span_eq(
			(struct span){ head.name, head.name_len }, SPAN("Cc")));
	}
	assert_int_equal(
		read_all(SPAN("Cc: (x\r\n\r\n"), 9, false), MAILHEAD_END);
}

/* D-016: any length, nothing kept */
static void
long_headers(void **state)
{
	static char text[1 << 16];
	size_t n = 0;
	size_t count = 0;

	(void)state;
	memcpy(text, "Bcc: ", 5);
	for (n = 5; n < sizeof text - 16; n += 5)
		memcpy(text + n, "a@b, ", 5);
	memcpy(text + n, "\r\n\r\n", 4);
	assert_int_equal(read_all((struct span){ text, n + 4 }, 4096, true),
		MAILHEAD_END);
	for (const char *p = named; *p; p++)
		count += *p == '|';
	assert_int_equal(count, (n - 5) / 5);
	assert_string_equal(kept, "\r\n");
	memset(text, 'x', 2000);
	memcpy(text + 2000, ": y\r\n\r\n", 7);
	assert_int_equal(
		read_all((struct span){ text, 2007 }, 100, true), MAILHEAD_END);
	assert_int_equal(strlen(kept), 2009);
	assert_memory_equal(kept, "\r\nxx", 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recipients_and_bcc),
		cmocka_unit_test(what_is_there),
		cmocka_unit_test(where_the_body_begins),
		cmocka_unit_test(lists_that_cannot_be_read),
		cmocka_unit_test(long_headers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

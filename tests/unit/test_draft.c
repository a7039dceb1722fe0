/* SPDX-License-Identifier: ISC
 *
 * draft: what a program hands in, wherever a read may cut it, and what is kept
 * of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include <sys/mman.h>
#include <unistd.h>

#include "smtp/draft.h"

enum { READ = 65536 }; /* octets that draft reads at once */

static struct people people;
static struct draft draft;
static struct content content;
static char in[3 << 20];
static char kept[4 << 20];

/* Reads n octets of `in`; `kept` is then what would be sent. */
static enum draft_verdict
take(size_t n, bool extract, bool dots)
{
	const struct draft_wish wish = { extract, dots };
	int fd = memfd_create("in", MFD_CLOEXEC);
	struct buf all = BUF(kept);
	struct span piece;
	enum draft_verdict verdict;

	people_cut(&people, 0);
	assert_int_equal(write(fd, in, n), n);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	verdict = draft_read(&draft, fd, &wish, &people);
	close(fd);
	if (verdict != DRAFT_READY)
		return verdict;
	assert_int_equal(draft_top(&draft, SPAN("Top: x\r\n")), 0);
	draft_content(&draft, &content);
	while (content_next(&content, &piece) == 1)
		buf_span(&all, piece);
	buf_cstr(&all);
	assert_false(all.over);
	assert_int_equal(all.len, draft.size);
	close(draft.file.fd);
	return verdict;
}

static size_t
put(const char *text)
{
	memcpy(in, text, strlen(text));
	return strlen(text);
}

/* L-010 L-018: at every place around the end of a read */
static void
ends_and_lines_are_seen_where_a_read_ends(void **state)
{
	static const char end[] = "y\r\n.\r\nz";

	(void)state;
	for (size_t at = READ - 8; at <= READ + 2; at++) {
		size_t head = put("A: b\n\n");

		memset(in + head, 'x', at - head);
		memcpy(in + at, end, sizeof end - 1);
		assert_int_equal(
			take(at + sizeof end - 1, false, true), DRAFT_READY);
		/* two line ends grew, and the line in front */
		assert_int_equal(draft.size, 8 + at + 2 + 3);
		assert_string_equal(kept + draft.size - 4, "xy\r\n");
		assert_int_equal(
			take(at + sizeof end - 1, false, false), DRAFT_READY);
		assert_string_equal(kept + draft.size - 10, "xy\r\n.\r\nz\r\n");
	}
}

static void
short_ones(void **state)
{
	(void)state;
	assert_int_equal(take(0, false, true), DRAFT_READY);
	assert_string_equal(kept, "Top: x\r\n\r\n");
	assert_int_equal(take(put("."), false, true), DRAFT_READY);
	assert_string_equal(kept, "Top: x\r\n\r\n");
	assert_int_equal(take(put(".\r"), false, true), DRAFT_READY);
	assert_string_equal(kept, "Top: x\r\n\r\n");
	assert_int_equal(
		take(put(".a\n..\n.\rb\n.\n"), false, true), DRAFT_READY);
	assert_string_equal(kept, "Top: x\r\n\r\n.a\r\n..\r\n. b\r\n");
	assert_int_equal(take(put("a: b\r"), false, true), DRAFT_READY);
	assert_string_equal(kept, "Top: x\r\na: b \r\n\r\n");
}

/* L-009 */
static void
resent_recipients_are_instead_of_the_others(void **state)
{
	struct span who;
	size_t at = 0;

	(void)state;
	assert_int_equal(take(put("To: a@x, b@x\nResent-To: c@x\nCc: d@x\n"
				  "Resent-Bcc: e@x\n\n"),
				 true, true),
		DRAFT_READY);
	assert_int_equal(people.count, 2);
	assert_true(people_next(&people, &at, &who));
	assert_true(span_eq(who, SPAN("c@x")));
	assert_true(people_next(&people, &at, &who));
	assert_true(span_eq(who, SPAN("e@x")));
	assert_int_equal(take(put("To: a@x (\n\n"), true, true), DRAFT_FIELD);
	assert_int_equal(
		take(put("To: a@x, b@c@d\n\n"), true, true), DRAFT_ADDRESS);
	assert_int_equal(
		take(put("To: a@x, b@c@d\n\n"), false, true), DRAFT_READY);
}

/* A large one leaves memory, with all that came before */
static void
a_large_one_goes_to_a_disk(void **state)
{
	size_t head = put("A: b\n\n");

	(void)state;
	memset(in + head, 'x', sizeof in - head);
	assert_int_equal(take(sizeof in, false, true), DRAFT_READY);
	assert_true(draft.file.moved);
	assert_int_equal(draft.size, sizeof in + 8 + 4);
	assert_memory_equal(kept, "Top: x\r\nA: b\r\n\r\nxxx", 19);
	assert_memory_equal(kept + draft.size - 4, "xx\r\n", 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ends_and_lines_are_seen_where_a_read_ends),
		cmocka_unit_test(short_ones),
		cmocka_unit_test(resent_recipients_are_instead_of_the_others),
		cmocka_unit_test(a_large_one_goes_to_a_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

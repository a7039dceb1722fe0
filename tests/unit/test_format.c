/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <fcntl.h>
#include <unistd.h>

#include "pure/crc.h"
#include "pure/envelope.h"
#include "pure/limits.h"
#include "queue/format.h"

/* queue/example.msg, which every version of postern must read and write. */
static char example[4096];
static size_t example_n;

static int
read_example(void **state)
{
	int fd = open("queue/example.msg", O_RDONLY);
	ssize_t n;

	(void)state;
	if (fd == -1)
		return -1;
	n = read(fd, example, sizeof example);
	close(fd);
	if (n <= QUEUE_HEADER || n == sizeof example)
		return -1;
	example_n = (size_t)n;
	return 0;
}

/* The parts of a file, by its header. Returns false when that is damaged. */
struct parts {
	struct queue_header header;
	uint32_t seed;
	struct span text;
	struct span envelope;
	struct span journal;
};

static bool
parts_of(const char *file, size_t n, struct parts *p)
{
	struct span rest = { file, n };

	if (n < QUEUE_HEADER || queue_header_parse(file, &p->header) == -1)
		return false;
	p->seed = queue_header_seed(file);
	rest = span_from(rest, QUEUE_HEADER);
	if (p->header.size > rest.n ||
		p->header.envelope > rest.n - p->header.size)
		return false;
	p->text = span_head(rest, p->header.size);
	rest = span_from(rest, p->text.n);
	p->envelope = span_head(rest, p->header.envelope);
	p->journal = span_from(rest, p->envelope.n);
	return crc32c(0, p->text) == p->header.text_crc &&
	       crc32c(0, p->envelope) == p->header.envelope_crc;
}

static void
the_example_prints_again_octet_by_octet(void **state)
{
	char again[sizeof example];
	struct buf out = BUF(again);
	char header[QUEUE_HEADER];
	struct parts p;
	struct queue_record record;
	struct span value;
	unsigned lines = 0;
	char letter;

	(void)state;
	assert_true(parts_of(example, example_n, &p));
	queue_header_print(header, &p.header);
	buf_span(&out, (struct span){ header, sizeof header });
	buf_span(&out, p.text);
	while (queue_envelope_next(&p.envelope, &letter, &value) == 1)
		queue_envelope_put(&out, letter, value);
	while (queue_record_next(&p.journal, p.seed, &record) == 1) {
		queue_record_print(&out, p.seed, &record);
		lines++;
	}
	assert_int_equal(lines, 2);
	assert_int_equal(out.len, example_n);
	assert_memory_equal(again, example, example_n);
}

/* what the example says is read as that. */
static void
the_example_is_understood(void **state)
{
	static const struct {
		char letter;
		struct span value;
	} want[] = {
		{'F',  SPAN_INIT("a@example.org")       },
		{ 'B', SPAN_INIT("8BITMIME")            },
		{ 'E', SPAN_INIT("QQ314159")            },
		{ 'R', SPAN_INIT("HDRS")                },
		{ 'P', SPAN_INIT("ESMTP")               },
		{ 'C', SPAN_INIT("192.0.2.7")           },
		{ 'H', SPAN_INIT("client.example")      },
		{ 'T', SPAN_INIT("b@example.net")       },
		{ 'N', SPAN_INIT("SUCCESS,FAILURE")     },
		{ 'O', SPAN_INIT("rfc822;b@example.net")},
		{ 'T', SPAN_INIT("c@example.com")       },
	};
	struct envelope_state envelope = { 0 };
	struct parts p;
	struct queue_record r;
	struct span value;
	char letter;

	(void)state;
	assert_true(parts_of(example, example_n, &p));
	assert_int_equal(p.header.arrival_us, 1795437747857793);
	for (size_t i = 0; i < LEN(want); i++) {
		assert_int_equal(
			queue_envelope_next(&p.envelope, &letter, &value), 1);
		assert_int_equal(letter, want[i].letter);
		assert_true(span_eq(value, want[i].value));
		assert_int_equal(
			envelope_check(&envelope, letter, value), ENVELOPE_OK);
	}
	assert_int_equal(queue_envelope_next(&p.envelope, &letter, &value), 0);
	assert_int_equal(envelope_end(&envelope), ENVELOPE_OK);
	assert_int_equal(queue_record_next(&p.journal, p.seed, &r), 1);
	assert_int_equal(r.mark, QUEUE_DEFERRED);
	assert_int_equal(r.time, 1795437748);
	assert_int_equal(r.rcpt, 0);
	assert_true(span_eq(r.status, SPAN("4.4.1")));
	assert_true(span_eq(r.peer, SPAN("mx1.example.net")));
	assert_true(span_eq(r.text, SPAN("Connection timed out")));
	assert_int_equal(queue_record_next(&p.journal, p.seed, &r), 1);
	assert_int_equal(r.mark, QUEUE_DELIVERED);
	assert_int_equal(r.rcpt, 1);
	assert_int_equal(queue_record_next(&p.journal, p.seed, &r), 0);
}

/* How many lines of the journal are the example's own, or -1 for another. */
static int
true_lines(const struct parts *p)
{
	struct span journal = p->journal;
	struct queue_record r;
	struct parts whole;
	int n = 0;

	assert_true(parts_of(example, example_n, &whole));
	while (queue_record_next(&journal, p->seed, &r) == 1) {
		size_t used = p->journal.n - journal.n;

		if (used > whole.journal.n ||
			memcmp(p->journal.p, whole.journal.p, used) != 0)
			return -1;
		n++;
	}
	return n;
}

/* Q-003 Q-022 Q-024: damage is seen, or only takes away the journal's end. */
static void
every_flipped_bit_is_seen_or_harmless(void **state)
{
	char file[sizeof example];

	(void)state;
	memcpy(file, example, example_n);
	for (size_t bit = 0; bit < 8 * example_n; bit++) {
		struct parts p;

		file[bit / 8] = (char)(file[bit / 8] ^ 1 << bit % 8);
		if (parts_of(file, example_n, &p)) {
			/* only the journal is not under the header's sums */
			assert_true(bit / 8 >=
				    QUEUE_HEADER + p.text.n + p.envelope.n);
			assert_in_range(true_lines(&p), 0, 1);
		}
		file[bit / 8] = example[bit / 8];
	}
}

static void
every_truncation_is_seen_or_harmless(void **state)
{
	struct parts whole;
	struct parts p;
	size_t start;

	(void)state;
	assert_true(parts_of(example, example_n, &whole));
	start = example_n - whole.journal.n;
	for (size_t n = 0; n < example_n; n++) {
		assert_int_equal(parts_of(example, n, &p), n >= start);
		if (n >= start)
			assert_in_range(true_lines(&p), 0, 1);
	}
}

static void
headers_hold_the_largest_numbers(void **state)
{
	char text[QUEUE_HEADER];
	struct queue_header in = { 9999999999999999U, 9999999999999999U,
		999999999999999999, UINT32_MAX, UINT32_MAX };
	struct queue_header out;

	(void)state;
	queue_header_print(text, &in);
	assert_int_equal(queue_header_parse(text, &out), 0);
	assert_memory_equal(&in, &out, sizeof in);
	/* a clock before 1970 is a time all the same */
	in.arrival_us = -1;
	queue_header_print(text, &in);
	assert_int_equal(queue_header_parse(text, &out), 0);
	assert_int_equal(out.arrival_us, 0);
}

/* */
static void
ids_sort_by_time_and_hold_every_bit_of_chance(void **state)
{
	char a[QUEUE_ID];
	char b[QUEUE_ID];

	(void)state;
	queue_id_print(a, 1795437747857793, 0);
	queue_id_print(b, 1795437747857794, 0);
	assert_true(memcmp(a, b, QUEUE_ID) < 0);
	queue_id_print(a, 255, UINT64_MAX);
	queue_id_print(b, 256, 0);
	assert_true(memcmp(a, b, QUEUE_ID) < 0);
	for (int bit = 0; bit < 64; bit++) {
		queue_id_print(a, 7, 0);
		queue_id_print(b, 7, 1ULL << bit);
		assert_memory_not_equal(a, b, QUEUE_ID);
		assert_true(queue_id_valid((struct span){ b, QUEUE_ID }));
	}
	queue_id_print(a, -1, 5);
	assert_true(queue_id_valid((struct span){ a, QUEUE_ID }));
}

static void
only_ids_are_ids(void **state)
{
	(void)state;
	assert_true(queue_id_valid(SPAN("1j0u3mir6ko2mse4ndvfv8k4")));
	assert_false(queue_id_valid(SPAN("")));
	assert_false(queue_id_valid(SPAN("1j0u3mir6ko2mse4ndvfv8k")));
	assert_false(queue_id_valid(SPAN("1j0u3mir6ko2mse4ndvfv8k45")));
	assert_false(queue_id_valid(SPAN("1J0u3mir6ko2mse4ndvfv8k4")));
	assert_false(queue_id_valid(SPAN("1j0u3mir6ko2mse4ndvfv8kw")));
	assert_false(queue_id_valid(SPAN("1j0u3mir6ko/mse4ndvfv8k4")));
	assert_false(queue_id_valid(SPAN("../../../../../../../etc")));
	assert_false(queue_id_valid(SPAN("1j0u3mir6kog0000000000000")));
	assert_false(queue_id_valid(SPAN("1j0u3mir6kog000000000000")));
}

static void
a_journal_line_takes_any_words_and_stays_one_line(void **state)
{
	char endless[4000];
	char line[QUEUE_JOURNAL];
	struct buf b = BUF(line);
	struct queue_record in = {
		QUEUE_HELD, 1, UINT64_MAX, SPAN("4.3.0 x"),
		{endless,  sizeof endless},
                   { endless, sizeof endless}
	};
	struct queue_record out;
	struct span rest;

	(void)state;
	memset(endless, '\n', sizeof endless);
	queue_record_print(&b, 5, &in);
	assert_false(b.over);
	rest = buf_text(&b);
	assert_int_equal(span_find(rest, '\n'), rest.n - 1);
	assert_int_equal(queue_record_next(&rest, 5, &out), 1);
	assert_int_equal(rest.n, 0);
	assert_true(span_eq(out.status, SPAN("4.3.0?x")));
	assert_true(span_eq(out.peer, SPAN("-")));
	assert_int_equal(out.text.n, QUEUE_TEXT);
	assert_int_equal(out.rcpt, UINT64_MAX);
	/* a line of another file */
	rest = buf_text(&b);
	assert_int_equal(queue_record_next(&rest, 6, &out), 0);
	/* the longest words fit */
	in.status = in.peer = (struct span){ endless, QUEUE_WORD };
	in.time = INT64_MAX;
	b = BUF(line);
	queue_record_print(&b, 5, &in);
	assert_false(b.over);
	/* what does not fit is left out whole */
	b = BUF(line);
	b.len = sizeof line - 10;
	queue_record_print(&b, 5, &in);
	assert_true(b.over);
	assert_int_equal(b.len, sizeof line - 10);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_example_prints_again_octet_by_octet),
		cmocka_unit_test(the_example_is_understood),
		cmocka_unit_test(every_flipped_bit_is_seen_or_harmless),
		cmocka_unit_test(every_truncation_is_seen_or_harmless),
		cmocka_unit_test(headers_hold_the_largest_numbers),
		cmocka_unit_test(ids_sort_by_time_and_hold_every_bit_of_chance),
		cmocka_unit_test(only_ids_are_ids),
		cmocka_unit_test(
			a_journal_line_takes_any_words_and_stays_one_line),
	};

	return cmocka_run_group_tests(tests, read_example, NULL);
}

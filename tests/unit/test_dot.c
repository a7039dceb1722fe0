/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "tests/unit/dot_reference.h"

enum { WIRE = 70000 };

static struct dot reader;
static char output[4 * WIRE];
static size_t output_len;
static size_t used;

static enum dot_verdict
feed(struct span in)
{
	size_t n = in.n;
	size_t wrote;
	enum dot_verdict verdict;

	verdict = dot_feed(&reader, &in, output + output_len, &wrote);
	assert_true(wrote <= (reader.normalize ? 2 : 1) * n + 2);
	output_len += wrote;
	used += n - in.n;
	assert_int_equal(reader.size, output_len);
	if (verdict == DOT_MORE)
		assert_int_equal(in.n, 0);
	return verdict;
}

static void
restart(bool normalize)
{
	dot_begin(&reader, normalize);
	output_len = 0;
	used = 0;
}

/* Feeds pieces of `step` octets behind a first one of `first`. */
static enum dot_verdict
feed_in_pieces(struct span wire, size_t first, size_t step, bool normalize)
{
	enum dot_verdict verdict = DOT_MORE;
	struct span piece = span_head(wire, first);

	restart(normalize);
	if (piece.n)
		verdict = feed(piece);
	wire = span_from(wire, piece.n);
	while (verdict == DOT_MORE && wire.n) {
		piece = span_head(wire, step);
		verdict = feed(piece);
		wire = span_from(wire, piece.n);
	}
	return verdict;
}

static void
compare(const struct reference *want, enum dot_verdict verdict,
	struct span wire)
{
	const char *what = NULL;

	assert_int_equal(verdict, want->ended ? DOT_END : DOT_MORE);
	if (!want->ended)
		return;
	assert_int_equal(used, want->used);
	what = reference_differs(
		want, &reader, (struct span){ output, output_len });
	if (what)
		fail_msg("%s differs: %.*s", what, (int)wire.n, wire.p);
}

/* The reference agrees whole, split in two at every place, and by pieces of
 * 1, 2 and 3 octets, strictly and normalizing. */
static void
assert_as_reference(struct span wire)
{
	for (int normalize = 0; normalize <= 1; normalize++) {
		struct reference want = reference_read(wire, normalize);

		for (size_t at = 0; at <= wire.n; at++)
			compare(&want,
				feed_in_pieces(wire, at, wire.n, normalize),
				wire);
		for (size_t step = 1; step <= 3; step++)
			compare(&want, feed_in_pieces(wire, 0, step, normalize),
				wire);
		free(want.text);
	}
}

static void
assert_text(struct span wire, struct span want)
{
	assert_as_reference(wire);
	assert_int_equal(feed_in_pieces(wire, wire.n, wire.n, false), DOT_END);
	assert_int_equal(output_len, want.n);
	assert_memory_equal(output, want.p, want.n);
	assert_int_equal(used, wire.n);
}

/* S-090 S-091 S-092 S-093 S-094 */
static void
dots_are_removed_at_line_starts_only(void **state)
{
	(void)state;
	assert_text(SPAN(".\r\n"), SPAN(""));
	assert_text(SPAN("a\r\n.\r\n"), SPAN("a\r\n"));
	assert_text(SPAN("..\r\n.\r\n"), SPAN(".\r\n"));
	assert_text(SPAN("...x\r\n.x\r\n.\r\n"), SPAN("..x\r\nx\r\n"));
	assert_text(SPAN("a.b.\r\n. \r\n.\r\n"), SPAN("a.b.\r\n \r\n"));
	assert_text(SPAN("..\r\n...\r\n....\r\n.....\r\n......\r\n\r\n.\r\n"),
		SPAN(".\r\n..\r\n...\r\n....\r\n.....\r\n\r\n"));
	assert_text(SPAN("\r\n\r\n.\r\n"), SPAN("\r\n\r\n"));
	assert_text(SPAN("\x80\xff\x01\x7f\t\r\n.\r\n"),
		SPAN("\x80\xff\x01\x7f\t\r\n"));
}

/* The sequence of S-095 to S-106, and whether it is an end. */
static const struct sequence {
	struct span octets;
	bool end;
	bool bare;
} sequences[] = {
	{SPAN_INIT("\r\n.\n"),                false, true }, /* S-095 */
	{ SPAN_INIT("\n.\n"),                 false, true }, /* S-096 */
	{ SPAN_INIT("\n.\r\n"),               false, true }, /* S-097 */
	{ SPAN_INIT("\r.\r"),                 false, true }, /* S-098 */
	{ SPAN_INIT("\r.\r\n"),               false, true }, /* S-098 */
	{ SPAN_INIT("\r.\n"),                 false, true }, /* S-099 */
	{ SPAN_INIT("\n.\r"),                 false, true }, /* S-100 */
	{ SPAN_INIT("\r\n.\r"),               false, true }, /* S-101 */
	{ SPAN_INIT("\r\n.\r\r\n"),           false, true }, /* S-102 */
	{ SPAN_INIT("\r\r\n.\r\r\n"),         false, true }, /* S-103 */
	{ SPAN_INIT("\r\r\n.\r\n"),           true,  true }, /* S-104 */
	{ SPAN_INIT("\r\n\0.\r\n"),           false, false}, /* S-105 */
	{ SPAN_INIT("\r\n.\0\r\n"),           false, false}, /* S-105 */
	{ SPAN_INIT("\0\r\n.\r\n"),           true,  false}, /* S-105 */
	{ SPAN_INIT("\r\n. \r\n"),            false, false}, /* S-106 */
	{ SPAN_INIT("\r\n.\t\r\n"),           false, false}, /* S-106 */
	{ SPAN_INIT("\r\n\x0b.\r\n"),         false, false}, /* S-106 */
	{ SPAN_INIT("\r\n\x0c.\r\n"),         false, false}, /* S-106 */
	{ SPAN_INIT("\r\n\x85.\r\n"),         false, false}, /* S-106 */
	{ SPAN_INIT("\r\n\xe2\x80\xa8.\r\n"), false, false}, /* S-106 */
};

#define SECOND                                                                 \
	"MAIL FROM:<x@y.example>\r\nRCPT TO:<z@ours.example>\r\nDATA\r\n"      \
	"smuggled\r\n"

/* text, the sequence, a second transaction as text, and the true end. */
static struct span
smuggle(char *wire, size_t offset, struct span octets)
{
	static const struct span tail = SPAN_INIT(SECOND ".\r\n");

	memset(wire, 'a', offset);
	if (offset)
		memcpy(wire, "Subject: x", offset < 10 ? offset : 10);
	memcpy(wire + offset, octets.p, octets.n);
	memcpy(wire + offset + octets.n, tail.p, tail.n);
	return (struct span){ wire, offset + octets.n + tail.n };
}

/* S-095 S-096 S-097 S-098 S-099 S-100 S-101 S-102 S-103 S-104 S-105 S-106
 * S-107 S-108 S-109: at every split, strictly and normalizing. */
static void
nothing_but_crlf_dot_crlf_is_the_end(void **state)
{
	static char wire[512];

	(void)state;
	for (size_t i = 0; i < LEN(sequences); i++) {
		const struct sequence *s = &sequences[i];
		struct span in = smuggle(wire, 10, s->octets);
		size_t end = s->end ? 10 + s->octets.n : in.n;

		assert_as_reference(in);
		for (int normalize = 0; normalize <= 1; normalize++) {
			assert_int_equal(
				feed_in_pieces(in, in.n, in.n, normalize),
				DOT_END);
			assert_int_equal(used, end);
			assert_true(reader.bare == (s->bare && !normalize));
		}
	}
}

/* S-111: the same across the sizes that buffers have. */
static void
nor_across_the_edges_of_buffers(void **state)
{
	static const size_t edges[] = { 4096, 8192, 16384, 32768, 65536 };
	static char wire[WIRE];

	(void)state;
	for (size_t i = 0; i < LEN(sequences) * LEN(edges) * 9; i++) {
		const struct sequence *s = &sequences[i % LEN(sequences)];
		size_t edge = edges[i / LEN(sequences) % LEN(edges)];
		size_t offset = edge + i / LEN(sequences) / LEN(edges) - 4;
		struct span in = smuggle(wire, offset, s->octets);

		for (int normalize = 0; normalize <= 1; normalize++) {
			struct reference want = reference_read(in, normalize);

			compare(&want,
				feed_in_pieces(in, edge, edge, normalize),
				SPAN("edge"));
			compare(&want,
				feed_in_pieces(in, offset + 1, 1, normalize),
				SPAN("octet by octet"));
			compare(&want, feed_in_pieces(in, in.n, 1, normalize),
				SPAN("whole"));
			free(want.text);
		}
	}
}

static void
assert_normalized(struct span wire, struct span want)
{
	assert_as_reference(wire);
	assert_int_equal(feed_in_pieces(wire, wire.n, wire.n, true), DOT_END);
	assert_int_equal(used, wire.n);
	assert_int_equal(output_len, want.n);
	assert_memory_equal(output, want.p, want.n);
	assert_false(reader.bare);
}

/* S-109 */
static void
normalizing_mends_line_ends_before_dots(void **state)
{
	(void)state;
	assert_normalized(
		SPAN("a\nb\r\nc\rd\r\n.\r\n"), SPAN("a\r\nb\r\nc d\r\n"));
	assert_normalized(SPAN("a\n..b\n.c\n.\r\nd\r\n.\r\n"),
		SPAN("a\r\n.b\r\nc\r\n\r\nd\r\n"));
	assert_normalized(SPAN("a\r\n.\nb\r\n.\r\n"), SPAN("a\r\n\r\nb\r\n"));
	assert_normalized(SPAN("a\r\n.\rb\r\n.\r\n"), SPAN("a\r\n b\r\n"));
	assert_normalized(
		SPAN("a\r\n.\r\r\nb\r\n.\r\n"), SPAN("a\r\n \r\nb\r\n"));
	assert_normalized(SPAN("\r\r\r\n.\r\n"), SPAN("  \r\n"));
	assert_normalized(SPAN("\n\n\r\n.\r\n"), SPAN("\r\n\r\n\r\n"));
}

/* S-112: what stands behind the end is left. */
static void
commands_behind_the_end_are_left(void **state)
{
	struct span in = SPAN("a\r\n.\r\nQUIT\r\n");
	size_t n;

	(void)state;
	restart(false);
	assert_int_equal(dot_feed(&reader, &in, output, &n), DOT_END);
	assert_true(span_eq(in, SPAN("QUIT\r\n")));
	assert_int_equal(n, 3);
	assert_int_equal(dot_feed(&reader, &in, output, &n), DOT_END);
	assert_true(span_eq(in, SPAN("QUIT\r\n")));
	assert_int_equal(n, 0);
}

/* S-138: what looks like the end but for its last octet. */
static void
the_end_needs_its_last_octet(void **state)
{
	struct span wire = SPAN("a\r\n.\r\n");

	(void)state;
	for (size_t n = 0; n < wire.n; n++)
		assert_int_equal(
			feed_in_pieces(span_head(wire, n), n, 1, false),
			DOT_MORE);
}

static void
assert_header(struct span wire, unsigned received, bool done)
{
	assert_as_reference(wire);
	feed_in_pieces(wire, wire.n, 1, false);
	if (reader.received != received || reader.header_done != done)
		fail_msg("%.*s: %u received, done %d", (int)wire.n, wire.p,
			reader.received, reader.header_done);
}

/* S-118 S-217 */
static void
received_fields_are_counted_in_the_header(void **state)
{
	(void)state;
	assert_header(SPAN("Received: a\r\nReceived: b\r\n\r\n"
			   "Received: c\r\n.\r\n"),
		2, true);
	assert_header(SPAN("RECEIVED:a\r\nreceived :b\r\n.\r\n"), 2, false);
	assert_header(SPAN("X: a\r\n Received: b\r\n\tReceived: c\r\n.\r\n"), 0,
		false);
	assert_header(SPAN("X-Received: a\r\nReceived-SPF: b\r\n"
			   "Receive: c\r\nReceivedx: d\r\n.\r\n"),
		0, false);
	assert_header(SPAN("hello\r\nReceived: a\r\n.\r\n"), 0, true);
	assert_header(SPAN("From x@y Mon\r\nReceived: a\r\n.\r\n"), 0, true);
	assert_header(SPAN(" Received: a\r\n.\r\n"), 0, true);
	assert_header(SPAN("Received: a\r\nbad line\r\nReceived: b\r\n.\r\n"),
		1, true);
	assert_header(SPAN(": a\r\nReceived: b\r\n.\r\n"), 0, true);
	assert_header(SPAN("Received\r\n.\r\n"), 0, true);
	assert_header(SPAN("Receiv\xe9"
			   "d: a\r\nReceived: b\r\n.\r\n"),
		0, true);
	assert_header(SPAN("\r\nReceived: a\r\n.\r\n"), 0, true);
	assert_header(SPAN(".Received: a\r\n.\r\n"), 1, false);
	assert_header(SPAN(".\r\n"), 0, false);
}

/* S-036 S-135: octets as sent, behind unstuffing, CR LF as two. */
static void
sizes_are_counted_in_octets(void **state)
{
	(void)state;
	feed_in_pieces(SPAN("Subject: x\r\n\r\n..abc\r\n\xc3\xa9\r\n.\r\n"), 0,
		1, false);
	assert_int_equal(reader.size, 12 + 2 + 6 + 4);
	assert_int_equal(reader.longest, 10);
	assert_true(reader.eight_bit);
	assert_false(reader.nul);
	feed_in_pieces(SPAN("a\0b\r\n.\r\n"), 0, 1, false);
	assert_true(reader.nul);
	assert_false(reader.eight_bit);
}

/* S-035 S-036: lines of any length pass, and dots do not count. */
static void
long_lines_pass_unchanged(void **state)
{
	static const size_t lengths[] = { 998, 999, 1000, 4095, 4096, 4097,
		65535, 65536, 65537 };
	static char wire[WIRE];

	(void)state;
	for (size_t i = 0; i < LEN(lengths); i++) {
		size_t n = lengths[i];

		memset(wire, 'x', n + 1);
		memcpy(wire, "..", 2);
		memcpy(wire + n + 1, "\r\n.\r\n", 5);
		assert_int_equal(feed_in_pieces((struct span){ wire, n + 6 }, 1,
					 4096, false),
			DOT_END);
		assert_int_equal(reader.longest, n);
		assert_int_equal(output_len, n + 2);
		assert_memory_equal(output, wire + 1, n + 2);
	}
}

/* S-105 S-109 S-111: every text of up to seven of the octets that matter. */
static void
every_short_text_is_read_as_the_reference_reads_it(void **state)
{
	static const char alphabet[] = { '\r', '\n', '.', 'a' };
	char wire[16];

	(void)state;
	for (size_t n = 1; n <= 7; n++)
		for (unsigned code = 0; code < 1U << 2 * n; code++) {
			struct span in = { wire, n + 5 };

			for (size_t i = 0; i < n; i++)
				wire[i] = alphabet[code >> 2 * i & 3];
			memcpy(wire + n, "\r\n.\r\n", 5);
			assert_as_reference(in);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dots_are_removed_at_line_starts_only),
		cmocka_unit_test(nothing_but_crlf_dot_crlf_is_the_end),
		cmocka_unit_test(nor_across_the_edges_of_buffers),
		cmocka_unit_test(normalizing_mends_line_ends_before_dots),
		cmocka_unit_test(commands_behind_the_end_are_left),
		cmocka_unit_test(the_end_needs_its_last_octet),
		cmocka_unit_test(received_fields_are_counted_in_the_header),
		cmocka_unit_test(sizes_are_counted_in_octets),
		cmocka_unit_test(long_lines_pass_unchanged),
		cmocka_unit_test(
			every_short_text_is_read_as_the_reference_reads_it),
	};

	return cmocka_run_group_tests_name("dot", tests, NULL, NULL);
}

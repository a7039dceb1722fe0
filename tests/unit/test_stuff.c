/* SPDX-License-Identifier: ISC
 *
 * stuff: what leaves behind DATA, beside a reader as naive as can be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "pure/stuff.h"

static char made[1 << 16];

/* Stuffs text in pieces of `step` with `cap` octets of room at a time. */
static struct span
stuffed(struct span text, size_t step, size_t cap)
{
	struct stuff s = { 0 };
	struct buf all = BUF(made);
	char small[64];

	while (text.n) {
		struct span piece = span_head(text, step);

		text = span_from(text, piece.n);
		while (piece.n) {
			struct buf out = { small, cap, 0, false };

			stuff_feed(&s, &piece, &out);
			assert_true(out.len > 0 || s.cr);
			assert_false(out.over);
			buf_span(&all, buf_text(&out));
		}
	}
	stuff_end(&s, &all);
	assert_false(all.over);
	return buf_text(&all);
}

static void
becomes(struct span text, struct span wire)
{
	for (size_t step = 1; step <= text.n + 1; step++)
		for (size_t cap = STUFF_ROOM; cap < 12; cap++)
			assert_true(span_eq(stuffed(text, step, cap), wire));
}

/* C-048 S-094 */
static void
dots_are_doubled(void **state)
{
	(void)state;
	becomes(SPAN(".\r\n"), SPAN("..\r\n.\r\n"));
	becomes(SPAN("a\r\n.b\r\n..\r\n...\r\n....\r\n.....\r\n"),
		SPAN("a\r\n..b\r\n...\r\n....\r\n.....\r\n......\r\n.\r\n"));
	becomes(SPAN("a.b\r\n"), SPAN("a.b\r\n.\r\n"));
	becomes(SPAN("a\n.\n.\r\n"), SPAN("a\r\n..\r\n..\r\n.\r\n"));
}

/* C-049 */
static void
the_end(void **state)
{
	(void)state;
	becomes(SPAN(""), SPAN(".\r\n"));
	becomes(SPAN("\r\n"), SPAN("\r\n.\r\n"));
	becomes(SPAN("a"), SPAN("a\r\n.\r\n"));
	becomes(SPAN("."), SPAN("..\r\n.\r\n"));
	becomes(SPAN("a\r"), SPAN("a \r\n.\r\n"));
	becomes(SPAN("a\r\n\r"), SPAN("a\r\n \r\n.\r\n"));
	becomes(SPAN("a\n"), SPAN("a\r\n.\r\n"));
}

/* C-050 S-113 */
static void
bare_line_ends(void **state)
{
	(void)state;
	becomes(SPAN("a\nb"), SPAN("a\r\nb\r\n.\r\n"));
	becomes(SPAN("a\rb\r\n"), SPAN("a b\r\n.\r\n"));
	/* S-105: a server that drops NULs would find a dot */
	becomes(SPAN("a\0\r\n\0.\r\n\0\0.\n"),
		SPAN("a\0\r\n .\r\n \0.\r\n.\r\n"));
	becomes(SPAN("a\r\r\nb\r\n"), SPAN("a \r\nb\r\n.\r\n"));
	becomes(SPAN("a\r\n\r.\r\nb"), SPAN("a\r\n .\r\nb\r\n.\r\n"));
	becomes(SPAN("\r\r\r"), SPAN("   \r\n.\r\n"));
	becomes(SPAN("a\n\r\nb"), SPAN("a\r\n\r\nb\r\n.\r\n"));
}

/* Text that goes through another filter first keeps its dots. */
static void
plain_text(void **state)
{
	struct stuff s = { .plain = true };
	struct span in = SPAN(".a\n.\r\nb\rc");
	struct buf out = BUF(made);

	(void)state;
	stuff_feed(&s, &in, &out);
	assert_true(span_eq(buf_text(&out), SPAN(".a\r\n.\r\nb c")));
}

/* C-050: the ends that smugglers try (S-095 to S-106), stored in a message,
 * end nothing at a server that takes LF.LF, CR.CR or NUL for an end. */
static void
smuggled_ends(void **state)
{
	static const struct span ends[] = {
		SPAN_INIT("\n.\n"),
		SPAN_INIT("\n.\r\n"),
		SPAN_INIT("\r.\r"),
		SPAN_INIT("\r\n.\n"),
		SPAN_INIT("\r\n.\r"),
		SPAN_INIT("\r.\r\n"),
		SPAN_INIT("\r\r\n.\r\r\n"),
		SPAN_INIT("\n\n.\r\n"),
		SPAN_INIT("\r\n\0.\r\n"),
		SPAN_INIT("\r\n.\0\r\n"),
		SPAN_INIT("\r\n.\r\n"),
		SPAN_INIT("\n.\r"),
	};

	(void)state;
	for (size_t i = 0; i < LEN(ends); i++) {
		char text[64];
		struct buf b = BUF(text);
		struct span wire;

		buf_str(&b, "x");
		buf_span(&b, ends[i]);
		buf_str(&b, "MAIL FROM:<a@b.example>\r\n");
		wire = stuffed(buf_text(&b), 3, 9);
		for (size_t at = 0; at + 3 < wire.n; at++) {
			struct span here = span_from(wire, at);

			/* a dot alone on a line, but the last, by any end */
			if (here.p[1] != '.' ||
				(here.p[0] != '\n' && here.p[0] != '\r'))
				continue;
			assert_true((here.p[2] != '\n' && here.p[2] != '\r') ||
				    here.n == 4);
		}
	}
}

/* One octet at a time, as the contract says it. */
static size_t
naive(const char *in, size_t n, char *out)
{
	size_t o = 0;
	bool start = true;

	for (size_t i = 0; i < n; i++) {
		bool lf = in[i] == '\n';
		bool crlf = in[i] == '\r' && i + 1 < n && in[i + 1] == '\n';

		if (crlf)
			continue;
		if (lf) {
			out[o++] = '\r';
			out[o++] = '\n';
			start = true;
			continue;
		}
		if (start && in[i] == '.')
			out[o++] = '.';
		out[o++] = in[i] == '\r' || (start && !in[i]) ? ' ' : in[i];
		start = false;
	}
	if (!start) {
		out[o++] = '\r';
		out[o++] = '\n';
	}
	memcpy(out + o, ".\r\n", 3);
	return o + 3;
}

/* C-048 C-050 */
static void
all_short_texts(void **state)
{
	static const char letters[] = { 'a', '.', '\r', '\n', '\0' };

	(void)state;
	for (unsigned n = 0; n <= 6; n++) {
		unsigned count = 1;

		for (unsigned i = 0; i < n; i++)
			count *= LEN(letters);
		for (unsigned i = 0; i < count; i++) {
			char text[8], want[32];
			unsigned left = i;
			struct span wire;
			size_t len;

			for (unsigned k = 0; k < n; k++, left /= LEN(letters))
				text[k] = letters[left % LEN(letters)];
			len = naive(text, n, want);
			for (size_t step = 1; step <= 7; step += 3) {
				wire = stuffed((struct span){ text, n }, step,
					STUFF_ROOM + step);
				assert_true(span_eq(
					wire, (struct span){ want, len }));
			}
		}
	}
}

/* C-048: long lines, and runs across every boundary. */
static void
long_text(void **state)
{
	static char text[9000], want[20000];
	size_t len;

	(void)state;
	srandom(1);
	for (size_t i = 0; i < sizeof text; i++)
		text[i] = "abcdefgh.\r\n"[random() % 11];
	memset(text + 3000, 'x', 4000);
	len = naive(text, sizeof text, want);
	for (size_t step = 1; step < sizeof text; step += 613)
		assert_true(span_eq(
			stuffed((struct span){ text, sizeof text }, step, 60),
			(struct span){ want, len }));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dots_are_doubled),
		cmocka_unit_test(the_end),
		cmocka_unit_test(bare_line_ends),
		cmocka_unit_test(plain_text),
		cmocka_unit_test(smuggled_ends),
		cmocka_unit_test(all_short_texts),
		cmocka_unit_test(long_text),
	};

	return cmocka_run_group_tests_name("stuff", tests, NULL, NULL);
}

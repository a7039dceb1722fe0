/* SPDX-License-Identifier: ISC
 *
 * stuff: what goes out is made of CR LF lines only, has one end, at the end,
 * and without its dots it is the text that went in (C-048 to C-050, S-113).
 * The first octet sets the split, the second the room. */
#include <stdlib.h>

#include "pure/stuff.h"

#define MUST(fact)                                                             \
	do {                                                                   \
		if (!(fact))                                                   \
			abort();                                               \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static char wire[1 << 18];

static struct span
stuffed(struct span text, size_t step, size_t cap)
{
	struct stuff s = { 0 };
	struct buf all = BUF(wire);
	char small[STUFF_ROOM + 256];

	while (text.n) {
		struct span piece = span_head(text, step);

		text = span_from(text, piece.n);
		while (piece.n) {
			struct buf out = { small, cap, 0, false };

			stuff_feed(&s, &piece, &out);
			MUST(!out.over);
			buf_span(&all, buf_text(&out));
		}
	}
	stuff_end(&s, &all);
	MUST(!all.over);
	return buf_text(&all);
}

/* The next octet as postern means it: CR LF and LF are a line end ('\n'),
 * another CR is a space, and so is a NUL that begins a line. -1 at the end. */
static int
meant(struct span *in, bool start)
{
	char c;

	if (!in->n)
		return -1;
	c = *in->p;
	if (c == '\r' && in->n > 1 && in->p[1] == '\n') {
		*in = span_from(*in, 2);
		return '\n';
	}
	*in = span_from(*in, 1);
	return c == '\r' || (start && !c) ? ' ' : (unsigned char)c;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct span text, out;
	bool start = true;
	int last = '\n', c;

	if (n < 2 || n > sizeof wire / 3)
		return 0;
	text = (struct span){ (const char *)data + 2, n - 2 };
	out = stuffed(text, 1 + data[0], STUFF_ROOM + data[1]);
	while ((c = meant(&text, start)) != -1) {
		if (start && out.n && *out.p == '.') {
			MUST(c == '.');
			out = span_from(out, 1);
		}
		if (c == '\n') {
			MUST(out.n >= 2 && memcmp(out.p, "\r\n", 2) == 0);
			out = span_from(out, 2);
		} else {
			MUST(out.n && (unsigned char)*out.p == c);
			out = span_from(out, 1);
		}
		start = c == '\n';
		last = c;
	}
	if (last != '\n') {
		MUST(out.n >= 2 && memcmp(out.p, "\r\n", 2) == 0);
		out = span_from(out, 2);
	}
	MUST(span_eq(out, SPAN(".\r\n")));
	return 0;
}

/* SPDX-License-Identifier: ISC
 *
 * dot: text, end and facts are those of the plain reference, however the
 * octets are split; only CR LF . CR LF ends a message. */
#include "tests/fuzz/fuzz.h"

#include "pure/buf.h"
#include "tests/unit/dot_reference.h"

/* Memory of exactly the promised size, so that a byte more is noticed. */
static enum dot_verdict
feed(struct dot *d, struct span piece, struct buf *text, size_t *used)
{
	size_t room = (d->normalize ? 2 : 1) * piece.n + 2;
	char *out = malloc(room);
	struct span in = piece;
	size_t wrote;
	enum dot_verdict verdict;

	MUST(out);
	verdict = dot_feed(d, &in, out, &wrote);
	MUST(wrote <= room);
	MUST(verdict == DOT_END || in.n == 0);
	buf_span(text, (struct span){ out, wrote });
	*used += piece.n - in.n;
	free(out);
	return verdict;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static char whole[1 << 20];
	struct buf text = BUF(whole);
	struct span in = fuzz_input(data, n);
	bool normalize = fuzz_choice(&in) & 1;
	unsigned split = fuzz_choice(&in) + 1;
	enum dot_verdict verdict = DOT_MORE;
	struct reference want;
	size_t used = 0;
	struct dot d;

	if (2 * in.n > sizeof whole)
		return 0;
	want = reference_read(in, normalize);
	dot_begin(&d, normalize);
	for (size_t at = 0; at < in.n && verdict == DOT_MORE; split++) {
		struct span piece = span_head(span_from(in, at),
			1 + split * 2654435761U % (split % 64 + 1));

		verdict = feed(&d, piece, &text, &used);
		at += piece.n;
	}
	MUST((verdict == DOT_END) == want.ended);
	if (want.ended) {
		MUST(used == want.used);
		MUST(!reference_differs(&want, &d, buf_text(&text)));
	}
	free(want.text);
	return 0;
}

/* SPDX-License-Identifier: ISC
 *
 * reply: what is read does not depend on the splits; success is read only
 * where the octets say 2yz; the text that is kept is printable (C-004 to
 * C-007). The first octet sets the split. */
#include <stdlib.h>

#include "pure/ascii.h"
#include "pure/reply.h"

#define MUST(fact)                                                             \
	do {                                                                   \
		if (!(fact))                                                   \
			abort();                                               \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static struct reply whole;
static struct reply split;

/* Feeds at most `step` octets at a time until something is there. */
static enum reply_verdict
feed(struct reply *r, struct span *in, size_t step)
{
	enum reply_verdict verdict = REPLY_MORE;

	while (in->n && verdict == REPLY_MORE) {
		struct span piece = span_head(*in, step);
		size_t had = piece.n;

		verdict = reply_feed(r, &piece);
		MUST(verdict != REPLY_MORE || piece.n == 0);
		*in = span_from(*in, had - piece.n);
	}
	return verdict;
}

static void
check_ready(struct span line, const struct reply *r)
{
	MUST(r->code >= 200 && r->code <= 599);
	MUST(line.n >= 4);
	MUST(r->code / 100 == line.p[0] - '0');
	MUST(ascii_digit(line.p[1]) && ascii_digit(line.p[2]));
	MUST(!ascii_digit(line.p[3]));
	for (size_t i = 0; i < r->text_len; i++)
		MUST(r->text[i] == ' ' || ascii_visible(r->text[i]));
	if (r->status_len)
		MUST(r->status[0] == line.p[0]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct span a, b;
	size_t step;

	if (n < 1)
		return 0;
	step = 1 + data[0] % 19;
	a = b = (struct span){ (const char *)data + 1, n - 1 };
	memset(&whole, 0, sizeof whole);
	memset(&split, 0, sizeof split);
	for (;;) {
		struct span line = a;
		enum reply_verdict va = feed(&whole, &a, SIZE_MAX);
		enum reply_verdict vb = feed(&split, &b, step);

		MUST(va == vb);
		if (va == REPLY_MORE || va == REPLY_BAD)
			return 0;
		MUST(a.p == b.p);
		MUST(span_eq(reply_line(&whole), reply_line(&split)));
		MUST(whole.code == split.code);
		if (va != REPLY_READY)
			continue;
		MUST(span_eq(reply_text(&whole), reply_text(&split)));
		MUST(span_eq(reply_status(&whole), reply_status(&split)));
		check_ready(line, &whole);
	}
}

/* SPDX-License-Identifier: ISC
 *
 * mailhead: a header read in small pieces gives what it gives in one; what
 * leaves is never more than came and an empty line; read again it leaves as it
 * is, unless a `From ` line comes first then; no Bcc leaves. */
#include "tests/fuzz/fuzz.h"

#include "pure/mailhead.h"
#include "pure/stuff.h"

enum { MAX = 1 << 16 };

static char lines[3 * MAX];
static char once[3 * MAX + MAILHEAD_ROOM];
static char split[3 * MAX + MAILHEAD_ROOM];
static char again[3 * MAX + 2 * MAILHEAD_ROOM];

struct seen {
	unsigned fields;
	size_t mailboxes;
	bool bad;
};

static struct seen
read_head(struct span in, size_t step, bool extract, struct buf *out)
{
	struct mailhead head = { .extract = extract };
	struct seen seen = { .mailboxes = 0 };
	enum mailhead_verdict verdict = MAILHEAD_MORE;
	struct span piece = SPAN("");

	while (verdict <= MAILHEAD_MAILBOX) {
		if (!piece.n && in.n) {
			piece = span_head(in, step);
			in = span_from(in, piece.n);
		}
		verdict = piece.n ? mailhead_feed(&head, &piece, out)
				  : mailhead_end(&head, out);
		seen.mailboxes += verdict == MAILHEAD_MAILBOX;
	}
	seen.fields = head.seen;
	seen.bad = verdict == MAILHEAD_BAD;
	MUST(extract || (!seen.bad && !seen.mailboxes));
	buf_span(out, piece);
	buf_span(out, in);
	MUST(!out->over);
	return seen;
}

/* What the reader of a program's text feeds: lines that end in CR LF. */
static struct span
straighten(struct span in)
{
	struct stuff stuff = { .plain = true };
	struct buf out = BUF(lines);

	stuff_feed(&stuff, &in, &out);
	stuff_end(&stuff, &out);
	MUST(!in.n && !out.over);
	return span_head(buf_text(&out), out.len - 3);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct span in = fuzz_input(data, n);
	size_t step = 1 + fuzz_choice(&in) % 32;
	struct buf a = BUF(once);
	struct buf b = BUF(split);
	struct buf c = BUF(again);
	struct seen one;
	struct seen two;

	if (in.n > MAX)
		return 0;
	in = straighten(in);
	one = read_head(in, in.n + 1, true, &a);
	two = read_head(in, step, true, &b);
	MUST(one.bad == two.bad && one.fields == two.fields &&
		one.mailboxes == two.mailboxes);
	if (one.bad)
		return 0;
	MUST(span_eq(buf_text(&a), buf_text(&b)));
	MUST(a.len <= in.n + 2);
	if (span_begins_nocase(buf_text(&a), SPAN("From ")) ||
		span_begins_nocase(buf_text(&a), SPAN(">From ")))
		return 0;
	read_head(buf_text(&a), step, false, &c);
	MUST(span_eq(buf_text(&a), buf_text(&c)));
	return 0;
}

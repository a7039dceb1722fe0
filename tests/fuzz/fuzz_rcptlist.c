/* SPDX-License-Identifier: ISC
 *
 * rcptlist: a list read in two pieces gives what it gives in one; every
 * mailbox that is an address is safe in an envelope; written down again as a
 * list, the addresses are the same. */
#include "tests/fuzz/fuzz.h"

#include "pure/rcptlist.h"
#include "pure/envelope.h"

enum { MAX = 1 << 18 };

static char once[MAX];
static char split[MAX];
static char again[MAX];

static void
keep(struct rcptlist *list, struct buf *out)
{
	static const struct address_rules rules = { .utf8 = true };
	struct envelope_state state = { 0 };
	struct address a;

	MUST(list->len > 0 && list->len <= LIMIT_ADDRESS);
	if (rcptlist_address(list, &rules, &a) != ADDRESS_OK)
		return;
	MUST(envelope_check(&state, 'F', SPAN("")) == ENVELOPE_OK);
	MUST(envelope_check(&state, 'T', address_text(&a)) == ENVELOPE_OK);
	if (out->len)
		buf_str(out, ", ");
	buf_char(out, '<');
	buf_span(out, address_text(&a));
	buf_char(out, '>');
}

/* Returns false when it was no list. */
static bool
read_list(struct span in, size_t first, struct buf *out)
{
	struct rcptlist list = { 0 };
	struct span piece[2] = { span_head(in, first), span_from(in, first) };
	enum rcptlist_verdict verdict;

	for (size_t i = 0; i < 2; i++) {
		while (piece[i].n) {
			verdict = rcptlist_feed(&list, &piece[i]);
			if (verdict == RCPTLIST_BAD)
				return false;
			if (verdict == RCPTLIST_MAILBOX)
				keep(&list, out);
		}
	}
	while ((verdict = rcptlist_end(&list)) == RCPTLIST_MAILBOX)
		keep(&list, out);
	MUST((verdict == RCPTLIST_BAD) == (list.why != NULL));
	return verdict == RCPTLIST_MORE;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct span in = fuzz_input(data, n);
	size_t first = fuzz_choice(&in);
	struct buf a = BUF(once);
	struct buf b = BUF(split);
	struct buf c = BUF(again);
	bool good = read_list(in, in.n, &a);

	if (in.n > MAX / 8)
		return 0;
	MUST(read_list(in, first, &b) == good);
	MUST(span_eq(buf_text(&a), buf_text(&b)));
	if (!good)
		return 0;
	MUST(read_list(buf_text(&a), a.len, &c));
	MUST(span_eq(buf_text(&a), buf_text(&c)));
	return 0;
}

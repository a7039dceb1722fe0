/* SPDX-License-Identifier: ISC
 *
 * rcptlist: a list read in two pieces gives what it gives in one; every
 * mailbox that is an address is safe in an envelope; written down again as a
 * list, the addresses are the same; and where all are addresses, the reader
 * that edits such lists (pure/addrlist.h) finds the same ones. */
#include "tests/fuzz/fuzz.h"

#include "pure/rcptlist.h"
#include "pure/addrlist.h"
#include "pure/envelope.h"

enum { MAX = 1 << 18 };

static char once[MAX];
static char split[MAX];
static char again[MAX];
static bool strange;

static void
keep(struct rcptlist *list, struct buf *out)
{
	static const struct address_rules rules = { .utf8 = true };
	struct envelope_state state = { 0 };
	struct address a;

	MUST(list->len > 0 && list->len <= LIMIT_ADDRESS);
	if (rcptlist_address(list, &rules, &a) != ADDRESS_OK) {
		strange = true;
		return;
	}
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

/* What the other reader of such lists makes of it (pure/addrlist.h). */
static void
read_other(struct span in, struct buf *out)
{
	static const struct address_rules rules = { .utf8 = true };
	struct addrlist list = addrlist_of(in);
	struct addrlist_item item;
	struct address a;
	size_t used;

	while (addrlist_next(&list, &item)) {
		char text[2 * LIMIT_ADDRESS];
		struct buf path = BUF(text);

		if (!item.spec.n || item.end == ':')
			continue;
		buf_char(&path, '<');
		addrlist_text(item.spec, &path);
		buf_char(&path, '>');
		if (path.over ||
			address_path(buf_text(&path), &rules, &a, &used) !=
				ADDRESS_OK ||
			!a.len)
			continue;
		if (out->len)
			buf_str(out, ", ");
		buf_char(out, '<');
		buf_span(out, address_text(&a));
		buf_char(out, '>');
	}
}

/* Commas in encoded words, which do not belong there, and line ends in quotes
 * are seen otherwise by who must not change them. */
static bool
differs_rightly(struct span in)
{
	return memmem(in.p, in.n, "=?", 2) || memchr(in.p, '\r', in.n) ||
	       memchr(in.p, '\n', in.n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct span in = fuzz_input(data, n);
	size_t first = fuzz_choice(&in);
	struct buf a = BUF(once);
	struct buf b = BUF(split);
	struct buf c = BUF(again);
	bool good;

	strange = false;
	good = read_list(in, in.n, &a);

	if (in.n > MAX / 8)
		return 0;
	MUST(read_list(in, first, &b) == good);
	MUST(span_eq(buf_text(&a), buf_text(&b)));
	if (!good)
		return 0;
	MUST(read_list(buf_text(&a), a.len, &c));
	MUST(span_eq(buf_text(&a), buf_text(&c)));
	if (strange || differs_rightly(in))
		return 0;
	c = BUF(again);
	read_other(in, &c);
	MUST(span_eq(buf_text(&a), buf_text(&c)));
	return 0;
}

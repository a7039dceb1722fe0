/* SPDX-License-Identifier: ISC
 *
 * headcheck: what is found does not depend on how the text is split; what is
 * added goes to the beginning of a line, and what stands before it is a header
 * still. */
#include "tests/fuzz/fuzz.h"

#include "pure/headcheck.h"

static struct headcheck
check(struct span text, size_t split)
{
	struct headcheck h = { .fed = 0 };

	while (text.n) {
		struct span piece = span_head(text, split);

		if (!headcheck_feed(&h, piece))
			break;
		text = span_from(text, piece.n);
	}
	headcheck_end(&h);
	return h;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct span text = fuzz_input(data, n);
	size_t split = 1 + fuzz_choice(&text) % 64;
	struct headcheck whole = check(text, text.n + 1);
	struct headcheck parts = check(text, split);
	struct headcheck again;

	MUST(whole.state == HEADCHECK_OVER && parts.state == HEADCHECK_OVER);
	MUST(whole.size == parts.size && whole.size <= text.n);
	MUST(whole.wide == parts.wide);
	MUST(headcheck_fault(&whole) == headcheck_fault(&parts));
	MUST(whole.size == 0 || whole.size == text.n ||
		text.p[whole.size - 1] == '\n');
	again = check(span_head(text, whole.size), split);
	MUST(again.size == whole.size);
	MUST(memcmp(again.count, whole.count, sizeof again.count) == 0);
	return 0;
}

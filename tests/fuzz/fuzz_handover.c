/* SPDX-License-Identifier: ISC
 *
 * handover and authtalk: a packet that is understood is printed again and
 * means the same. */
#include "tests/fuzz/fuzz.h"

#include "pure/authtalk.h"
#include "pure/handover.h"

static void
handover(struct span in)
{
	struct handover word, again;
	char text[HANDOVER_MAX];
	struct buf out = BUF(text);
	struct buf small;
	int length = handover_length(span_head(in, HANDOVER_HEAD));

	if (in.n < HANDOVER_HEAD || length == -1)
		return;
	in = span_from(in, HANDOVER_HEAD);
	if ((size_t)length > in.n ||
		handover_parse(span_head(in, (size_t)length), &word) == -1)
		return;
	handover_print(&out, &word);
	MUST(!out.over && out.len == (size_t)length + HANDOVER_HEAD);
	small = (struct buf){ text, out.len - 1, 0, false };
	handover_print(&small, &word);
	MUST(small.over);
	out.len = 0;
	handover_print(&out, &word);
	MUST(handover_parse(span_from(buf_text(&out), HANDOVER_HEAD), &again) ==
		0);
	MUST(span_eq(word.error, again.error));
	MUST(span_eq(word.endpoint, again.endpoint));
}

static void
talk(struct span in)
{
	static char text[AUTHTALK_MAX];
	struct authtalk word, again;
	struct buf out = BUF(text);

	if (in.n > sizeof text || authtalk_parse(in, &word) == -1)
		return;
	authtalk_print(&out, &word);
	MUST(!out.over && out.len == in.n);
	MUST(authtalk_parse(buf_text(&out), &again) == 0);
	MUST(span_eq(word.initial, again.initial));
	MUST(span_eq(word.limited, again.limited));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct span in = fuzz_input(data, n);

	handover(in);
	talk(in);
	return 0;
}

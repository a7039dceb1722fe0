/* SPDX-License-Identifier: ISC
 *
 * age and json: what is read as an age is printed as one that is not longer;
 * a JSON string is 7-bit and has no quote of its own. */
#include "tests/fuzz/fuzz.h"

#include "pure/age.h"
#include "pure/json.h"

enum { MOST = 4096 };

static void
strings(struct span in)
{
	static char text[6 * MOST + 2];
	struct buf out = BUF(text);

	json_string(&out, span_head(in, MOST));
	MUST(!out.over && out.len >= 2);
	for (size_t i = 1; i + 1 < out.len; i++) {
		MUST(text[i] >= 0x20 && text[i] < 0x7f && text[i] != '"');
		if (text[i] == '\\')
			i += text[i + 1] == 'u' ? 5 : 1;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct span in = fuzz_input(data, n);
	char text[40];
	char joined[40];
	struct buf out = BUF(text);
	struct buf again = BUF(joined);
	int64_t seconds;
	int64_t shown;

	strings(in);
	if (age_parse(in, &seconds) == -1)
		return 0;
	age_print(&out, seconds);
	MUST(!out.over);
	for (size_t i = 0; i < out.len; i++)
		if (text[i] != ' ')
			buf_char(&again, text[i]);
	MUST(age_parse(buf_text(&again), &shown) == 0);
	MUST(shown <= seconds && seconds - shown < 86400);
	return 0;
}

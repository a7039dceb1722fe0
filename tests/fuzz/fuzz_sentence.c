/* SPDX-License-Identifier: ISC
 *
 * sentence: whatever stands in a log line, its sentence holds no control and
 * is well-formed UTF-8; the stamp in front of it is within its bounds. */
#include "tests/fuzz/fuzz.h"

#include "pure/ascii.h"
#include "pure/sentence.h"
#include "pure/stamp.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static char text[1 << 20];
	struct span in = span_head(fuzz_input(data, n), 4096);
	struct buf out = BUF(text);
	struct fields line;
	struct stamp stamp;

	if (stamp_read(in, &stamp) && !stamp.epoch) {
		MUST(stamp.month >= 1 && stamp.month <= 12);
		MUST(stamp.day >= 1 && stamp.day <= 31);
		MUST(stamp.hour >= 0 && stamp.hour < 24);
		MUST(stamp.minute >= 0 && stamp.minute < 60);
		MUST(stamp.second >= 0 && stamp.second <= 60);
		MUST(stamp.offset > -86400 && stamp.offset < 86400);
	}
	if (!fields_begin(&line, in))
		return 0;
	sentence_print(&out, &line);
	MUST(!out.over);
	MUST(utf8_valid(buf_text(&out)));
	for (size_t i = 0; i < out.len; i++)
		MUST(!ascii_control(text[i]));
	return 0;
}

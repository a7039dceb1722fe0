/* SPDX-License-Identifier: ISC
 *
 * newhead: whatever a name and an address are, the field is one: its lines
 * end in CR LF, go on with a blank, hold no control and no octet above ASCII
 * but the address's own, and are not long. */
#include "tests/fuzz/fuzz.h"

#include "pure/ascii.h"
#include "pure/newhead.h"

/* One field and nothing else. */
static void
must_be_field(struct span field, size_t longest)
{
	for (bool first = true; field.n; first = false) {
		size_t end = span_find(field, '\r');

		MUST(end + 1 < field.n && field.p[end + 1] == '\n');
		MUST(end > 0 && end <= longest);
		MUST(first == (field.p[0] != ' '));
		for (size_t i = 0; i < end; i++)
			MUST(!ascii_control(field.p[i]));
		field = span_from(field, end + 2);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static char text[8192];
	struct span in = fuzz_input(data, n);
	struct span name = span_head(in, span_find(in, '\n'));
	struct buf out = BUF(text);
	const uint64_t chance[2] = { name.n, in.n };

	newhead_from(&out, name, SPAN("a@b.example"));
	MUST(!out.over && out.len < 8 * NEWHEAD_NAME + 100);
	must_be_field(buf_text(&out), 998);
	MUST(!ascii_has_high(buf_text(&out)));
	out.len = 0;
	newhead_date(&out, (int64_t)name.n << 20);
	must_be_field(buf_text(&out), 78);
	out.len = 0;
	newhead_id(&out, (int64_t)in.n, chance, SPAN("h.example"));
	must_be_field(buf_text(&out), 998);
	return 0;
}

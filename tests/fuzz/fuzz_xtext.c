/* SPDX-License-Identifier: ISC
 *
 * xtext: any octets come back from their encoded form, which is valid when
 * none of them is a control; valid text decodes to no control, and to what
 * its own encoding decodes to (RFC 3461 4). */
#include "tests/fuzz/fuzz.h"

#include "pure/ascii.h"
#include "pure/xtext.h"

enum { MOST = 4096 };

static void
round_trip(struct span octets)
{
	static char coded[3 * MOST];
	static char plain[MOST];
	struct buf out = BUF(coded);
	struct buf back = BUF(plain);
	bool control = false;

	xtext_encode(&out, octets);
	MUST(!out.over);
	for (size_t i = 0; i < octets.n; i++)
		control |= ascii_control(octets.p[i]);
	MUST(xtext_valid(buf_text(&out)) == !control);
	xtext_decode(&back, buf_text(&out));
	MUST(!back.over && span_eq(buf_text(&back), octets));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static char plain[MOST];
	struct buf out = BUF(plain);
	struct span in = span_head(fuzz_input(data, n), MOST);

	round_trip(in);
	if (!xtext_valid(in))
		return 0;
	xtext_decode(&out, in);
	MUST(!out.over && out.len <= in.n);
	for (size_t i = 0; i < out.len; i++)
		MUST(!ascii_control(plain[i]));
	round_trip(buf_text(&out));
	return 0;
}

/* SPDX-License-Identifier: ISC
 *
 * base64 and scram: what is decoded is encoded again to the same text and
 * fills no more than three quarters of it; a message that is read is printed
 * again to the same text up to its extensions. */
#include "tests/fuzz/fuzz.h"

#include "pure/base64.h"
#include "pure/scram.h"

static char text[65536], back[65536];

static void
coded(struct span in)
{
	struct buf plain = { text, BASE64_ROOM(in.n), 0, false };
	struct buf again = BUF(back);

	if (in.n > sizeof text)
		return;
	if (base64_decode(&plain, in) == 0) {
		base64_encode(&again, buf_text(&plain));
		MUST(span_eq(buf_text(&again), in));
	} else {
		MUST(plain.len == 0 && !plain.over);
	}
}

static void
first(struct span in)
{
	struct buf name = BUF(text);
	struct buf out = BUF(back);
	struct scram_first got;

	if (scram_first_parse(in, &got) == -1)
		return;
	MUST(got.header.n + got.bare.n == in.n);
	MUST(scram_name_plain(&name, got.user) == 0);
	scram_name_print(&out, buf_text(&name));
	MUST(span_eq(buf_text(&out), got.user));
}

static void
others(struct span in)
{
	struct buf out = BUF(text);
	struct scram_challenge challenge;
	struct scram_final final;
	struct scram_end end;

	if (scram_challenge_parse(in, SPAN("a"), &challenge) == 0) {
		scram_challenge_print(&out, &challenge);
		MUST(span_eq(buf_text(&out), span_head(in, out.len)));
	}
	if (scram_final_parse(in, &final) == 0) {
		out.len = 0;
		scram_final_print(&out, final.binding, final.nonce);
		MUST(span_eq(buf_text(&out), span_head(in, out.len)));
		MUST(final.unproved.n + 3 + final.proof.n == in.n);
	}
	if (scram_end_parse(in, &end) == 0)
		MUST((end.signature.n > 0) != (end.error.n > 0));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct span in = fuzz_input(data, n);

	coded(in);
	first(in);
	others(in);
	return 0;
}

/* SPDX-License-Identifier: ISC
 *
 * sasl: whatever a server sends in place of its challenges (lines of the
 * input, base64), SCRAM believes no server without the right signature, no
 * mechanism but PLAIN and LOGIN shows the password, what is appended fits, and
 * every exchange ends. */
#include "net/sasl.h"
#include "pure/base64.h"
#include "pure/bearer.h"

#include "fuzz.h"

#define SECRET "the secret that nobody sees"

static bool
has(struct span all, struct span part)
{
	for (size_t i = 0; i + part.n <= all.n; i++)
		if (memcmp(all.p + i, part.p, part.n) == 0)
			return true;
	return false;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static char space[16384];
	static char decoded[16384];
	struct span in = fuzz_input(data, n);
	struct sasl s = { .user = SPAN("user"),
		.secret = SPAN(SECRET),
		.host = SPAN("smart.example"),
		.cbname = SPAN("tls-exporter"),
		.cbdata = SPAN("0123456789abcdef"),
		.port = 587 };
	struct buf out = BUF(space);
	unsigned choice = fuzz_choice(&in);
	enum sasl_verdict verdict;
	unsigned answers = 0;
	bool shows;
	bool scram;

	s.mechanism = (enum mechanism)(choice % MECHANISMS);
	s.plus = choice & 128;
	s.nonce_len = 20;
	memcpy(s.nonce, "rOprNGfwEbeRWgbNEkqO", 20);
	scram = s.mechanism <= MECHANISM_SCRAM;
	shows = !scram && s.mechanism != MECHANISM_CRAM_MD5;
	verdict = sasl_begin(&s, &out);
	MUST(verdict == SASL_ANSWER && !out.over);
	while (verdict == SASL_ANSWER && in.n) {
		size_t end = span_find(in, '\n');
		struct buf challenge = BUF(decoded);

		MUST(shows || !has(buf_text(&out), SPAN(SECRET)));
		out = BUF(space);
		if (base64_decode(&challenge, span_head(in, end)) == -1)
			break;
		verdict = sasl_answer(&s, buf_text(&challenge), &out);
		MUST(out.len <= sizeof space);
		MUST(s.reason_len <= sizeof s.reason);
		MUST(++answers <= 4);
		in = span_from(in, end + 1);
	}
	/* 2^-256 for a guess */
	MUST(!scram || !s.proved || answers == 2);
	return 0;
}

/* SPDX-License-Identifier: ISC
 *
 * mime7 (C-060): a converted message has no octet above 7F and no line longer
 * than before (or 76); what was 7-bit is unchanged; converting again changes
 * nothing; the pieces do not matter; and a message that is one leaf, decoded by
 * the plain decoders below, is what it was. */
#include "fuzz.h"

#include "pure/ascii.h"
#include "pure/mime7.h"

enum { MAX = 1 << 20 };

static struct mime7 m;
static char first[MAX];
static char second[MAX];
static char plain[MAX];

static int
collect(void *ctx, const char *bytes, size_t n)
{
	buf_span(ctx, (struct span){ bytes, n });
	return 0;
}

static int
feed(struct span s, size_t piece)
{
	while (s.n) {
		struct span part = span_head(s, piece);

		if (mime7_feed(&m, part.p, part.n) != 0)
			return -1;
		s = span_from(s, part.n);
	}
	return mime7_end(&m);
}

static bool
convert(struct span s, size_t piece, struct buf *out)
{
	mime7_scan(&m);
	if (feed(s, piece) != 0)
		return false;
	mime7_convert(&m, collect, out);
	MUST(feed(s, piece) == 0);
	MUST(!out->over);
	return true;
}

static size_t
longest_line(struct span s)
{
	size_t longest = 0;

	while (s.n) {
		size_t n = span_find(s, '\n');

		if (n > longest)
			longest = n;
		s = span_from(s, n + 1);
	}
	return longest;
}

static void
decode_quoted(struct buf *out, struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != '=') {
			buf_char(out, s.p[i]);
			continue;
		}
		MUST(s.n - i >= 3);
		if (s.p[i + 1] != '\r')
			buf_char(out, (char)(ascii_hex(s.p[i + 1]) << 4 |
					      ascii_hex(s.p[i + 2])));
		i += 2;
	}
}

static void
decode_base64(struct buf *out, struct span s)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789+/";
	unsigned bits = 0;
	unsigned have = 0;

	for (size_t i = 0; i < s.n && s.p[i] != '='; i++) {
		const char *digit = memchr(digits, s.p[i], 64);

		if (!digit)
			continue;
		bits = bits << 6 | (unsigned)(digit - digits);
		have += 6;
		if (have >= 8) {
			have -= 8;
			buf_char(out, (char)(bits >> have & 0xff));
		}
	}
}

/* A body under a header of ours. */
static void
round_trip(struct span head, struct span body,
	void decode(struct buf *, struct span))
{
	static char text[MAX];
	struct buf message = BUF(text);
	struct buf out = BUF(second);
	struct buf back = BUF(plain);
	struct span rest;

	buf_span(&message, head);
	buf_span(&message, body);
	MUST(!message.over && convert(buf_text(&message), 1000, &out));
	rest = buf_text(&out);
	while (span_find(rest, '\r') != 0)
		rest = span_from(rest, span_find(rest, '\n') + 1);
	decode(&back, span_from(rest, 2));
	MUST(span_eq(buf_text(&back), body));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct span in = { (const char *)data, n };
	struct buf once = BUF(first);
	struct buf again = BUF(second);
	bool high = ascii_has_high(in);

	if (n > 20000)
		return 0;
	if (high) {
		round_trip(SPAN("Content-Type: image/x\r\n\r\n"), in,
			decode_base64);
		round_trip(SPAN("Subject: x\r\n\r\n"), in, decode_quoted);
	}
	if (!convert(in, n + 1, &once))
		return 0;
	MUST(!ascii_has_high(buf_text(&once)));
	MUST(high || span_eq(buf_text(&once), in));
	MUST(longest_line(buf_text(&once)) <=
		(longest_line(in) > 77 ? longest_line(in) : 77));
	MUST(convert(buf_text(&once), n + 1, &again));
	MUST(span_eq(buf_text(&once), buf_text(&again)));
	again = BUF(second);
	MUST(convert(in, 1 + n % 7, &again));
	MUST(span_eq(buf_text(&once), buf_text(&again)));
	return 0;
}

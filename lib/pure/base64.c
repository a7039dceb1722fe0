/* SPDX-License-Identifier: ISC */
#include "pure/base64.h"

#include "pure/ascii.h"

static const char alphabet[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
base64_encode(struct buf *out, struct span in)
{
	if (in.n / 3 >= out->cap / 4 + 1 || out->len > out->cap ||
		BASE64_LENGTH(in.n) > out->cap - out->len) {
		out->over = true;
		return;
	}
	while (in.n) {
		uint32_t bits = 0;

		for (size_t i = 0; i < 3; i++)
			bits = bits << 8 |
			       (i < in.n ? (unsigned char)in.p[i] : 0);
		for (size_t i = 0; i < 4; i++)
			buf_char(out,
				i <= in.n ? alphabet[bits >> (18 - 6 * i) & 63]
					  : '=');
		in = span_from(in, 3);
	}
}

/* The value of a letter, or -1. */
static int
letter_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (ascii_digit(c))
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Four letters, of which the last `pads` are missing. */
static int
decode_four(struct buf *out, struct span four, size_t pads)
{
	uint32_t bits = 0;

	for (size_t i = 0; i < 4; i++) {
		int value = i < 4 - pads ? letter_value(four.p[i]) : 0;

		if (value == -1)
			return -1;
		bits = bits << 6 | (uint32_t)value;
	}
	if (pads && bits & ((1u << 8 * pads) - 1))
		return -1;
	for (size_t i = 0; i < 3 - pads; i++)
		buf_char(out, (char)(bits >> (16 - 8 * i) & 255));
	return out->over ? -1 : 0;
}

int
base64_decode(struct buf *out, struct span in)
{
	size_t start = out->len;
	size_t pads = 0;

	if (in.n % 4)
		return -1;
	while (pads < 2 && pads < in.n && in.p[in.n - 1 - pads] == '=')
		pads++;
	for (; in.n; in = span_from(in, 4)) {
		if (decode_four(out, in, in.n == 4 ? pads : 0) == -1) {
			out->len = start;
			return -1;
		}
	}
	return 0;
}

/* SPDX-License-Identifier: ISC */
#include "pure/clean.h"

#include "pure/ascii.h"

/* How many octets the character at the head of s has; 0: it is none. */
static size_t
character(struct span s)
{
	unsigned char first = (unsigned char)s.p[0];
	size_t n = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;

	return n <= s.n && utf8_valid(span_head(s, n)) ? n : 0;
}

/* The code point of a valid character. */
static uint32_t
code_point(struct span s)
{
	static const unsigned char masks[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	uint32_t code = (unsigned char)s.p[0] & masks[s.n];

	for (size_t i = 1; i < s.n; i++)
		code = code << 6 | ((unsigned char)s.p[i] & 0x3f);
	return code;
}

static bool
is_seen(uint32_t code)
{
	static const struct {
		uint32_t from;
		uint32_t to;
	} unseen[] = {
		{0,       0x1f  },
		{ 0x7f,   0x9f  },
		{ 0x200b, 0x200f},
		{ 0x2028, 0x202e},
		{ 0x2060, 0x206f},
		{ 0xfeff, 0xfeff},
	};

	for (size_t i = 0; i < LEN(unseen); i++)
		if (code >= unseen[i].from && code <= unseen[i].to)
			return false;
	return true;
}

void
clean_text(struct buf *out, struct span text)
{
	while (text.n) {
		size_t n = character(text);
		bool seen = n && is_seen(code_point(span_head(text, n)));

		if (n == 0)
			n = 1;
		for (size_t i = 0; i < n; i++) {
			if (!seen) {
				buf_str(out, "\\x");
				buf_hex(out, (unsigned char)text.p[i], 2);
			} else {
				buf_char(out, text.p[i]);
			}
		}
		text = span_from(text, n);
	}
}

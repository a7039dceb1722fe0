/* SPDX-License-Identifier: ISC */
#include "pure/xtext.h"

#include "pure/ascii.h"

static bool
is_plain(char c)
{
	return ascii_visible(c) && c != '+' && c != '=';
}

/* Hex digits are upper case only: there is one way to write an octet. */
static int
upper_hex(char c)
{
	return ascii_lower(c) == c && !ascii_digit(c) ? -1 : ascii_hex(c);
}

/* The octet that the three characters at s stand for, or -1. */
static int
escaped(struct span s)
{
	int high;
	int low;

	if (s.n < 3)
		return -1;
	high = upper_hex(s.p[1]);
	low = upper_hex(s.p[2]);
	return high == -1 || low == -1 ? -1 : high * 16 + low;
}

bool
xtext_valid(struct span text)
{
	while (text.n) {
		int octet;

		if (is_plain(text.p[0])) {
			text = span_from(text, 1);
			continue;
		}
		octet = text.p[0] == '+' ? escaped(text) : -1;
		if (octet == -1 || ascii_control((char)octet))
			return false;
		text = span_from(text, 3);
	}
	return true;
}

void
xtext_decode(struct buf *out, struct span text)
{
	while (text.n) {
		int octet = text.p[0] == '+' ? escaped(text) : -1;

		buf_char(out, octet == -1 ? text.p[0] : (char)octet);
		text = span_from(text, octet == -1 ? 1 : 3);
	}
}

void
xtext_encode(struct buf *out, struct span text)
{
	static const char digits[] = "0123456789ABCDEF";

	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];
		char triple[3] = { '+', digits[c >> 4], digits[c & 15] };

		if (is_plain(text.p[i]))
			buf_char(out, text.p[i]);
		else
			buf_span(out, (struct span){ triple, sizeof triple });
	}
}

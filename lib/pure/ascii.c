/* SPDX-License-Identifier: ISC */
#include "pure/ascii.h"

/* The length of the well-formed sequence at s, or 0. Table 3-7 of Unicode:
 * the second byte's range is what forbids overlong forms and surrogates. */
static size_t
utf8_sequence(const unsigned char *s, size_t n)
{
	unsigned char low = 0x80;
	unsigned char high = 0xbf;
	size_t len;

	if (s[0] < 0x80)
		return 1;
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	len = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	if (len > n)
		return 0;
	if (s[0] == 0xe0)
		low = 0xa0;
	else if (s[0] == 0xed)
		high = 0x9f;
	else if (s[0] == 0xf0)
		low = 0x90;
	else if (s[0] == 0xf4)
		high = 0x8f;
	if (s[1] < low || s[1] > high)
		return 0;
	for (size_t i = 2; i < len; i++)
		if (s[i] < 0x80 || s[i] > 0xbf)
			return 0;
	return len;
}

bool
utf8_valid(struct span s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	size_t len;

	for (size_t i = 0; i < s.n; i += len) {
		len = utf8_sequence(p + i, s.n - i);
		if (len == 0)
			return false;
	}
	return true;
}

bool
ascii_has_high(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (ascii_high(s.p[i]))
			return true;
	return false;
}

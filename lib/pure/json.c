/* SPDX-License-Identifier: ISC */
#include "pure/json.h"

#include "pure/ascii.h"

static void
put_unit(struct buf *out, uint32_t unit)
{
	buf_str(out, "\\u");
	buf_hex(out, unit, 4);
}

/* Code points beyond U+FFFF are two units (RFC 8259 7). */
static void
put_point(struct buf *out, uint32_t point)
{
	if (point >= 0x10000) {
		put_unit(out, 0xd800 + ((point - 0x10000) >> 10));
		point = 0xdc00 + (point & 0x3ff);
	}
	put_unit(out, point);
}

/* Takes the character at the head of text; of one octet that is none,
 * U+FFFD. */
static uint32_t
take_point(struct span *text)
{
	static const unsigned char bits[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	unsigned char first = (unsigned char)text->p[0];
	size_t n = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
	uint32_t point = first & bits[n];

	if (n > text->n || !utf8_valid(span_head(*text, n))) {
		*text = span_from(*text, 1);
		return 0xfffd;
	}
	for (size_t i = 1; i < n; i++)
		point = point << 6 | ((unsigned char)text->p[i] & 0x3f);
	*text = span_from(*text, n);
	return point;
}

void
json_string(struct buf *out, struct span text)
{
	buf_char(out, '"');
	while (text.n) {
		uint32_t point = take_point(&text);

		if (point == '"' || point == '\\')
			buf_char(out, '\\');
		if (point >= 0x20 && point < 0x7f)
			buf_char(out, (char)point);
		else
			put_point(out, point);
	}
	buf_char(out, '"');
}

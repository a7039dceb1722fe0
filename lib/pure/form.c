/* SPDX-License-Identifier: ISC */
#include "pure/form.h"

#include "pure/ascii.h"

void
form_escape(struct buf *out, struct span value)
{
	static const char hex[] = "0123456789ABCDEF";

	for (size_t i = 0; i < value.n; i++) {
		unsigned char c = (unsigned char)value.p[i];

		if (ascii_alnum(value.p[i]) || c == '-' || c == '.' ||
			c == '_' || c == '~') {
			buf_char(out, value.p[i]);
			continue;
		}
		buf_char(out, '%');
		buf_char(out, hex[c >> 4]);
		buf_char(out, hex[c & 15]);
	}
}

void
form_field(struct buf *out, const char *name, struct span value)
{
	if (out->len && out->p[out->len - 1] != '?')
		buf_char(out, '&');
	buf_str(out, name);
	buf_char(out, '=');
	form_escape(out, value);
}

/* Appends value without its escapes. */
static bool
unescape(struct span value, struct buf *out)
{
	for (size_t i = 0; i < value.n; i++) {
		char c = value.p[i] == '+' ? ' ' : value.p[i];

		if (c == '%') {
			int high = i + 2 < value.n ? ascii_hex(value.p[i + 1])
						   : -1;
			int low = high == -1 ? -1 : ascii_hex(value.p[i + 2]);

			if (low == -1)
				return false;
			c = (char)(unsigned char)(high << 4 | low);
			i += 2;
		}
		if (ascii_control(c))
			return false;
		buf_char(out, c);
	}
	return !out->over;
}

bool
form_find(struct span form, struct span name, struct buf *out)
{
	struct span value = SPAN("");
	size_t before = out->len;
	unsigned found = 0;

	while (form.n) {
		size_t end = span_find(form, '&');
		struct span field = span_head(form, end);
		size_t equals = span_find(field, '=');

		if (span_eq(span_head(field, equals), name)) {
			value = span_from(field, equals + 1);
			found++;
		}
		form = span_from(form, end + 1);
	}
	if (found == 1 && unescape(value, out))
		return true;
	out->len = before;
	return false;
}

/* SPDX-License-Identifier: ISC */
#include "pure/buf.h"

void
buf_span(struct buf *b, struct span s)
{
	if (s.n > b->cap - b->len) {
		b->over = true;
		return;
	}
	if (s.n)
		memcpy(b->p + b->len, s.p, s.n);
	b->len += s.n;
}

void
buf_str(struct buf *b, const char *s)
{
	buf_span(b, span_of(s));
}

void
buf_char(struct buf *b, char c)
{
	buf_span(b, (struct span){ &c, 1 });
}

void
buf_number(struct buf *b, uint64_t n)
{
	char digits[20];
	size_t at = sizeof digits;

	do
		digits[--at] = (char)('0' + n % 10);
	while (n /= 10);
	buf_span(b, (struct span){ digits + at, sizeof digits - at });
}

void
buf_hex(struct buf *b, uint64_t n, unsigned digits)
{
	while (digits--)
		buf_char(b, "0123456789abcdef"[n >> (4 * digits) & 15]);
}

const char *
buf_cstr(struct buf *b)
{
	if (b->len < b->cap) {
		b->p[b->len] = '\0';
		return b->p;
	}
	b->over = true;
	if (b->cap)
		b->p[b->cap - 1] = '\0';
	return b->cap ? b->p : "";
}

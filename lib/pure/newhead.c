/* SPDX-License-Identifier: ISC */
#include "pure/newhead.h"

#include "pure/ascii.h"
#include "pure/date.h"

/* Octets of text in one encoded word: with its frame, two hex digits an octet
 * and the = before them it stays within 75 (RFC 2047 2). */
enum { WORD_TEXT = 18 };

/* How a name has to be written. */
enum form { FORM_WORDS, FORM_QUOTED, FORM_ENCODED };

static enum form
form_of(struct span name)
{
	enum form form = FORM_WORDS;

	if (ascii_has_high(name))
		return FORM_ENCODED;
	for (size_t i = 0; i < name.n; i++)
		if (!ascii_alnum(name.p[i]) && name.p[i] != ' ' &&
			!memchr("!#$%&'*+-/^_`{|}~", name.p[i], 17))
			form = FORM_QUOTED;
	return form;
}

/* Makes of a name what may be shown; the result is never longer. */
static struct span
clean(struct span name, char text[NEWHEAD_NAME])
{
	bool good;

	name = span_head(span_trim(name), NEWHEAD_NAME);
	/* not in the middle of a character */
	while (name.n && ascii_has_high(name) && !utf8_valid(name) &&
		((unsigned char)name.p[name.n - 1] & 0x80))
		name.n--;
	good = utf8_valid(name);
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];

		if (ascii_control(c))
			c = ' ';
		else if (ascii_high(c) && !good)
			c = '?';
		text[i] = c;
	}
	return span_trim((struct span){ text, name.n });
}

static void
print_quoted(struct buf *out, struct span name)
{
	buf_char(out, '"');
	for (size_t i = 0; i < name.n; i++) {
		if (name.p[i] == '"' || name.p[i] == '\\')
			buf_char(out, '\\');
		buf_char(out, name.p[i]);
	}
	buf_char(out, '"');
}

/* As many octets as fit into a word without cutting a character. */
static size_t
word_of(struct span text)
{
	size_t n = text.n < WORD_TEXT ? text.n : WORD_TEXT;

	while (n < text.n && n > 1 && ((unsigned char)text.p[n] & 0xc0) == 0x80)
		n--;
	return n;
}

static void
print_encoded(struct buf *out, struct span name)
{
	while (name.n) {
		size_t n = word_of(name);

		buf_str(out, "=?utf-8?q?");
		for (size_t i = 0; i < n; i++) {
			if (ascii_alnum(name.p[i])) {
				buf_char(out, name.p[i]);
				continue;
			}
			buf_char(out, '=');
			buf_char(out,
				"0123456789ABCDEF"[(unsigned char)name.p[i] >>
						   4]);
			buf_char(out, "0123456789ABCDEF"[name.p[i] & 15]);
		}
		buf_str(out, "?=");
		name = span_from(name, n);
		if (name.n)
			buf_str(out, "\r\n ");
	}
}

void
newhead_from(struct buf *out, struct span name, struct span address)
{
	char text[NEWHEAD_NAME];

	name = clean(name, text);
	buf_str(out, "From: ");
	if (!name.n) {
		buf_span(out, address);
		buf_str(out, "\r\n");
		return;
	}
	switch (form_of(name)) {
	case FORM_WORDS:
		buf_span(out, name);
		break;
	case FORM_QUOTED:
		print_quoted(out, name);
		break;
	case FORM_ENCODED:
		print_encoded(out, name);
		break;
	}
	buf_str(out, name.n + address.n > 70 ? "\r\n <" : " <");
	buf_span(out, address);
	buf_str(out, ">\r\n");
}

void
newhead_date(struct buf *out, int64_t seconds)
{
	buf_str(out, "Date: ");
	date_print(out, seconds);
	buf_str(out, "\r\n");
}

void
newhead_id(
	struct buf *out, int64_t us, const uint64_t chance[2], struct span host)
{
	buf_str(out, "Message-ID: <");
	buf_hex(out, (uint64_t)us, 14);
	buf_char(out, '.');
	buf_hex(out, chance[0], 16);
	buf_hex(out, chance[1], 16);
	buf_char(out, '@');
	buf_span(out, host);
	buf_str(out, ">\r\n");
}

/* SPDX-License-Identifier: ISC */
#include "pure/record.h"

#include "pure/ascii.h"

void
record_put(struct buf *out, char letter, struct span value)
{
	if (value.n > out->cap || out->cap - value.n < 2 ||
		out->len > out->cap - value.n - 2) {
		out->over = true;
		return;
	}
	buf_char(out, letter);
	buf_span(out, value);
	buf_char(out, '\0');
}

void
record_put_given(struct buf *out, char letter, struct span value)
{
	if (value.n)
		record_put(out, letter, value);
}

int
record_next(struct span *packet, char *letter, struct span *value)
{
	size_t end = span_find(*packet, '\0');

	if (packet->n == 0)
		return 0;
	if (end == packet->n || end == 0)
		return -1;
	*letter = packet->p[0];
	*value = (struct span){ packet->p + 1, end - 1 };
	*packet = span_from(*packet, end + 1);
	return 1;
}

static struct span *
field_span(const struct record_field *field, void *base)
{
	return (struct span *)(void *)((char *)base + field->at);
}

void
record_print(struct buf *out, const struct record_field *fields, size_t n,
	const void *base)
{
	for (size_t i = 0; i < n; i++) {
		struct span value;

		memcpy(&value, (const char *)base + fields[i].at, sizeof value);
		if (value.n)
			record_put(out, fields[i].letter,
				fields[i].kind == RECORD_FLAG ? SPAN("")
							      : value);
	}
}

static bool
value_good(struct span value, enum record_kind kind)
{
	if (kind == RECORD_FLAG)
		return value.n == 0;
	for (size_t i = 0; i < value.n; i++) {
		char c = value.p[i];

		if ((kind == RECORD_HEX && ascii_hex(c) == -1) ||
			(kind == RECORD_TEXT && c != ' ' && !ascii_visible(c)))
			return false;
	}
	return value.n > 0;
}

int
record_parse(struct span packet, const struct record_field *fields, size_t n,
	void *base)
{
	struct span value;
	char letter;
	int got;

	while ((got = record_next(&packet, &letter, &value)) == 1) {
		size_t i = 0;

		while (i < n && fields[i].letter != letter)
			i++;
		if (i == n || field_span(&fields[i], base)->n ||
			!value_good(value, fields[i].kind))
			return -1;
		*field_span(&fields[i], base) =
			value.n ? value : (struct span){ value.p - 1, 1 };
	}
	return got;
}

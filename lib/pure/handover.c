/* SPDX-License-Identifier: ISC */
#include "pure/handover.h"

#include "pure/ascii.h"
#include "pure/record.h"

#define FIELD(letter, kind, name)                                              \
	{                                                                      \
		letter, RECORD_##kind, offsetof(struct handover, name)         \
	}

static const struct record_field fields[] = {
	FIELD('E', TEXT, error),
	FIELD('S', TEXT, service),
	FIELD('C', TEXT, client),
	FIELD('V', TEXT, version),
	FIELD('K', TEXT, cipher),
	FIELD('N', TEXT, name),
	FIELD('F', HEX, fingerprint),
	FIELD('X', HEX, exporter),
	FIELD('P', HEX, endpoint),
};

void
handover_print(struct buf *out, const struct handover *word)
{
	char text[HANDOVER_MAX - HANDOVER_HEAD];
	struct buf records = BUF(text);

	record_print(&records, fields, LEN(fields), word);
	if (records.over || out->cap - out->len < HANDOVER_HEAD + records.len) {
		out->over = true;
		return;
	}
	buf_hex(out, records.len, HANDOVER_HEAD);
	buf_span(out, buf_text(&records));
}

int
handover_length(struct span head)
{
	int n = 0;

	if (head.n != HANDOVER_HEAD)
		return -1;
	for (size_t i = 0; i < head.n; i++) {
		int digit = ascii_hex(head.p[i]);

		if (digit == -1)
			return -1;
		n = n * 16 + digit;
	}
	return n <= HANDOVER_MAX - HANDOVER_HEAD ? n : -1;
}

int
handover_parse(struct span records, struct handover *word)
{
	*word = (struct handover){ .error = SPAN("") };
	return record_parse(records, fields, LEN(fields), word);
}

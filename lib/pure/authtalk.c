/* SPDX-License-Identifier: ISC */
#include "pure/authtalk.h"

#include "pure/record.h"

#define FIELD(letter, kind, name)                                              \
	{                                                                      \
		letter, RECORD_##kind, offsetof(struct authtalk, name)         \
	}

static const struct record_field fields[] = {
	FIELD('A', TEXT, mechanisms),
	FIELD('M', TEXT, mechanism),
	FIELD('C', TEXT, client),
	FIELD('S', FLAG, tls),
	FIELD('X', HEX, exporter),
	FIELD('P', HEX, endpoint),
	FIELD('F', HEX, fingerprint),
	FIELD('I', LINE, initial),
	FIELD('c', TEXT, challenge),
	FIELD('R', LINE, response),
	FIELD('k', TEXT, identity),
	FIELD('n', TEXT, refused),
	FIELD('b', TEXT, broken),
	FIELD('w', TEXT, weak),
	FIELD('t', TEXT, later),
	FIELD('l', TEXT, limited),
	FIELD('U', TEXT, user),
	FIELD('N', TEXT, rcpts),
};

void
authtalk_print(struct buf *out, const struct authtalk *talk)
{
	record_print(out, fields, LEN(fields), talk);
}

int
authtalk_parse(struct span packet, struct authtalk *talk)
{
	*talk = (struct authtalk){ .mechanisms = SPAN("") };
	return record_parse(packet, fields, LEN(fields), talk);
}

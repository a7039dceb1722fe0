/* SPDX-License-Identifier: ISC */
#include "pure/envelope.h"

#include "pure/limits.h"
#include "pure/param.h"
#include "pure/record.h"

static bool
value_any(struct span value)
{
	(void)value;
	return true;
}

static bool
value_none(struct span value)
{
	return value.n == 0;
}

static bool
value_some(struct span value)
{
	return value.n > 0;
}

static bool
value_body(struct span value)
{
	return span_eq(value, SPAN("7BIT")) || span_eq(value, SPAN("8BITMIME"));
}

static bool
value_ret(struct span value)
{
	return span_eq(value, SPAN("FULL")) || span_eq(value, SPAN("HDRS"));
}

static bool
value_report(struct span value)
{
	return span_eq(value, SPAN("report")) || span_eq(value, SPAN("double"));
}

/* Where a record may stand. */
enum place { PLACE_FIRST, PLACE_MESSAGE, PLACE_RECIPIENT, PLACE_BEHIND };

static const struct record {
	char letter;
	enum place place;
	bool (*valid)(struct span value);
} records[] = {
	{'F',  PLACE_FIRST,     value_any         },
	{ 'B', PLACE_MESSAGE,   value_body        },
	{ 'U', PLACE_MESSAGE,   value_none        },
	{ 'E', PLACE_MESSAGE,   param_envid_valid },
	{ 'R', PLACE_MESSAGE,   value_ret         },
	{ 'Q', PLACE_MESSAGE,   value_none        },
	{ 'P', PLACE_MESSAGE,   value_any         },
	{ 'C', PLACE_MESSAGE,   value_any         },
	{ 'H', PLACE_MESSAGE,   value_any         },
	{ 'A', PLACE_MESSAGE,   value_any         },
	{ 'D', PLACE_MESSAGE,   value_report      },
	{ 'T', PLACE_RECIPIENT, value_some        },
	{ 'N', PLACE_BEHIND,    param_notify_valid},
	{ 'O', PLACE_BEHIND,    param_orcpt_valid },
};

static unsigned
bit_of(char letter)
{
	return 1U << (letter - 'A');
}

static const struct record *
record_of(char letter)
{
	for (size_t i = 0; i < LEN(records); i++)
		if (records[i].letter == letter)
			return &records[i];
	return NULL;
}

static bool
bytes_fit(struct span value)
{
	for (size_t i = 0; i < value.n; i++)
		if (value.p[i] == '\0' || value.p[i] == '\r' ||
			value.p[i] == '\n')
			return false;
	return true;
}

/* True when a record of this kind may come next; it is noted then. */
static bool
take_place(struct envelope_state *state, const struct record *record)
{
	bool begun = state->seen & bit_of('F');
	unsigned bit = bit_of(record->letter);
	unsigned *set = &state->seen;

	switch (record->place) {
	case PLACE_FIRST:
		if (begun)
			return false;
		break;
	case PLACE_MESSAGE:
		if (!begun || state->recipients || (state->seen & bit))
			return false;
		break;
	case PLACE_RECIPIENT:
		if (!begun)
			return false;
		state->recipients++;
		state->after = 0;
		return true;
	case PLACE_BEHIND:
		set = &state->after;
		if (!state->recipients || (*set & bit))
			return false;
		break;
	}
	*set |= bit;
	return true;
}

enum envelope_verdict
envelope_check(struct envelope_state *state, char letter, struct span value)
{
	const struct record *record = record_of(letter);

	if (!bytes_fit(value))
		return ENVELOPE_BYTES;
	if (value.n > LIMIT_RECORD - 2)
		return ENVELOPE_LONG;
	state->bytes += value.n + 2;
	if (state->bytes > LIMIT_ENVELOPE)
		return ENVELOPE_LONG;
	if (!record)
		return ENVELOPE_LETTER;
	if (!take_place(state, record))
		return ENVELOPE_ORDER;
	return record->valid(value) ? ENVELOPE_OK : ENVELOPE_VALUE;
}

enum envelope_verdict
envelope_end(const struct envelope_state *state)
{
	return state->recipients ? ENVELOPE_OK : ENVELOPE_EMPTY;
}

const char *
envelope_why(enum envelope_verdict verdict)
{
	static const char *const words[] = {
		[ENVELOPE_OK] = "in order",
		[ENVELOPE_BYTES] = "NUL, CR or LF inside a record",
		[ENVELOPE_LONG] = "record or envelope too long",
		[ENVELOPE_LETTER] = "unknown record",
		[ENVELOPE_ORDER] = "record out of place or given twice",
		[ENVELOPE_VALUE] = "record with a bad value",
		[ENVELOPE_EMPTY] = "no sender or no recipient",
	};

	return words[verdict];
}

void
envelope_put(struct buf *out, char letter, struct span value)
{
	record_put(out, letter, value);
}

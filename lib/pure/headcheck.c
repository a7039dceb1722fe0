/* SPDX-License-Identifier: ISC */
#include "pure/headcheck.h"

#include "pure/ascii.h"

static const struct {
	struct span name;
	const char *twice;
} fields[HEADCHECK_FIELDS] = {
	[HEADCHECK_FROM] = {SPAN_INIT("From"),        "two fields From"      },
	[HEADCHECK_DATE] = { SPAN_INIT("Date"),       "two fields Date"      },
	[HEADCHECK_ID] = { SPAN_INIT("Message-ID"), "two fields Message-ID"},
};

/* The colon behind a name was seen. */
static void
count(struct headcheck *h)
{
	const struct span name = { h->name, h->name_len };

	for (size_t i = 0; i < HEADCHECK_FIELDS; i++)
		if (span_eq_nocase(name, fields[i].name))
			h->count[i]++;
	h->state = HEADCHECK_REST;
}

/* The line that has `column` octets so far belongs to the body. */
static void
finish(struct headcheck *h)
{
	h->state = HEADCHECK_OVER;
	h->size = h->fed - h->column;
}

static void
keep(struct headcheck *h, char c)
{
	if (h->name_len < sizeof h->name)
		h->name[h->name_len++] = c;
	else
		h->name[0] = '\0'; /* too long for one we know */
}

/* Takes an octet that stands before the colon. */
static void
step(struct headcheck *h, char c)
{
	const bool blank = c == ' ' || c == '\t';

	if (h->state == HEADCHECK_START && blank && h->fed) {
		h->state = HEADCHECK_REST;
	} else if (h->state != HEADCHECK_START && c == ':') {
		count(h);
	} else if (h->state != HEADCHECK_START && blank) {
		h->state = HEADCHECK_BLANK;
	} else if (h->state != HEADCHECK_BLANK && ascii_visible(c) &&
		   c != ':') {
		if (h->state == HEADCHECK_START)
			h->name_len = 0;
		keep(h, c);
		h->state = HEADCHECK_IN_NAME;
	} else {
		finish(h);
		return;
	}
	h->column++;
	h->fed++;
}

/* Takes the rest of a line, or what is there of it. */
static void
skip(struct headcheck *h, struct span *text)
{
	size_t n = span_find(*text, '\n');
	bool end = n < text->n;

	h->column += n;
	h->fed += n + end;
	/* the CR is no octet of the line, and may not have come yet */
	h->wide |= h->column > HEADCHECK_LINE + 1U ||
		   (h->column == HEADCHECK_LINE + 1U && n &&
			   text->p[n - 1] != '\r');
	*text = span_from(*text, n + end);
	if (end) {
		h->state = HEADCHECK_START;
		h->column = 0;
	}
}

bool
headcheck_feed(struct headcheck *h, struct span text)
{
	while (text.n && h->state != HEADCHECK_OVER) {
		if (h->state == HEADCHECK_REST) {
			skip(h, &text);
		} else {
			step(h, text.p[0]);
			text = span_from(text, 1);
		}
	}
	return h->state != HEADCHECK_OVER;
}

void
headcheck_end(struct headcheck *h)
{
	if (h->state == HEADCHECK_OVER)
		return;
	if (h->state == HEADCHECK_REST)
		h->column = 0;
	finish(h);
}

const char *
headcheck_fault(const struct headcheck *h)
{
	if (!h->count[HEADCHECK_FROM])
		return "no field From";
	for (size_t i = 0; i < HEADCHECK_FIELDS; i++)
		if (h->count[i] > 1)
			return fields[i].twice;
	return h->wide ? "a line of more than 998 octets" : NULL;
}

/* SPDX-License-Identifier: ISC */
#include "pure/dot.h"

#include "pure/ascii.h"

/* What stood before the next octet. */
enum state {
	AT_START,     /* CR LF, or nothing: a dot may be the end */
	AT_SOFT,      /* a bare LF that was normalized: a dot is only removed */
	IN_TEXT,      /* octets of a line */
	AFTER_CR,     /* octets of a line and a CR */
	AFTER_DOT,    /* CR LF . */
	AFTER_DOT_CR, /* CR LF . CR */
	ENDED,
};

/* Where in a line of the header section. */
enum header {
	LINE_FIRST, /* at the start of the first line: nothing to continue */
	LINE_START, /* at the start of another line */
	LINE_NAME,  /* in the name of a field */
	LINE_BLANK, /* behind the name, before the colon */
	LINE_REST,  /* behind the colon, or in a continuation */
};

/* One feed: text from `kept` on waits to be copied in one piece. */
struct feed {
	const char *kept;
	const char *end;
	char *out;
};

void
dot_begin(struct dot *d, bool normalize)
{
	*d = (struct dot){
		.state = AT_START, .normalize = normalize, .header = LINE_FIRST
	};
}

static void
copy(struct feed *f, const char *upto)
{
	size_t n = (size_t)(upto - f->kept);

	if (n)
		memcpy(f->out, f->kept, n);
	f->out += n;
	f->kept = upto;
}

/* Copies what stands before `at` and leaves out the octet there. */
static void
drop(struct feed *f, const char *at)
{
	copy(f, at);
	f->kept = at + 1;
}

static void
put(struct feed *f, const char *text, size_t n)
{
	memcpy(f->out, text, n);
	f->out += n;
}

/* A name has ended at its colon. */
static void
count_field(struct dot *d)
{
	struct span name = { d->field, d->field_len };

	if (d->field_len == sizeof d->field &&
		span_eq_nocase(name, SPAN("Received")))
		d->received++;
	d->header = LINE_REST;
}

static void
header_octet(struct dot *d, char c)
{
	bool blank = c == ' ' || c == '\t';

	if (c == ':' && (d->header == LINE_NAME || d->header == LINE_BLANK)) {
		count_field(d);
	} else if (blank && d->header == LINE_START) {
		d->header = LINE_REST;
	} else if (blank && d->header != LINE_FIRST) {
		d->header = LINE_BLANK;
	} else if (!ascii_visible(c) || c == ':' || d->header == LINE_BLANK) {
		d->header_done = true;
	} else {
		if (d->header != LINE_NAME)
			d->field_len = 0;
		d->header = LINE_NAME;
		if (d->field_len < sizeof d->field)
			d->field[d->field_len] = c;
		d->field_len++;
	}
}

static void
header_text(struct dot *d, const char *p, size_t n)
{
	for (size_t i = 0; i < n && !d->header_done && d->header != LINE_REST;
		i++)
		header_octet(d, p[i]);
}

/* Octets of a line without its end: they are noted, not written. */
static void
note_text(struct dot *d, const char *p, size_t n)
{
	d->line += n;
	if (d->longest < d->line)
		d->longest = d->line;
	if (!d->header_done)
		header_text(d, p, n);
}

static void
note_line_end(struct dot *d)
{
	d->line = 0;
	if (d->header == LINE_REST)
		d->header = LINE_START;
	else
		d->header_done = true;
}

#define EACH(octet) ((uint64_t)0x0101010101010101 * (octet))

/* Nonzero when an octet of the word is below `limit` (at most 128). */
static uint64_t
below(uint64_t word, uint64_t limit)
{
	return (word - EACH(1) * limit) & ~word & EACH(0x80);
}

/* Where the next CR or LF stands, or the end; notes NUL and 8-bit octets. Of
 * the octets under 0E only those two and NUL are of interest, and the others
 * are rare: eight octets are passed over in one go when all lie above. */
static const char *
scan(struct dot *d, const char *p, const char *end)
{
	uint64_t high = 0;

	for (;;) {
		uint64_t word;

		while (end - p >= (ptrdiff_t)sizeof word) {
			memcpy(&word, p, sizeof word);
			if (below(word, '\r' + 1))
				break;
			high |= word;
			p += sizeof word;
		}
		while (p < end && (unsigned char)*p > '\r') {
			high |= (unsigned char)*p;
			p++;
		}
		if (p == end || *p == '\r' || *p == '\n')
			break;
		d->nul |= *p == '\0';
		p++;
	}
	d->eight_bit |= (high & EACH(0x80)) != 0;
	return p;
}

/* A CR or LF that stands alone, at p - 1 or held back from an earlier feed.
 * Normalizing, it was not copied. */
static void
stray_cr(struct dot *d, struct feed *f, const char *p)
{
	if (d->normalize) {
		copy(f, p);
		put(f, " ", 1);
		note_text(d, " ", 1);
	} else {
		d->bare = true;
		note_text(d, "\r", 1);
	}
	d->state = IN_TEXT;
}

static void
stray_lf(struct dot *d, struct feed *f, const char *p)
{
	if (d->normalize) {
		drop(f, p);
		put(f, "\r\n", 2);
		note_line_end(d);
		d->state = AT_SOFT;
	} else {
		d->bare = true;
		note_text(d, "\n", 1);
	}
}

/* Reads on inside a line, up to and with the CR or LF that stops it. */
static const char *
step_text(struct dot *d, struct feed *f, const char *p)
{
	const char *stop = scan(d, p, f->end);

	note_text(d, p, (size_t)(stop - p));
	if (stop == f->end)
		return stop;
	if (*stop == '\n') {
		stray_lf(d, f, stop);
	} else {
		if (d->normalize)
			drop(f, stop);
		d->state = AFTER_CR;
	}
	return stop + 1;
}

/* The octet behind a CR says what the CR was. */
static const char *
step_cr(struct dot *d, struct feed *f, const char *p)
{
	if (*p != '\n') {
		stray_cr(d, f, p);
		return p;
	}
	if (d->normalize) {
		drop(f, p);
		put(f, "\r\n", 2);
	}
	note_line_end(d);
	d->state = AT_START;
	return p + 1;
}

/* The octet behind CR LF . CR: the end, or the CR was text after all. */
static const char *
step_dot_cr(struct dot *d, struct feed *f, const char *p)
{
	if (*p == '\n') {
		drop(f, p);
		d->state = ENDED;
		return p + 1;
	}
	if (!d->normalize)
		put(f, "\r", 1);
	stray_cr(d, f, p);
	return p;
}

/* Takes at least one octet, or changes the state without taking one. */
static const char *
step(struct dot *d, struct feed *f, const char *p)
{
	switch ((enum state)d->state) {
	case AT_START:
	case AT_SOFT:
		if (*p != '.') {
			d->state = IN_TEXT;
			return p;
		}
		drop(f, p);
		d->state = d->state == AT_START ? AFTER_DOT : IN_TEXT;
		return p + 1;
	case AFTER_DOT:
		if (*p != '\r') {
			d->state = IN_TEXT;
			return p;
		}
		drop(f, p);
		d->state = AFTER_DOT_CR;
		return p + 1;
	case AFTER_CR:
		return step_cr(d, f, p);
	case AFTER_DOT_CR:
		return step_dot_cr(d, f, p);
	case IN_TEXT:
	case ENDED:
		break;
	}
	return step_text(d, f, p);
}

enum dot_verdict
dot_feed(struct dot *d, struct span *in, char *out, size_t *out_n)
{
	struct feed f = { in->p, in->p + in->n, out };
	const char *p = in->p;

	while (p < f.end && d->state != ENDED)
		p = step(d, &f, p);
	copy(&f, d->state == ENDED ? f.kept : p);
	*out_n = (size_t)(f.out - out);
	d->size += *out_n;
	*in = span_from(*in, (size_t)(p - in->p));
	return d->state == ENDED ? DOT_END : DOT_MORE;
}

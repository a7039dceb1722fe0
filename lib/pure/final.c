/* SPDX-License-Identifier: ISC */
#include "pure/final.h"

enum state {
	START,   /* at the first octet of a header line */
	NAME,    /* in a field name; its octets are held */
	LONG,    /* in a field name that is none of ours */
	COPY,    /* in a field that stays */
	DROP,    /* in a Return-Path field */
	COLLECT, /* in a Delivered-To field */
	BODY,
};

/* What a header line that begins with a space goes on with is the state of
 * the line before it; START remembers that in the same int. */
#define START_AFTER(state) (START | (state) << 4)
#define STATE(f)           ((enum state)((f)->state & 15))
#define BEFORE(f)          ((enum state)((f)->state >> 4))

void
final_begin(struct final *f, struct span recipient)
{
	*f = (struct final){ .state = START_AFTER(BODY),
		.recipient = recipient };
}

static size_t
give_held(struct final *f, char *out)
{
	size_t n = f->name_len;

	memcpy(out, f->name, n);
	f->name_len = 0;
	return n;
}

/* Remembers an octet of Delivered-To's value. A value that fills the memory
 * is longer than any recipient. */
static void
collect(struct final *f, char c)
{
	bool blank = c == ' ' || c == '\t';

	if (f->value_len < sizeof f->value && (f->value_len || !blank))
		f->value[f->value_len++] = c;
}

static void
compare(struct final *f)
{
	struct span value = span_trim((struct span){ f->value, f->value_len });

	if (f->value_len < sizeof f->value &&
		span_eq_nocase(value, f->recipient))
		f->loop = true;
}

/* A whole field name, colon included, is held: what becomes of the field? */
static size_t
judge(struct final *f, char *out)
{
	struct span name = span_trim((struct span){ f->name, f->name_len - 1 });

	f->state = COPY;
	if (span_eq_nocase(name, SPAN("Return-Path"))) {
		f->state = DROP;
		f->name_len = 0;
	} else if (span_eq_nocase(name, SPAN("Delivered-To"))) {
		f->state = COLLECT;
		f->value_len = 0;
	}
	return give_held(f, out);
}

/* The first octet of a header line: the field before it goes on, or a new one
 * begins, or the header section is over. */
static void
begin_line(struct final *f, char c)
{
	enum state before = BEFORE(f);

	if ((c == ' ' || c == '\t') && before != BODY) {
		f->state = (int)before;
		return;
	}
	if (before == COLLECT)
		compare(f);
	f->state = c == '\n' ? BODY : NAME;
}

static size_t
step_name(struct final *f, char c, char *out)
{
	size_t n;

	f->name[f->name_len++] = c;
	if (c == ':')
		return judge(f, out);
	if (c == '\n' || f->name_len == sizeof f->name) {
		n = give_held(f, out);
		f->state = c == '\n' ? BODY : LONG;
		return n;
	}
	return 0;
}

/* Takes one octet whose line ends are LF. Returns how many were written. */
static size_t
step(struct final *f, char c, char *out)
{
	if (STATE(f) == START)
		begin_line(f, c);
	switch (STATE(f)) {
	case NAME:
		return step_name(f, c, out);
	case LONG: /* a line without a colon is no field: the body began */
		if (c == ':' || c == '\n')
			f->state = c == ':' ? COPY : BODY;
		break;
	case COLLECT:
		collect(f, c == '\n' ? ' ' : c);
		/* fall through */
	case COPY:
	case DROP:
		if (c == '\n')
			f->state = START_AFTER(f->state);
		if (BEFORE(f) == DROP || STATE(f) == DROP)
			return 0;
		break;
	default:
		break;
	}
	*out = c;
	return 1;
}

size_t
final_feed(struct final *f, struct span in, char *out)
{
	size_t n = 0;

	for (size_t i = 0; i < in.n; i++) {
		char c = in.p[i];

		if (STATE(f) == BODY && !f->cr && c != '\r') {
			struct span rest = span_from(in, i);
			size_t run = span_find(rest, '\r');

			memcpy(out + n, rest.p, run);
			n += run;
			i += run - 1;
			continue;
		}
		if (f->cr && c != '\n')
			n += step(f, '\r', out + n);
		f->cr = c == '\r';
		if (!f->cr)
			n += step(f, c, out + n);
	}
	return n;
}

size_t
final_end(struct final *f, char *out)
{
	size_t n = 0;

	if (f->cr)
		n += step(f, '\r', out);
	f->cr = false;
	if (STATE(f) == COLLECT || (STATE(f) == START && BEFORE(f) == COLLECT))
		compare(f);
	if (STATE(f) == NAME)
		n += give_held(f, out + n);
	f->state = BODY;
	return n;
}

/* SPDX-License-Identifier: ISC */
#include "pure/quota.h"

#include "pure/ascii.h"

/* Takes what stands before the next `sign`, or all of it. */
static struct span
take(struct span *text, char sign)
{
	size_t n = span_find(*text, sign);
	struct span part = span_head(*text, n);

	*text = span_from(*text, n + 1);
	return part;
}

/* How many octets a letter stands for; 0: it is no size. */
static uint64_t
unit_of(char letter)
{
	switch (letter) {
	case 'S':
		return 1;
	case 'K':
		return 1 << 10;
	case 'M':
		return 1 << 20;
	case 'G':
		return 1 << 30;
	default:
		return 0;
	}
}

static int
take_part(struct span part, struct quota *out)
{
	char letter = part.n ? part.p[part.n - 1] : '\0';
	uint64_t unit = unit_of(letter);
	uint64_t *to = letter == 'C' ? &out->messages : &out->octets;
	uint64_t n;

	if ((letter != 'C' && !unit) || *to ||
		span_number(span_head(part, part.n - 1), &n) != 0 || n == 0 ||
		__builtin_mul_overflow(n, unit ? unit : 1, to) ||
		*to > INT64_MAX)
		return -1;
	return 0;
}

int
quota_parse(struct span text, struct quota *out)
{
	*out = (struct quota){ 0, 0 };
	if (span_eq(text, SPAN("none")))
		return 0;
	if (text.n && text.p[text.n - 1] == ',')
		return -1;
	do
		if (take_part(take(&text, ','), out) == -1)
			return -1;
	while (text.n);
	return 0;
}

void
quota_print(struct buf *out, const struct quota *quota)
{
	if (quota->octets) {
		buf_number(out, quota->octets);
		buf_char(out, 'S');
	}
	if (quota->octets && quota->messages)
		buf_char(out, ',');
	if (quota->messages) {
		buf_number(out, quota->messages);
		buf_char(out, 'C');
	}
}

/* A number that may be negative, behind blanks. */
static int
take_signed(struct span *line, int64_t *out)
{
	struct span word;
	uint64_t n;
	bool minus;

	while (line->n && line->p[0] == ' ')
		*line = span_from(*line, 1);
	word = take(line, ' ');
	minus = word.n && word.p[0] == '-';
	if (span_number(span_from(word, minus), &n) != 0 || n > INT64_MAX)
		return -1;
	*out = minus ? -(int64_t)n : (int64_t)n;
	return 0;
}

static int
add_line(struct span line, struct quota_sum *sum)
{
	int64_t octets, messages;

	if (take_signed(&line, &octets) == -1 ||
		take_signed(&line, &messages) == -1 || span_trim(line).n ||
		__builtin_add_overflow(sum->octets, octets, &sum->octets) ||
		__builtin_add_overflow(sum->messages, messages, &sum->messages))
		return -1;
	sum->lines++;
	return 0;
}

int
quota_read(struct span text, const struct quota *quota, struct quota_sum *out)
{
	struct quota theirs;

	*out = (struct quota_sum){ 0, 0, 0 };
	if (text.n == 0 || text.n > QUOTA_FILE || text.p[text.n - 1] != '\n' ||
		quota_parse(take(&text, '\n'), &theirs) == -1 ||
		theirs.octets != quota->octets ||
		theirs.messages != quota->messages)
		return -1;
	while (text.n)
		if (add_line(take(&text, '\n'), out) == -1)
			return -1;
	return out->lines ? 0 : -1;
}

/* A sum below zero is a mistake of the account: nothing is there. */
static uint64_t
at_least_nothing(int64_t n)
{
	return n > 0 ? (uint64_t)n : 0;
}

bool
quota_fits(
	const struct quota *quota, const struct quota_sum *sum, uint64_t octets)
{
	uint64_t held = at_least_nothing(sum->octets);

	if (quota->messages &&
		at_least_nothing(sum->messages) >= quota->messages)
		return false;
	return !quota->octets ||
	       (held <= quota->octets && octets <= quota->octets - held);
}

int
quota_name(struct span name, uint64_t *octets)
{
	size_t colon = span_find(name, ':');
	struct span flags = span_from(name, colon);
	struct span field;

	if (span_begins_nocase(flags, SPAN(":2,")) &&
		span_find(flags, 'T') < flags.n)
		return -1;
	name = span_head(name, colon);
	take(&name, ',');
	while (name.n) {
		field = take(&name, ',');
		if (field.n > 2 && field.p[0] == 'S' && field.p[1] == '=' &&
			span_number(span_from(field, 2), octets) == 0)
			return 1;
	}
	return 0;
}

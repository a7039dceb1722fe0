/* SPDX-License-Identifier: ISC */
#include "pure/stamp.h"

#include "pure/ascii.h"

/* Takes exactly n digits. -1 when they are not there. */
static int
digits(struct span *s, size_t n)
{
	int sum = 0;

	if (s->n < n)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (!ascii_digit(s->p[i]))
			return -1;
		sum = sum * 10 + (s->p[i] - '0');
	}
	*s = span_from(*s, n);
	return sum;
}

static bool
sign(struct span *s, char c)
{
	if (s->n == 0 || s->p[0] != c)
		return false;
	*s = span_from(*s, 1);
	return true;
}

static bool
at_end(struct span s)
{
	return s.n == 0 || s.p[0] == ' ';
}

/* HH:MM and maybe :SS and a fraction. */
static bool
clock_time(struct span *s, struct stamp *out)
{
	out->hour = digits(s, 2);
	if (!sign(s, ':'))
		return false;
	out->minute = digits(s, 2);
	if (sign(s, ':')) {
		out->second = digits(s, 2);
		if (sign(s, '.') || sign(s, ','))
			while (s->n && ascii_digit(s->p[0]))
				*s = span_from(*s, 1);
	}
	return out->hour >= 0 && out->hour < 24 && out->minute >= 0 &&
	       out->minute < 60 && out->second >= 0 && out->second <= 60;
}

/* Z, +HH:MM, +HHMM, or nothing: local time. */
static bool
zone(struct span *s, struct stamp *out)
{
	int direction = 1;
	int hours;
	int minutes;

	out->zoned = true;
	if (sign(s, 'Z'))
		return true;
	if (sign(s, '-'))
		direction = -1;
	else if (!sign(s, '+')) {
		out->zoned = false;
		return true;
	}
	hours = digits(s, 2);
	sign(s, ':');
	minutes = digits(s, 2);
	out->offset = direction * (hours * 3600 + minutes * 60);
	return hours >= 0 && hours < 24 && minutes >= 0 && minutes < 60;
}

static bool
date_valid(const struct stamp *out)
{
	return out->month >= 1 && out->month <= 12 && out->day >= 1 &&
	       out->day <= 31;
}

static bool
read_iso(struct span s, struct stamp *out)
{
	struct span time;

	out->year = digits(&s, 4);
	if (out->year < 1970 || !sign(&s, '-'))
		return false;
	out->month = digits(&s, 2);
	if (!sign(&s, '-'))
		return false;
	out->day = digits(&s, 2);
	if (!date_valid(out))
		return false;
	time = s;
	if (sign(&time, 'T') ||
		(sign(&time, ' ') && time.n > 2 && ascii_digit(time.p[0]) &&
			time.p[2] == ':')) {
		if (!clock_time(&time, out) || !zone(&time, out))
			return false;
		s = time;
	}
	return at_end(s);
}

static bool
read_classic(struct span s, struct stamp *out)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (int i = 0; i < 12; i++)
		if (span_begins_nocase(s, (struct span){ months + 3 * i, 3 }))
			out->month = i + 1;
	if (out->month == 0)
		return false;
	s = span_from(s, 3);
	if (!sign(&s, ' '))
		return false;
	if (sign(&s, ' '))
		out->day = digits(&s, 1);
	else
		out->day = digits(&s, 2);
	return date_valid(out) && sign(&s, ' ') && clock_time(&s, out) &&
	       at_end(s);
}

static bool
read_epoch(struct span s, struct stamp *out)
{
	struct span word = span_head(s, span_find(s, ' '));
	struct span whole = span_head(word, span_find(word, '.'));
	uint64_t seconds;

	for (size_t i = whole.n + 1; i < word.n; i++)
		if (!ascii_digit(word.p[i]))
			return false;
	if (whole.n < 9 || span_number(whole, &seconds) != 0 ||
		seconds > INT32_MAX * UINT64_C(100))
		return false;
	out->epoch = true;
	out->seconds = (int64_t)seconds;
	return true;
}

bool
stamp_read(struct span text, struct stamp *out)
{
	*out = (struct stamp){ .epoch = false };
	if (read_epoch(text, out))
		return true;
	*out = (struct stamp){ .epoch = false };
	if (read_iso(text, out))
		return true;
	*out = (struct stamp){ .epoch = false };
	return read_classic(text, out);
}

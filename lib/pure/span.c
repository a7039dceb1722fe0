/* SPDX-License-Identifier: ISC */
#include "pure/span.h"

#include "pure/ascii.h"

bool
span_eq_nocase(struct span a, struct span b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (ascii_lower(a.p[i]) != ascii_lower(b.p[i]))
			return false;
	return true;
}

bool
span_begins_nocase(struct span s, struct span part)
{
	return s.n >= part.n && span_eq_nocase(span_head(s, part.n), part);
}

bool
span_ends_nocase(struct span s, struct span part)
{
	return s.n >= part.n &&
	       span_eq_nocase(span_from(s, s.n - part.n), part);
}

size_t
span_find(struct span s, char c)
{
	const char *at = s.n ? memchr(s.p, c, s.n) : NULL;

	return at ? (size_t)(at - s.p) : s.n;
}

struct span
span_trim(struct span s)
{
	while (s.n && (s.p[0] == ' ' || s.p[0] == '\t'))
		s = span_from(s, 1);
	while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
		s.n--;
	return s;
}

int
span_number(struct span s, uint64_t *out)
{
	uint64_t sum = 0;
	bool over = false;

	if (s.n == 0 || s.n > 20)
		return -1;
	for (size_t i = 0; i < s.n; i++) {
		if (!ascii_digit(s.p[i]))
			return -1;
		over |= __builtin_mul_overflow(sum, 10, &sum);
		over |= __builtin_add_overflow(
			sum, (uint64_t)(s.p[i] - '0'), &sum);
	}
	*out = over ? UINT64_MAX : sum;
	return over ? -2 : 0;
}

unsigned
span_distance(struct span a, struct span b)
{
	unsigned row[32];

	if (a.n >= LEN(row) || b.n >= LEN(row))
		return 3;
	for (unsigned j = 0; j <= b.n; j++)
		row[j] = j;
	for (size_t i = 0; i < a.n; i++) {
		unsigned diagonal = row[0];

		row[0] = (unsigned)i + 1;
		for (size_t j = 0; j < b.n; j++) {
			unsigned best = diagonal + (a.p[i] != b.p[j]);

			diagonal = row[j + 1];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (diagonal + 1 < best)
				best = diagonal + 1;
			row[j + 1] = best;
		}
	}
	return row[b.n] < 3 ? row[b.n] : 3;
}

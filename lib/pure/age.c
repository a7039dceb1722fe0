/* SPDX-License-Identifier: ISC */
#include "pure/age.h"

#include "pure/ascii.h"

/* A thousand years; sums of a few of them fit anywhere. */
#define AGE_MAX (INT64_C(1000) * 366 * 86400)

static const struct {
	char letter;
	int64_t seconds;
} units[] = {
	{'w',  7 * 86400},
	{ 'd', 86400    },
	{ 'h', 3600     },
	{ 'm', 60       },
	{ 's', 1        },
};

/* What a unit is worth; 0: there is none of that letter. */
static int64_t
worth(char letter)
{
	for (size_t i = 0; i < LEN(units); i++)
		if (units[i].letter == letter)
			return units[i].seconds;
	return 0;
}

int
age_parse(struct span text, int64_t *seconds)
{
	*seconds = 0;
	if (text.n == 0)
		return -1;
	while (text.n) {
		size_t digits = 0;
		uint64_t n;
		int64_t unit = 1;

		while (digits < text.n && ascii_digit(text.p[digits]))
			digits++;
		if (span_number(span_head(text, digits), &n) != 0)
			return -1;
		if (digits < text.n)
			unit = worth(text.p[digits]);
		if (unit == 0 || n > (uint64_t)(AGE_MAX / unit))
			return -1;
		*seconds += (int64_t)n * unit;
		if (*seconds > AGE_MAX)
			return -1;
		text = span_from(text, digits + 1);
	}
	return 0;
}

void
age_print(struct buf *out, int64_t seconds)
{
	size_t i = 1; /* weeks are for reading alone */

	if (seconds < 0)
		seconds = 0;
	while (i < LEN(units) - 1 && seconds < units[i].seconds)
		i++;
	buf_number(out, (uint64_t)(seconds / units[i].seconds));
	buf_char(out, units[i].letter);
	seconds %= units[i].seconds;
	if (++i == LEN(units) || seconds < units[i].seconds)
		return;
	buf_char(out, ' ');
	buf_number(out, (uint64_t)(seconds / units[i].seconds));
	buf_char(out, units[i].letter);
}

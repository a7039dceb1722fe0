/* SPDX-License-Identifier: ISC */
#include "pure/date.h"

enum { DAY = 86400 };

/* The first day of 10000 has no four-digit year. */
#define SECONDS_END 253402300800

/* Gregorian years repeat after 400; counted from 1 March of year 0, so that
 * the leap day is the last of its year. */
enum {
	DAYS_400 = 146097,
	DAYS_100 = 36524,
	DAYS_4 = 1461,
	DAYS_TO_1970 = 719468,
};

static void
two_digits(struct buf *out, unsigned n)
{
	buf_char(out, (char)('0' + n / 10));
	buf_char(out, (char)('0' + n % 10));
}

static void
print_day(struct buf *out, unsigned days)
{
	static const char week[7][6] = { "Thu, ", "Fri, ", "Sat, ", "Sun, ",
		"Mon, ", "Tue, ", "Wed, " };
	static const char months[12][6] = { " Mar ", " Apr ", " May ", " Jun ",
		" Jul ", " Aug ", " Sep ", " Oct ", " Nov ", " Dec ", " Jan ",
		" Feb " };
	unsigned shifted = days + DAYS_TO_1970;
	unsigned era = shifted / DAYS_400;
	unsigned day = shifted % DAYS_400;
	unsigned year = (day - day / (DAYS_4 - 1) + day / DAYS_100 -
				day / (DAYS_400 - 1)) /
			365;
	unsigned month;

	day -= 365 * year + year / 4 - year / 100;
	month = (5 * day + 2) / 153;
	day -= (153 * month + 2) / 5;
	buf_str(out, week[days % 7]);
	two_digits(out, day + 1);
	buf_str(out, months[month]);
	buf_number(out, 400 * era + year + (month >= 10));
}

void
date_print(struct buf *out, int64_t seconds_since_1970)
{
	int64_t seconds = seconds_since_1970;
	unsigned rest;

	if (seconds < 0)
		seconds = 0;
	if (seconds >= SECONDS_END)
		seconds = SECONDS_END - 1;
	rest = (unsigned)(seconds % DAY);
	print_day(out, (unsigned)(seconds / DAY));
	buf_char(out, ' ');
	two_digits(out, rest / 3600);
	buf_char(out, ':');
	two_digits(out, rest / 60 % 60);
	buf_char(out, ':');
	two_digits(out, rest % 60);
	buf_str(out, " +0000");
}

/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>
#include <cmocka.h>

#include "pure/date.h"

static void
assert_date(int64_t seconds, const char *want)
{
	char text[64];
	struct buf out = BUF(text);

	date_print(&out, seconds);
	assert_string_equal(buf_cstr(&out), want);
}

/* S-214: fixed zone, seconds, no day without a date. */
static void
dates_of_every_kind(void **state)
{
	(void)state;
	assert_date(0, "Thu, 01 Jan 1970 00:00:00 +0000");
	assert_date(951782399, "Mon, 28 Feb 2000 23:59:59 +0000");
	assert_date(951782400, "Tue, 29 Feb 2000 00:00:00 +0000");
	assert_date(951868800, "Wed, 01 Mar 2000 00:00:00 +0000");
	assert_date(1774746000, "Sun, 29 Mar 2026 01:00:00 +0000");
	assert_date(2147483647, "Tue, 19 Jan 2038 03:14:07 +0000");
	assert_date(2147483648, "Tue, 19 Jan 2038 03:14:08 +0000");
	assert_date(4107542400, "Mon, 01 Mar 2100 00:00:00 +0000");
	assert_date(253402300799, "Fri, 31 Dec 9999 23:59:59 +0000");
	assert_date(INT64_MAX, "Fri, 31 Dec 9999 23:59:59 +0000");
	assert_date(-1, "Thu, 01 Jan 1970 00:00:00 +0000");
}

/* S-214 */
static void
the_c_library_says_the_same_for_every_day(void **state)
{
	(void)state;
	for (int64_t day = 0; day < 366 * 1200; day++) {
		time_t t = (time_t)(day * 86400 + day % 86400);
		struct tm tm;
		char want[64];

		assert_non_null(gmtime_r(&t, &tm));
		assert_true(strftime(
			want, sizeof want, "%a, %d %b %Y %H:%M:%S +0000", &tm));
		assert_date(t, want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dates_of_every_kind),
		cmocka_unit_test(the_c_library_says_the_same_for_every_day),
	};

	return cmocka_run_group_tests_name("date", tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "pure/stamp.h"

static void
forms_that_are_known(void **state)
{
	static const struct {
		const char *text;
		struct stamp want;
	} rows[] = {
		{"1795437123.123456 mail",
                 { .epoch = true, .seconds = 1795437123 }                                                           },
		{ "1795437123",                            { .epoch = true, .seconds = 1795437123 }                 },
		{ "2026-11-23T09:12:03.123456+01:30 mail",
                 { .year = 2026,
				.month = 11,
				.day = 23,
				.hour = 9,
				.minute = 12,
				.second = 3,
				.zoned = true,
				.offset = 5400 }								    },
		{ "2026-11-23T09:12:03-0100",              { .year = 2026,
						      .month = 11,
						      .day = 23,
						      .hour = 9,
						      .minute = 12,
						      .second = 3,
						      .zoned = true,
						      .offset = -3600 }},
		{ "2026-11-23T09:12:03Z",                  { .year = 2026,
						  .month = 11,
						  .day = 23,
						  .hour = 9,
						  .minute = 12,
						  .second = 3,
						  .zoned = true }          },
		{ "2026-11-23 09:12",                      { .year = 2026,
					      .month = 11,
					      .day = 23,
					      .hour = 9,
					      .minute = 12 }                   },
		{ "2026-11-23",                            { .year = 2026, .month = 11, .day = 23 }                 },
		{ "2026-11-23 mail",                       { .year = 2026, .month = 11, .day = 23 }                 },
		{ "Nov  3 09:12:03 mail",                  { .month = 11,
						  .day = 3,
						  .hour = 9,
						  .minute = 12,
						  .second = 3 }            },
		{ "Jan 31 23:59:60",                       { .month = 1,
					     .day = 31,
					     .hour = 23,
					     .minute = 59,
					     .second = 60 }                     },
	};
	struct stamp got;

	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		const struct stamp *want = &rows[i].want;

		if (!stamp_read(span_of(rows[i].text), &got))
			fail_msg("%s", rows[i].text);
		assert_int_equal(got.epoch, want->epoch);
		assert_int_equal(got.seconds, want->seconds);
		assert_int_equal(got.year, want->year);
		assert_int_equal(got.month, want->month);
		assert_int_equal(got.day, want->day);
		assert_int_equal(got.hour, want->hour);
		assert_int_equal(got.minute, want->minute);
		assert_int_equal(got.second, want->second);
		assert_int_equal(got.zoned, want->zoned);
		assert_int_equal(got.offset, want->offset);
	}
}

static void
what_is_no_stamp(void **state)
{
	static const char *const texts[] = { "", "mail", "12:03", "123",
		"2026-13-23", "2026-11-32", "2026-11-23T24:00", "1969-01-01",
		"2026-11-23T09:12:03+25:00", "2026-11-23x", "Nov 23",
		"Nov 32 09:12:03", "Nov 23 09:12:03x", "1795437123.12a",
		"99999999999999999999" };
	struct stamp got;

	(void)state;
	for (size_t i = 0; i < LEN(texts); i++)
		if (stamp_read(span_of(texts[i]), &got))
			fail_msg("%s", texts[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms_that_are_known),
		cmocka_unit_test(what_is_no_stamp),
	};

	return cmocka_run_group_tests_name("stamp", tests, NULL, NULL);
}

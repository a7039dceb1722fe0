/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "pure/age.h"

static void
ages_are_read(void **state)
{
	static const struct {
		struct span text;
		int64_t seconds;
	} rows[] = {
		{SPAN_INIT("0"),       0      },
		{ SPAN_INIT("90"),     90     },
		{ SPAN_INIT("90s"),    90     },
		{ SPAN_INIT("15m"),    900    },
		{ SPAN_INIT("4h"),     14400  },
		{ SPAN_INIT("3d"),     259200 },
		{ SPAN_INIT("2w"),     1209600},
		{ SPAN_INIT("1d12h"),  129600 },
		{ SPAN_INIT("1m30"),   90     },
		{ SPAN_INIT("1w1w"),   1209600},
		{ SPAN_INIT("00030s"), 30     },
	};

	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		int64_t seconds;

		assert_int_equal(age_parse(rows[i].text, &seconds), 0);
		assert_int_equal(seconds, rows[i].seconds);
	}
}

static void
what_is_no_age(void **state)
{
	static const struct span rows[] = { SPAN_INIT(""), SPAN_INIT("d"),
		SPAN_INIT("-1"), SPAN_INIT("1y"), SPAN_INIT("1 d"),
		SPAN_INIT("1D"), SPAN_INIT("3dd"), SPAN_INIT(" 1"),
		SPAN_INIT("1.5h"), SPAN_INIT("99999999999999999999"),
		SPAN_INIT("99999999999w"), SPAN_INIT("52000w52000w") };

	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		int64_t seconds;

		assert_int_equal(age_parse(rows[i], &seconds), -1);
	}
}

static void
ages_are_printed(void **state)
{
	static const struct {
		int64_t seconds;
		struct span text;
	} rows[] = {
		{-5,        SPAN_INIT("0s")      },
		{ 0,        SPAN_INIT("0s")      },
		{ 59,       SPAN_INIT("59s")     },
		{ 60,       SPAN_INIT("1m")      },
		{ 90,       SPAN_INIT("1m 30s")  },
		{ 3600,     SPAN_INIT("1h")      },
		{ 3659,     SPAN_INIT("1h")      },
		{ 7500,     SPAN_INIT("2h 5m")   },
		{ 86400,    SPAN_INIT("1d")      },
		{ 277200,   SPAN_INIT("3d 5h")   },
		{ 40000000, SPAN_INIT("462d 23h")},
	};

	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		char text[32];
		struct buf out = BUF(text);

		age_print(&out, rows[i].seconds);
		assert_true(span_eq(buf_text(&out), rows[i].text));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ages_are_read),
		cmocka_unit_test(what_is_no_age),
		cmocka_unit_test(ages_are_printed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

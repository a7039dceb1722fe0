/* SPDX-License-Identifier: ISC
 *
 * form: application/x-www-form-urlencoded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "pure/form.h"

static void
fields_are_escaped(void **state)
{
	char text[200];
	struct buf out = BUF(text);

	(void)state;
	form_field(&out, "a", SPAN("x y&z=%+"));
	form_field(&out, "scope", SPAN("https://m.example/ \xc3\xa9~-._"));
	form_field(&out, "c", SPAN(""));
	assert_true(span_eq(buf_text(&out),
		SPAN("a=x%20y%26z%3D%25%2B&"
		     "scope=https%3A%2F%2Fm.example%2F%20%C3%A9~-._&c=")));
	out.len = 0;
	buf_str(&out, "https://s.example/auth?");
	form_field(&out, "a", SPAN("1"));
	form_field(&out, "b", SPAN("2"));
	assert_true(span_eq(
		buf_text(&out), SPAN("https://s.example/auth?a=1&b=2")));
}

static void
fields_are_found(void **state)
{
	static const struct {
		struct span form;
		bool found;
		const char *value;
	} rows[] = {
		{SPAN_INIT("code=4%2F0A&state=x"), true,  "4/0A"},
		{ SPAN_INIT("x=1&code=a+b"),       true,  "a b" },
		{ SPAN_INIT("code="),              true,  ""    },
		{ SPAN_INIT("code"),               true,  ""    },
		{ SPAN_INIT("encode=1"),           false, ""    },
		{ SPAN_INIT(""),                   false, ""    },
		{ SPAN_INIT("code=1&code=2"),      false, ""    },
		{ SPAN_INIT("code=%4"),            false, ""    },
		{ SPAN_INIT("code=%"),             false, ""    },
		{ SPAN_INIT("code=%zz"),           false, ""    },
		{ SPAN_INIT("code=a%0Ab"),         false, ""    },
		{ SPAN_INIT("code=a%00b"),         false, ""    },
		{ SPAN_INIT("code=123456789"),     false, ""    },
	};

	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		char text[8];
		struct buf out = BUF(text);

		assert_int_equal(form_find(rows[i].form, SPAN("code"), &out),
			rows[i].found);
		assert_true(span_eq(buf_text(&out), span_of(rows[i].value)));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_escaped),
		cmocka_unit_test(fields_are_found),
	};

	return cmocka_run_group_tests_name("form", tests, NULL, NULL);
}

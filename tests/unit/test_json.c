/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "pure/json.h"

static void
strings(void **state)
{
	static const struct {
		struct span in;
		struct span out;
	} rows[] = {
		{SPAN_INIT(""),                  SPAN_INIT("\"\"")                                                },
		{ SPAN_INIT("a b/c"),            SPAN_INIT("\"a b/c\"")                                           },
		{ SPAN_INIT("\"\\"),             SPAN_INIT("\"\\\"\\\\\"")                                        },
		{ SPAN_INIT("\r\n\0\x7f"),       SPAN_INIT("\"\\u000d\\u000a"
						     "\\u0000\\u007f\"")},
		{ SPAN_INIT("\xc3\xa9"),         SPAN_INIT("\"\\u00e9\"")                                         },
		{ SPAN_INIT("\xe2\x82\xac"),     SPAN_INIT("\"\\u20ac\"")                                         },
		{ SPAN_INIT("\xf0\x9f\x93\xa7"),
                 SPAN_INIT("\"\\ud83d\\udce7\"")								  },
		{ SPAN_INIT("\xff\xc3"),         SPAN_INIT("\"\\ufffd\\ufffd\"")                                  },
		{ SPAN_INIT("\xed\xa0\x80"),
                 SPAN_INIT("\"\\ufffd\\ufffd\\ufffd\"")                                                           },
		{ SPAN_INIT("\xc3("),            SPAN_INIT("\"\\ufffd(\"")                                        },
	};

	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		char text[100];
		struct buf out = BUF(text);

		json_string(&out, rows[i].in);
		assert_true(span_eq(buf_text(&out), rows[i].out));
	}
}

static void
no_octet_needs_more_than_six(void **state)
{
	char in[256];
	char text[6 * 256 + 2];
	struct buf out = BUF(text);

	(void)state;
	for (int i = 0; i < 256; i++)
		in[i] = (char)i;
	json_string(&out, (struct span){ in, sizeof in });
	assert_false(out.over);
	for (size_t i = 0; i < out.len; i++)
		assert_true(text[i] >= 0x20 && text[i] < 0x7f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings),
		cmocka_unit_test(no_octet_needs_more_than_six),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

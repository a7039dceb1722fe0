/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "pure/xtext.h"

/* S-236 S-237 */
static void
only_upper_case_hex_of_printable_octets(void **state)
{
	static const struct span good[] = { SPAN_INIT(""), SPAN_INIT("abc"),
		SPAN_INIT("a+2Bb+3Dc"), SPAN_INIT("!~+20"), SPAN_INIT("+E2"),
		SPAN_INIT("+7E+7D") };
	static const struct span bad[] = { SPAN_INIT("+"), SPAN_INIT("+4"),
		SPAN_INIT("a="), SPAN_INIT("+3d"), SPAN_INIT("+dD"),
		SPAN_INIT("+00"), SPAN_INIT("+0D+0A"), SPAN_INIT("+7F"),
		SPAN_INIT("a b"), SPAN_INIT("a\tb"), SPAN_INIT("\xe2"),
		SPAN_INIT("a\0b"), SPAN_INIT("+G0"), SPAN_INIT("++41"),
		SPAN_INIT("\x7f") };

	(void)state;
	for (size_t i = 0; i < LEN(good); i++)
		assert_true(xtext_valid(good[i]));
	for (size_t i = 0; i < LEN(bad); i++)
		assert_false(xtext_valid(bad[i]));
}

static void
what_is_encoded_is_valid_and_comes_back(void **state)
{
	char coded[3 * 256];
	char plain[256];
	char back[256];
	struct buf out = BUF(coded);
	struct buf in = BUF(back);

	(void)state;
	for (size_t i = 0; i < sizeof plain; i++)
		plain[i] = (char)i;
	xtext_encode(&out, (struct span){ plain + 32, 127 - 32 });
	assert_true(xtext_valid(buf_text(&out)));
	out.len = 0;
	xtext_encode(&out, (struct span){ plain, sizeof plain });
	assert_false(out.over);
	xtext_decode(&in, buf_text(&out));
	assert_false(in.over);
	assert_int_equal(in.len, sizeof plain);
	assert_memory_equal(back, plain, sizeof plain);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_upper_case_hex_of_printable_octets),
		cmocka_unit_test(what_is_encoded_is_valid_and_comes_back),
	};

	return cmocka_run_group_tests_name("xtext", tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "pure/crc.h"

/* The definition, a bit at a time. */
static uint32_t
slow_crc32c(struct span s)
{
	uint32_t crc = ~0U;

	for (size_t i = 0; i < s.n; i++) {
		crc ^= (unsigned char)s.p[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78U : 0);
	}
	return ~crc;
}

/* RFC 3720 B.4 */
static void
known_vectors_come_out(void **state)
{
	char bytes[32];

	(void)state;
	assert_int_equal(crc32c(0, SPAN("")), 0);
	assert_int_equal(crc32c(0, SPAN("123456789")), 0xe3069283U);
	memset(bytes, 0, sizeof bytes);
	assert_int_equal(
		crc32c(0, (struct span){ bytes, sizeof bytes }), 0x8a9136aaU);
	memset(bytes, 0xff, sizeof bytes);
	assert_int_equal(
		crc32c(0, (struct span){ bytes, sizeof bytes }), 0x62a8ab43U);
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)i;
	assert_int_equal(
		crc32c(0, (struct span){ bytes, sizeof bytes }), 0x46dd794eU);
}

static void
every_length_and_split_agrees_with_the_definition(void **state)
{
	char bytes[600];
	uint32_t seed = 1;

	(void)state;
	for (size_t i = 0; i < sizeof bytes; i++) {
		seed = seed * 1103515245U + 12345U;
		bytes[i] = (char)(seed >> 16);
	}
	for (size_t n = 0; n <= sizeof bytes; n++) {
		struct span all = { bytes, n };
		uint32_t want = slow_crc32c(all);
		size_t cut = n * 7 / 13;

		assert_int_equal(crc32c(0, all), want);
		assert_int_equal(crc32c(crc32c(0, span_head(all, cut)),
					 span_from(all, cut)),
			want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_vectors_come_out),
		cmocka_unit_test(
			every_length_and_split_agrees_with_the_definition),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

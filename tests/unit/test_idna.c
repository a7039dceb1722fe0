/* SPDX-License-Identifier: ISC
 *
 * idna: UTF-8 domains as the DNS knows them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "pure/limits.h"
#include "net/idna.h"

/* C-062. The long ones are samples of RFC 3492 7.1. */
static void
labels_above_ascii_are_encoded(void **state)
{
	static const struct {
		const char *domain;
		const char *want;
	} names[] = {
		{"example.org",							"example.org"                 },
		{ "b\xc3\xbc"
		  "cher.example",				     "xn--bcher-kva.example"       },
		{ "\xc3\xbc.\xc3\xbc",						 "xn--tda.xn--tda"             },
		{ "a.m\xc3\xbcnchen-s\xc3\xbc"
		  "d.x",					      "a.xn--mnchen-sd-q9ah.x"      },
		{ "\xe4\xbb\x96\xe4\xbb\xac\xe4\xb8\xba\xe4\xbb\x80\xe4\xb9\x88"
		  "\xe4\xb8\x8d\xe8\xaf\xb4\xe4\xb8\xad\xe6\x96\x87", "xn--ihqwcrb4cv8a8dqg056pqjye"},
		{ "3\xe5\xb9\xb4"
		  "b\xe7\xb5\x84\xe9\x87\x91\xe5\x85\xab\xe5\x85\x88\xe7\x94"
		  "\x9f",					     "xn--3b-ww4c5e180e575a65lsy2b"},
 /* upper case and a decomposed letter are mapped */
		{ "B\xc3\x9c"
		  "CHER.example",				     "xn--bcher-kva.example"       },
		{ "bu\xcc\x88"
		  "cher.example",				     "xn--bcher-kva.example"       },
	};
	char text[LIMIT_DOMAIN + 1];

	(void)state;
	for (size_t i = 0; i < LEN(names); i++) {
		struct buf b = BUF(text);

		assert_int_equal(idna_domain(&b, span_of(names[i].domain)), 0);
		assert_string_equal(buf_cstr(&b), names[i].want);
	}
}

static void
what_does_not_fit_is_refused(void **state)
{
	char text[LIMIT_DOMAIN + 1];
	char label[300];
	struct buf b = BUF(text);

	(void)state;
	assert_int_equal(idna_domain(&b, SPAN("\xc3.example")), -1);
	b = BUF(text);
	for (size_t i = 0; i < sizeof label; i += 2)
		memcpy(label + i, "\xc3\xbc", 2);
	for (size_t n = 2; n <= sizeof label; n += 2) {
		int result;

		b = BUF(text);
		result = idna_domain(&b, (struct span){ label, n });
		assert_int_equal(
			result == 0, b.len > 4 && b.len <= LIMIT_LABEL);
	}
	b = (struct buf){ text, 10, 0, false };
	assert_int_equal(idna_domain(&b, SPAN("\xc3\xbc.\xc3\xbc")), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(labels_above_ascii_are_encoded),
		cmocka_unit_test(what_does_not_fit_is_refused),
	};

	return cmocka_run_group_tests_name("idna", tests, NULL, NULL);
}

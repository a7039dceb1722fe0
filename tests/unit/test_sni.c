/* SPDX-License-Identifier: ISC
 *
 * sni: the name in a ClientHello, and the names of files (T-011). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "pure/sni.h"

#define OCTETS(text) ((struct span){ text, sizeof(text) - 1 })

static void
the_host_name_is_read(void **state)
{
	const struct {
		struct span extension;
		struct span name;
	} row[] = {
		{OCTETS("\0\7\0\0\4a.ex"),           SPAN("a.ex")      },
		{ OCTETS("\0\10\0\0\5A.Ex."),        SPAN("a.ex")      },
		{ OCTETS("\0\11\0\0\6_x-1.b"),       SPAN("_x-1.b")    },
		{ OCTETS("\0\4\0\0\1a"),             SPAN("a")         },
		{ OCTETS("\0\15\0\0\012xn--a.ex.b"), SPAN("xn--a.ex.b")},
	};

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		char text[LIMIT_DOMAIN];
		struct buf name = BUF(text);

		assert_int_equal(sni_parse(row[i].extension, &name), 0);
		assert_true(span_eq(buf_text(&name), row[i].name));
	}
}

static void
what_is_no_host_name_is_none(void **state)
{
	const struct span bad[] = { OCTETS(""), OCTETS("\0"), OCTETS("\0\0"),
		OCTETS("\0\3\0\0\0"), OCTETS("\0\7\0\0\5a.ex"),
		OCTETS("\0\7\0\0\3a.ex"), OCTETS("\0\6\0\0\4a.ex"),
		OCTETS("\0\7\1\0\4a.ex"), OCTETS("\0\7\0\0\4a..x"),
		OCTETS("\0\7\0\0\4.a.x"), OCTETS("\0\7\0\0\4a\0ex"),
		OCTETS("\0\7\0\0\4a ex"), OCTETS("\0\7\0\0\4a\nex"),
		OCTETS("\0\7\0\0\4a\200ex"), OCTETS("\0\4\0\0\1."),
		OCTETS("\0\7\0\0\4a/ex") };

	(void)state;
	for (size_t i = 0; i < LEN(bad); i++) {
		char text[LIMIT_DOMAIN];
		struct buf name = BUF(text);

		assert_int_equal(sni_parse(bad[i], &name), -1);
		assert_int_equal(name.len, 0);
		assert_false(name.over);
	}
}

/* 253 octets go, a label of 64 and a name of 256 do not. */
static void
lengths_are_those_of_dns(void **state)
{
	char label[64];
	char file[320];
	char text[LIMIT_DOMAIN];
	struct buf name = BUF(text);

	(void)state;
	memset(label, 'a', sizeof label);
	assert_int_equal(sni_filed((struct span){ label, 63 }, &name), 0);
	assert_int_equal(sni_filed((struct span){ label, 64 }, &name), -1);
	for (size_t i = 0; i < sizeof file; i++)
		file[i] = i % 2 ? '.' : 'a';
	name.len = 0;
	assert_int_equal(sni_filed((struct span){ file, 255 }, &name), 0);
	name.len = 0;
	assert_int_equal(sni_filed((struct span){ file, 257 }, &name), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_host_name_is_read),
		cmocka_unit_test(what_is_no_host_name_is_none),
		cmocka_unit_test(lengths_are_those_of_dns),
	};

	return cmocka_run_group_tests_name("sni", tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC
 *
 * base64: strict, and never more than there is room for (A-008). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "pure/base64.h"

#define BLOCK(text) ((struct span){ text, sizeof(text) - 1 })

/* RFC 4648 10, and the two letters beyond the alphanumeric. */
static const struct {
	struct span plain;
	struct span coded;
} pairs[] = {
	{SPAN_INIT(""),          SPAN_INIT("")        },
	{ SPAN_INIT("f"),        SPAN_INIT("Zg==")    },
	{ SPAN_INIT("fo"),       SPAN_INIT("Zm8=")    },
	{ SPAN_INIT("foo"),      SPAN_INIT("Zm9v")    },
	{ SPAN_INIT("foob"),     SPAN_INIT("Zm9vYg==")},
	{ SPAN_INIT("fooba"),    SPAN_INIT("Zm9vYmE=")},
	{ SPAN_INIT("foobar"),   SPAN_INIT("Zm9vYmFy")},
	{ { "\0a\0b", 4 },       SPAN_INIT("AGEAYg==")},
	{ { "\xfb\xff\xfe", 3 }, SPAN_INIT("+//+")    },
};

static void
there_and_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < LEN(pairs); i++) {
		char text[16];
		struct buf out = BUF(text);

		base64_encode(&out, pairs[i].plain);
		assert_true(span_eq(buf_text(&out), pairs[i].coded));
		assert_int_equal(out.len, BASE64_LENGTH(pairs[i].plain.n));
		out.len = 0;
		assert_int_equal(base64_decode(&out, pairs[i].coded), 0);
		assert_true(span_eq(buf_text(&out), pairs[i].plain));
	}
}

static void
junk_is_refused_whole(void **state)
{
	const struct span bad[] = { BLOCK("Z"), BLOCK("Zg"), BLOCK("Zg="),
		BLOCK("Zg==="), BLOCK("===="), BLOCK("="), BLOCK("Z==="),
		BLOCK("Zh=="), BLOCK("Zm9="), BLOCK("Zg==Zg=="),
		BLOCK("Zm9v\n"), BLOCK("Zm9\n"), BLOCK("Zm9v\r\n"),
		BLOCK("Zm\0v"), BLOCK("Zm v"), BLOCK("Zm-v"), BLOCK("Zm_v"),
		BLOCK("Zm9\xc3"), BLOCK("Zm9vZ=9v"), BLOCK("Zm=v"),
		BLOCK("Zm9vZm9vZm9*") };

	(void)state;
	for (size_t i = 0; i < LEN(bad); i++) {
		char text[16] = "before";
		struct buf out = { text, sizeof text, 6, false };

		if (base64_decode(&out, bad[i]) != -1)
			fail_msg("string %zu was taken", i);
		assert_int_equal(out.len, 6);
	}
}

/* A-008: what stands behind the room stays as it was. */
static void
no_more_than_there_is_room_for(void **state)
{
	(void)state;
	for (size_t room = 0; room < 6; room++) {
		char text[8] = "#######";
		struct buf out = { text, room, 0, false };

		assert_int_equal(base64_decode(&out, SPAN("Zm9vYmFy")), -1);
		assert_true(out.over);
		assert_int_equal(out.len, 0);
		assert_int_equal(text[room], '#');
		out.over = false;
		base64_encode(&out, SPAN("foob"));
		assert_true(out.over);
		assert_int_equal(out.len, 0);
		assert_int_equal(text[room], '#');
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(junk_is_refused_whole),
		cmocka_unit_test(no_more_than_there_is_room_for),
	};

	return cmocka_run_group_tests_name("base64", tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "pure/fields.h"

static void
assert_span(struct span got, const char *want)
{
	if (!span_eq(got, span_of(want)))
		print_error("'%.*s' is not '%s'\n", (int)got.n, got.p, want);
	assert_true(span_eq(got, span_of(want)));
}

static void
prefixes_are_told_from_the_event(void **state)
{
	static const struct {
		const char *line;
		const char *before;
		const char *program;
		uint64_t pid;
		const char *event;
	} rows[] = {
		{"end why=bye",					    "", "",              0,  "end"    },
		{ "end",						   "", "",              0,  "end"    },
		{ "<6>end why=bye\n",				      "", "",              0,  "end"    },
		{ "postern-send[12] end a=b",                              "", "postern-send",  12, "end"    },
		{ "postern-send[12]: end a=b",                             "", "postern-send",  12, "end"    },
		{ "postern-send: end a=b",                                 "", "postern-send",  0,  "end"    },
		{ "Nov 23 09:12:03 mail postern-smtpd[7]: end a=b",
                 "Nov 23 09:12:03 mail",                                       "postern-smtpd", 7,  "end"    },
		{ "1732353123.123456 mail postern-smtpd[7]: <6>end",
                 "1732353123.123456 mail",                                     "postern-smtpd", 7,  "end"    },
		{ "Nov 23 09:12:03 mail relay: postern-smtpd[7] end a=b",
                 "Nov 23 09:12:03 mail relay:",                                "postern-smtpd", 7,
                 "end"										       },
 /* a stranger's words are never taken for the prefix */
		{ "refused command=\"x postern-send[1]: delivered id=1\"", "",
                 "",									    0,  "refused"},
	};
	struct fields f;

	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		assert_true(fields_begin(&f, span_of(rows[i].line)));
		assert_span(f.before, rows[i].before);
		assert_span(f.program, rows[i].program);
		assert_int_equal(f.pid, rows[i].pid);
		assert_span(f.event, rows[i].event);
	}
}

static void
what_is_no_event_is_not_ours(void **state)
{
	static const char *const lines[] = { "", "\n", "   ", "=", "id=7",
		"\"end\" a=b", "-- Boot 1 --", "9lives a=b", "<6>",
		"postern-send[12] ", "Nov 23 09:12:03 mail cron[7]: x",
		"Nov 23 09:12:03 mail sshd[7]: Invalid user "
		"postern-send[1]: delivered id=1" };
	struct fields f;

	(void)state;
	for (size_t i = 0; i < LEN(lines); i++)
		assert_false(fields_begin(&f, span_of(lines[i])));
	assert_span(f.program, "");
}

static void
fields_come_in_order(void **state)
{
	struct fields f;
	struct span key;
	struct span value;

	(void)state;
	assert_true(fields_begin(&f, SPAN("failed id=ab  to=\"\" reply=\"550 "
					  "\\\"no\\\" a=b\" n=12")));
	assert_true(fields_next(&f, &key, &value));
	assert_span(key, "id");
	assert_span(value, "ab");
	assert_true(fields_next(&f, &key, &value));
	assert_span(key, "to");
	assert_span(value, "");
	assert_true(fields_next(&f, &key, &value));
	assert_span(key, "reply");
	assert_span(value, "550 \\\"no\\\" a=b");
	assert_true(fields_next(&f, &key, &value));
	assert_span(key, "n");
	assert_span(value, "12");
	assert_false(fields_next(&f, &key, &value));
	assert_false(f.torn);
}

static void
one_field_is_found_by_name(void **state)
{
	struct fields f;
	struct span value;
	uint64_t n = 0;

	(void)state;
	assert_true(fields_begin(
		&f, SPAN("hop reply=\"until=9 x\" until=12 id=ab until=13")));
	assert_int_equal(fields_number(&f, SPAN("until"), &n), 0);
	assert_int_equal(n, 12);
	assert_int_equal(fields_number(&f, SPAN("id"), &n), -1);
	assert_int_equal(fields_number(&f, SPAN("no"), &n), -1);
	assert_false(fields_find(&f, SPAN("no"), &value));
	assert_int_equal(value.n, 0);
}

static void
a_cut_line_says_so(void **state)
{
	static const char *const lines[] = { "failed reply=\"550 no",
		"failed reply=\"550 no\\", "failed reply=\"550 no\\\"",
		"failed to=a ...", "failed =b to=a" };
	struct fields f;
	struct span key;
	struct span value;

	(void)state;
	for (size_t i = 0; i < LEN(lines); i++) {
		assert_true(fields_begin(&f, span_of(lines[i])));
		while (fields_next(&f, &key, &value))
			;
		assert_true(f.torn);
	}
}

static void
escapes_are_undone(void **state)
{
	char text[64];
	struct buf out = BUF(text);

	(void)state;
	fields_plain(&out, SPAN("a\\\"b\\\\c\\x0d\\x0A\\xe2 \\xg \\"));
	assert_true(span_eq(buf_text(&out), SPAN("a\"b\\c\r\n\xe2 xg \\")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prefixes_are_told_from_the_event),
		cmocka_unit_test(what_is_no_event_is_not_ours),
		cmocka_unit_test(fields_come_in_order),
		cmocka_unit_test(one_field_is_found_by_name),
		cmocka_unit_test(a_cut_line_says_so),
		cmocka_unit_test(escapes_are_undone),
	};

	return cmocka_run_group_tests_name("fields", tests, NULL, NULL);
}

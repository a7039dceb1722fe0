/* SPDX-License-Identifier: ISC
 *
 * report: whether the sender is told of an outcome. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "deliver/report.h"

/* Q-062 Q-063 Q-073 Q-074 Q-075 Q-076 Q-077: a row is a sender, his NOTIFY, an
 * outcome, and the journal's letter for it. */
static const struct row {
	const char *sender;
	const char *report; /* the envelope's D record */
	const char *notify;
	char fate;
	bool local;
	uint64_t age;
	char admin; /* control/doublebounceto */
	char mark;
} rows[] = {
	{"a@b.example",   "",       "",                'f', false, 0,     0, 'F'},
	{ "a@b.example",  "",       "NEVER",           'f', false, 0,     0, 'f'},
	{ "a@b.example",  "",       "SUCCESS,DELAY",   'f', false, 0,     0, 'f'},
	{ "a@b.example",  "",       "success,failure", 'f', false, 0,     0, 'F'},
	{ "",             "",       "",                'f', false, 0,     0, 'x'},
	{ "",             "",       "",                'f', false, 0,     1, 'F'},
	{ "",             "",       "NEVER",           'f', false, 0,     1, 'f'},
	{ "",             "report", "",                'f', false, 0,     0, 'x'},
	{ "",             "report", "",                'f', false, 0,     1, 'F'},
	{ "",             "double", "",                'f', false, 0,     1, 'x'},
	{ "c@b.example",  "report", "",                'f', false, 0,     0, 'x'},
	{ "Us@b.example", "",       "",                'f', false, 0,     0, 'x'},
	{ "#@[]",         "",       "",                'f', false, 0,     0, 'x'},
	{ "a@b.example",  "",       "",                'd', true,  0,     0, 'd'},
	{ "a@b.example",  "",       "SUCCESS",         'd', true,  0,     0, 'D'},
	{ "a@b.example",  "",       "SUCCESS",         'd', false, 0,     0, 'd'},
	{ "a@b.example",  "",       "SUCCESS",         'r', false, 0,     0, 'R'},
	{ "",             "",       "SUCCESS",         'r', false, 0,     1, 'd'},
	{ "",             "",       "SUCCESS",         'd', true,  0,     1, 'd'},
	{ "a@b.example",  "",       "",                't', false, 14399, 0, 't'},
	{ "a@b.example",  "",       "",                't', false, 14400, 0, 'W'},
	{ "a@b.example",  "",       "",                'h', false, 14400, 0, 'W'},
	{ "a@b.example",  "",       "",                'h', false, 100,   0, 'h'},
	{ "a@b.example",  "",       "DELAY",           't', false, 99999, 0, 'W'},
	{ "a@b.example",  "",       "FAILURE",         't', false, 99999, 0, 't'},
	{ "a@b.example",  "",       "NEVER",           't', false, 99999, 0, 't'},
	{ "",             "",       "",                't', false, 99999, 1, 't'},
};

static char
mark_of(const struct row *row, bool warned)
{
	static struct settings set = { .delaywarn = 14400 };
	struct message_rcpt rcpt = { .warned = warned };
	struct verdict verdict = { .fate = (enum job_fate)row->fate };
	struct message m = { .sender = span_of(row->sender),
		.report = span_of(row->report),
		.rcpt = &rcpt,
		.rcpts = 1 };
	char space[256];
	struct buf envelope = BUF(space);

	queue_envelope_put(&envelope, 'T', SPAN("x@far.example"));
	if (*row->notify)
		queue_envelope_put(&envelope, 'N', span_of(row->notify));
	m.file.envelope = buf_text(&envelope);
	memcpy(set.bouncesender, "us@B.example", sizeof "us@B.example");
	set.doublebounceto[0] = row->admin ? 'p' : '\0';
	return (char)report_mark(&set, &m, 0, &verdict, row->local, row->age);
}

static void
who_is_told_of_what(void **state)
{
	(void)state;
	for (size_t i = 0; i < LEN(rows); i++)
		if (mark_of(&rows[i], false) != rows[i].mark)
			fail_msg("row %zu: %c, not %c", i,
				mark_of(&rows[i], false), rows[i].mark);
}

/* */
static void
nobody_is_warned_twice(void **state)
{
	(void)state;
	for (size_t i = 0; i < LEN(rows); i++)
		assert_int_not_equal(mark_of(&rows[i], true), 'W');
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_is_told_of_what),
		cmocka_unit_test(nobody_is_warned_twice),
	};

	return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}

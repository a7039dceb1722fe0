/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "pure/limits.h"
#include "pure/param.h"

struct row {
	struct span text;
	enum param_verdict want;
};

static void
assert_mail(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct param_mail mail;
		enum param_verdict got = param_mail(rows[i].text, &mail);

		if (got != rows[i].want)
			fail_msg("MAIL '%.*s': %d, not %d", (int)rows[i].text.n,
				rows[i].text.p, got, rows[i].want);
	}
}

static void
assert_rcpt(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct param_rcpt rcpt;
		enum param_verdict got = param_rcpt(rows[i].text, &rcpt);

		if (got != rows[i].want)
			fail_msg("RCPT '%.*s': %d, not %d", (int)rows[i].text.n,
				rows[i].text.p, got, rows[i].want);
	}
}

#define ROW(text, want)                                                        \
	{                                                                      \
		SPAN_INIT(text), want                                          \
	}

/* S-020 S-021 S-058: nothing, spaces, any case; but not glued to the path. */
static void
spaces_separate_and_trail(void **state)
{
	static const struct row rows[] = {
		ROW("", PARAM_OK),
		ROW(" ", PARAM_OK),
		ROW("  \t ", PARAM_OK),
		ROW("\t", PARAM_OK),
		ROW(" SIZE=1", PARAM_OK),
		ROW(" size=1 sMtPuTf8 ", PARAM_OK),
		ROW(" RequireTLS", PARAM_OK),
		ROW(" REQUIRETLS=1", PARAM_SYNTAX), /* S-240 */
		ROW(" REQUIRETLS REQUIRETLS", PARAM_SYNTAX),
		ROW("  SIZE=1  SMTPUTF8\t", PARAM_OK),
		ROW("x", PARAM_SYNTAX),
		ROW("SIZE=1", PARAM_SYNTAX),
		ROW("\tSIZE=1", PARAM_SYNTAX),
		ROW(" SIZE=1\tSMTPUTF8", PARAM_SYNTAX),
	};

	(void)state;
	assert_mail(rows, LEN(rows));
}

/* S-075 */
static void
unknown_keywords_are_not_syntax_errors(void **state)
{
	static const struct row rows[] = {
		ROW(" FOO", PARAM_UNKNOWN),
		ROW(" FOO=1", PARAM_UNKNOWN),
		ROW(" X-1=~", PARAM_UNKNOWN),
		ROW(" SIZE=1 FOO", PARAM_UNKNOWN),
		ROW(" NOTIFY=NEVER", PARAM_UNKNOWN),
		ROW(" BODY=BINARYMIME", PARAM_UNKNOWN),
	};
	static const struct row rcpt[] = {
		ROW(" FOO", PARAM_UNKNOWN),
		ROW(" SIZE=1", PARAM_UNKNOWN),
		ROW(" SMTPUTF8", PARAM_UNKNOWN),
	};

	(void)state;
	assert_mail(rows, LEN(rows));
	assert_rcpt(rcpt, LEN(rcpt));
}

/* S-037 S-038 S-076 */
static void
the_grammar_is_kept(void **state)
{
	static const struct row rows[] = {
		ROW(" =x", PARAM_SYNTAX),
		ROW(" =", PARAM_SYNTAX),
		ROW(" SIZE=", PARAM_SYNTAX),
		ROW(" SIZE", PARAM_SYNTAX),
		ROW(" FOO=", PARAM_SYNTAX),
		ROW(" SIZE=1=2", PARAM_SYNTAX),
		ROW(" FOO=1=2", PARAM_SYNTAX),
		ROW(" -FOO", PARAM_SYNTAX),
		ROW(" _X=1", PARAM_SYNTAX),
		ROW(" F_O=1", PARAM_SYNTAX),
		ROW(" FOO=a\tb", PARAM_SYNTAX),
		ROW(" FOO=a\0b", PARAM_SYNTAX),
		ROW(" SIZE=1\0", PARAM_SYNTAX),
		ROW(" FOO=\x01", PARAM_SYNTAX),
		ROW(" FOO=\x7f", PARAM_SYNTAX),
		ROW(" FOO=\xc3\xa9", PARAM_SYNTAX),
		ROW(" \xc3\xa9=1", PARAM_SYNTAX),
		ROW(" SIZE=1 =", PARAM_SYNTAX),
	};

	(void)state;
	assert_mail(rows, LEN(rows));
	assert_rcpt(rows, 1);
}

/* S-077 */
static void
nothing_is_given_twice(void **state)
{
	static const struct row rows[] = {
		ROW(" SIZE=1 SIZE=1", PARAM_SYNTAX),
		ROW(" BODY=7BIT body=8BITMIME", PARAM_SYNTAX),
		ROW(" RET=FULL RET=FULL", PARAM_SYNTAX),
		ROW(" ENVID=a ENVID=b", PARAM_SYNTAX),
		ROW(" AUTH=<> AUTH=<>", PARAM_SYNTAX),
		ROW(" SMTPUTF8 SMTPUTF8", PARAM_SYNTAX),
	};
	static const struct row rcpt[] = {
		ROW(" NOTIFY=NEVER NOTIFY=NEVER", PARAM_SYNTAX),
		ROW(" ORCPT=rfc822;a ORCPT=rfc822;a", PARAM_SYNTAX),
	};

	(void)state;
	assert_mail(rows, LEN(rows));
	assert_rcpt(rcpt, LEN(rcpt));
}

/* S-078 */
static void
body_is_one_of_two_words(void **state)
{
	static const struct row rows[] = {
		ROW(" BODY=7BIT", PARAM_OK),
		ROW(" BODY=8bitMIME", PARAM_OK),
		ROW(" BODY=", PARAM_SYNTAX),
		ROW(" BODY", PARAM_SYNTAX),
		ROW(" BODY=FOO", PARAM_SYNTAX),
		ROW(" BODY=8BITMIMES", PARAM_SYNTAX),
	};
	struct param_mail mail;

	(void)state;
	assert_mail(rows, LEN(rows));
	assert_int_equal(param_mail(SPAN(" BODY=8bitmime"), &mail), PARAM_OK);
	assert_true(span_eq(mail.body, SPAN("8BITMIME")));
}

/* S-079 */
static void
size_is_a_number_that_fits(void **state)
{
	static const struct row rows[] = {
		ROW(" SIZE=0", PARAM_OK),
		ROW(" SIZE=00000000000000000001", PARAM_OK),
		ROW(" SIZE=18446744073709551615", PARAM_OK),
		ROW(" SIZE=18446744073709551616", PARAM_TOO_BIG),
		ROW(" SIZE=99999999999999999999", PARAM_TOO_BIG),
		ROW(" SIZE=999999999999999999999", PARAM_SYNTAX),
		ROW(" SIZE=-1", PARAM_SYNTAX),
		ROW(" SIZE=+1", PARAM_SYNTAX),
		ROW(" SIZE=0x10", PARAM_SYNTAX),
		ROW(" SIZE=1.5", PARAM_SYNTAX),
	};
	struct param_mail mail;

	(void)state;
	assert_mail(rows, LEN(rows));
	assert_int_equal(param_mail(SPAN(" SIZE=18446744073709551615"), &mail),
		PARAM_OK);
	assert_true(mail.has_size && mail.size == UINT64_MAX);
	assert_int_equal(param_mail(SPAN(""), &mail), PARAM_OK);
	assert_false(mail.has_size);
}

/* S-231 */
static void
smtputf8_has_no_value(void **state)
{
	static const struct row rows[] = {
		ROW(" SMTPUTF8", PARAM_OK),
		ROW(" SMTPUTF8=x", PARAM_SYNTAX),
		ROW(" SMTPUTF8=", PARAM_SYNTAX),
	};

	(void)state;
	assert_mail(rows, LEN(rows));
}

/* S-236 S-237 */
static void
dsn_parameters_of_mail(void **state)
{
	static const struct row rows[] = {
		ROW(" RET=FULL ENVID=QQ314159", PARAM_OK),
		ROW(" ret=hdrs envid=a+2Bb", PARAM_OK),
		ROW(" RET=X", PARAM_SYNTAX),
		ROW(" RET=FULLY", PARAM_SYNTAX),
		ROW(" RET=", PARAM_SYNTAX),
		ROW(" ENVID=", PARAM_SYNTAX),
		ROW(" ENVID=+3d", PARAM_SYNTAX),
		ROW(" ENVID=+", PARAM_SYNTAX),
		ROW(" ENVID=a+4", PARAM_SYNTAX),
		ROW(" ENVID=a=b", PARAM_SYNTAX),
		ROW(" ENVID=+00", PARAM_SYNTAX),
		ROW(" ENVID=+0D+0A", PARAM_SYNTAX),
	};
	struct param_mail mail;

	(void)state;
	assert_mail(rows, LEN(rows));
	assert_int_equal(
		param_mail(SPAN(" ret=hdrs ENVID=a+2Bb"), &mail), PARAM_OK);
	assert_true(span_eq(mail.ret, SPAN("HDRS")));
	assert_true(span_eq(mail.envid, SPAN("a+2Bb")));
}

/* S-236 S-237 */
static void
dsn_parameters_of_rcpt(void **state)
{
	static const struct row rows[] = {
		ROW(" NOTIFY=NEVER", PARAM_OK),
		ROW(" NOTIFY=success,FAILURE,Delay", PARAM_OK),
		ROW(" NOTIFY=FAILURE ORCPT=rfc822;a+2Bb@c.example", PARAM_OK),
		ROW(" ORCPT=utf-8;\\x{E9}@c.example", PARAM_OK),
		ROW(" NOTIFY=NEVER,SUCCESS", PARAM_SYNTAX),
		ROW(" NOTIFY=SUCCESS,NEVER", PARAM_SYNTAX),
		ROW(" NOTIFY=", PARAM_SYNTAX),
		ROW(" NOTIFY=,", PARAM_SYNTAX),
		ROW(" NOTIFY=SUCCESS,", PARAM_SYNTAX),
		ROW(" NOTIFY=FOO", PARAM_SYNTAX),
		ROW(" ORCPT=rfc822", PARAM_SYNTAX),
		ROW(" ORCPT=;a@b", PARAM_SYNTAX),
		ROW(" ORCPT=rfc822;+3d", PARAM_SYNTAX),
		ROW(" ORCPT=rfc822;a+", PARAM_SYNTAX),
		ROW(" ORCPT=rfc822;a+0D+0Ab", PARAM_SYNTAX),
		ROW(" ORCPT=rfc822;a+00", PARAM_SYNTAX),
		ROW(" ORCPT=rfc 822;a", PARAM_SYNTAX),
	};
	struct param_rcpt rcpt;

	(void)state;
	assert_rcpt(rows, LEN(rows));
	assert_int_equal(
		param_rcpt(SPAN(" orcpt=rfc822;A notify=Never"), &rcpt),
		PARAM_OK);
	assert_true(span_eq(rcpt.orcpt, SPAN("rfc822;A")));
	assert_true(span_eq(rcpt.notify, SPAN("Never")));
}

/* KEY=xxx... with n octets of value in all. */
static struct span
filled(const char *start, size_t n)
{
	static char text[4096];
	size_t equal = strlen(start) - strcspn(start, "=") - 1;
	size_t len = strlen(start) - equal + n;

	memset(text, 'x', sizeof text);
	memcpy(text, start, strlen(start));
	return (struct span){ text, len };
}

/* S-024 S-025 S-236 */
static void
values_of_the_longest_kind(void **state)
{
	struct param_mail m;
	struct param_rcpt r;

	(void)state;
	assert_int_equal(
		param_mail(filled(" ENVID=", LIMIT_ENVID), &m), PARAM_OK);
	assert_int_equal(param_mail(filled(" ENVID=", LIMIT_ENVID + 1), &m),
		PARAM_SYNTAX);
	assert_int_equal(
		param_mail(filled(" AUTH=", LIMIT_MAIL_AUTH), &m), PARAM_OK);
	assert_int_equal(param_mail(filled(" AUTH=", LIMIT_MAIL_AUTH + 1), &m),
		PARAM_SYNTAX);
	assert_int_equal(param_rcpt(filled(" ORCPT=rfc822;", LIMIT_ORCPT), &r),
		PARAM_OK);
	assert_int_equal(r.orcpt.n, LIMIT_ORCPT);
	assert_int_equal(
		param_rcpt(filled(" ORCPT=rfc822;", LIMIT_ORCPT + 1), &r),
		PARAM_SYNTAX);
}

/* What is accepted must fit in an envelope record. */
static void
a_notify_list_fits_in_a_record(void **state)
{
	static char text[2048] = " NOTIFY=DELAY";
	size_t n = strlen(text);
	struct param_rcpt r;

	(void)state;
	while (n < 1000) {
		memcpy(text + n, ",DELAY", 6);
		n += 6;
	}
	assert_int_equal(param_rcpt((struct span){ text, n }, &r), PARAM_OK);
	while (n < 1200) {
		memcpy(text + n, ",DELAY", 6);
		n += 6;
	}
	assert_int_equal(
		param_rcpt((struct span){ text, n }, &r), PARAM_SYNTAX);
}

/* S-239 */
static void
auth_is_parsed(void **state)
{
	static const struct row rows[] = {
		ROW(" AUTH=<>", PARAM_OK),
		ROW(" AUTH=e+3Dmc2@example.com", PARAM_OK),
		ROW(" AUTH=", PARAM_SYNTAX),
		ROW(" AUTH", PARAM_SYNTAX),
		ROW(" AUTH=+3d", PARAM_SYNTAX),
		ROW(" AUTH=+0A", PARAM_SYNTAX),
	};

	(void)state;
	assert_mail(rows, LEN(rows));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spaces_separate_and_trail),
		cmocka_unit_test(unknown_keywords_are_not_syntax_errors),
		cmocka_unit_test(the_grammar_is_kept),
		cmocka_unit_test(nothing_is_given_twice),
		cmocka_unit_test(body_is_one_of_two_words),
		cmocka_unit_test(size_is_a_number_that_fits),
		cmocka_unit_test(smtputf8_has_no_value),
		cmocka_unit_test(dsn_parameters_of_mail),
		cmocka_unit_test(dsn_parameters_of_rcpt),
		cmocka_unit_test(values_of_the_longest_kind),
		cmocka_unit_test(a_notify_list_fits_in_a_record),
		cmocka_unit_test(auth_is_parsed),
	};

	return cmocka_run_group_tests_name("param", tests, NULL, NULL);
}

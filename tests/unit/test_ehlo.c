/* SPDX-License-Identifier: ISC
 *
 * ehlo: what a server offers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "pure/ehlo.h"

static struct ehlo
lines(const char *const *line)
{
	struct ehlo e = { 0 };

	while (*line)
		ehlo_line(&e, span_of(*line++));
	return e;
}

#define OFFERS(...)                                                            \
	lines((const char *const[]){ "h.example", __VA_ARGS__, NULL })

/* C-008 */
static void
keywords_in_any_case(void **state)
{
	struct ehlo e = OFFERS("PipeLining", "SIZE 1000", "8bitmime",
		"smtputf8", "DSN", "enhancedstatuscodes", "StartTLS",
		"RequireTLS", "X-OTHER a b");

	(void)state;
	assert_true(e.pipelining && e.size && e.eight_bit && e.smtputf8 &&
		    e.dsn && e.enhanced && e.starttls && e.requiretls);
	assert_int_equal(e.size_max, 1000);
}

/* C-008 */
static void
first_line_is_no_keyword(void **state)
{
	struct ehlo e = { 0 };

	(void)state;
	ehlo_line(&e, SPAN("PIPELINING"));
	assert_false(e.pipelining);
	ehlo_line(&e, SPAN("PIPELINING"));
	assert_true(e.pipelining);
}

/* C-008 */
static void
garbage_is_harmless(void **state)
{
	struct ehlo e = OFFERS("", " ", "PIPELININGX", "SIZEx 5", "8BITMIME=1",
		"SIZE banana", "SIZE", "DSN garbage", "LIMITS");

	(void)state;
	assert_false(e.pipelining || e.eight_bit || e.smtputf8);
	assert_true(e.size && e.dsn);
	assert_int_equal(e.size_max, 0);
	e = OFFERS("SIZE 99999999999999999999999", "SIZE -1");
	assert_int_equal(e.size_max, 0);
	e = OFFERS("SIZE 5", "SIZE 7");
	assert_int_equal(e.size_max, 7);
}

/* C-044 */
static void
limits(void **state)
{
	struct ehlo e =
		OFFERS("LIMITS MAILMAX=20 rcptmax=3 RCPTDOMAINMAX=1 X=9");

	(void)state;
	assert_int_equal(e.mail_max, 20);
	assert_int_equal(e.rcpt_max, 3);
	assert_int_equal(e.rcpt_domain_max, 1);
	e = OFFERS("LIMITS MAILMAX=0 RCPTMAX=-3 RCPTDOMAINMAX=x",
		"LIMITS MAILMAX=1234567 RCPTMAX RCPTDOMAINMAX=");
	assert_int_equal(e.mail_max, 0);
	assert_int_equal(e.rcpt_max, 0);
	assert_int_equal(e.rcpt_domain_max, 0);
}

/* */
static void
login_mechanisms(void **state)
{
	struct ehlo e = OFFERS(
		"AUTH login PLAIN X-OWN  SCRAM-SHA-256", "AUTH=PLAIN CRAM-MD5");

	(void)state;
	assert_true(e.auth);
	assert_int_equal(
		e.mechanisms, mechanism_bit(MECHANISM_LOGIN) |
				      mechanism_bit(MECHANISM_PLAIN) |
				      mechanism_bit(MECHANISM_SCRAM) |
				      mechanism_bit(MECHANISM_CRAM_MD5));
	assert_int_equal(mechanism_best(e.mechanisms), MECHANISM_SCRAM);
	e = OFFERS("AUTH", "AUTHPLAIN");
	assert_true(e.auth);
	assert_int_equal(e.mechanisms, 0);
	assert_int_equal(mechanism_best(0), MECHANISMS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keywords_in_any_case),
		cmocka_unit_test(first_line_is_no_keyword),
		cmocka_unit_test(garbage_is_harmless),
		cmocka_unit_test(limits),
		cmocka_unit_test(login_mechanisms),
	};

	return cmocka_run_group_tests_name("ehlo", tests, NULL, NULL);
}

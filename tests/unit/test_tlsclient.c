/* SPDX-License-Identifier: ISC
 *
 * tlsclient: who is trusted; the handshakes are in tests/wire. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <openssl/x509_vfy.h>

#include "net/tlsclient.h"

enum { ERRORS = 400 }; /* more than OpenSSL has */

/* T-037: whatever OpenSSL says of a certificate, but that it is good, and
 * whatever it may say one day, is a no. */
static void
every_error_is_a_no(void **state)
{
	enum tlsclient_trust trust;

	(void)state;
	for (long result = -ERRORS; result < ERRORS; result++) {
		bool good = tlsclient_trusts(
			TLSPOLICY_VERIFY, true, result, true, &trust);

		assert_int_equal(good, result == X509_V_OK);
		assert_int_equal(
			trust, good ? TLSCLIENT_NAME : TLSCLIENT_NOBODY);
		assert_false(tlsclient_trusts(
			TLSPOLICY_VERIFY, false, result, true, &trust));
	}
}

/* T-033 T-037 */
static void
each_level_looks_at_its_own(void **state)
{
	enum tlsclient_trust trust;

	(void)state;
	assert_true(tlsclient_trusts(TLSPOLICY_MAY, true,
		X509_V_ERR_CERT_HAS_EXPIRED, false, &trust));
	assert_int_equal(trust, TLSCLIENT_NOBODY);
	assert_true(tlsclient_trusts(
		TLSPOLICY_ENCRYPT, false, X509_V_OK, false, &trust));
	assert_int_equal(trust, TLSCLIENT_NOBODY);
	assert_true(tlsclient_trusts(TLSPOLICY_FINGERPRINT, true,
		X509_V_ERR_CERT_HAS_EXPIRED, true, &trust));
	assert_int_equal(trust, TLSCLIENT_FINGERPRINT);
	assert_false(tlsclient_trusts(
		TLSPOLICY_FINGERPRINT, true, X509_V_OK, false, &trust));
	assert_false(tlsclient_trusts(
		TLSPOLICY_FINGERPRINT, false, X509_V_OK, true, &trust));
	assert_false(tlsclient_trusts(
		TLSPOLICY_NONE, true, X509_V_OK, true, &trust));
	assert_false(tlsclient_trusts(
		TLSPOLICY_LEVELS, true, X509_V_OK, true, &trust));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_error_is_a_no),
		cmocka_unit_test(each_level_looks_at_its_own),
	};

	return cmocka_run_group_tests_name("tlsclient", tests, NULL, NULL);
}

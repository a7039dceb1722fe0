/* SPDX-License-Identifier: ISC
 *
 * oauth: what is said to token servers, and what their answers mean. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "net/oauth.h"

static void
answers_of_a_token_endpoint(void **state)
{
	static const struct {
		long status;
		const char *body;
		enum oauth_verdict verdict;
		uint64_t expires_in;
		uint64_t refresh_expires_in;
		const char *why;
	} rows[] = {
  /* clang-format off */
		{ 200, "{\"access_token\":\"a\",\"token_type\":\"Bearer\",\"expires_in\":3599}", OAUTH_GRANTED, 3599, 0, "" },
		{ 200, "{\"access_token\":\"a\",\"token_type\":\"bearer\",\"expires_in\":\"3599\"}", OAUTH_GRANTED, 3599, 0, "" },
		{ 200, "{\"access_token\":\"a\",\"expires_in\":3599.9}", OAUTH_GRANTED, 3599, 0, "" },
		{ 200, "{\"access_token\":\"a\",\"expires_in\":\"3599.0\"}", OAUTH_GRANTED, 3599, 0, "" },
		{ 200, "{\"access_token\":\"a\"}", OAUTH_GRANTED, 3600, 0, "" },
		{ 200, "{\"access_token\":\"a\",\"expires_in\":null,\"refresh_expires_in\":60}", OAUTH_GRANTED, 3600, 60, "" },
		{ 200, "{\"access_token\":\"a\",\"expires_in\":1e300,\"refresh_token_expires_in\":\"604799\"}", OAUTH_GRANTED, 315360000, 604799, "" },
		{ 200, "{\"access_token\":\"a\",\"expires_in\":-1}", OAUTH_GRANTED, 300, 0, "expires_in is not understood; five minutes assumed" },
		{ 200, "{\"access_token\":\"a\",\"expires_in\":[1]}", OAUTH_GRANTED, 300, 0, "expires_in is not understood; five minutes assumed" },
		{ 200, "{\"access_token\":\"a\",\"expires_in\":\"soon\"}", OAUTH_GRANTED, 300, 0, "expires_in is not understood; five minutes assumed" },
		{ 200, "{\"access_token\":\"a b\"}", OAUTH_LATER, 0, 0, "access_token is not one that can be used" },
		{ 200, "{\"access_token\":7}", OAUTH_LATER, 0, 0, "access_token is not one that can be used" },
		{ 200, "{\"token_type\":\"Bearer\"}", OAUTH_LATER, 0, 0, "the answer has no access_token" },
		{ 200, "{\"access_token\":\"a\",\"token_type\":\"mac\"}", OAUTH_LATER, 0, 0, "token_type is not Bearer" },
		{ 200, "[]", OAUTH_LATER, 0, 0, "the answer is not JSON" },
		{ 200, "<html>", OAUTH_LATER, 0, 0, "the answer is not JSON" },
		{ 200, "", OAUTH_LATER, 0, 0, "the answer is not JSON" },
		{ 200, "{\"access_token\":\"a\",\"access_token\":\"b\"}", OAUTH_LATER, 0, 0, "the answer is not JSON" },
		{ 200, "{\"access_token\":\"a\"} x", OAUTH_LATER, 0, 0, "the answer is not JSON" },
		{ 200, "{\"error\":\"authorization_pending\"}", OAUTH_PENDING, 0, 0, "authorization_pending" },
		{ 400, "{\"error\":\"authorization_pending\"}", OAUTH_PENDING, 0, 0, "authorization_pending" },
		{ 428, "{\"error\":\"authorization_pending\"}", OAUTH_PENDING, 0, 0, "authorization_pending" },
		{ 429, "{\"error\":\"slow_down\"}", OAUTH_SLOWER, 0, 0, "slow_down" },
		{ 403, "{\"error\":\"access_denied\"}", OAUTH_DENIED, 0, 0, "access_denied" },
		{ 400, "{\"error\":\"expired_token\"}", OAUTH_EXPIRED, 0, 0, "expired_token" },
		{ 400, "{\"error\":\"invalid_grant\",\"error_description\":\"A70: gone\\u001b[1m.\\r\\nTrace ID: 1\"}", OAUTH_GONE, 0, 0, "invalid_grant: A70: gone\\x1b[1m." },
		{ 400, "{\"error\":\"interaction_required\"}", OAUTH_GONE, 0, 0, "interaction_required" },
		{ 401, "{\"error\":\"invalid_client\",\"error_description\":7}", OAUTH_WRONG, 0, 0, "invalid_client" },
		{ 400, "{\"error\":{\"code\":400}}", OAUTH_WRONG, 0, 0, "HTTP status 400: is the address of the endpoint right?" },
		{ 404, "<html>", OAUTH_WRONG, 0, 0, "HTTP status 404: is the address of the endpoint right?" },
		{ 429, "{\"error\":\"too_many\"}", OAUTH_LATER, 0, 0, "too_many" },
		{ 429, "", OAUTH_LATER, 0, 0, "HTTP status 429" },
		{ 500, "{\"error\":\"invalid_grant\"}", OAUTH_LATER, 0, 0, "HTTP status 500" },
		{ 503, "<html>", OAUTH_LATER, 0, 0, "HTTP status 503" },
		{ 302, "{\"access_token\":\"a\"}", OAUTH_LATER, 0, 0, "HTTP status 302: the endpoint sends us elsewhere" },
		{ 204, "", OAUTH_LATER, 0, 0, "HTTP status 204" },
  /* clang-format on */
	};

	(void)state;
	oauth_begin();
	for (size_t i = 0; i < LEN(rows); i++) {
		struct oauth_answer answer;

		oauth_read_token(
			rows[i].status, span_of(rows[i].body), &answer);
		if (answer.verdict != rows[i].verdict)
			fail_msg("%s: verdict %d", rows[i].body,
				(int)answer.verdict);
		assert_string_equal(answer.why, rows[i].why);
		if (answer.verdict == OAUTH_GRANTED) {
			assert_true(span_eq(answer.access, SPAN("a")));
			assert_true(answer.expires_in == rows[i].expires_in);
			assert_true(answer.refresh_expires_in ==
				    rows[i].refresh_expires_in);
		}
		oauth_done(&answer);
	}
}

/* The server may have forgotten the old one already. */
static void
a_new_refresh_token_is_seen_beside_a_quibble(void **state)
{
	struct oauth_answer answer;

	(void)state;
	oauth_read_token(200,
		SPAN("{\"access_token\":\"\",\"refresh_token\":\"r2\"}"),
		&answer);
	assert_int_equal(answer.verdict, OAUTH_LATER);
	assert_true(span_eq(answer.refresh, SPAN("r2")));
	oauth_done(&answer);
	oauth_read_token(200,
		SPAN("{\"access_token\":\"a\",\"refresh_token\":\"r\\n2\"}"),
		&answer);
	assert_int_equal(answer.verdict, OAUTH_GRANTED);
	assert_int_equal(answer.refresh.n, 0);
	oauth_done(&answer);
}

static void
answers_of_a_device_endpoint(void **state)
{
	static const struct {
		const char *body;
		enum oauth_verdict verdict;
		uint64_t interval;
		uint64_t expires_in;
	} rows[] = {
  /* clang-format off */
		{ "{\"device_code\":\"d\",\"user_code\":\"U\",\"verification_uri\":\"https://x\",\"expires_in\":900,\"interval\":7}", OAUTH_GRANTED, 7, 900 },
		{ "{\"device_code\":\"d\",\"user_code\":\"U\",\"verification_url\":\"https://x\",\"expires_in\":\"900\"}", OAUTH_GRANTED, 5, 900 },
		{ "{\"device_code\":\"d\",\"user_code\":\"U\",\"verification_uri\":\"https://x\",\"interval\":0,\"expires_in\":99999999}", OAUTH_GRANTED, 1, 3600 },
		{ "{\"device_code\":\"d\",\"user_code\":\"U\",\"verification_uri\":\"https://x\",\"interval\":9999,\"expires_in\":60}", OAUTH_GRANTED, 5, 60 },
		{ "{\"user_code\":\"U\",\"verification_uri\":\"https://x\"}", OAUTH_LATER, 0, 0 },
		{ "{\"device_code\":\"d\",\"verification_uri\":\"https://x\"}", OAUTH_LATER, 0, 0 },
		{ "{\"device_code\":\"d\",\"user_code\":\"U\"}", OAUTH_LATER, 0, 0 },
		{ "{\"device_code\":5,\"user_code\":\"U\",\"verification_uri\":\"https://x\"}", OAUTH_LATER, 0, 0 },
		{ "{\"error\":\"invalid_scope\"}", OAUTH_WRONG, 0, 0 },
  /* clang-format on */
	};

	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		struct oauth_answer answer;

		oauth_read_device(200, span_of(rows[i].body), &answer);
		assert_int_equal(answer.verdict, rows[i].verdict);
		if (answer.verdict == OAUTH_GRANTED) {
			assert_true(answer.interval == rows[i].interval);
			assert_true(answer.expires_in == rows[i].expires_in);
			assert_true(span_eq(answer.uri, SPAN("https://x")));
		} else {
			assert_true(answer.why[0]);
		}
		oauth_done(&answer);
	}
}

static void
requests_say_what_is_asked_and_no_more(void **state)
{
	const struct oauth_client plain = { SPAN_INIT("id"), SPAN_INIT(""),
		true };
	const struct oauth_client keyed = { SPAN_INIT("id"), SPAN_INIT("s&1"),
		true };
	const struct oauth_client basic = { SPAN_INIT("id"), SPAN_INIT("s"),
		false };
	char text[500];
	struct buf form = BUF(text);

	(void)state;
	oauth_ask_device(&form, &keyed, SPAN("a b"));
	assert_string_equal(buf_cstr(&form), "client_id=id&scope=a%20b");
	form.len = 0;
	oauth_ask_poll(&form, &plain, SPAN("d"));
	assert_string_equal(buf_cstr(&form),
		"grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3A"
		"device_code&device_code=d&client_id=id");
	form.len = 0;
	oauth_ask_refresh(&form, &keyed, SPAN("r"), SPAN(""));
	assert_string_equal(buf_cstr(&form),
		"grant_type=refresh_token&refresh_token=r&client_id=id"
		"&client_secret=s%261");
	form.len = 0;
	oauth_ask_client(&form, &basic, SPAN("s"));
	assert_string_equal(
		buf_cstr(&form), "grant_type=client_credentials&scope=s");
	form.len = 0;
	oauth_ask_code(
		&form, &plain, SPAN("c"), SPAN("http://127.0.0.1/"), SPAN("v"));
	assert_string_equal(buf_cstr(&form),
		"grant_type=authorization_code&code=c"
		"&redirect_uri=http%3A%2F%2F127.0.0.1%2F"
		"&code_verifier=v&client_id=id");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_of_a_token_endpoint),
		cmocka_unit_test(a_new_refresh_token_is_seen_beside_a_quibble),
		cmocka_unit_test(answers_of_a_device_endpoint),
		cmocka_unit_test(requests_say_what_is_asked_and_no_more),
	};

	return cmocka_run_group_tests_name("oauth", tests, NULL, NULL);
}

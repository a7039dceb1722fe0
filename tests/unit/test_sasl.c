/* SPDX-License-Identifier: ISC
 *
 * sasl: the client's side of each mechanism, octet by octet, with the examples
 * of the standards. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "net/sasl.h"
#include "pure/base64.h"
#include "pure/bearer.h"

static char space[4096];
static struct buf out;

static void
begin(struct sasl *s, enum mechanism m, const char *user, const char *secret)
{
	s->mechanism = m;
	s->user = span_of(user);
	s->secret = span_of(secret);
	out = BUF(space);
	assert_int_equal(sasl_begin(s, &out), SASL_ANSWER);
}

static enum sasl_verdict
answer(struct sasl *s, const char *challenge)
{
	out = BUF(space);
	return sasl_answer(s, span_of(challenge), &out);
}

#define SAID(text) assert_true(span_eq(buf_text(&out), SPAN(text)))

static void
nonce_set(struct sasl *s, const char *nonce)
{
	s->nonce_len = strlen(nonce);
	memcpy(s->nonce, nonce, s->nonce_len);
}

#define SERVER_NONCE "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"

/* RFC 7677 3 */
static void
scram_sha_256(void **state)
{
	struct sasl s = { 0 };

	(void)state;
	nonce_set(&s, "rOprNGfwEbeRWgbNEkqO");
	begin(&s, MECHANISM_SCRAM, "user", "pencil");
	SAID("n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
	assert_false(s.proved);
	assert_int_equal(answer(&s, "r=" SERVER_NONCE
				    ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"),
		SASL_ANSWER);
	SAID("c=biws,r=" SERVER_NONCE
	     ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
	assert_false(s.proved);
	assert_int_equal(
		answer(&s, "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="),
		SASL_ANSWER);
	SAID("");
	assert_true(s.proved);
	assert_int_equal(answer(&s, ""), SASL_SENSELESS);
}

/* */
static void
scram_distrusts(void **state)
{
	static const struct {
		const char *challenge;
		enum sasl_verdict verdict;
	} cases[] = {
		{"r=" SERVER_NONCE ",s=AAAA,i=4095",                     SASL_WEAK     },
		{ "r=" SERVER_NONCE ",s=AAAA,i=600001",                  SASL_WEAK     },
		{ "r=" SERVER_NONCE ",s=AAAA,i=99999999999999999999999",
                 SASL_SENSELESS							},
		{ "r=" SERVER_NONCE ",s=AAA,i=4096",                     SASL_SENSELESS},
		{ "r=" SERVER_NONCE ",s=,i=4096",                        SASL_SENSELESS},
		{ "r=rOprNGfwEbeRWgbNEkqO,s=AAAA,i=4096",                SASL_SENSELESS},
		{ "r=xOprNGfwEbeRWgbNEkqO3,s=AAAA,i=4096",               SASL_SENSELESS},
		{ "m=x,r=" SERVER_NONCE ",s=AAAA,i=4096",                SASL_SENSELESS},
		{ "",						    SASL_SENSELESS},
	};

	(void)state;
	for (size_t i = 0; i < LEN(cases); i++) {
		struct sasl s = { 0 };

		nonce_set(&s, "rOprNGfwEbeRWgbNEkqO");
		begin(&s, MECHANISM_SCRAM, "user", "pencil");
		assert_int_equal(
			answer(&s, cases[i].challenge), cases[i].verdict);
		assert_int_equal(out.len, 0);
		assert_false(s.proved);
	}
}

/* */
static void
scram_ends(void **state)
{
	static const struct {
		const char *end;
		enum sasl_verdict verdict;
	} cases[] = {
		{"v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
                 SASL_FALSE						       },
		{ "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95A==",
                 SASL_FALSE						       },
		{ "v=AAAA",					 SASL_FALSE    },
		{ "v=",					     SASL_SENSELESS},
		{ "v=!",					    SASL_SENSELESS},
		{ "",					       SASL_SENSELESS},
		{ "e=other-error",                                  SASL_ANSWER   },
	};

	(void)state;
	for (size_t i = 0; i < LEN(cases); i++) {
		struct sasl s = { 0 };

		nonce_set(&s, "rOprNGfwEbeRWgbNEkqO");
		begin(&s, MECHANISM_SCRAM, "user", "pencil");
		answer(&s,
			"r=" SERVER_NONCE ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");
		assert_int_equal(answer(&s, cases[i].end), cases[i].verdict);
		assert_false(s.proved);
	}
}

/* RFC 5802 6: y says that we could; p binds, and both are proved */
static void
scram_binds(void **state)
{
	struct sasl s = { .cbname = SPAN("tls-exporter"),
		.cbdata = SPAN("0123456789abcdef0123456789abcdef") };
	char expected[128];
	struct buf b = BUF(expected);

	(void)state;
	begin(&s, MECHANISM_SCRAM, "user", "pencil");
	assert_true(span_begins_nocase(buf_text(&out), SPAN("y,,n=user,r=")));
	s.plus = true;
	begin(&s, MECHANISM_SCRAM, "user", "pencil");
	assert_true(span_begins_nocase(buf_text(&out), SPAN("n,,n=user,r=")));
	s.nonce_len = 0;
	nonce_set(&s, "rOprNGfwEbeRWgbNEkqO");
	begin(&s, MECHANISM_SCRAM_PLUS, "us,er=", "pencil");
	SAID("p=tls-exporter,,n=us=2Cer=3D,r=rOprNGfwEbeRWgbNEkqO");
	assert_int_equal(
		answer(&s, "r=" SERVER_NONCE ",s=AAAA,i=4096"), SASL_ANSWER);
	buf_str(&b, "c=");
	base64_encode(
		&b, SPAN("p=tls-exporter,,0123456789abcdef0123456789abcdef"));
	buf_str(&b, ",r=");
	assert_true(span_begins_nocase(buf_text(&out), buf_text(&b)));
}

static void
nonces_differ(void **state)
{
	struct sasl a = { 0 };
	struct sasl b = { 0 };

	(void)state;
	begin(&a, MECHANISM_SCRAM, "user", "pencil");
	begin(&b, MECHANISM_SCRAM, "user", "pencil");
	assert_int_equal(a.nonce_len, SCRAM_NONCE);
	assert_memory_not_equal(a.nonce, b.nonce, SCRAM_NONCE);
}

/* RFC 2195 2 */
static void
cram_md5(void **state)
{
	struct sasl s = { 0 };

	(void)state;
	assert_false(sasl_speaks_first(MECHANISM_CRAM_MD5));
	begin(&s, MECHANISM_CRAM_MD5, "user", "tanstaaftanstaaf");
	assert_int_equal(
		answer(&s, "<1896.697170952@postoffice.reston.mci.net>"),
		SASL_ANSWER);
	SAID("user b913a602c7eda7a495b4e6e7334d3890");
	assert_int_equal(answer(&s, "again"), SASL_SENSELESS);
	begin(&s, MECHANISM_CRAM_MD5, "user", "tanstaaftanstaaf");
	assert_int_equal(answer(&s, ""), SASL_SENSELESS);
}

static void
passwords(void **state)
{
	struct sasl s = { 0 };

	(void)state;
	begin(&s, MECHANISM_PLAIN, "user", "pencil");
	SAID("\0user\0pencil");
	assert_true(s.proved);
	assert_int_equal(answer(&s, ""), SASL_SENSELESS);
	assert_false(sasl_speaks_first(MECHANISM_LOGIN));
	begin(&s, MECHANISM_LOGIN, "user", "pencil");
	SAID("");
	assert_int_equal(answer(&s, "Username:"), SASL_ANSWER);
	SAID("user");
	assert_int_equal(answer(&s, "Password:"), SASL_ANSWER);
	SAID("pencil");
	assert_int_equal(answer(&s, "Password:"), SASL_SENSELESS);
}

static void
tokens(void **state)
{
	struct sasl s = { .host = SPAN("smart.example"), .port = 587 };

	(void)state;
	begin(&s, MECHANISM_XOAUTH2, "user@example.org", "vF9dft4qmT");
	SAID("user=user@example.org\1auth=Bearer vF9dft4qmT\1\1");
	assert_int_equal(
		answer(&s, "{\"status\":\"400\",\"schemes\":\"Bearer\"}"),
		SASL_ANSWER);
	SAID("");
	assert_false(s.proved);
	assert_int_equal(s.reason_len, 3);
	assert_memory_equal(s.reason, "400", 3);
	assert_int_equal(answer(&s, "{}"), SASL_SENSELESS);
	begin(&s, MECHANISM_OAUTHBEARER, "us,er", "vF9dft4qmT");
	SAID("n,a=us=2Cer,\1host=smart.example\1port=587\1auth=Bearer "
	     "vF9dft4qmT\1\1");
	assert_int_equal(answer(&s, ""), SASL_ANSWER);
	SAID("\1");
	assert_false(s.proved);
}

static void
reasons(void **state)
{
	static const struct {
		const char *json;
		const char *reason;
	} cases[] = {
		{"{\"status\":\"400\"}",                                    "400"          },
		{ " { \"x\" : {\"y\":[1,\"status\"]} , \"status\" : 401 }",
                 "401"								     },
		{ "{\"error\":\"invalid_grant\"}",                          "invalid_grant"},
		{ "{\"error\":\"a\",\"status\":\"b\\\"c\n\\u0001\"}",
                 "b\\\"c?\\u0001"							  },
		{ "{\"x\":\"status\\\": \\\"no\"}",                         ""             },
		{ "{\"status\":",					   ""             },
		{ "{\"status\":{}}",					""             },
		{ "{\"status\"",					    ""             },
		{ "\"\\",						   ""             },
		{ "",						       ""             },
	};
	char text[100];

	(void)state;
	for (size_t i = 0; i < LEN(cases); i++) {
		struct buf b = BUF(text);

		bearer_reason(&b, span_of(cases[i].json));
		assert_string_equal(buf_cstr(&b), cases[i].reason);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scram_sha_256),
		cmocka_unit_test(scram_distrusts),
		cmocka_unit_test(scram_ends),
		cmocka_unit_test(scram_binds),
		cmocka_unit_test(nonces_differ),
		cmocka_unit_test(cram_md5),
		cmocka_unit_test(passwords),
		cmocka_unit_test(tokens),
		cmocka_unit_test(reasons),
	};

	return cmocka_run_group_tests_name("sasl", tests, NULL, NULL);
}

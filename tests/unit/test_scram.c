/* SPDX-License-Identifier: ISC
 *
 * scram and scramkey: the grammar of the messages and the arithmetic,
 * by the example of RFC 7677 3. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "net/scramkey.h"
#include "pure/base64.h"
#include "pure/scram.h"

#define BLOCK(text) ((struct span){ text, sizeof(text) - 1 })

static const struct span first = SPAN_INIT("n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
static const struct span challenge =
	SPAN_INIT("r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
		  "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");
static const struct span final =
	SPAN_INIT("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
		  "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
static const struct span end =
	SPAN_INIT("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");

/* Reads the example, and prints each message again as it was. */
static void
the_example_is_read_and_printed(void **state)
{
	char text[512];
	struct buf out = BUF(text);
	struct scram_first one;
	struct scram_challenge two;
	struct scram_final three;
	struct scram_end four;

	(void)state;
	assert_int_equal(scram_first_parse(first, &one), 0);
	assert_int_equal(one.binding, 'n');
	assert_true(span_eq(one.header, SPAN("n,,")));
	assert_true(span_eq(one.user, SPAN("user")));
	scram_first_print(&out, &one);
	assert_true(span_eq(buf_text(&out), first));
	assert_int_equal(scram_challenge_parse(challenge, one.nonce, &two), 0);
	assert_int_equal(two.iterations, 4096);
	out.len = 0;
	scram_challenge_print(&out, &two);
	assert_true(span_eq(buf_text(&out), challenge));
	assert_int_equal(scram_final_parse(final, &three), 0);
	assert_true(span_eq(three.nonce, two.nonce));
	out.len = 0;
	scram_final_print(&out, three.binding, three.nonce);
	assert_true(span_eq(buf_text(&out), three.unproved));
	assert_int_equal(scram_end_parse(end, &four), 0);
	assert_int_equal(four.error.n, 0);
	assert_int_equal(four.signature.n, 44);
}

/* */
static void
the_example_is_proved_and_signed(void **state)
{
	char text[512], plain[64], made[64], coded[64];
	struct buf message = BUF(text);
	struct buf salt = BUF(plain);
	struct buf proof = BUF(made);
	struct buf out = BUF(coded);
	uint8_t raw[SCRAMKEY_LENGTH];
	struct scram_first one;
	struct scram_challenge two;
	struct scram_final three;
	struct scramkey key;

	(void)state;
	assert_int_equal(scram_first_parse(first, &one), 0);
	assert_int_equal(scram_challenge_parse(challenge, one.nonce, &two), 0);
	assert_int_equal(scram_final_parse(final, &three), 0);
	assert_int_equal(base64_decode(&salt, two.salt), 0);
	assert_int_equal(base64_decode(&proof, three.proof), 0);
	assert_int_equal(scramkey_derive(&key, SPAN("pencil"), buf_text(&salt),
				 two.iterations),
		0);
	scram_message(&message, one.bare, challenge, three.unproved);
	assert_false(message.over);
	assert_int_equal(scramkey_proof(raw, &key, buf_text(&message)), 0);
	assert_memory_equal(raw, made, sizeof raw);
	assert_true(scramkey_proved(
		key.stored, buf_text(&message), buf_text(&proof)));
	made[31] = (char)(made[31] ^ 1);
	assert_false(scramkey_proved(
		key.stored, buf_text(&message), buf_text(&proof)));
	assert_false(
		scramkey_proved(key.stored, buf_text(&message), SPAN("short")));
	assert_int_equal(scramkey_sign(raw,
				 (struct span){ (const char *)key.server,
					 sizeof key.server },
				 buf_text(&message)),
		0);
	base64_encode(&out, (struct span){ (const char *)raw, sizeof raw });
	assert_true(span_eq(buf_text(&out), span_from(end, 2)));
}

static void
what_cannot_be_derived(void **state)
{
	struct scramkey key;

	(void)state;
	assert_int_equal(scramkey_derive(&key, SPAN("x"), SPAN("salt"), 0), -1);
	assert_int_equal(scramkey_derive(&key, SPAN("x"), SPAN("salt"),
				 UINT64_C(1) << 33),
		-1);
	assert_int_equal(scramkey_derive(&key, SPAN(""), SPAN("salt"), 1), 0);
	assert_true(scramkey_same(SPAN("same"), SPAN("same")));
	assert_false(scramkey_same(SPAN("same"), SPAN("sane")));
	assert_false(scramkey_same(SPAN("same"), SPAN("samee")));
}

/* */
static void
headers_of_the_first_message(void **state)
{
	struct scram_first got;

	(void)state;
	assert_int_equal(
		scram_first_parse(SPAN("p=tls-exporter,,n=app,r=x"), &got), 0);
	assert_int_equal(got.binding, 'p');
	assert_true(span_eq(got.cbname, SPAN("tls-exporter")));
	assert_true(span_eq(got.header, SPAN("p=tls-exporter,,")));
	assert_true(span_eq(got.bare, SPAN("n=app,r=x")));
	assert_int_equal(
		scram_first_parse(SPAN("y,a=box,n=a=2Cb=3D,r=x,z=more"), &got),
		0);
	assert_int_equal(got.binding, 'y');
	assert_true(span_eq(got.authzid, SPAN("box")));
	assert_true(span_eq(got.user, SPAN("a=2Cb=3D")));
}

/* */
static void
bad_first_messages(void **state)
{
	const struct span bad[] = { BLOCK(""), BLOCK("n"), BLOCK("n,"),
		BLOCK("n,,"), BLOCK("n,,n=user"), BLOCK("n,,n=user,"),
		BLOCK("n,,n=user,r="), BLOCK("n,,n=,r=x"),
		BLOCK("n,,r=x,n=user"), BLOCK("x,,n=user,r=x"),
		BLOCK("nn,,n=user,r=x"), BLOCK("p,,n=user,r=x"),
		BLOCK("p=,,n=user,r=x"), BLOCK("p=tls exporter,,n=user,r=x"),
		BLOCK("n,box,n=user,r=x"), BLOCK("n,a=,n=user,r=x"),
		BLOCK("n,a=b=x,n=user,r=x"), BLOCK("n,,m=ext,n=user,r=x"),
		BLOCK("n,,n=us=er,r=x"), BLOCK("n,,n=us=2c,r=x"),
		BLOCK("n,,n=us=2,r=x"), BLOCK("n,,n=user,r=a b"),
		BLOCK("n,,n=user,r=\xc3\xa9"), BLOCK("n,,n=us\0er,r=x"),
		BLOCK("n,,n=us\xff,r=x"), BLOCK("n,,n=user,r=x,"),
		BLOCK("n,,n=user,r=x,1=y"), BLOCK("n,,n=user,r=x,,z=y"),
		BLOCK("n=user,r=x") };
	struct scram_first got;

	(void)state;
	for (size_t i = 0; i < LEN(bad); i++)
		if (scram_first_parse(bad[i], &got) != -1)
			fail_msg("message %zu was taken", i);
}

static void
bad_challenges(void **state)
{
	const struct span bad[] = { BLOCK(""), BLOCK("r=abc,s=c2E=,i=1"),
		BLOCK("r=abx1,s=c2E=,i=1"), BLOCK("r=abc1,s=,i=1"),
		BLOCK("r=abc1,s=c2E,i=1"), BLOCK("r=abc1,s=c2E=,i=0"),
		BLOCK("r=abc1,s=c2E=,i=01"), BLOCK("r=abc1,s=c2E=,i=-1"),
		BLOCK("r=abc1,s=c2E=,i=99999999999999999999999"),
		BLOCK("r=abc1,s=c2E="), BLOCK("m=x,r=abc1,s=c2E=,i=1"),
		BLOCK("e=unknown-user") };
	struct scram_challenge got;

	(void)state;
	for (size_t i = 0; i < LEN(bad); i++)
		if (scram_challenge_parse(bad[i], SPAN("abc"), &got) != -1)
			fail_msg("message %zu was taken", i);
}

static void
bad_final_messages(void **state)
{
	const struct span bad[] = { BLOCK(""), BLOCK("c=biws,r=x"),
		BLOCK("c=biws,r=x,p="), BLOCK("c=biws,r=x,p=abc"),
		BLOCK("c=biws,p=YWJj,r=x"), BLOCK("c=biws,r=x,p=YWJj,z=1"),
		BLOCK("c=biws,r=x,p=YWJj,p=YWJj"), BLOCK("c=,r=x,p=YWJj"),
		BLOCK("r=x,p=YWJj"), BLOCK("c=b*ws,r=x,p=YWJj") };
	struct scram_final got;
	struct scram_end over;

	(void)state;
	for (size_t i = 0; i < LEN(bad); i++)
		if (scram_final_parse(bad[i], &got) != -1)
			fail_msg("message %zu was taken", i);
	assert_int_equal(
		scram_final_parse(SPAN("c=biws,r=x,z=1,p=YWJj"), &got), 0);
	assert_true(span_eq(got.unproved, SPAN("c=biws,r=x,z=1")));
	assert_int_equal(scram_end_parse(SPAN("e=invalid-proof"), &over), 0);
	assert_true(span_eq(over.error, SPAN("invalid-proof")));
	assert_int_equal(scram_end_parse(SPAN("v="), &over), -1);
	assert_int_equal(scram_end_parse(SPAN("v=YWJj,"), &over), -1);
	assert_int_equal(scram_end_parse(SPAN(""), &over), -1);
}

static void
names_are_escaped_and_back(void **state)
{
	char text[64], back[64];
	struct buf out = BUF(text);
	struct buf plain = BUF(back);

	(void)state;
	scram_name_print(&out, SPAN("a,b=c=2C"));
	assert_true(span_eq(buf_text(&out), SPAN("a=2Cb=3Dc=3D2C")));
	assert_int_equal(scram_name_plain(&plain, buf_text(&out)), 0);
	assert_true(span_eq(buf_text(&plain), SPAN("a,b=c=2C")));
	assert_int_equal(scram_name_plain(&plain, SPAN("")), -1);
	assert_int_equal(scram_name_plain(&plain, SPAN("a=")), -1);
	assert_int_equal(scram_name_plain(&plain, BLOCK("a\0b")), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_example_is_read_and_printed),
		cmocka_unit_test(the_example_is_proved_and_signed),
		cmocka_unit_test(what_cannot_be_derived),
		cmocka_unit_test(headers_of_the_first_message),
		cmocka_unit_test(bad_first_messages),
		cmocka_unit_test(bad_challenges),
		cmocka_unit_test(bad_final_messages),
		cmocka_unit_test(names_are_escaped_and_back),
	};

	return cmocka_run_group_tests_name("scram", tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC
 *
 * dnsmsg: questions and answers of the DNS, octet by octet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "pure/dnsmsg.h"

/* The fields of a header that an answer sets. */
enum { QR = 0x8000, AA = 0x400, TC = 0x200, RD = 0x100, RA = 0x80 };
enum { NOERROR = 0, FORMERR = 1, SERVFAIL = 2, NXDOMAIN = 3, REFUSED = 5 };

/* What stands before RDATA after an owner: class IN, TTL 60. */
#define MX    "\0\x0f\0\1\0\0\0\x3c"
#define A     "\0\1\0\1\0\0\0\x3c"
#define AAAA  "\0\x1c\0\1\0\0\0\x3c"
#define CNAME "\0\5\0\1\0\0\0\x3c"
#define ASKED "\xc0\x0c" /* a pointer to the name that was asked */

static char question_text[DNSMSG_QUERY];
static char message_text[DNSMSG_MAX];

static struct span
ask(const char *name, uint16_t type)
{
	struct buf b = BUF(question_text);

	assert_int_equal(
		dnsmsg_ask(&b, 0x1234, span_of(name), type, 0, true), 0);
	return buf_text(&b);
}

/* An answer to `question` with these records behind it. */
static struct span
answer(struct span question, unsigned bits, unsigned count, struct span records)
{
	struct buf b = BUF(message_text);

	buf_span(&b, question);
	b.len -= 11; /* OPT */
	buf_span(&b, records);
	b.p[2] = (char)(bits >> 8);
	b.p[3] = (char)bits;
	b.p[6] = (char)(count >> 8);
	b.p[7] = (char)count;
	b.p[11] = 0;
	return buf_text(&b);
}

/* Opens a copy that ends where its block of memory ends. */
static enum dnsmsg_fate
open_exact(struct dnsmsg *m, struct span message, struct span question)
{
	static char *copy;

	free(copy);
	copy = malloc(message.n ? message.n : 1);
	assert_non_null(copy);
	memcpy(copy, message.p, message.n);
	return dnsmsg_open(m, (struct span){ copy, message.n }, question);
}

/* What an answer to a question for x.example means. */
static enum dnsmsg_fate
fate_of(uint16_t type, unsigned bits, unsigned count, struct span records)
{
	struct span question = ask("x.example", type);
	struct dnsmsg m;

	return open_exact(
		&m, answer(question, QR | RD | bits, count, records), question);
}

/* RFC 1035 4.1, RFC 6891 6.1 */
static void
a_question_is_made(void **state)
{
	char text[DNSMSG_QUERY];
	struct buf b = BUF(text);

	(void)state;
	assert_int_equal(dnsmsg_ask(&b, 0xabcd, SPAN("a-1.bc"), DNSMSG_MX,
				 0x10 | 0x2 | 0x4, true),
		0);
	assert_true(span_eq(buf_text(&b),
		SPAN("\xab\xcd\1\0\0\1\0\0\0\0\0\1\3a-1\2Bc\0\0\x0f\0\1"
		     "\0\0\x29\4\xd0\0\0\0\0\0\0")));
	b = BUF(text);
	assert_int_equal(dnsmsg_ask(&b, 1, SPAN("bc"), DNSMSG_A, 0, false), 0);
	assert_true(span_eq(
		buf_text(&b), SPAN("\0\1\1\0\0\1\0\0\0\0\0\0\2bc\0\0\1\0\1")));
}

static void
names_that_cannot_be_asked(void **state)
{
	static const struct span bad[] = { SPAN_INIT(""), SPAN_INIT("."),
		SPAN_INIT("a."), SPAN_INIT(".a"), SPAN_INIT("a..b") };
	char text[DNSMSG_QUERY];
	char name[300];
	struct buf b;

	(void)state;
	for (size_t i = 0; i < LEN(bad); i++) {
		b = BUF(text);
		assert_int_equal(
			dnsmsg_ask(&b, 1, bad[i], DNSMSG_A, 0, true), -1);
	}
	memset(name, 'a', sizeof name);
	b = BUF(text);
	assert_int_equal(
		dnsmsg_ask(&b, 1, (struct span){ name, 64 }, DNSMSG_A, 0, true),
		-1);
	for (size_t i = 50; i < sizeof name; i += 51)
		name[i] = '.';
	for (size_t n = 253; n <= 254; n++) {
		b = BUF(text);
		name[n - 1] = 'a';
		assert_int_equal(dnsmsg_ask(&b, 1, (struct span){ name, n },
					 DNSMSG_A, 0, true),
			n == 253 ? 0 : -1);
	}
	assert_int_equal(DNSMSG_QUERY, 12 + 255 + 4 + 11);
}

static void
mx_records_are_read(void **state)
{
	struct span question = ask("x.example", DNSMSG_MX);
	struct span message = answer(question, QR | RD | RA, 3,
		SPAN(ASKED MX "\0\5\1\2\1a" ASKED ASKED MX
			      "\0\x0b\0\7\3Two\3Net\0"
			      "\1X\7EXAMPLE\0" MX "\0\3\0\0\0"));
	char host[LIMIT_DOMAIN + 1];
	struct dnsmsg_record r;
	struct dnsmsg m;

	(void)state;
	/* 5 octets hold "\1\2\1a" and half a pointer: mend the length */
	message_text[answer(question, 0, 0, SPAN("")).n + 11] = 6;
	message = answer(question, QR | RD | RA, 3,
		SPAN(ASKED MX "\0\6\1\2\1a" ASKED ASKED MX
			      "\0\x0b\0\7\3Two\3Net\0"
			      "\1X\7EXAMPLE\0" MX "\0\3\0\0\0"));
	assert_int_equal(open_exact(&m, message, question), DNSMSG_DATA);
	assert_true(m.exact);
	assert_true(dnsmsg_next(&m, &r));
	assert_int_equal(r.preference, 0x102);
	assert_true(dnsmsg_host(&r.name, host));
	assert_string_equal(host, "a.x.example");
	assert_true(dnsmsg_next(&m, &r));
	assert_int_equal(r.preference, 7);
	assert_true(dnsmsg_host(&r.name, host));
	assert_string_equal(host, "two.net");
	assert_false(dnsmsg_root(&r.name));
	assert_true(dnsmsg_next(&m, &r));
	assert_true(dnsmsg_root(&r.name));
	assert_false(dnsmsg_host(&r.name, host));
	assert_string_equal(host, "");
	assert_false(dnsmsg_next(&m, &r));
	assert_false(dnsmsg_next(&m, &r));
}

static void
addresses_are_read(void **state)
{
	static const struct span v4 = SPAN_INIT(
		ASKED A "\0\4\xc0\0\2\1" ASKED AAAA "\0\x10zzzzzzzzzzzzzzzz");
	static const struct span v6 = SPAN_INIT(
		ASKED AAAA "\0\x10\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1");
	struct span question = ask("x.example", DNSMSG_A);
	struct dnsmsg_record r;
	struct dnsmsg m;
	struct ip ip;

	(void)state;
	assert_int_equal(
		open_exact(&m, answer(question, QR | RA, 2, v4), question),
		DNSMSG_DATA);
	assert_true(dnsmsg_next(&m, &r));
	assert_int_equal(ip_parse(SPAN("192.0.2.1"), &ip), 0);
	assert_true(ip_eq(&r.ip, &ip));
	assert_false(dnsmsg_next(&m, &r));
	question = ask("x.example", DNSMSG_AAAA);
	assert_int_equal(
		open_exact(&m, answer(question, QR | RA, 1, v6), question),
		DNSMSG_DATA);
	assert_true(dnsmsg_next(&m, &r));
	assert_int_equal(ip_parse(SPAN("2001:db8::1"), &ip), 0);
	assert_true(ip_eq(&r.ip, &ip));
}

/* C-085: another owner, class or type does not count */
static void
only_records_that_were_asked_for_count(void **state)
{
	(void)state;
	assert_int_equal(
		fate_of(DNSMSG_A, RA, 1, SPAN("\1y\7example\0" A "\0\4abcd")),
		DNSMSG_NODATA);
	assert_int_equal(fate_of(DNSMSG_A, RA, 1,
				 SPAN(ASKED "\0\1\0\3\0\0\0\0\0\4abcd")),
		DNSMSG_NODATA);
	assert_int_equal(fate_of(DNSMSG_A, RA, 1, SPAN(ASKED MX "\0\4\0\1\1a")),
		DNSMSG_NODATA);
	assert_int_equal(fate_of(DNSMSG_A, RA, 0, SPAN(ASKED A "\0\4abcd")),
		DNSMSG_NODATA);
}

/* C-072 C-086 */
static void
answers_without_data(void **state)
{
	(void)state;
	assert_int_equal(fate_of(DNSMSG_A, RA, 0, SPAN("")), DNSMSG_NODATA);
	assert_int_equal(fate_of(DNSMSG_A, AA, 0, SPAN("")), DNSMSG_NODATA);
	assert_int_equal(fate_of(DNSMSG_A, 0, 0, SPAN("")), DNSMSG_FAILED);
	assert_int_equal(
		fate_of(DNSMSG_A, RA | NXDOMAIN, 0, SPAN("")), DNSMSG_NXDOMAIN);
	assert_int_equal(
		fate_of(DNSMSG_A, AA | NXDOMAIN, 0, SPAN("")), DNSMSG_NXDOMAIN);
	assert_int_equal(
		fate_of(DNSMSG_A, NXDOMAIN, 0, SPAN("")), DNSMSG_FAILED);
	assert_int_equal(
		fate_of(DNSMSG_A, RA | NXDOMAIN, 1, SPAN(ASKED A "\0\4abcd")),
		DNSMSG_FAILED);
	assert_int_equal(
		fate_of(DNSMSG_A, RA | FORMERR, 0, SPAN("")), DNSMSG_FORMERR);
	for (unsigned rcode = 0; rcode < 16; rcode++)
		if (rcode != NOERROR && rcode != FORMERR && rcode != NXDOMAIN)
			assert_int_equal(fate_of(DNSMSG_A, RA | rcode, 1,
						 SPAN(ASKED A "\0\4abcd")),
				DNSMSG_FAILED);
	assert_int_equal(
		fate_of(DNSMSG_A, RA | TC, 1, SPAN(ASKED A "\0\4abcd")),
		DNSMSG_TRUNCATED);
	assert_int_equal(
		fate_of(DNSMSG_A, RA | TC, 1, SPAN("")), DNSMSG_TRUNCATED);
}

/* C-070 */
static void
aliases_are_followed_in_any_order(void **state)
{
	static const struct span aliases =
		SPAN_INIT("\1c\0" A "\0\4abcd"
			  "\1b\0" CNAME "\0\3\1C\0" ASKED CNAME "\0\3\1B\0");

	(void)state;
	assert_int_equal(fate_of(DNSMSG_A, RA, 3, aliases), DNSMSG_DATA);
	assert_int_equal(fate_of(DNSMSG_MX, RA, 3, aliases), DNSMSG_NODATA);
	/* an authority that knows where the alias leads, but not what is
	 * there */
	assert_int_equal(fate_of(DNSMSG_MX, AA, 3, aliases), DNSMSG_FAILED);
	assert_int_equal(
		fate_of(DNSMSG_MX, RA | NXDOMAIN, 3, aliases), DNSMSG_NXDOMAIN);
}

/* R12 */
static void
circles_of_aliases_end(void **state)
{
	char text[2048];
	struct buf chain = BUF(text);

	(void)state;
	assert_int_equal(
		fate_of(DNSMSG_A, RA, 1, SPAN(ASKED CNAME "\0\2" ASKED)),
		DNSMSG_FAILED);
	assert_int_equal(
		fate_of(DNSMSG_A, RA, 2,
			SPAN(ASKED CNAME "\0\3\1b\0\1b\0" CNAME "\0\2" ASKED)),
		DNSMSG_FAILED);
	buf_span(&chain, SPAN(ASKED CNAME "\0\3\1a\0"));
	for (char c = 'a'; c < 'a' + DNSMSG_LINKS; c++) {
		char link[] = "\1a\0" CNAME "\0\3\1a\0";

		link[1] = c;
		link[14] = (char)(c + 1);
		assert_int_equal(sizeof link, 17);
		assert_int_equal(fate_of(DNSMSG_A, RA, (unsigned)(c - 'a' + 1),
					 buf_text(&chain)),
			DNSMSG_NODATA);
		buf_span(&chain, (struct span){ link, 16 });
	}
	assert_int_equal(
		fate_of(DNSMSG_A, RA, DNSMSG_LINKS + 1, buf_text(&chain)),
		DNSMSG_FAILED);
}

/* C-085: each is cut or wrong in another place */
static void
malformed_records_spoil_the_answer(void **state)
{
	static const struct {
		uint16_t type;
		struct span record;
	} bad[] = {
		{DNSMSG_A,      SPAN_INIT("")                                   },
		{ DNSMSG_A,     SPAN_INIT("\xc0")                               },
		{ DNSMSG_A,     SPAN_INIT(ASKED)                                },
		{ DNSMSG_A,     SPAN_INIT(ASKED A)                              },
		{ DNSMSG_A,     SPAN_INIT(ASKED A "\0")                         },
		{ DNSMSG_A,     SPAN_INIT(ASKED A "\0\4abc")                    },
		{ DNSMSG_A,     SPAN_INIT(ASKED A "\0\5abcde")                  },
		{ DNSMSG_A,     SPAN_INIT(ASKED A "\0\0")                       },
		{ DNSMSG_A,     SPAN_INIT(ASKED A "\xff\xff"
					      "abcd")},
		{ DNSMSG_AAAA,  SPAN_INIT(ASKED AAAA "\0\4abcd")                },
		{ DNSMSG_MX,    SPAN_INIT(ASKED MX "\0\0")                      },
		{ DNSMSG_MX,    SPAN_INIT(ASKED MX "\0\1\0")                    },
		{ DNSMSG_MX,    SPAN_INIT(ASKED MX "\0\2\0\0")                  },
		{ DNSMSG_MX,    SPAN_INIT(ASKED MX "\0\3\0\0\1")                },
		{ DNSMSG_MX,    SPAN_INIT(ASKED MX "\0\4\0\0\1a")               },
		{ DNSMSG_MX,    SPAN_INIT(ASKED MX "\0\3\0\0\xc0")              },
		{ DNSMSG_MX,    SPAN_INIT(ASKED MX "\0\4\0\0\0\0")              },
		{ DNSMSG_MX,    SPAN_INIT(ASKED MX "\0\4\0\0\1a\0")             },
		{ DNSMSG_MX,    SPAN_INIT(ASKED MX "\0\4\0\0\xc0\xff")          },
		{ DNSMSG_MX,    SPAN_INIT(ASKED MX "\0\4\0\0\x40\0")            },
		{ DNSMSG_MX,    SPAN_INIT(ASKED MX "\0\4\0\0\x80\0")            },
 /* to itself, forwards, into its own first label */
		{ DNSMSG_A,     SPAN_INIT("\xc0\x1b" A "\0\4abcd")              },
		{ DNSMSG_A,     SPAN_INIT("\xc0\x1d" A "\0\4abcd")              },
		{ DNSMSG_A,     SPAN_INIT("\1a\xc0\x1b" A "\0\4abcd")           },
		{ DNSMSG_A,     SPAN_INIT("\1a\xc0\x1d" A "\0\4abcd")           },
 /* a second record that is missing or broken */
		{ DNSMSG_CNAME, SPAN_INIT(ASKED CNAME "\0\1\1")                 },
	};

	(void)state;
	assert_int_equal(
		answer(ask("x.example", DNSMSG_A), 0, 0, SPAN("")).n, 0x1b);
	for (size_t i = 0; i < LEN(bad); i++)
		if (fate_of(bad[i].type, RA, 1, bad[i].record) != DNSMSG_FAILED)
			fail_msg("record %zu", i);
	assert_int_equal(fate_of(DNSMSG_A, RA, 2, SPAN(ASKED A "\0\4abcd")),
		DNSMSG_FAILED);
	assert_int_equal(fate_of(DNSMSG_A, RA, 2,
				 SPAN(ASKED A "\0\4abcd" ASKED
					      "\0\x10\0\1\0\0\0\0\0\1")),
		DNSMSG_FAILED);
}

static void
an_answer_to_something_else_is_foreign(void **state)
{
	struct span question = ask("x.example", DNSMSG_A);
	struct span good = answer(question, QR | RA, 0, SPAN(""));
	struct dnsmsg m;

	(void)state;
	assert_int_equal(open_exact(&m, good, question), DNSMSG_NODATA);
	for (size_t n = 0; n < good.n; n++)
		assert_int_equal(open_exact(&m, span_head(good, n), question),
			DNSMSG_FOREIGN);
	for (size_t i = 0; i < good.n; i++) {
		/* the id, QR, the opcode, how many questions, the question */
		static const unsigned char flip[] = { 1, 1, 0x80, 0, 1, 1, 0, 0,
			0, 0, 0, 0 };
		int want = DNSMSG_FOREIGN;

		if (i < sizeof flip && !flip[i])
			continue;
		message_text[i] ^= i < sizeof flip ? (char)flip[i] : 1;
		if (open_exact(&m, good, question) != (enum dnsmsg_fate)want)
			fail_msg("octet %zu", i);
		message_text[i] ^= i < sizeof flip ? (char)flip[i] : 1;
	}
	message_text[2] ^= 0x28;
	assert_int_equal(open_exact(&m, good, question), DNSMSG_FOREIGN);
}

/* C-085: the caller asks again where nobody can forge */
static void
other_case_is_noticed(void **state)
{
	struct span question = ask("x.example", DNSMSG_A);
	struct span good = answer(question, QR | RA, 0, SPAN(""));
	struct dnsmsg m;

	(void)state;
	message_text[13] = 'X';
	assert_int_equal(open_exact(&m, good, question), DNSMSG_NODATA);
	assert_false(m.exact);
}

/* C-086: servers may answer errors without the question */
static void
errors_may_leave_the_question_out(void **state)
{
	struct span question = ask("x.example", DNSMSG_A);
	char text[12] = "\x12\x34\x81\x81\0\0\0\0\0\0\0";
	struct span bare = { text, sizeof text };
	struct dnsmsg m;

	(void)state;
	assert_int_equal(open_exact(&m, bare, question), DNSMSG_FORMERR);
	text[3] = (char)(RA | REFUSED);
	assert_int_equal(open_exact(&m, bare, question), DNSMSG_FAILED);
	text[3] = (char)(RA | SERVFAIL);
	assert_int_equal(open_exact(&m, bare, question), DNSMSG_FAILED);
	text[3] = (char)RA;
	assert_int_equal(open_exact(&m, bare, question), DNSMSG_FOREIGN);
	text[3] = (char)(RA | NXDOMAIN);
	assert_int_equal(open_exact(&m, bare, question), DNSMSG_FOREIGN);
}

/* RFC 1035 2.3.4 */
static void
names_of_255_octets_and_no_more(void **state)
{
	char text[600];
	struct span question = ask("x.example", DNSMSG_MX);

	(void)state;
	for (size_t extra = 0; extra <= 1; extra++) {
		struct buf b = BUF(text);
		size_t size = 2 + 4 * 62 + 6 + extra + 1;

		buf_span(&b, SPAN(ASKED MX));
		buf_char(&b, (char)(size >> 8));
		buf_char(&b, (char)size);
		buf_span(&b, SPAN("\0\1"));
		for (size_t i = 0; i < 4; i++) {
			buf_char(&b, 61);
			for (size_t k = 0; k < 61; k++)
				buf_char(&b, '\1');
		}
		buf_char(&b, (char)(5 + extra));
		for (size_t k = 0; k < 5 + extra; k++)
			buf_char(&b, 'a');
		buf_char(&b, '\0');
		assert_int_equal(fate_of(DNSMSG_MX, RA, 1, buf_text(&b)),
			extra ? DNSMSG_FAILED : DNSMSG_DATA);
		(void)question;
	}
}

/* C-084 */
static void
names_are_printed_with_escapes(void **state)
{
	static const struct {
		struct span wire;
		const char *text;
		bool host;
	} names[] = {
		{SPAN_INIT("\0"),               ".",                    false},
		{ SPAN_INIT("\1a\2Bc\0"),       "a.Bc",                 true },
		{ SPAN_INIT("\3a_b\0"),         "a_b",                  true },
		{ SPAN_INIT("\3a.b\1c\0"),      "a\\.b.c",              false},
		{ SPAN_INIT("\3a\\b\0"),        "a\\\\b",               false},
		{ SPAN_INIT("\4\0 \x7f\xff\0"), "\\000\\032\\127\\255", false},
		{ SPAN_INIT("\2\r\n\0"),        "\\013\\010",           false},
		{ SPAN_INIT("\2-a\0"),          "-a",                   false},
		{ SPAN_INIT("\3a/b\0"),         "a/b",                  false},
	};
	char shown[DNSMSG_TEXT];
	char host[LIMIT_DOMAIN + 1];

	(void)state;
	for (size_t i = 0; i < LEN(names); i++) {
		struct dnsmsg_name name = { .n = names[i].wire.n };
		struct buf b = BUF(shown);

		memcpy(name.wire, names[i].wire.p, name.n);
		dnsmsg_print(&b, &name);
		assert_true(span_eq(buf_text(&b), span_of(names[i].text)));
		assert_int_equal(dnsmsg_host(&name, host), names[i].host);
	}
}

/* The longest text of any name fits in DNSMSG_TEXT. */
static void
the_longest_text_fits(void **state)
{
	struct dnsmsg_name name = { .n = 255 };
	char shown[DNSMSG_TEXT];
	char host[LIMIT_DOMAIN + 1];
	struct buf b = BUF(shown);

	(void)state;
	memset(name.wire, 1, sizeof name.wire);
	name.wire[0] = name.wire[64] = name.wire[128] = 63;
	name.wire[192] = 61;
	name.wire[254] = 0;
	dnsmsg_print(&b, &name);
	assert_false(b.over);
	assert_int_equal(b.len, 4 * 250 + 3);
	assert_false(dnsmsg_host(&name, host));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_question_is_made),
		cmocka_unit_test(names_that_cannot_be_asked),
		cmocka_unit_test(mx_records_are_read),
		cmocka_unit_test(addresses_are_read),
		cmocka_unit_test(only_records_that_were_asked_for_count),
		cmocka_unit_test(answers_without_data),
		cmocka_unit_test(aliases_are_followed_in_any_order),
		cmocka_unit_test(circles_of_aliases_end),
		cmocka_unit_test(malformed_records_spoil_the_answer),
		cmocka_unit_test(an_answer_to_something_else_is_foreign),
		cmocka_unit_test(other_case_is_noticed),
		cmocka_unit_test(errors_may_leave_the_question_out),
		cmocka_unit_test(names_of_255_octets_and_no_more),
		cmocka_unit_test(names_are_printed_with_escapes),
		cmocka_unit_test(the_longest_text_fits),
	};

	return cmocka_run_group_tests_name("dnsmsg", tests, NULL, NULL);
}

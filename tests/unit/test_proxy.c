/* SPDX-License-Identifier: ISC
 *
 * proxy: the header in front of a connection, whole and in single octets,
 * and never an octet of what follows it (S-249). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "pure/crc.h"
#include "pure/proxy.h"

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
#define V4_ENDS   "\xc0\x00\x02\x01\xc6\x33\x64\x02\x30\x39\x00\x19"

/* Feeds at most `step` octets at a time. Returns how many were taken. */
static size_t
feed(struct proxy *p, struct span in, size_t step, enum proxy_verdict *verdict)
{
	size_t taken = 0;

	*p = (struct proxy){ .len = 0 };
	*verdict = PROXY_MORE;
	while (taken < in.n && *verdict == PROXY_MORE) {
		struct span piece = span_head(span_from(in, taken), step);
		size_t had = piece.n;

		*verdict = proxy_feed(p, &piece);
		taken += had - piece.n;
	}
	return taken;
}

/* The header, and with it the beginning of what comes behind. */
static void
assert_read(struct span header, enum proxy_verdict want, struct proxy *p)
{
	char text[1024];
	struct buf b = BUF(text);

	buf_span(&b, header);
	buf_str(&b, "EHLO x\r\n");
	for (size_t step = 1; step <= b.len; step++) {
		enum proxy_verdict verdict;
		size_t taken = feed(p, buf_text(&b), step, &verdict);

		assert_int_equal(verdict, want);
		assert_int_equal(taken, header.n);
	}
	for (size_t n = 0; n < header.n; n++) {
		enum proxy_verdict verdict;
		struct proxy other;

		(void)feed(&other, span_head(header, n), n + 1, &verdict);
		assert_int_equal(verdict, PROXY_MORE);
	}
}

/* Refused with these words after that many octets, however they come. */
static void
assert_bad(struct span text, size_t after, const char *why)
{
	for (size_t step = 1; step <= text.n; step++) {
		enum proxy_verdict verdict;
		struct proxy p;
		size_t taken = feed(&p, text, step, &verdict);

		assert_int_equal(verdict, PROXY_BAD);
		assert_string_equal(p.why, why);
		assert_int_equal(taken, after);
	}
}

static void
assert_end(const struct end *end, const char *ip, unsigned port)
{
	char text[IP_TEXT + 1];
	struct buf b = BUF(text);

	ip_print(&b, &end->ip);
	assert_string_equal(buf_cstr(&b), ip);
	assert_int_equal(end->port, port);
}

/* A binary header: command, family, and what stands behind the length. */
static struct span
binary(char command, char family, struct span rest)
{
	static char text[PROXY_HEAD + 1024];
	struct buf b = BUF(text);

	buf_span(&b, SPAN(SIGNATURE));
	buf_char(&b, command);
	buf_char(&b, family);
	buf_char(&b, (char)(rest.n >> 8));
	buf_char(&b, (char)rest.n);
	buf_span(&b, rest);
	assert_false(b.over);
	return buf_text(&b);
}

static void
lines_are_read(void **state)
{
	struct proxy p;

	(void)state;
	assert_read(SPAN("PROXY TCP4 192.0.2.1 198.51.100.2 12345 25\r\n"),
		PROXY_CLIENT, &p);
	assert_end(&p.there, "192.0.2.1", 12345);
	assert_end(&p.here, "198.51.100.2", 25);
	assert_read(SPAN("PROXY TCP6 2001:db8::1 ::1 0 65535\r\n"),
		PROXY_CLIENT, &p);
	assert_end(&p.there, "2001:db8::1", 0);
	assert_end(&p.here, "::1", 65535);
	/* an IPv4 client in IPv6 clothes is IPv4 */
	assert_read(SPAN("PROXY TCP6 ::ffff:192.0.2.1 2001:db8::2 1 2\r\n"),
		PROXY_CLIENT, &p);
	assert_end(&p.there, "192.0.2.1", 1);
	/* the longest there is: 107 octets */
	assert_read(
		SPAN("PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
		     "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 "
		     "65535\r\n"),
		PROXY_SELF, &p);
	assert_int_equal(p.len, LIMIT_PROXY_LINE);
	assert_read(SPAN("PROXY UNKNOWN\r\n"), PROXY_SELF, &p);
}

static void
wrong_lines_are_refused(void **state)
{
	static const char *const line[] = { "PROXY \r\n", "PROXY TCP4\r\n",
		"PROXY TCP4 192.0.2.1 198.51.100.2 1 25 \r\n",
		"PROXY TCP4 192.0.2.1 198.51.100.2 1\r\n",
		"PROXY TCP4 192.0.2.1  198.51.100.2 1 25\r\n",
		"PROXY  TCP4 192.0.2.1 198.51.100.2 1 25\r\n",
		"PROXY tcp4 192.0.2.1 198.51.100.2 1 25\r\n",
		"PROXY TCP4 2001:db8::1 198.51.100.2 1 25\r\n",
		"PROXY TCP6 2001:db8::1 198.51.100.2 1 25\r\n",
		"PROXY TCP4 192.0.2.01 198.51.100.2 1 25\r\n",
		"PROXY TCP4 192.0.2.256 198.51.100.2 1 25\r\n",
		"PROXY TCP4 192.0.2.1 198.51.100.2 65536 25\r\n",
		"PROXY TCP4 192.0.2.1 198.51.100.2 1 025\r\n",
		"PROXY TCP4 192.0.2.1 198.51.100.2 1 -1\r\n",
		"PROXY TCP4 192.0.2.1 198.51.100.2 1 25\r\r\n",
		"PROXY UNKNOWNS\r\n",
		"PROXY UDP4 192.0.2.1 192.0.2.2 1 2\r\n" };

	(void)state;
	for (size_t i = 0; i < LEN(line); i++)
		assert_bad(span_of(line[i]), strlen(line[i]),
			"its line is not TCP4 or TCP6 with two addresses and "
			"two ports, nor UNKNOWN");
	assert_bad(SPAN("PROXY TCP4 192.0.2.1 198.51.100.2 1 25\nEHLO"), 39,
		"its line ends without CR");
	assert_bad(SPAN("PROXY UNKNOWN "
			"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
			"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
		LIMIT_PROXY_LINE, "its line is longer than 107 octets");
}

/* What speaks first without a header is known by its first wrong octet. */
static void
others_are_found_out_at_once(void **state)
{
	(void)state;
	assert_bad(SPAN("EHLO x\r\n"), 1, "there is none");
	assert_bad(SPAN("\x16\x03\x01"), 1, "there is none");
	assert_bad(SPAN("POST / HTTP"), 2, "there is none");
	assert_bad(SPAN("PROXY\tTCP4"), 6, "there is none");
	assert_bad(SPAN("\r\n\r\n\r\n"), 5, "there is none");
	assert_bad(SPAN("\r\n\r\n\0\r\nQUIX"), 11, "there is none");
	assert_bad(SPAN(SIGNATURE "\x11"), 13,
		"its version or command is not known");
	assert_bad(SPAN(SIGNATURE "\x22"), 13,
		"its version or command is not known");
	assert_bad(SPAN(SIGNATURE "\x21\x11\x02\x19"), 16,
		"it is longer than 536 octets");
	assert_bad(SPAN(SIGNATURE "\x20\x00\xff\xff"), 16,
		"it is longer than 536 octets");
}

static void
binary_headers_are_read(void **state)
{
	static const char v6[] =
		"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"
		"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x02\xff\xff\0\x19";
	char room[LIMIT_PROXY] = { 0 };
	struct proxy p;

	(void)state;
	assert_read(binary(0x21, 0x11, SPAN(V4_ENDS)), PROXY_CLIENT, &p);
	assert_end(&p.there, "192.0.2.1", 12345);
	assert_end(&p.here, "198.51.100.2", 25);
	assert_read(
		binary(0x21, 0x21, (struct span){ v6, 36 }), PROXY_CLIENT, &p);
	assert_end(&p.there, "2001:db8::1", 65535);
	assert_end(&p.here, "2001:db8::2", 25);
	/* LOCAL: the rest is nobody's business */
	assert_read(binary(0x20, 0, SPAN("")), PROXY_SELF, &p);
	assert_read(binary(0x20, 0x7f, SPAN("xy")), PROXY_SELF, &p);
	assert_read(binary(0x20, 0, (struct span){ room, sizeof room }),
		PROXY_SELF, &p);
	assert_read(binary(0x21, 0, SPAN("")), PROXY_SELF, &p);
	assert_read(
		binary(0x21, 0x31, (struct span){ room, 216 }), PROXY_SELF, &p);
}

static void
wrong_binary_headers_are_refused(void **state)
{
	static const struct {
		char family;
		struct span rest;
		const char *why;
	} wrong[] = {
		{0x12,  SPAN_INIT(V4_ENDS),                                      "its client has not come by TCP"   },
		{ 0x10, SPAN_INIT(V4_ENDS),                                      "its client has not come by TCP"   },
		{ 0x41, SPAN_INIT(V4_ENDS),                                      "its client has not come by TCP"   },
		{ 0x11, SPAN_INIT(""),					   "it is too short for its addresses"},
		{ 0x11, SPAN_INIT("\xc0\x00\x02\x01\xc6\x33\x64\x02\x30\x39\0"),
                 "it is too short for its addresses"								},
		{ 0x21, SPAN_INIT(V4_ENDS),
                 "it is too short for its addresses"								},
		{ 0x31, SPAN_INIT(V4_ENDS),
                 "it is too short for its addresses"								},
	};

	(void)state;
	for (size_t i = 0; i < LEN(wrong); i++) {
		struct span header =
			binary(0x21, wrong[i].family, wrong[i].rest);

		assert_bad(header, header.n, wrong[i].why);
	}
}

static void
extensions_end_with_the_header(void **state)
{
	static const struct {
		struct span rest;
		bool good;
	} row[] = {
		{SPAN_INIT(V4_ENDS "\x04\0\0"),                 true },
		{ SPAN_INIT(V4_ENDS "\x04\0\x02xx\xea\0\x01y"), true },
		{ SPAN_INIT(V4_ENDS "\x04"),                    false},
		{ SPAN_INIT(V4_ENDS "\x04\0"),                  false},
		{ SPAN_INIT(V4_ENDS "\x04\0\x01"),              false},
		{ SPAN_INIT(V4_ENDS "\x04\0\x01xy"),            false},
		{ SPAN_INIT(V4_ENDS "\x02\xff\xff"
				    "abc"),
                 false					       },
	};
	struct proxy p;

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		struct span header = binary(0x21, 0x11, row[i].rest);

		if (row[i].good)
			assert_read(header, PROXY_CLIENT, &p);
		else
			assert_bad(header, header.n,
				"an extension runs over its end");
	}
}

static void
a_checksum_must_be_right(void **state)
{
	char text[64];
	struct buf b = BUF(text);
	struct proxy p;
	uint32_t crc;

	(void)state;
	buf_span(&b, binary(0x21, 0x11,
			     SPAN(V4_ENDS "\x03\0\x04\0\0\0\0\x04\0\x01z")));
	crc = crc32c(0, buf_text(&b));
	for (unsigned i = 0; i < 4; i++)
		text[PROXY_HEAD + 15 + i] = (char)(crc >> (24 - 8 * i));
	assert_read(buf_text(&b), PROXY_CLIENT, &p);
	for (size_t i = PROXY_HEAD; i < b.len; i++) {
		enum proxy_verdict verdict;

		text[i] ^= 1;
		(void)feed(&p, buf_text(&b), b.len, &verdict);
		/* a type or a length may be what changed */
		assert_true(verdict == PROXY_BAD || i == PROXY_HEAD + 12);
		text[i] ^= 1;
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_read),
		cmocka_unit_test(wrong_lines_are_refused),
		cmocka_unit_test(others_are_found_out_at_once),
		cmocka_unit_test(binary_headers_are_read),
		cmocka_unit_test(wrong_binary_headers_are_refused),
		cmocka_unit_test(extensions_end_with_the_header),
		cmocka_unit_test(a_checksum_must_be_right),
	};

	return cmocka_run_group_tests_name("proxy", tests, NULL, NULL);
}

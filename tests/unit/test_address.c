/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "pure/address.h"

static const struct address_rules strict = { 0 };
static const struct address_rules utf8 = { .utf8 = true };
static const struct address_rules loose = { .loose_dots = true };

/* What a path is stored as; "-" and a digit: refused with that verdict. */
static const char *
stored_by(const struct address_rules *rules, struct span path)
{
	static char refused[3] = "-0";
	static struct address a;
	size_t used = 99;
	enum address_verdict verdict = address_path(path, rules, &a, &used);

	if (verdict != ADDRESS_OK) {
		assert_int_equal(used, 0);
		assert_int_equal(a.len, 0);
		refused[1] = (char)('0' + verdict);
		return refused;
	}
	assert_int_equal(used, path.n);
	assert_int_equal(strlen(a.text), a.len);
	return a.text;
}

struct row {
	struct span path;
	const char *stored;
};

#define SYNTAX "-1"
#define LOCAL  "-2"
#define DOMAIN "-3"
#define EIGHT  "-4"

#define ROW(path, stored)                                                      \
	{                                                                      \
		SPAN_INIT(path), stored                                        \
	}

static void
assert_rows(const struct address_rules *rules, const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *got = stored_by(rules, rows[i].path);

		if (strcmp(got, rows[i].stored) != 0)
			fail_msg("%.*s: '%s', not '%s'", (int)rows[i].path.n,
				rows[i].path.p, got, rows[i].stored);
	}
}

/* S-051 S-053 S-055 */
static void
null_path_and_names_without_domain(void **state)
{
	static const struct row rows[] = {
		ROW("<>", ""),
		ROW("<Postmaster>", "Postmaster"),
		ROW("<\"a b\">", "\"a b\""),
		ROW("< >", SYNTAX),
		ROW("<@>", SYNTAX),
		ROW("<@b>", SYNTAX),
		ROW("<a@>", DOMAIN),
		ROW("<\"\">", LOCAL),
	};
	struct address a;
	size_t used;

	(void)state;
	assert_rows(&strict, rows, LEN(rows));
	address_path(SPAN("<Postmaster>"), &strict, &a, &used);
	assert_int_equal(a.at, a.len);
	assert_int_equal(address_domain(&a).n, 0);
	assert_true(span_eq(address_local(&a), SPAN("Postmaster")));
}

/* S-058 */
static void
brackets_are_where_they_belong(void **state)
{
	static const struct row rows[] = {
		ROW("a@b", SYNTAX),
		ROW("<a@b", SYNTAX),
		ROW("a@b>", SYNTAX),
		ROW("<<a@b>", SYNTAX),
		ROW(" <a@b>", SYNTAX),
		ROW("", SYNTAX),
		ROW("<", SYNTAX),
		ROW(">", SYNTAX),
	};
	struct address a;
	size_t used;

	(void)state;
	assert_rows(&strict, rows, LEN(rows));
	assert_int_equal(
		address_path(SPAN("<a@b>x"), &strict, &a, &used), ADDRESS_OK);
	assert_int_equal(used, 5);
	assert_int_equal(
		address_path(SPAN("<\">\"@b> SIZE=1"), &strict, &a, &used),
		ADDRESS_OK);
	assert_int_equal(used, 7);
	assert_int_equal(address_path(SPAN("<<a@b>>"), &strict, &a, &used),
		ADDRESS_SYNTAX);
}

/* S-060 S-061 S-062 S-063 */
static void
quoted_local_parts(void **state)
{
	static const struct row rows[] = {
		ROW("<\"jobs dev\"@x.example>", "\"jobs dev\"@x.example"),
		ROW("<\"a\\\"b\"@x>", "\"a\\\"b\"@x"),
		ROW("<\"a\\\\b\"@x>", "\"a\\\\b\"@x"),
		ROW("<\"a@b\"@x>", "\"a@b\"@x"),
		ROW("<\".\"@x>", "\".\"@x"),
		ROW("<\"a..b\"@x>", "\"a..b\"@x"),
		ROW("<\"jobs.dev\"@x>", "jobs.dev@x"),
		ROW("<\"\\j\\obs\\.d\\e\\v\"@x>", "jobs.dev@x"),
		ROW("<\"\\ \"@x>", "\" \"@x"),
		ROW("<\"<>\"@x>", "\"<>\"@x"),
		ROW("<\"a>b\"@x>", "\"a>b\"@x"),
		ROW("<\"\"@x>", LOCAL),
		ROW("<\"a@x>", SYNTAX),
		ROW("<\"a\\\"@x>", SYNTAX),
		ROW("<\"a\tb\"@x>", SYNTAX),
		ROW("<\"a\rb\"@x>", SYNTAX),
		ROW("<\"a\nb\"@x>", SYNTAX),
		ROW("<\"a\0b\"@x>", SYNTAX),
		ROW("<\"a\\\0b\"@x>", SYNTAX),
		ROW("<\"a\x7f\"@x>", SYNTAX),
		ROW("<\"a\"b@x>", SYNTAX),
		ROW("<\"a\".b@x>", SYNTAX),
		ROW("<a\"b\"@x>", SYNTAX),
		ROW("<a\\b@x>", SYNTAX),
	};
	struct address a;
	size_t used;

	(void)state;
	assert_rows(&strict, rows, LEN(rows));
	address_path(SPAN("<\"a@b\"@x>"), &strict, &a, &used);
	assert_true(span_eq(address_domain(&a), SPAN("x")));
	assert_true(span_eq(address_local(&a), SPAN("\"a@b\"")));
}

/* S-037 S-038 S-064 */
static void
stray_bytes_are_no_part_of_a_path(void **state)
{
	static const struct row rows[] = {
		ROW("<a@b@c>", SYNTAX),
		ROW("<a b@c>", SYNTAX),
		ROW("<a(comment)@c>", SYNTAX),
		ROW("<a,b@c>", SYNTAX),
		ROW("<a;b@c>", SYNTAX),
		ROW("<a<b@c>", SYNTAX),
		ROW("<a[b@c>", SYNTAX),
		ROW("<a:b@c>", SYNTAX),
		ROW("<a@b c>", SYNTAX),
		ROW("<ok@ours.example\0@evil.example>", SYNTAX),
		ROW("<ok\0@evil.example>", SYNTAX),
		ROW("<a@b\0>", SYNTAX),
		ROW("<a\x01@b>", SYNTAX),
		ROW("<a\x7f@b>", SYNTAX),
		ROW("<a@b\x08>", SYNTAX),
		ROW("<a@b\r>", SYNTAX),
		ROW("<a@b\n>", SYNTAX),
		ROW("<a\t@b>", SYNTAX),
		ROW("<a@b/c>", SYNTAX),
		ROW("<a@b%c>", SYNTAX),
	};

	(void)state;
	assert_rows(&strict, rows, LEN(rows));
}

/* S-065 */
static void
dots_stand_between_atoms(void **state)
{
	static const struct row rows[] = {
		ROW("<a.b.c@d>", "a.b.c@d"),
		ROW("<.a@b>", LOCAL),
		ROW("<a.@b>", LOCAL),
		ROW("<a..b@c>", LOCAL),
		ROW("<.@b>", LOCAL),
	};
	static const struct row bent[] = {
		ROW("<.a@b>", ".a@b"),
		ROW("<a.@b>", "a.@b"),
		ROW("<a..b@c>", "a..b@c"),
		ROW("<.@b>", LOCAL),
		ROW("<..@b>", LOCAL),
		ROW("<a@b..c>", DOMAIN),
	};

	(void)state;
	assert_rows(&strict, rows, LEN(rows));
	assert_rows(&loose, bent, LEN(bent));
}

/* S-066 S-067 */
static void
specials_and_case_are_kept(void **state)
{
	static const struct row rows[] = {
		ROW("<!#$%&'*+-/=?^_`{|}~@x>", "!#$%&'*+-/=?^_`{|}~@x"),
		ROW("<!@x>", "!@x"),
		ROW("<Jobs.DEV@Mail.Example>", "Jobs.DEV@Mail.Example"),
		ROW("<a%b!c@x>", "a%b!c@x"),
	};

	(void)state;
	assert_rows(&strict, rows, LEN(rows));
}

/* S-068 S-069 */
static void
source_routes_are_dropped(void **state)
{
	static const struct row rows[] = {
		ROW("<@a.example,@b.example:user@ours.example>",
			"user@ours.example"),
		ROW("<@ours.example:victim@elsewhere.example>",
			"victim@elsewhere.example"),
		ROW("<@a:\"x:y\"@[IPv6:::1]>", "\"x:y\"@[IPv6:::1]"),
		ROW("<@a.example:user>", SYNTAX),
		ROW("<@a.example:>", SYNTAX),
		ROW("<@a.example:@b.example:user@c>", SYNTAX),
		ROW("<@a.example,b.example:user@c>", SYNTAX),
		ROW("<@a.example,:user@c>", SYNTAX),
		ROW("<@a.example,user@c>", SYNTAX),
		ROW("<@a.example user@c>", SYNTAX),
		ROW("<@-a.example:user@c>", DOMAIN),
		ROW("<@:user@c>", DOMAIN),
		ROW("<a.example:user@c>", SYNTAX),
	};

	(void)state;
	assert_rows(&strict, rows, LEN(rows));
}

/* S-070: none of these has another domain than the one behind the last @. */
static void
tricks_stay_in_the_local_part(void **state)
{
	static const struct row rows[] = {
		ROW("<victim%elsewhere.example@ours.example>",
			"victim%elsewhere.example@ours.example"),
		ROW("<elsewhere!victim@ours.example>",
			"elsewhere!victim@ours.example"),
		ROW("<\"victim@elsewhere\"@ours.example>",
			"\"victim@elsewhere\"@ours.example"),
		ROW("<victim@elsewhere@ours.example>", SYNTAX),
	};

	(void)state;
	assert_rows(&strict, rows, LEN(rows));
	for (size_t i = 0; i < 3; i++) {
		struct address a;
		size_t used;

		address_path(rows[i].path, &strict, &a, &used);
		assert_true(span_eq(address_domain(&a), SPAN("ours.example")));
		assert_true(span_eq(address_domain_of(address_text(&a)),
			SPAN("ours.example")));
	}
}

/* S-072 S-073 */
static void
literals_are_stored_in_one_form(void **state)
{
	static const struct row rows[] = {
		ROW("<u@[192.0.2.25]>", "u@[192.0.2.25]"),
		ROW("<u@[IPv6:2001:db8::1]>", "u@[IPv6:2001:db8::1]"),
		ROW("<u@[ipv6:2001:DB8:0:0:0:0:0:1]>", "u@[IPv6:2001:db8::1]"),
		ROW("<u@[IPv6:::1]>", "u@[IPv6:::1]"),
		ROW("<u@[IPv6:2001:db8::192.0.2.1]>",
			"u@[IPv6:2001:db8::c000:201]"),
		ROW("<u@[IPv6:::ffff:192.0.2.1]>", "u@[192.0.2.1]"),
		ROW("<u@[999.1.1.1]>", DOMAIN),
		ROW("<u@[1.2.3]>", DOMAIN),
		ROW("<u@[1.2.3.4.5]>", DOMAIN),
		ROW("<u@[01.2.3.4]>", DOMAIN),
		ROW("<u@[1.2.3.4>", DOMAIN),
		ROW("<u@1.2.3.4]>", SYNTAX),
		ROW("<u@[IPv6:g::]>", DOMAIN),
		ROW("<u@[IPv6:1:2:3:4:5:6:7:8:9]>", DOMAIN),
		ROW("<u@[IPv6:1::2::3]>", DOMAIN),
		ROW("<u@[2001:db8::1]>", DOMAIN),
		ROW("<u@[x:y]>", DOMAIN),
		ROW("<u@[]>", DOMAIN),
		ROW("<u@[>", DOMAIN),
		ROW("<u@[IPv6:]>", DOMAIN),
		ROW("<u@[IPv6:192.0.2.1]>", DOMAIN),
		ROW("<u@[192.0.2.1\0]>", DOMAIN),
		ROW("<u@[192.0.2.1]x>", DOMAIN),
		ROW("<u@[192.0.2.1].example>", DOMAIN),
	};
	struct address a;
	size_t used;

	(void)state;
	assert_rows(&strict, rows, LEN(rows));
	address_path(SPAN("<u@[192.0.2.25]>"), &strict, &a, &used);
	assert_int_equal(a.literal.family, IP_V4);
	assert_int_equal(a.literal.byte[3], 25);
	address_path(SPAN("<u@b.example>"), &strict, &a, &used);
	assert_int_equal(a.literal.family, IP_NONE);
}

/* S-074 */
static void
domains_are_made_of_labels(void **state)
{
	static const struct row rows[] = {
		ROW("<a@b..c>", DOMAIN),
		ROW("<a@.b>", DOMAIN),
		ROW("<a@-b.c>", DOMAIN),
		ROW("<a@b-.c>", DOMAIN),
		ROW("<a@b.>", DOMAIN),
		ROW("<a@.>", DOMAIN),
		ROW("<a@b_c.example>", "a@b_c.example"),
		ROW("<a@b-c.example>", "a@b-c.example"),
		ROW("<a@xn--4ca.example>", "a@xn--4ca.example"),
		ROW("<a@1.example>", "a@1.example"),
	};

	(void)state;
	assert_rows(&strict, rows, LEN(rows));
}

/* A path of `local` octets, an @ and a domain of `domain` octets in labels of
 * at most `label`. */
static struct span
long_path(size_t local, size_t domain, size_t label)
{
	static char path[2048];
	size_t n = 0;

	path[n++] = '<';
	memset(path + n, 'l', local);
	n += local;
	path[n++] = '@';
	for (size_t i = 0; i < domain; i++)
		path[n++] = i % (label + 1) == label ? '.' : 'd';
	path[n++] = '>';
	return (struct span){ path, n };
}

static enum address_verdict
judge_long(size_t local, size_t domain, size_t label)
{
	struct address a;
	size_t used;
	struct span path = long_path(local, domain, label);
	enum address_verdict verdict = address_path(path, &strict, &a, &used);

	if (verdict == ADDRESS_OK) {
		assert_int_equal(a.len, path.n - 2);
		assert_memory_equal(a.text, path.p + 1, a.len);
	}
	return verdict;
}

/* S-030 S-031 S-032 */
static void
long_ones_are_whole_or_refused(void **state)
{
	(void)state;
	assert_int_equal(judge_long(64, 255, 63), ADDRESS_OK);
	assert_int_equal(judge_long(64, 191, 63), ADDRESS_OK);
	assert_int_equal(judge_long(65, 30, 63), ADDRESS_OK);
	assert_int_equal(judge_long(900, 99, 63), ADDRESS_OK);
	assert_int_equal(judge_long(900, 100, 63), ADDRESS_LOCAL);
	assert_int_equal(judge_long(901, 5, 63), ADDRESS_LOCAL);
	assert_int_equal(judge_long(1100, 5, 63), ADDRESS_LOCAL);
	assert_int_equal(judge_long(1, 63, 63), ADDRESS_OK);
	assert_int_equal(judge_long(1, 64, 64), ADDRESS_DOMAIN);
	assert_int_equal(judge_long(1, 256, 62), ADDRESS_DOMAIN);
	assert_int_equal(judge_long(1, 1000, 62), ADDRESS_DOMAIN);
}

/* S-031: quotes and backslashes count as they are stored. */
static void
long_quoted_ones_too(void **state)
{
	static char path[2048];
	struct address a;
	size_t used;
	size_t n = 0;

	(void)state;
	path[n++] = '<';
	path[n++] = '"';
	for (size_t i = 0; i < 449; i++) {
		path[n++] = '\\';
		path[n++] = '"';
	}
	memcpy(path + n, "\"@b>", 4);
	assert_int_equal(
		address_path((struct span){ path, n + 4 }, &strict, &a, &used),
		ADDRESS_OK);
	assert_int_equal(a.at, 900);
	memcpy(path + n, "x\"@b>", 5);
	assert_int_equal(
		address_path((struct span){ path, n + 5 }, &strict, &a, &used),
		ADDRESS_LOCAL);
}

/* S-038 S-231 S-232 S-233 */
static void
utf8_only_when_asked_for(void **state)
{
	static const struct row rows[] = {
		ROW("<\xce\xb4@\xce\xb5\xce\xbb.example>",
			"\xce\xb4@\xce\xb5\xce\xbb.example"),
		ROW("<\"\xce\xb4 x\"@b>", "\"\xce\xb4 x\"@b"),
		ROW("<\"\xce\xb4\"@b>", "\xce\xb4@b"),
		ROW("<a@b>", "a@b"),
		ROW("<\xc0\xaf@b>", EIGHT),
		ROW("<\xed\xa0\x80@b>", EIGHT),
		ROW("<\xf4\x90\x80\x80@b>", EIGHT),
		ROW("<\xce@b>", EIGHT),
		ROW("<a@\xce>", EIGHT),
		ROW("<\"\xce\"@b>", EIGHT),
		ROW("<a@\xce\xb5..b>", DOMAIN),
		ROW("<\"\\\xce\xb4\"@b>", SYNTAX),
		ROW("<@\xce\xb5.example:a@b>", "a@b"),
	};
	static const struct row ascii[] = {
		ROW("<\xce\xb4@b>", EIGHT),
		ROW("<a@\xce\xb5.example>", EIGHT),
		ROW("<\"\xce\xb4\"@b>", EIGHT),
		ROW("<\x80@b>", EIGHT),
		ROW("<@\xce\xb5.example:a@b>", EIGHT),
	};

	(void)state;
	assert_rows(&utf8, rows, LEN(rows));
	assert_rows(&strict, ascii, LEN(ascii));
}

/* A label of 40 Greek letters has 80 octets in UTF-8 and fits in DNS. */
static void
utf8_labels_are_counted_in_characters(void **state)
{
	char label[2 * 64];

	(void)state;
	for (size_t i = 0; i < 64; i++)
		memcpy(label + 2 * i, "\xce\xb4", 2);
	assert_true(address_domain_valid((struct span){ label, 80 }, true));
	assert_true(address_domain_valid((struct span){ label, 126 }, true));
	assert_false(address_domain_valid((struct span){ label, 128 }, true));
	assert_false(address_domain_valid((struct span){ label, 80 }, false));
}

static void
a_mailbox_has_a_domain_and_no_brackets(void **state)
{
	struct address a;

	(void)state;
	assert_int_equal(
		address_mailbox(SPAN("a@b.example"), &strict, &a), ADDRESS_OK);
	assert_true(span_eq(address_text(&a), SPAN("a@b.example")));
	assert_int_equal(
		address_mailbox(SPAN("\"a>b\"@[192.0.2.1]"), &strict, &a),
		ADDRESS_OK);
	assert_int_equal(a.literal.family, IP_V4);
	assert_int_equal(
		address_mailbox(SPAN("a"), &strict, &a), ADDRESS_DOMAIN);
	assert_int_equal(a.len, 0);
	assert_int_equal(
		address_mailbox(SPAN("<a@b>"), &strict, &a), ADDRESS_SYNTAX);
	assert_int_equal(
		address_mailbox(SPAN("a@b>"), &strict, &a), ADDRESS_SYNTAX);
	assert_int_equal(
		address_mailbox(SPAN("a@b "), &strict, &a), ADDRESS_SYNTAX);
	assert_int_equal(
		address_mailbox(SPAN("@a:b@c"), &strict, &a), ADDRESS_SYNTAX);
	assert_int_equal(
		address_mailbox(SPAN(""), &strict, &a), ADDRESS_SYNTAX);
}

static void
the_domain_stands_behind_the_last_at(void **state)
{
	(void)state;
	assert_true(span_eq(address_domain_of(SPAN("\"a@b\"@c.example")),
		SPAN("c.example")));
	assert_true(span_eq(
		address_domain_of(SPAN("a@[192.0.2.1]")), SPAN("[192.0.2.1]")));
	assert_int_equal(address_domain_of(SPAN("\"a@b\"")).n, 0);
	assert_int_equal(address_domain_of(SPAN("postmaster")).n, 0);
	assert_int_equal(address_domain_of(SPAN("")).n, 0);
}

/* S-061 */
static void
unquoted_names_are_for_lookups(void **state)
{
	char text[16];
	struct buf out = BUF(text);

	(void)state;
	address_unquote(SPAN("\"a \\\"b\\\\\""), &out);
	assert_true(span_eq(buf_text(&out), SPAN("a \"b\\")));
	out.len = 0;
	address_unquote(SPAN("a.b"), &out);
	assert_true(span_eq(buf_text(&out), SPAN("a.b")));
	out.len = 0;
	address_unquote(SPAN("\""), &out);
	address_unquote(SPAN("\"\\\""), &out);
	assert_false(out.over);
}

/* S-009 S-011 */
static void
helo_names(void **state)
{
	static char longest[256];

	(void)state;
	memset(longest, 'h', sizeof longest);
	assert_true(address_helo_valid(SPAN("c.example")));
	assert_true(address_helo_valid(SPAN("[192.0.2.1]")));
	assert_true(address_helo_valid(SPAN("[IPv6:2001:db8::1]")));
	assert_true(address_helo_valid(SPAN("my_printer")));
	assert_true(address_helo_valid((struct span){ longest, 255 }));
	assert_false(address_helo_valid((struct span){ longest, 256 }));
	assert_false(address_helo_valid(SPAN("")));
	assert_false(address_helo_valid(SPAN("a b")));
	assert_false(address_helo_valid(SPAN("a\tb")));
	assert_false(address_helo_valid(SPAN("a\0b")));
	assert_false(address_helo_valid(SPAN("a\x7f")));
	assert_false(address_helo_valid(SPAN("\xce\xb5")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(null_path_and_names_without_domain),
		cmocka_unit_test(brackets_are_where_they_belong),
		cmocka_unit_test(quoted_local_parts),
		cmocka_unit_test(stray_bytes_are_no_part_of_a_path),
		cmocka_unit_test(dots_stand_between_atoms),
		cmocka_unit_test(specials_and_case_are_kept),
		cmocka_unit_test(source_routes_are_dropped),
		cmocka_unit_test(tricks_stay_in_the_local_part),
		cmocka_unit_test(literals_are_stored_in_one_form),
		cmocka_unit_test(domains_are_made_of_labels),
		cmocka_unit_test(long_ones_are_whole_or_refused),
		cmocka_unit_test(long_quoted_ones_too),
		cmocka_unit_test(utf8_only_when_asked_for),
		cmocka_unit_test(utf8_labels_are_counted_in_characters),
		cmocka_unit_test(a_mailbox_has_a_domain_and_no_brackets),
		cmocka_unit_test(the_domain_stands_behind_the_last_at),
		cmocka_unit_test(unquoted_names_are_for_lookups),
		cmocka_unit_test(helo_names),
	};

	return cmocka_run_group_tests_name("address", tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "pure/dsn.h"

static char text[DSN_PIECE + 1];
static struct buf out;

static const struct dsn plain = {
	.host = SPAN_INIT("mail.example.org"),
	.from = SPAN_INIT("MAILER-DAEMON@mail.example.org"),
	.to = SPAN_INIT("app@home.example"),
	.id = SPAN_INIT("1j0uf8616u022ahd2poaufkq"),
	.boundary = SPAN_INIT("=_b"),
	.now = 1795449999,
	.arrival = 1795440000,
	.until = 1795872000,
	.actions = 1U << DSN_FAILED,
};

static const struct dsn_rcpt refused = {
	.action = DSN_FAILED,
	.address = SPAN_INIT("box@far.example"),
	.status = SPAN_INIT("5.1.1"),
	.peer = SPAN_INIT("mx.far.example[192.0.2.1]:25"),
	.text = SPAN_INIT("550 5.1.1 no such user"),
	.time = 1795449990,
};

static void
begin(void)
{
	out = (struct buf){ text, sizeof text - 1, 0, false };
}

static const char *
end(void)
{
	assert_false(out.over);
	text[out.len] = '\0';
	return text;
}

static const char *
group(const struct dsn *dsn, const struct dsn_rcpt *rcpt)
{
	begin();
	dsn_group(&out, dsn, rcpt);
	return end();
}

/* No line is longer than RFC 5322 2.1.1 allows, and each ends in CR LF. */
static void
assert_lines(const char *s)
{
	while (*s) {
		const char *lf = strchr(s, '\n');

		assert_non_null(lf);
		assert_true(lf > s && lf[-1] == '\r');
		assert_true(lf - s <= 999);
		assert_null(memchr(s, '\r', (size_t)(lf - s - 1)));
		s = lf + 1;
	}
}

/* Q-061 Q-064 */
static void
the_header(void **state)
{
	(void)state;
	begin();
	dsn_head(&out, &plain);
	assert_string_equal(end(),
		"Date: Mon, 23 Nov 2026 16:06:39 +0000\r\n"
		"From: Mail system\r\n <MAILER-DAEMON@mail.example.org>\r\n"
		"To:\r\n <app@home.example>\r\n"
		"Subject: Your message could not be delivered\r\n"
		"Message-ID: <1j0uf8616u022ahd2poaufkq@mail.example.org>\r\n"
		"Auto-Submitted: auto-replied\r\n"
		"MIME-Version: 1.0\r\n"
		"Content-Type: multipart/report;\r\n"
		" report-type=delivery-status;\r\n boundary=\"=_b\"\r\n"
		"\r\n--=_b\r\n"
		"Content-Type: text/plain; charset=us-ascii\r\n\r\n"
		"This is the mail system at mail.example.org.\r\n");
}

/* */
static void
the_fields_of_the_message(void **state)
{
	struct dsn dsn = plain;

	(void)state;
	dsn.envid = SPAN("QQ+2B1");
	begin();
	dsn_status(&out, &dsn);
	assert_non_null(strstr(end(),
		"\r\n--=_b\r\nContent-Type: message/delivery-status\r\n\r\n"
		"Reporting-MTA: dns; mail.example.org\r\n"
		"Original-Envelope-Id: QQ+1\r\n"
		"Arrival-Date: Mon, 23 Nov 2026 13:20:00 +0000\r\n"));
}

/* */
static void
the_fields_of_a_recipient(void **state)
{
	struct dsn_rcpt rcpt = refused;

	(void)state;
	rcpt.orcpt = SPAN("rfc822;b+2Bob@old.example");
	assert_string_equal(group(&plain, &rcpt),
		"\r\n"
		"Original-Recipient: rfc822; b+ob@old.example\r\n"
		"Final-Recipient: rfc822; box@far.example\r\n"
		"Action: failed\r\n"
		"Status: 5.1.1\r\n"
		"Remote-MTA: dns; mx.far.example\r\n"
		"Diagnostic-Code: smtp; 550 5.1.1 no such user\r\n"
		"Last-Attempt-Date: Mon, 23 Nov 2026 16:06:30 +0000\r\n");
}

/* the class of the status is that of the action. */
static void
action_and_status_agree(void **state)
{
	static const struct {
		enum dsn_action action;
		const char *lines;
	} rows[] = {
		{DSN_FAILED,     "Action: failed\r\nStatus: 5.7.1\r\n"   },
		{ DSN_DELAYED,   "Action: delayed\r\nStatus: 4.7.1\r\n"  },
		{ DSN_RELAYED,   "Action: relayed\r\nStatus: 2.7.1\r\n"  },
		{ DSN_DELIVERED, "Action: delivered\r\nStatus: 2.7.1\r\n"},
	};

	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		struct dsn_rcpt rcpt = refused;
		const char *s;

		rcpt.action = rows[i].action;
		rcpt.status = SPAN("5.7.1");
		s = group(&plain, &rcpt);
		assert_non_null(strstr(s, rows[i].lines));
		assert_true((rows[i].action == DSN_DELAYED) ==
			    (strstr(s, "Will-Retry-Until: ") != NULL));
	}
}

/* Who was asked: a name, an address, nobody. */
static void
remote_mta(void **state)
{
	static const struct {
		const char *peer;
		const char *field;
	} rows[] = {
		{"mx.example[192.0.2.1]:25",
                 "Remote-MTA: dns; mx.example\r\n"                               },
		{ "mx.example:25",           "Remote-MTA: dns; mx.example\r\n"   },
		{ "[192.0.2.1]:25",          "Remote-MTA: dns; [192.0.2.1]\r\n"  },
		{ "[2001:db8::1]:25",        "Remote-MTA: dns; [2001:db8::1]\r\n"},
		{ "-",		       NULL				},
	};

	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		struct dsn_rcpt rcpt = refused;
		const char *s;

		rcpt.peer = span_of(rows[i].peer);
		s = group(&plain, &rcpt);
		if (rows[i].field)
			assert_non_null(strstr(s, rows[i].field));
		else
			assert_null(strstr(s, "Remote-MTA"));
	}
}

/* Words of our own are not said to be a server's. */
static void
our_own_words(void **state)
{
	struct dsn_rcpt rcpt = refused;

	(void)state;
	rcpt.text = SPAN("cannot connect: Connection refused");
	assert_non_null(strstr(group(&plain, &rcpt),
		"\r\nDiagnostic-Code: x-postern; cannot connect: Connection"));
}

/* nothing that a stranger chose ends a line. */
static void
strangers_words_stay_in_their_field(void **state)
{
	static const char evil[] = "x\r\n\r\nFinal-Recipient: rfc822; y\r\n"
				   "--=_b\r\n\x1b[31m\x80\xff";
	char longest[1024];
	struct dsn_rcpt rcpt = refused;
	const char *s;

	(void)state;
	rcpt.text = rcpt.peer = rcpt.address =
		(struct span){ evil, sizeof evil - 1 };
	rcpt.orcpt = rcpt.address;
	s = group(&plain, &rcpt);
	assert_lines(s);
	assert_null(strstr(s, "\r\n\r\n"));
	assert_null(strstr(s + 2, "\r\nFinal-Recipient: rfc822; y"));
	assert_null(strstr(s, "\r\n--"));
	assert_null(strchr(s, '\x1b'));
	begin();
	dsn_words(&out, &plain, &rcpt);
	assert_lines(end());
	assert_null(strstr(text, "\r\n--"));
	memset(longest, 'w', sizeof longest);
	rcpt.text = (struct span){ longest, sizeof longest };
	rcpt.address = (struct span){ longest, 1000 };
	assert_lines(group(&plain, &rcpt));
	begin();
	dsn_words(&out, &plain, &rcpt);
	assert_lines(end());
}

/* RFC 6533 3; ASCII where the report is no SMTPUTF8 message. */
static void
addresses_in_utf8(void **state)
{
	struct dsn_rcpt rcpt = refused;
	struct dsn dsn = plain;

	(void)state;
	rcpt.address = SPAN("b+\xc3\xbc\xf0\x9f\x93\xac@\xe2\x85\xa7.example");
	assert_non_null(strstr(group(&dsn, &rcpt),
		"Final-Recipient: utf-8; "
		"b\\x{2B}\\x{FC}\\x{1F4EC}@\\x{2167}.example\r\n"));
	dsn.utf8 = true;
	assert_non_null(strstr(group(&dsn, &rcpt),
		"Final-Recipient: utf-8; "
		"b+\xc3\xbc\xf0\x9f\x93\xac@\xe2\x85\xa7.example\r\n"));
	rcpt.address = SPAN("b\xff@x.example"); /* no UTF-8 */
	assert_non_null(strstr(group(&dsn, &rcpt), "utf-8; b?@x.example\r\n"));
}

/* */
static void
types_of_the_original(void **state)
{
	/* clang-format off */
	static const struct {
		enum dsn_original what;
		bool eight;
		bool header;
		const char *lines;
	} rows[] = {
		{ DSN_MESSAGE, false, false,
			"Content-Type: message/rfc822\r\n\r\n" },
		{ DSN_MESSAGE, true, false, "message/rfc822\r\n"
			"Content-Transfer-Encoding: 8bit\r\n" },
		{ DSN_MESSAGE, true, true, "message/global\r\n"
			"Content-Transfer-Encoding: 8bit\r\n" },
		{ DSN_HEADER, false, false,
			"Content-Type: text/rfc822-headers\r\n\r\n" },
		{ DSN_HEADER, true, true, "message/global-headers\r\n"
			"Content-Transfer-Encoding: 8bit" },
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		begin();
		dsn_original(&out, &plain, rows[i].what, rows[i].eight,
			rows[i].header);
		assert_non_null(strstr(end(), rows[i].lines));
	}
}

/* a sender that must be quoted, and one that no line can hold. */
static void
odd_senders(void **state)
{
	char longest[1000];
	struct dsn dsn = plain;

	(void)state;
	dsn.to = SPAN("a b\"c@home.example");
	begin();
	dsn_head(&out, &dsn);
	assert_non_null(
		strstr(end(), "To:\r\n <\"a b\\\"c\"@home.example>\r\n"));
	memset(longest, 'l', sizeof longest);
	memcpy(longest + 900, "@x.example", 10);
	dsn.to = (struct span){ longest, 910 };
	begin();
	dsn_head(&out, &dsn);
	assert_non_null(strstr(end(), "To:\r\n the sender:;\r\n"));
	assert_lines(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_header),
		cmocka_unit_test(the_fields_of_the_message),
		cmocka_unit_test(the_fields_of_a_recipient),
		cmocka_unit_test(action_and_status_agree),
		cmocka_unit_test(remote_mta),
		cmocka_unit_test(our_own_words),
		cmocka_unit_test(strangers_words_stay_in_their_field),
		cmocka_unit_test(addresses_in_utf8),
		cmocka_unit_test(types_of_the_original),
		cmocka_unit_test(odd_senders),
	};

	return cmocka_run_group_tests_name("dsn", tests, NULL, NULL);
}

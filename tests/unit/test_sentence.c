/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "pure/sentence.h"

static void
assert_told(const char *text, enum sentence_mood mood, const char *want)
{
	char room[1024];
	struct buf out = BUF(room);
	struct fields line;
	enum sentence_mood got;

	assert_true(fields_begin(&line, span_of(text)));
	got = sentence_print(&out, &line);
	if (!span_eq(buf_text(&out), span_of(want)))
		fail_msg("'%.*s' is not '%s'", (int)out.len, room, want);
	assert_int_equal(got, mood);
}

static void
events_are_told(void **state)
{
	(void)state;
	assert_told("accepted id=x size=10 client=192.0.2.7 proto=ESMTP "
		    "helo=c.example from=a@b.example to=c@d.example "
		    "to=e@f.example more=3",
		SENTENCE_PLAIN,
		"accepted from 192.0.2.7 (c.example): <a@b.example> to "
		"c@d.example, e@f.example and 3 more, 10 octets");
	assert_told("accepted id=x client=192.0.2.7 proto=ESMTPS tls=TLSv1.3 "
		    "identity=printer helo=c from=a@b to=c@d",
		SENTENCE_PLAIN,
		"accepted from 192.0.2.7 (c), TLSv1.3, as printer: <a@b> to "
		"c@d");
	assert_told("accepted id=x client=\"uid 7\" from=\"\" to=a@b",
		SENTENCE_PLAIN, "accepted from uid 7: <> to a@b");
	assert_told("postern-send[1] delivered id=x to=c@d.example peer=mx:25 "
		    "tls=TLSv1.3 cipher=X verified=no reply=ok",
		SENTENCE_GOOD,
		"delivered to c@d.example by mx:25 over TLSv1.3, verified: no: "
		"ok");
	assert_told("postern-send[1] delivered id=x to=c@d.example from=a@b "
		    "hop=d.example peer=mx[192.0.2.1]:25 status=2.0.0 "
		    "reply=\"250 2.0.0 ok\" delay=2 tries=0",
		SENTENCE_GOOD,
		"delivered to c@d.example by mx[192.0.2.1]:25 after 2 s: 250 "
		"2.0.0 ok");
	assert_told("postern-local[1] stored id=x to=c@d "
		    "path=/srv/c status=2.0.0 text=ok",
		SENTENCE_GOOD, "written for c@d to /srv/c");
	assert_told("postern-local[1] refused id=x to=c@d status=5.2.2 "
		    "text=full",
		SENTENCE_BAD, "not written for c@d: full (5.2.2)");
	assert_told("rewritten id=x by=aliases:1 to=root@b as=a@c as=d@e",
		SENTENCE_PLAIN,
		"rewritten: to root@b, becomes a@c, d@e by aliases:1");
	assert_told("deferred id=x to=c@d peer=- status=4.4.3 "
		    "reply=\"no answer from DNS\" tries=2",
		SENTENCE_LATER,
		"put off for c@d: no answer from DNS (4.4.3), try 2");
	assert_told("refused code=550 reason=\"5.7.1 relaying denied\" "
		    "client=192.0.2.7 from=a@b command=\"RCPT TO:<x@y>\"",
		SENTENCE_BAD,
		"refused 192.0.2.7, mail from <a@b>: 550 5.7.1 relaying "
		"denied, to \"RCPT TO:<x@y>\"");
	assert_told("postern-listen[1] refused proxy=192.0.2.7 reason=\"PROXY "
		    "header: there is none\"",
		SENTENCE_BAD,
		"refused the proxy 192.0.2.7: PROXY header: there is none");
	assert_told("postern-listen[1] refused client=192.0.2.7 reason=\"not "
		    "in control/proxies\"",
		SENTENCE_BAD, "refused 192.0.2.7: not in control/proxies");
	assert_told("login client=192.0.2.7 identity=app mechanism=PLAIN",
		SENTENCE_QUIET, "192.0.2.7 logged in as app by PLAIN");
	assert_told("postern-smtpd[1] auth reason=\"cannot reach /x\"",
		SENTENCE_BAD, "no logins: cannot reach /x");
	assert_told("secured client=192.0.2.7 tls=TLSv1.3 cipher=TLS_X "
		    "identity=printer",
		SENTENCE_QUIET,
		"192.0.2.7 is inside TLSv1.3, TLS_X, as printer");
	assert_told("handshake client=192.0.2.7 reason=\"no shared cipher\"",
		SENTENCE_LATER, "TLS with 192.0.2.7 failed: no shared cipher");
	assert_told("postern-smtpd[1] tls reason=\"cannot read /x: y\"",
		SENTENCE_BAD, "no TLS for clients: cannot read /x: y");
	assert_told("postern-remove[1] removed id=x by=root was=deferred "
		    "from=a@b size=3 open=2 to=c@d to=e@f",
		SENTENCE_BAD,
		"removed from the queue by root: <a@b> to c@d, e@f");
	assert_told("postern-tls[1] handshake client=192.0.2.7 service=smtp "
		    "version=TLSv1.3 cipher=TLS_AES_128_GCM_SHA256 resumed=no",
		SENTENCE_QUIET,
		"192.0.2.7 speaks TLSv1.3, TLS_AES_128_GCM_SHA256, resumed: "
		"no");
	assert_told("postern-tls[1] handshake-failed client=192.0.2.7 "
		    "service=smtp reason=\"http request\"",
		SENTENCE_LATER, "no TLS with 192.0.2.7: http request");
	assert_told("postern-oauth2[1] token account=office seconds=3599",
		SENTENCE_GOOD,
		"a new access token for office, good for 3599 s");
	assert_told("postern-oauth2[1] no-token account=office "
		    "reason=\"invalid_grant: dead\"",
		SENTENCE_BAD,
		"no new access token for office: invalid_grant: dead");
	assert_told("postern-oauth2[1] login-ends account=office days=3",
		SENTENCE_BAD,
		"the login of office ends in 3 days: postern oauth2 setup "
		"office");
	assert_told("postern-hold[1]: set-aside id=x by=root was=new",
		SENTENCE_LATER, "put on hold by root");
}

static void
strangers_octets_are_made_harmless(void **state)
{
	(void)state;
	assert_told("failed to=a@b reply=\"550 \\x1b[2J \\\"no\\\"\"",
		SENTENCE_BAD, "failed for a@b: 550 \\x1b[2J \"no\"");
	/* what looks like a field or a phrase in a value is neither */
	assert_told("failed to=\"{reply} [x]\" reply=\"to=z {to}\"",
		SENTENCE_BAD, "failed for {reply} [x]: to=z {to}");
}

static void
an_unknown_event_stands_as_it_is(void **state)
{
	(void)state;
	assert_told("greylisted id=x until=\"a b\"", SENTENCE_PLAIN,
		"greylisted id=x until=a b");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_are_told),
		cmocka_unit_test(strangers_octets_are_made_harmless),
		cmocka_unit_test(an_unknown_event_stands_as_it_is),
	};

	return cmocka_run_group_tests_name("sentence", tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC
 *
 * peer, gateway, pace, trace, reply, inject: what a session stands on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>

#include "pure/address.h"
#include "smtp/inject.h"
#include "smtp/pace.h"
#include "smtp/policy.h"
#include "smtp/trace.h"
#include "sys/home.h"

static char world[] = "/tmp/test_policy.XXXXXX";

static void
put(const char *name, const char *text)
{
	char path[200];
	FILE *file;

	snprintf(path, sizeof path, "%s/%s", world, name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void
drop(const char *name)
{
	char path[200];

	snprintf(path, sizeof path, "%s/%s", world, name);
	(void)unlink(path);
}

static int
make_world(void **state)
{
	char path[200];

	(void)state;
	if (!mkdtemp(world))
		return -1;
	snprintf(path, sizeof path, "%s/control", world);
	if (mkdir(path, 0700) == -1)
		return -1;
	return setenv("POSTERN_HOME", world, 1);
}

static int
remove_world(void **state)
{
	char command[200];

	(void)state;
	snprintf(command, sizeof command, "rm -rf %s", world);
	return system(command);
}

static struct gateway_paths
paths(void)
{
	static char v4[200];
	static char v6[200];

	snprintf(v4, sizeof v4, "%s/route", world);
	snprintf(v6, sizeof v6, "%s/ipv6_route", world);
	return (struct gateway_paths){
		{"/nonexistent",  v4},
                { "/nonexistent", v6}
	};
}

static int
is_gateway(const char *address)
{
	const struct gateway_paths where = paths();
	struct ip ip;

	assert_int_equal(ip_parse(span_of(address), &ip), 0);
	return gateway_is(&where, &ip);
}

#define V4_TABLE                                                               \
	"Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\t"   \
	"MTU\tWindow\tIRTT\n"                                                  \
	"eth0\t00000000\t010011AC\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"         \
	"eth0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n"         \
	"eth0\t0000000A\t020011AC\t0003\t0\t0\t0\t000000FF\t0\t0\t0\n"
#define ZERO "00000000000000000000000000000000"
#define V6_TABLE                                                               \
	"20010db8000000000000000000000000 40 " ZERO " 00 " ZERO                \
	" 00000100 00000001 00000000 00000001     eth0\n" ZERO " 00 " ZERO     \
	" 00 20010db8000000000000000000000001 00000400 00000001 00000000 "     \
	"00000003     eth0\n" ZERO " 00 " ZERO " 00 " ZERO                     \
	" ffffffff 00000001 00000000 00200200       lo\n"

static void
default_gateways_are_found(void **state)
{
	(void)state;
	put("route", V4_TABLE);
	put("ipv6_route", V6_TABLE);
	assert_int_equal(is_gateway("172.17.0.1"), 1);
	assert_int_equal(is_gateway("172.17.0.2"), 0);
	assert_int_equal(is_gateway("0.0.0.0"), 0);
	assert_int_equal(is_gateway("2001:db8::1"), 1);
	assert_int_equal(is_gateway("2001:db8::2"), 0);
	assert_int_equal(is_gateway("::"), 0);
}

static void
a_table_that_is_none_is_a_doubt(void **state)
{
	(void)state;
	drop("route");
	assert_int_equal(is_gateway("172.17.0.1"), -1);
	put("route", "eth0\t00000000\tnot a table\n");
	assert_int_equal(is_gateway("172.17.0.1"), -1);
	put("route", "eth0\t00000000\t010011AC\t0003\t0\t0\t0\t00000000");
	assert_int_equal(is_gateway("172.17.0.1"), -1);
	put("ipv6_route", ZERO " 00\n");
	assert_int_equal(is_gateway("2001:db8::1"), -1);
}

static void
a_long_table_is_read_to_its_end(void **state)
{
	static char text[200000];
	struct buf b = BUF(text);

	(void)state;
	for (int i = 0; i < 2000; i++)
		buf_str(&b, "eth0\t000011AC\t00000000\t0001\t0\t0\t0\t"
			    "0000FFFF\t0\t0\t0\n");
	buf_str(&b, V4_TABLE);
	put("route", buf_cstr(&b));
	assert_int_equal(is_gateway("172.17.0.1"), 1);
}

/* As the envelope has the recipient that was judged last. */
static char stored_as[LIMIT_ADDRESS + 1];
static bool hidden;

/* What a client at this address may do. */
static enum policy_verdict
judge(const char *client, const char *relayclient, const char *rcpt)
{
	static struct control c;
	static struct policy p;
	static struct address address;
	static char text[LIMIT_ADDRESS];
	const struct address_rules rules = { .utf8 = false };
	const struct gateway_paths where = paths();
	struct peer peer = { .kind = PEER_INET, .supervised = true };
	struct buf stored = BUF(text);
	enum policy_verdict verdict = POLICY_BROKEN;
	size_t used;

	if (*client)
		assert_int_equal(ip_parse(span_of(client), &peer.ip), 0);
	else
		peer.kind = PEER_UNKNOWN;
	assert_int_equal(control_open(&c), 0);
	assert_int_equal(address_path(span_of(rcpt), &rules, &address, &used),
		ADDRESS_OK);
	if (policy_open(&p, &c, &peer, relayclient, &where) == 0)
		verdict = policy_rcpt(&p, &address, &stored);
	memcpy(stored_as, stored.p, stored.len);
	stored_as[stored.len] = '\0';
	hidden = p.hidden;
	policy_close(&p);
	control_close(&c);
	return verdict;
}

#define ELSE "<u@elsewhere.example>"

/* S-053 S-054 S-055 S-080: an alias is as good as a mailbox. */
static void
aliases_are_recipients(void **state)
{
	const char *stranger = "192.0.2.1";
	const char *ours = "127.0.0.1";

	(void)state;
	put("control/me", "host.example\n");
	put("control/locals", "ours.example\n");
	put("control/mailboxes", "app:/m/app\n");
	assert_int_equal(
		judge(ours, NULL, "<root@ours.example>"), POLICY_NO_USER);
	assert_int_equal(judge(ours, NULL, "<root>"), POLICY_NO_DOMAIN);
	put("control/aliases",
		"root: admin@far.example\npostmaster: root\na: b\nb: a\n");
	assert_int_equal(
		judge(stranger, NULL, "<root@ours.example>"), POLICY_OK);
	assert_string_equal(stored_as, "root@ours.example");
	assert_int_equal(judge(stranger, NULL, "<Root>"), POLICY_OK);
	assert_string_equal(stored_as, "Root@host.example");
	assert_int_equal(judge(stranger, NULL, "<postmaster>"), POLICY_OK);
	assert_string_equal(stored_as, "postmaster@host.example");
	assert_int_equal(
		judge(stranger, NULL, "<app@ours.example>"), POLICY_OK);
	assert_int_equal(
		judge(ours, NULL, "<cron@ours.example>"), POLICY_NO_USER);
	/* an alias opens no relay */
	assert_int_equal(
		judge(stranger, NULL, "<root@host.example>"), POLICY_RELAY);
	assert_int_equal(judge(stranger, NULL, ELSE), POLICY_RELAY);
	/* who may relay may be brief */
	assert_int_equal(judge(ours, NULL, "<cron>"), POLICY_OK);
	assert_string_equal(stored_as, "cron@host.example");
	assert_int_equal(judge(stranger, NULL, "<cron>"), POLICY_NO_DOMAIN);
	/* L-021: a loop is a fault of ours, known before the text comes */
	assert_int_equal(judge(ours, NULL, "<a>"), POLICY_BROKEN);
	put("control/aliases", "root: :include:/etc/list\n");
	assert_int_equal(
		judge(ours, NULL, "<app@ours.example>"), POLICY_BROKEN);
	drop("control/aliases");
	drop("control/mailboxes");
	drop("control/locals");
	drop("control/me");
}

static void
allowrecipients_refuses_the_others(void **state)
{
	(void)state;
	put("control/me", "host.example\n");
	put("control/allowrecipients", "@elsewhere.example\n");
	assert_int_equal(judge("127.0.0.1", NULL, ELSE), POLICY_OK);
	assert_int_equal(judge("192.0.2.1", NULL, ELSE), POLICY_RELAY);
	assert_int_equal(
		judge("127.0.0.1", NULL, "<a@b.example>"), POLICY_NOT_ALLOWED);
	put("control/aliases", "team: u@elsewhere.example, a@b.example\n");
	assert_int_equal(
		judge("127.0.0.1", NULL, "<team>"), POLICY_NOT_ALLOWED);
	put("control/allowrecipients", "@@\n");
	assert_int_equal(judge("127.0.0.1", NULL, ELSE), POLICY_BROKEN);
	drop("control/aliases");
	drop("control/allowrecipients");
	drop("control/me");
}

static void
hidereceived_names_clients(void **state)
{
	(void)state;
	(void)judge("192.0.2.1", NULL, ELSE);
	assert_false(hidden);
	put("control/hidereceived", "192.0.2.0/24\n");
	(void)judge("192.0.2.1", NULL, ELSE);
	assert_true(hidden);
	(void)judge("127.0.0.1", NULL, ELSE);
	assert_false(hidden);
	put("control/hidereceived", "relay\n");
	(void)judge("127.0.0.1", NULL, ELSE);
	assert_true(hidden);
	(void)judge("192.0.2.1", NULL, ELSE);
	assert_false(hidden);
	put("control/hidereceived", "relays\n");
	assert_int_equal(judge("127.0.0.1", NULL, ELSE), POLICY_BROKEN);
	drop("control/hidereceived");
}

/* S-251: nobody may relay but those who are listed. */
static void
relayfrom_covers_networks(void **state)
{
	(void)state;
	put("route", V4_TABLE);
	put("ipv6_route", V6_TABLE);
	assert_int_equal(judge("192.0.2.1", NULL, ELSE), POLICY_RELAY);
	assert_int_equal(judge("127.0.0.1", NULL, ELSE), POLICY_OK);
	assert_int_equal(judge("::1", NULL, ELSE), POLICY_OK);
	assert_int_equal(judge("::ffff:127.0.0.1", NULL, ELSE), POLICY_OK);
	assert_int_equal(judge("", NULL, ELSE), POLICY_RELAY);
	put("control/relayfrom", "192.0.2.0/25\n2001:db8::/32\n");
	assert_int_equal(judge("192.0.2.127", NULL, ELSE), POLICY_OK);
	assert_int_equal(judge("192.0.2.128", NULL, ELSE), POLICY_RELAY);
	assert_int_equal(judge("::ffff:192.0.2.1", NULL, ELSE), POLICY_OK);
	assert_int_equal(judge("2001:db8:ffff::1", NULL, ELSE), POLICY_OK);
	assert_int_equal(judge("2001:db9::1", NULL, ELSE), POLICY_RELAY);
	assert_int_equal(judge("", NULL, ELSE), POLICY_RELAY);
	drop("control/relayfrom");
}

static void
a_default_gateway_is_not_covered_by_a_network(void **state)
{
	(void)state;
	put("route", V4_TABLE);
	put("ipv6_route", V6_TABLE);
	put("control/relayfrom", "172.17.0.0/16\n2001:db8::/32\n");
	assert_int_equal(judge("172.17.0.2", NULL, ELSE), POLICY_OK);
	assert_int_equal(judge("172.17.0.1", NULL, ELSE), POLICY_GATEWAY);
	assert_int_equal(judge("2001:db8::1", NULL, ELSE), POLICY_GATEWAY);
	put("control/relayfrom", "172.17.0.0/16\n172.17.0.1\n");
	assert_int_equal(judge("172.17.0.1", NULL, ELSE), POLICY_OK);
	drop("control/relayfrom");
}

static void
an_unreadable_routing_table_puts_relaying_off(void **state)
{
	(void)state;
	drop("route");
	put("control/relayfrom", "172.17.0.0/16\n");
	assert_int_equal(judge("172.17.0.2", NULL, ELSE), POLICY_BROKEN);
	assert_int_equal(judge("192.0.2.1", NULL, ELSE), POLICY_RELAY);
	put("control/relayfrom", "172.17.0.2\n");
	assert_int_equal(judge("172.17.0.2", NULL, ELSE), POLICY_OK);
	drop("control/relayfrom");
}

static void
a_network_of_everybody_is_an_error(void **state)
{
	static const char *const lines[] = { "0.0.0.0/0\n", "::/0\n",
		"10.0.0.1/8\n", "example.org\n", "10.0.0.0/33\n" };

	(void)state;
	for (size_t i = 0; i < LEN(lines); i++) {
		put("control/relayfrom", lines[i]);
		assert_int_equal(judge("127.0.0.1", NULL, ELSE), POLICY_BROKEN);
	}
	drop("control/relayfrom");
}

/* S-251 */
static void
relayclient_counts_for_an_address_alone(void **state)
{
	(void)state;
	assert_int_equal(judge("192.0.2.1", "", ELSE), POLICY_OK);
	assert_int_equal(judge("", "", ELSE), POLICY_RELAY);
	assert_int_equal(judge("192.0.2.1", "a b", ELSE), POLICY_BROKEN);
}

/* S-069 S-070 */
static void
rcpthosts_opens_nothing_else(void **state)
{
	static const struct {
		const char *rcpt;
		enum policy_verdict verdict;
	} cases[] = {
		{"<u@ours.example>",                        POLICY_OK       },
		{ "<u@OURS.EXAMPLE>",                       POLICY_OK       },
		{ "<u@x.ours.example>",                     POLICY_RELAY    },
		{ "<u@ours.example.org>",                   POLICY_RELAY    },
		{ "<u@a.wide.example>",                     POLICY_OK       },
		{ "<u@wide.example>",                       POLICY_RELAY    },
		{ "<@ours.example:u@elsewhere.example>",    POLICY_RELAY    },
		{ "<u%elsewhere.example@ours.example>",     POLICY_ROUTED   },
		{ "<\"u@elsewhere.example\"@ours.example>", POLICY_ROUTED   },
		{ "<elsewhere.example!u@ours.example>",     POLICY_ROUTED   },
		{ "<u@[127.0.0.1]>",                        POLICY_RELAY    },
		{ "<u>",				    POLICY_NO_DOMAIN},
	};

	(void)state;
	put("control/rcpthosts", "ours.example\n.wide.example\n");
	for (size_t i = 0; i < LEN(cases); i++)
		assert_int_equal(judge("192.0.2.1", NULL, cases[i].rcpt),
			cases[i].verdict);
	/* those who may relay may use any local part */
	assert_int_equal(
		judge("127.0.0.1", NULL, "<a%b@ours.example>"), POLICY_OK);
	drop("control/rcpthosts");
}

/* S-146: a window of a minute decides, not a moment. */
static void
a_slow_client_is_told_from_one_that_stalls(void **state)
{
	struct pace pace;

	(void)state;
	pace_begin(&pace, 100, 1000);
	assert_true(pace_step(&pace, 1, 2000));
	assert_true(pace_step(&pace, 5999, 60000));
	assert_true(pace_step(&pace, 0, 61000)); /* 6000 octets in time */
	assert_true(pace_step(&pace, 5999, 120999));
	assert_false(pace_step(&pace, 0, 121000));
	/* one byte in four minutes */
	pace_begin(&pace, 100, 0);
	assert_false(pace_step(&pace, 1, 240000));
	/* any pace */
	pace_begin(&pace, 0, 0);
	assert_true(pace_step(&pace, 1, 1LL << 50));
}

static struct span
trace_text(struct buf *out, const char *helo, const char *client, size_t rcpt)
{
	static char long_rcpt[1000];
	struct peer peer = { .kind = PEER_INET };
	struct trace trace = {
		.peer = &peer,
		.helo = span_of(helo),
		.by = SPAN("mx.example"),
		.proto = SPAN("ESMTP"),
		.id = SPAN("0123456789abcdef01234567"),
		.rcpt = {long_rcpt, rcpt},
		.seconds = 0
	};

	memset(long_rcpt, 'r', sizeof long_rcpt);
	assert_int_equal(ip_parse(span_of(client), &peer.ip), 0);
	out->len = 0;
	trace_print(out, &trace);
	assert_false(out->over);
	return buf_text(out);
}

/* S-211 S-213 S-214 S-215 S-216 */
static void
the_trace_field_has_its_shape(void **state)
{
	char text[TRACE_MAX];
	struct buf out = BUF(text);
	struct span s;
	size_t line = 0;

	(void)state;
	s = trace_text(&out, "a\tb(c)", "2001:db8::1", 1);
	assert_true(span_eq(
		s, SPAN("Received: from a?b?c? (unknown [IPv6:2001:db8::1])\r\n"
			"\tby mx.example with ESMTP id 0123456789abcdef01234567"
			"\r\n\tfor <r>;\r\n\tThu, 01 Jan 1970 00:00:00 +0000"
			"\r\n")));
	s = trace_text(&out, "x", "192.0.2.1", 1000);
	assert_null(memmem(s.p, s.n, "for <", 5));
	s = trace_text(&out, "x", "192.0.2.1", 900);
	assert_non_null(memmem(s.p, s.n, "for <", 5));
	for (size_t i = 0; i < s.n; i++) {
		line = s.p[i] == '\n' ? 0 : line + 1;
		assert_true(line <= 999);
	}
}

/* A client that wishes to stay unnamed is one hop as any other. */
static void
a_hidden_client_leaves_no_trace(void **state)
{
	char text[TRACE_MAX];
	struct buf out = BUF(text);
	const struct trace trace = {
		.helo = SPAN("laptop.home"),
		.by = SPAN("mx.example"),
		.proto = SPAN("ESMTP"),
		.id = SPAN("0123456789abcdef01234567"),
		.hidden = true,
	};

	(void)state;
	trace_print(&out, &trace);
	assert_true(span_eq(
		buf_text(&out), SPAN("Received: by mx.example with ESMTP id "
				     "0123456789abcdef01234567;\r\n"
				     "\tThu, 01 Jan 1970 00:00:00 +0000\r\n")));
}

/* S-034 S-190 S-191 S-192 S-194 */
static void
replies_have_their_shape(void **state)
{
	static char detail[2000];
	char text[4096];

	(void)state;
	memset(detail, '\n', sizeof detail);
	for (enum event e = 0; e < EVENT_COUNT; e++) {
		const struct reply *reply = reply_of(e);
		struct buf out = BUF(text);

		if (!reply->code)
			continue;
		assert_in_range(reply->code, 200, 599);
		if (*reply->enhanced)
			assert_int_equal(reply->enhanced[0],
				'0' + (int)reply->code / 100);
		else
			assert_true(e == EVENT_HELO || e == EVENT_EHLO ||
				    e == EVENT_DATA || e == EVENT_DENIED ||
				    e == EVENT_HELO_ARGUMENT);
		reply_print(&out, reply, (struct span){ detail, sizeof detail },
			false);
		assert_true(out.len <= LIMIT_REPLY);
		assert_int_equal(span_find(buf_text(&out), '\n'), out.len - 1);
		assert_memory_equal(text + out.len - 2, "\r\n", 2);
	}
}

/* S-141: every way not to succeed is a refusal, and killed is for now. */
static void
only_exit_0_is_success(void **state)
{
	(void)state;
	for (int code = 1; code < 256; code++)
		assert_true(reply_of(inject_event(code))->code >= 400);
	assert_int_equal(inject_event(0), EVENT_ACCEPTED);
	assert_int_equal(reply_of(inject_event(11))->code, 554);
	assert_int_equal(reply_of(inject_event(31))->code, 554);
	assert_int_equal(reply_of(inject_event(53))->code, 452);
	assert_int_equal(reply_of(inject_event(81))->code, 451);
	assert_int_equal(reply_of(inject_event(100))->code, 451);
	assert_int_equal(reply_of(inject_event(128 + 9))->code, 451);
	assert_int_equal(reply_of(inject_event(-1))->code, 451);
}

/* S-250: a unix socket with a path is this machine, other ends are not. */
static void
peers_are_told_apart(void **state)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	struct peer peer;
	int pair[2];
	int server;
	int client;
	int taken;

	(void)state;
	unsetenv("TCPREMOTEIP");
	unsetenv("REMOTE_ADDR");
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(peer_of(&peer, pair[0]), 0);
	assert_int_equal(peer.kind, PEER_UNKNOWN);
	assert_true(peer.socket);
	close(pair[0]);
	close(pair[1]);
	assert_int_equal(peer_of(&peer, pair[0]), -1);
	assert_int_equal(pipe(pair), 0);
	assert_int_equal(peer_of(&peer, pair[0]), 0);
	assert_int_equal(peer.kind, PEER_UNKNOWN);
	assert_false(peer.socket);
	close(pair[0]);
	close(pair[1]);

	snprintf(name.sun_path, sizeof name.sun_path, "%s/s", world);
	server = socket(AF_UNIX, SOCK_STREAM, 0);
	client = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(
		bind(server, (struct sockaddr *)&name, sizeof name), 0);
	assert_int_equal(listen(server, 1), 0);
	assert_int_equal(
		connect(client, (struct sockaddr *)&name, sizeof name), 0);
	taken = accept(server, NULL, NULL);
	assert_int_equal(peer_of(&peer, taken), 0);
	assert_int_equal(peer.kind, PEER_LOCAL);
	assert_int_equal(peer.uid, getuid());
	/* systemd repeats the name that the client gave his end */
	setenv("REMOTE_ADDR", "192.0.2.1", 1);
	assert_int_equal(peer_of(&peer, taken), 0);
	assert_int_equal(peer.kind, PEER_LOCAL);
	assert_int_equal(peer.uid, getuid());
	unsetenv("REMOTE_ADDR");
	close(taken);
	close(client);
	close(server);
}

/* S-250 */
static void
the_supervisor_is_believed(void **state)
{
	struct peer peer;

	(void)state;
	setenv("REMOTE_ADDR", "192.0.2.1", 1);
	setenv("REMOTE_PORT", "25", 1);
	assert_int_equal(peer_of(&peer, 0), 0);
	assert_int_equal(peer.kind, PEER_INET);
	assert_int_equal(peer.port, 25);
	assert_false(peer.supervised);
	setenv("REMOTE_ADDR", "fe80::1%2", 1);
	assert_int_equal(peer_of(&peer, 0), 0);
	assert_int_equal(peer.kind, PEER_INET);
	assert_int_equal(peer.ip.family, IP_V6);
	assert_int_equal(peer.ip.byte[15], 1);
	setenv("TCPREMOTEIP", "::ffff:192.0.2.2", 1);
	assert_int_equal(peer_of(&peer, 0), 0);
	assert_int_equal(peer.ip.family, IP_V4);
	assert_int_equal(peer.ip.byte[3], 2);
	assert_true(peer.supervised);
	setenv("TCPREMOTEIP", "0", 1);
	assert_int_equal(peer_of(&peer, 0), 0);
	assert_int_equal(peer.kind, PEER_UNKNOWN);
	unsetenv("TCPREMOTEIP");
	unsetenv("REMOTE_ADDR");
	unsetenv("REMOTE_PORT");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(default_gateways_are_found),
		cmocka_unit_test(a_table_that_is_none_is_a_doubt),
		cmocka_unit_test(a_long_table_is_read_to_its_end),
		cmocka_unit_test(relayfrom_covers_networks),
		cmocka_unit_test(aliases_are_recipients),
		cmocka_unit_test(allowrecipients_refuses_the_others),
		cmocka_unit_test(hidereceived_names_clients),
		cmocka_unit_test(a_default_gateway_is_not_covered_by_a_network),
		cmocka_unit_test(an_unreadable_routing_table_puts_relaying_off),
		cmocka_unit_test(a_network_of_everybody_is_an_error),
		cmocka_unit_test(relayclient_counts_for_an_address_alone),
		cmocka_unit_test(rcpthosts_opens_nothing_else),
		cmocka_unit_test(a_slow_client_is_told_from_one_that_stalls),
		cmocka_unit_test(the_trace_field_has_its_shape),
		cmocka_unit_test(a_hidden_client_leaves_no_trace),
		cmocka_unit_test(replies_have_their_shape),
		cmocka_unit_test(only_exit_0_is_success),
		cmocka_unit_test(peers_are_told_apart),
		cmocka_unit_test(the_supervisor_is_believed),
	};

	return cmocka_run_group_tests(tests, make_world, remove_world);
}

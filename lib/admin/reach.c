/* SPDX-License-Identifier: ISC */
#include "admin/reach.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "admin/step.h"
#include "control/authremote.h"
#include "control/mailboxes.h"
#include "control/nexthops.h"
#include "control/rewrite.h"
#include "control/routes.h"
#include "net/dial.h"
#include "net/query.h"
#include "pure/address.h"
#include "smtp/client.h"
#include "smtp/login.h"
#include "smtp/starttls.h"
#include "sys/clock.h"
#include "sys/screen.h"
#include "sys/unixsock.h"

enum {
	MOST_ROUTES = 64, /* that are tried in one check */
	MOST_HOSTS = 5,   /* of one next hop */
	ASK_MS = 3000,    /* for one name server */
	REPLY_MS = 30000, /* for one reply of a server */
};

static struct {
	struct control *control;
	struct mailboxes *mailboxes;
	struct rewrite *rewrite; /* NULL: addresses stay as they are */
	struct routes *routes;
	struct nexthops *nexthops;
	struct authremote *logins;
	struct starttls tls;
	char me[LIMIT_DOMAIN + 1];
	char helo[LIMIT_DOMAIN + 1];
	char sender[LIMIT_ADDRESS + 1]; /* "": the null sender */
	int64_t connect_ms;
	uint64_t databytes;
	bool asks; /* some name has to be asked for */
	struct query query;
	struct query one;
	struct dns_host host[DNS_HOSTS];
	struct client client;
} reach;

/* The postmaster tries the way, under the name that control/sender gives him
 * for the world outside. */
static int
learn_sender(void)
{
	struct buf out = BUF(reach.sender);
	struct span to;
	int changed = 0;

	if (mailboxes_postmaster(reach.mailboxes, &to) == -1)
		to = SPAN("");
	if (reach.rewrite && to.n)
		changed = rewrite_sender(reach.rewrite, to, &out);
	if (changed == 0)
		buf_span(&out, to);
	buf_cstr(&out);
	return changed == -1 ? -1 : 0;
}

static int
learn(struct control *c)
{
	uint64_t connect;

	reach.mailboxes = mailboxes_open(c);
	if (!reach.mailboxes)
		return -1;
	if (rewrite_wanted(c)) {
		reach.rewrite = rewrite_open(c, reach.mailboxes);
		if (!reach.rewrite)
			return -1;
	}
	reach.routes = routes_open(c);
	reach.nexthops = reach.routes ? nexthops_open(c) : NULL;
	reach.logins = reach.nexthops ? authremote_open(c) : NULL;
	if (!reach.logins || starttls_settings(&reach.tls, c) == -1 ||
		dns_begin(c) == -1 ||
		query_begin(&reach.query, c, "/etc/resolv.conf") == -1 ||
		control_me(c, reach.me) == -1 ||
		control_line(c, CONTROL_HELOHOST, reach.helo,
			sizeof reach.helo) == -1 ||
		control_number(c, CONTROL_TIMEOUTCONNECT, &connect) == -1 ||
		control_number(c, CONTROL_DATABYTES, &reach.databytes) == -1)
		return -1;
	reach.connect_ms = (int64_t)connect * 1000;
	return learn_sender();
}

static void
look_for_names(void *ctx, const struct routes_choice *choice)
{
	struct span rest = span_of(choice->text);
	struct route route;
	struct span hop;

	(void)ctx;
	while (route_next(&rest, &hop))
		if (route_parse(hop, &route) == 0 && route.name.n)
			reach.asks = true;
}

int
reach_begin(struct control *c)
{
	struct routes_choice choice;

	reach.control = c;
	if (learn(c) == -1)
		return step_fault(DIE_SETUP, "control", "%s", control_error(c));
	client_init(&reach.client);
	reach.client.cap_ms = REPLY_MS;
	routes_walk(reach.routes, look_for_names, NULL);
	if (routes_find(reach.routes, SPAN(""), SPAN("example.org"), &choice) ==
			-1 ||
		!choice.smarthost)
		reach.asks = true;
	return 0;
}

/* --- name servers --- */

static void
print_server(const struct query_server *server, char *out, size_t cap)
{
	char host[128];

	if (getnameinfo((const struct sockaddr *)&server->address, server->size,
		    host, sizeof host, NULL, 0, NI_NUMERICHOST) != 0)
		snprintf(host, sizeof host, "?");
	snprintf(out, cap, "%s", host);
}

/* Any answer to a question about our own name will do. */
static bool
answers(size_t i)
{
	struct span name = span_of(
		*reach.me && *reach.me != '[' ? reach.me : "example.org");
	struct dnsmsg answer;

	reach.one = reach.query;
	reach.one.server[0] = reach.query.server[i];
	reach.one.count = 1;
	reach.one.good = 0;
	return query_ask(&reach.one, name, DNSMSG_MX, clock_ms() + ASK_MS,
		       &answer) != DNSMSG_FAILED;
}

int
reach_dns(void)
{
	char name[128];
	size_t good = 0;

	for (size_t i = 0; i < reach.query.count; i++) {
		print_server(&reach.query.server[i], name, sizeof name);
		screen_wait("asking the name server", span_of(name));
		if (answers(i))
			good++;
		else
			step_note("dns", "%s does not answer", name);
	}
	if (good)
		step_ok("dns", "%zu of %zu name servers answer", good,
			reach.query.count);
	else if (!reach.asks)
		step_note("dns", "no name server answers; every route has an "
				 "address, so none is needed");
	else
		return step_fault(DIE_LATER, "dns",
			"no name server answers, so mail waits; see "
			"/etc/resolv.conf or write others to "
			"control/nameservers");
	return 0;
}

/* --- one next hop --- */

/* What is asked of it, and who said that it is one. */
struct trial {
	struct span hop;
	bool smarthost;
	bool lmtp;
	const char *file; /* NULL: the recipient's domain */
	unsigned line;
	const char *rcpt;    /* is to be taken; NULL: not asked */
	struct nexthop here; /* control/nexthops on it */
	const struct authremote_login *login; /* control/authremote */
	struct tlspolicy_choice policy;       /* control/tlspolicy */
	const struct route *route;
	struct span host; /* the name of the host that is asked */
	char place[80];
};

static int
no_host(const struct trial *t, enum dns_verdict verdict)
{
	static const char *const words[] = {
		[DNS_LATER] = "the name servers do not say where it is; ask "
			      "again later",
		[DNS_NO_DOMAIN] = "there is no such name; is it spelt right?",
		[DNS_NO_ADDRESS] = "it has no address to connect to; is it "
				   "spelt right?",
		[DNS_ADDRESS_LATER] = "the name servers do not say what its "
				      "addresses are; ask again later",
		[DNS_NULL_MX] = "its owner says that it takes no mail (null "
				"MX)",
		[DNS_LOOP] = "its mail comes back to this host; give it a "
			     "route in smtproutes, or make it local",
		[DNS_CONFIG] = "control files cannot be used; postern config "
			       "names them",
	};
	bool later = verdict == DNS_LATER || verdict == DNS_ADDRESS_LATER;

	return step_fault(later ? DIE_LATER : DIE_SETUP, "next hop",
		"%.*s (%s): %s", (int)t->hop.n, t->hop.p, t->place,
		words[verdict]);
}

static const char *
remedy_of(int error)
{
	switch (error) {
	case ECONNREFUSED:
		return "nothing listens there: is the port right?";
	case ETIMEDOUT:
		return "a firewall may be in the way; many networks block "
		       "port 25";
	case ENETUNREACH:
	case EHOSTUNREACH:
		return "this host has no way there";
	default:
		return strerror(error);
	}
}

/* A no to what a message would begin with. */
static int
refused(const char *peer, const char *command, const struct reply *reply)
{
	const char *remedy =
		reply->code / 100 == 4
			? "it may say yes later"
			: "it must be told to take mail from this host";

	return step_fault(reply->code / 100 == 4 ? DIE_LATER : DIE_SETUP,
		"next hop", "%s says to %s: %.*s; %s", peer, command,
		(int)reply->text_len, reply->text, remedy);
}

/* MAIL, and RCPT where a recipient is asked for; then nothing is sent. */
static int
ask_transaction(const struct trial *t, const char *peer)
{
	struct client *c = &reach.client;
	char text[LIMIT_ADDRESS + 16];

	snprintf(text, sizeof text, "FROM:<%s>", reach.sender);
	if (client_ask(c, PHASE_MAIL, "MAIL", span_of(text)) != CLIENT_DONE)
		return step_fault(DIE_LATER, "next hop", "%s: %.*s", peer,
			(int)c->words.text_len, c->words.text);
	if (c->link.reply.code / 100 != 2)
		return refused(peer, "MAIL", &c->link.reply);
	step_ok("next hop", "%s takes mail from <%s>", peer, reach.sender);
	if (!t->rcpt)
		return 0;
	snprintf(text, sizeof text, "TO:<%s>", t->rcpt);
	if (client_ask(c, PHASE_RCPT, "RCPT", span_of(text)) != CLIENT_DONE)
		return step_fault(DIE_LATER, "next hop", "%s: %.*s", peer,
			(int)c->words.text_len, c->words.text);
	if (c->link.reply.code / 100 != 2)
		return refused(peer, "RCPT", &c->link.reply);
	step_ok("next hop", "%s takes mail to <%s>", peer, t->rcpt);
	return 0;
}

static void
tell_offers(const char *peer)
{
	const struct ehlo *o = &reach.client.offers;
	const struct reply *reply = &reach.client.link.reply;

	step_ok("next hop", "%s greets and answers: %.*s", peer,
		(int)reply->text_len, reply->text);
	if (o->size && o->size_max && reach.databytes > o->size_max)
		step_note("next hop",
			"%s takes %llu octets at most, and control/databytes "
			"lets in %llu: what lies between will come back",
			peer, (unsigned long long)o->size_max,
			(unsigned long long)reach.databytes);
	if (!o->eight_bit)
		step_note("next hop",
			"%s offers no 8BITMIME: 8-bit text is "
			"turned into 7-bit",
			peer);
}

/* Logs in where control/authremote says so. Returns 0, an exit code, or -1: we
 * cannot, and postern-send can. */
static int
log_in(const struct trial *t, const char *peer)
{
	const struct authremote_login *as = t->login;
	struct client *c = &reach.client;
	char binding[TLSCLIENT_BINDING];
	struct buf b = BUF(binding);
	enum client_verdict verdict;
	struct login login;

	if (!as)
		return 0;
	if (as->source == AUTHREMOTE_CREDENTIAL &&
		!getenv("CREDENTIALS_DIRECTORY")) {
		step_note("next hop",
			"%s: the login of control/authremote:%u is not tried, "
			"its credential is given to postern-send alone",
			peer, as->line);
		return -1;
	}
	login_to(&login, as, t->route);
	login.clear_allowed = t->policy.level == TLSPOLICY_NONE;
	if (c->tls) {
		tlsclient_binding(&reach.tls.tls, &login.cbname, &b);
		login.cbdata = buf_text(&b);
	}
	verdict = login_run(c, &login);
	if (verdict != CLIENT_DONE)
		return step_fault(
			verdict == CLIENT_HELD ? DIE_SETUP : DIE_LATER,
			"next hop", "%s: %.*s", peer, (int)c->words.text_len,
			c->words.text);
	step_ok("next hop", "%s takes the login of %.*s", peer, (int)as->user.n,
		as->user.p);
	return 0;
}

/* Greeting, EHLO, and the TLS that control/tlspolicy wants. */
static enum client_verdict
open_client(const struct trial *t, int fd, struct span helo)
{
	const struct starttls_want want = { .policy = t->policy,
		.route = t->route,
		.host = t->host,
		.login = t->login && !t->login->unverified };

	return starttls_open(&reach.tls, &reach.client, fd, helo, &want);
}

static int
talk(const struct trial *t, const char *peer, int fd)
{
	struct client *c = &reach.client;
	struct span helo = span_of(*reach.helo ? reach.helo : reach.me);
	enum client_verdict verdict;
	int code;

	if (t->here.helo.n)
		helo = t->here.helo;
	screen_wait("talking to", span_of(peer));
	c->lmtp = t->lmtp;
	verdict = open_client(t, fd, helo);
	if (verdict == CLIENT_HELD)
		return step_fault(DIE_SETUP, "next hop", "%s: %.*s", peer,
			(int)c->words.text_len, c->words.text);
	if (verdict != CLIENT_DONE && reach.tls.unmet)
		return step_fault(DIE_SETUP, "next hop", "%s: %.*s", peer,
			(int)c->words.text_len, c->words.text);
	if (verdict != CLIENT_DONE)
		return step_fault(
			verdict == CLIENT_REFUSED ? DIE_SETUP : DIE_LATER,
			"next hop", "%s: %.*s; it takes no mail from us now",
			peer, (int)c->words.text_len, c->words.text);
	if (c->tls)
		step_ok("next hop", "%s: %s", peer, reach.tls.now.session);
	tell_offers(peer);
	code = log_in(t, peer);
	if (code == 0)
		code = ask_transaction(t, peer);
	if (code == -1)
		code = 0;
	if (client_connected(c))
		client_quit(c);
	return code;
}

/* Tries the addresses of a host one by one, so that each is told of. Returns
 * 0, an exit code, or -1: none could be connected to. */
static int
try_host(struct trial *t, const struct dns_host *host, uint16_t port)
{
	t->host = span_of(host->name[0] == '[' ? "" : host->name);
	for (size_t i = 0; i < host->addresses; i++) {
		struct dns_host one = *host;
		char peer[LIMIT_DOMAIN + IP_TEXT + 16];
		struct buf name = BUF(peer);
		struct ip reached;
		int fd;

		one.addresses = 1;
		one.address[0] = host->address[i];
		buf_str(&name, host->name[0] == '[' ? "" : host->name);
		buf_char(&name, '[');
		ip_print(&name, &one.address[0]);
		buf_str(&name, "]:");
		buf_number(&name, port);
		buf_cstr(&name);
		screen_wait("connecting to", span_of(peer));
		fd = dial_host(
			&one, port, t->here.source, reach.connect_ms, &reached);
		if (fd >= 0)
			return talk(t, peer, fd);
		if (fd == -2)
			step_note("next hop",
				"%s: cannot connect from the source= of "
				"control/nexthops:%u: %s",
				peer, t->here.line[NEXTHOP_SOURCE],
				strerror(errno));
		else
			step_note("next hop", "%s: cannot connect: %s", peer,
				remedy_of(errno));
	}
	return -1;
}

/* LMTP over a unix socket. */
static int
try_socket(const struct trial *t, const struct route *route)
{
	char peer[ROUTE_PATH + 1];
	struct buf name = BUF(peer);
	int fd = unixsock_connect(route->path, SOCK_STREAM, reach.connect_ms);

	buf_span(&name, route->path);
	buf_cstr(&name);
	if (fd != -1)
		return talk(t, peer, fd);
	return step_fault(DIE_SETUP, "next hop",
		"%s (%s): cannot connect: %s; its server must run, and let "
		"user postern in",
		peer, t->place, strerror(errno));
}

static int
try_route(struct trial *t, const struct route *route)
{
	enum dns_verdict verdict;
	size_t hosts;

	screen_wait("looking for", t->hop);
	verdict = dns_hosts(route, reach.me, t->smarthost, reach.host, &hosts);
	if (verdict != DNS_OK)
		return no_host(t, verdict);
	if (route->name.n)
		step_ok("next hop", "%.*s (%s) is %s%s", (int)t->hop.n,
			t->hop.p, t->place, reach.host[0].name,
			hosts > 1 ? " and others" : "");
	for (size_t i = 0; i < hosts && i < MOST_HOSTS; i++) {
		int code = try_host(t, &reach.host[i], route->port);

		if (code != -1)
			return code;
	}
	return step_fault(DIE_LATER, "next hop",
		"%.*s (%s): none of its addresses answered, so its mail waits",
		(int)t->hop.n, t->hop.p, t->place);
}

/* All next hops of a route: that one fails is a fault only when no other is
 * left. */
static int
try_choice(const struct routes_choice *choice, const char *rcpt)
{
	struct span rest = span_of(choice->text);
	struct trial t = { .smarthost = choice->smarthost,
		.file = choice->file,
		.line = choice->line,
		.rcpt = rcpt };
	struct route route;
	int code = 0;

	if (choice->file)
		snprintf(t.place, sizeof t.place, "%s:%u", choice->file,
			choice->line);
	else
		snprintf(t.place, sizeof t.place, "the recipient's domain");
	while (route_next(&rest, &t.hop)) {
		step_forgive(span_trim(rest).n != 0);
		if (route_parse(t.hop, &route) == -1)
			return no_host(&t, DNS_NO_DOMAIN);
		t.lmtp = route.lmtp;
		t.route = &route;
		t.host = SPAN("");
		nexthops_find(reach.nexthops, t.hop, &t.here);
		t.login = authremote_find(reach.logins, span_of(reach.sender),
			t.hop, t.smarthost);
		tlspolicy_find(reach.tls.policies, t.hop,
			t.login && !t.login->unverified, &t.policy);
		code = route.path.n ? try_socket(&t, &route)
				    : try_route(&t, &route);
		if (code == 0)
			break;
	}
	step_forgive(false);
	return code;
}

/* Routes that were tried; several lines may name one. */
struct tried {
	struct routes_choice choice[MOST_ROUTES];
	size_t count;
};

static void
collect(void *ctx, const struct routes_choice *choice)
{
	struct tried *t = ctx;

	for (size_t i = 0; i < t->count; i++)
		if (strcmp(t->choice[i].text, choice->text) == 0)
			return;
	if (t->count < MOST_ROUTES)
		t->choice[t->count++] = *choice;
}

int
reach_routes(void)
{
	static struct tried tried;
	struct routes_choice choice;
	int code = 0;

	routes_walk(reach.routes, collect, &tried);
	for (size_t i = 0; i < tried.count && code == 0; i++)
		code = try_choice(&tried.choice[i], NULL);
	if (code == 0 &&
		routes_find(reach.routes, SPAN(""), SPAN("example.org"),
			&choice) == 0 &&
		!choice.smarthost)
		step_ok("next hop",
			"mail for domains without a route goes to their MX; "
			"postern check ADDRESS tries one");
	return code;
}

static int
reach_local(const struct address *to)
{
	char path[LIMIT_PATH];
	struct span as;

	switch (mailboxes_recipient(reach.mailboxes, address_text(to), &as)) {
	case 1:
		break;
	case 0:
		return step_fault(DIE_SETUP, "mailbox",
			"%s has no mailbox: the domain is in control/locals, "
			"and no line of control/mailboxes fits",
			to->text);
	default:
		return step_fault(DIE_SETUP, "mailbox", "%s",
			control_error(reach.control));
	}
	if (mailboxes_find(reach.mailboxes, as, path, sizeof path) == 1)
		step_ok("mailbox", "%s is delivered into %s", to->text, path);
	else
		step_ok("mailbox", "%s goes on to %.*s", to->text, (int)as.n,
			as.p);
	return 0;
}

/* The way to an address that nothing changes any more. */
static int
reach_final(const char *text)
{
	const struct address_rules rules = { .utf8 = true };
	struct routes_choice choice;
	struct address to;

	if (address_mailbox(span_of(text), &rules, &to) != ADDRESS_OK)
		return step_fault(DIE_SETUP, "address",
			"%s is not an address; write name@domain", text);
	if (mailboxes_local(reach.mailboxes, address_domain(&to)))
		return reach_local(&to);
	if (routes_find(reach.routes, span_of(reach.sender),
		    address_domain(&to), &choice) == -1)
		return step_fault(DIE_SETUP, "address",
			"%s: no mail can go to this domain", text);
	return try_choice(&choice, to.text);
}

/* What an address was asked for as, and how far the check has come. */
struct asked {
	const char *text;
	int code;
};

static int
take_final(void *ctx, struct span address)
{
	struct asked *asked = ctx;
	char text[LIMIT_ADDRESS + 1];
	struct buf out = BUF(text);

	if (asked->code)
		return 0;
	buf_span(&out, address);
	buf_cstr(&out);
	if (strcmp(text, asked->text) != 0)
		step_ok("address", "%s becomes %s", asked->text, text);
	asked->code = reach_final(text);
	return 0;
}

int
reach_address(const char *text)
{
	struct asked asked = { text, 0 };

	if (!reach.rewrite)
		return reach_final(text);
	switch (rewrite_rcpt(
		reach.rewrite, span_of(text), take_final, &asked)) {
	case 1:
		return asked.code;
	case 0:
		return step_fault(DIE_SETUP, "address",
			"%s is refused: control/allowrecipients does not "
			"have it",
			text);
	default:
		return step_fault(DIE_SETUP, "address", "%s",
			control_error(reach.control));
	}
}

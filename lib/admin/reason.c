/* SPDX-License-Identifier: ISC */
#include "admin/reason.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "admin/outgoing.h"
#include "control/authremote.h"
#include "control/authsecret.h"
#include "control/nexthops.h"
#include "control/quotas.h"
#include "control/rewrite.h"
#include "control/routes.h"
#include "control/tlspolicy.h"
#include "control/senders.h"
#include "control/tlsclients.h"
#include "pure/address.h"
#include "pure/route.h"
#include "smtp/policy.h"
#include "sys/log.h"
#include "sys/screen.h"

enum { ANSWER_COLUMN = 18, WHY_COLUMN = 66 };

/* One who might send it. */
struct client {
	char name[IP_TEXT + 16];
	struct peer peer;
	struct policy policy;
};

static struct {
	struct control *control;
	struct mailboxes *mailboxes;
	struct routes *routes;
	struct nexthops *nexthops;
	struct tlspolicy *policies;
	struct authremote *logins;
	struct quotas *quotas;
	struct rewrite *rewrite; /* NULL: nothing is rewritten */
	struct client client[2];
	size_t clients;
	char sender[LIMIT_ADDRESS + 1]; /* as it leaves */
	const char *replaced; /* the file that put another in a recipient's
			       * place; NULL: none did */
} reason;

/* --- rows --- */

void
reason_row(const char *topic, struct span answer, const char *why)
{
	screen_str(topic);
	screen_field(ANSWER_COLUMN);
	screen_text(answer);
	if (why && *why) {
		screen_field(WHY_COLUMN);
		screen_ink(INK_DIM);
		screen_text(span_of(why));
		screen_ink(INK_PLAIN);
	}
	screen_line();
}

__attribute__((format(printf, 3, 4))) static void
row(const char *topic, const char *why, const char *format, ...)
{
	char text[2 * LIMIT_ADDRESS + 256];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (n > 0)
		reason_row(topic,
			(struct span){ text, (size_t)n < sizeof text
						     ? (size_t)n
						     : sizeof text - 1 },
			why);
}

/* FILE:LINE, FILE for a value or a database, or what holds without a file. */
static const char *
place(const char *file, unsigned line, const char *otherwise)
{
	static char text[80];

	if (!file)
		return otherwise;
	if (line)
		snprintf(text, sizeof text, "%s:%u", file, line);
	else
		snprintf(text, sizeof text, "%s", file);
	return text;
}

/* Where the value of a file of one value stands. */
static const char *
place_of(enum control_id id)
{
	const struct control_file *file = control_file(id);

	return reason.control->text[id] ? file->name : "default";
}

static int
broken(const struct control *c)
{
	screen_flush();
	fprintf(stderr, "postern explain: %s\n", control_error(c));
	return DIE_SETUP;
}

/* --- begin --- */

/* A stranger who shows that key. */
static int
add_certificate(struct client *c, struct span fingerprint)
{
	char text[LIMIT_IDENTITY];
	struct buf identity = BUF(text);
	int known;

	c->peer.kind = PEER_UNKNOWN;
	if (policy_open(&c->policy, reason.control, &c->peer, NULL,
		    &gateway_default_paths) == -1)
		return broken(reason.control);
	known = policy_certificate(&c->policy, fingerprint, &identity);
	if (known == -1)
		return broken(reason.control);
	snprintf(c->name, sizeof c->name, "%.*s", known ? (int)identity.len : 8,
		known ? text : fingerprint.p);
	reason.clients++;
	return 0;
}

static int
add_client(const char *name, enum peer_kind kind, const char *ip)
{
	struct client *c = &reason.client[reason.clients];

	c->peer = (struct peer){ .kind = kind };
	snprintf(c->name, sizeof c->name, "%s", name);
	if (kind == PEER_INET && tlsclients_fingerprint(span_of(ip)))
		return add_certificate(c, span_of(ip));
	if (ip && ip_parse(span_of(ip), &c->peer.ip) == -1) {
		fprintf(stderr, "postern explain: the client is no address: "
				"write one such as 192.0.2.7, or a "
				"fingerprint in 64 hex digits\n");
		return DIE_SETUP;
	}
	if (policy_open(&c->policy, reason.control, &c->peer, NULL,
		    &gateway_default_paths) == -1)
		return broken(reason.control);
	reason.clients++;
	return 0;
}

int
reason_begin(struct control *c, const char *client)
{
	int code;

	reason.control = c;
	reason.mailboxes = mailboxes_open(c);
	reason.routes = reason.mailboxes ? routes_open(c) : NULL;
	reason.policies = reason.routes ? tlspolicy_open(c) : NULL;
	reason.nexthops = reason.policies ? nexthops_open(c) : NULL;
	if (reason.nexthops && rewrite_wanted(c)) {
		reason.rewrite = rewrite_open(c, reason.mailboxes);
		if (!reason.rewrite)
			return broken(c);
	}
	reason.logins = reason.nexthops ? authremote_open(c) : NULL;
	reason.quotas = reason.logins ? quotas_open(c) : NULL;
	if (!reason.quotas)
		return broken(c);
	if (client)
		return add_client(client, PEER_INET, client);
	code = add_client("this machine", PEER_INET, "127.0.0.1");
	return code ? code : add_client("a stranger", PEER_UNKNOWN, NULL);
}

/* --- a login --- */

static int
tell_pattern(void *ctx, struct span pattern, const char *file, unsigned line)
{
	(void)ctx;
	row("may send as", place(file, line, "the login's own name"), "%.*s",
		(int)pattern.n, pattern.p);
	return 0;
}

int
reason_login(const char *identity, const char *sender)
{
	struct policy *p = &reason.client[0].policy;
	struct control *c = reason.control;
	char name[sizeof reason.client[0].name];
	int code;

	for (size_t i = 0; i < reason.clients; i++)
		policy_close(&reason.client[i].policy);
	reason.clients = 0;
	snprintf(name, sizeof name, "%s", identity);
	code = add_client(name, PEER_UNKNOWN, NULL);
	if (code)
		return code;
	if (policy_submission(p) == -1)
		return broken(c);
	policy_grant(p, (struct policy_why){ "logins", 0 });
	row("login", NULL, "%s", identity);
	if (senders_list(c, span_of(identity), tell_pattern, NULL) == -1)
		return broken(c);
	if (!sender || !*sender)
		return 0;
	switch (senders_allow(c, span_of(identity), span_of(sender))) {
	case 1:
		return 0;
	case 0:
		row("", "add it to control/senders",
			"refused at MAIL: 553, not a sender of its own");
		return DIE_SETUP;
	default:
		return broken(c);
	}
}

/* --- rewriting --- */

static void
tell_step(void *ctx, const struct rewrite_step *step)
{
	const char *topic = ctx;

	if (strcmp(step->file, "redirectall") == 0 ||
		strcmp(step->file, "otherrecipients") == 0)
		reason.replaced = step->file;
	if (step->to.n)
		row(topic, place(step->file, step->line, NULL),
			"<%.*s> becomes <%.*s>", (int)step->from.n,
			step->from.p, (int)step->to.n, step->to.p);
	else
		row(topic, place(step->file, step->line, NULL),
			"<%.*s> is refused", (int)step->from.n, step->from.p);
}

int
reason_sender(const char *text)
{
	const struct address_rules rules = { .utf8 = true, .loose_dots = true };
	struct buf leaves = BUF(reason.sender);
	struct address sender = { .len = 0 };
	int changed = 0;

	if (*text &&
		address_mailbox(span_of(text), &rules, &sender) != ADDRESS_OK) {
		/* a name without a domain: what is rewritten may have it */
		sender.len = sender.at = strlen(text);
		if (sender.len > LIMIT_ADDRESS)
			sender.len = sender.at = LIMIT_ADDRESS;
		memcpy(sender.text, text, sender.len);
	}
	row("sender", NULL, "<%s>", text);
	for (size_t i = 0; i < reason.clients; i++) {
		struct policy *p = &reason.client[i].policy;

		if (policy_sender(p, &sender) == POLICY_OK)
			continue;
		row("", place(p->why.file, p->why.line, NULL),
			"refused at MAIL: 553");
		return DIE_SETUP;
	}
	if (sender.len && reason.rewrite) {
		rewrite_listen(reason.rewrite, tell_step, (void *)"");
		changed = rewrite_sender(
			reason.rewrite, address_text(&sender), &leaves);
		rewrite_listen(reason.rewrite, NULL, NULL);
		if (changed == -1)
			return broken(reason.control);
	}
	if (changed != 1)
		buf_span(&leaves, address_text(&sender));
	buf_cstr(&leaves);
	row("leaves as", NULL, "<%s>", reason.sender);
	return 0;
}

/* --- where it goes --- */

static void
tell_limits(const struct nexthop *hop)
{
	static const char *const words[] = {
		[NEXTHOP_CONNECTIONS] = "connections at once",
		[NEXTHOP_MESSAGES] = "messages over one connection",
		[NEXTHOP_PERMINUTE] = "messages a minute",
	};

	for (size_t i = 0; i < LEN(words); i++)
		if (hop->number[i])
			row("  limit", place("nexthops", hop->line[i], NULL),
				"%llu %s", (unsigned long long)hop->number[i],
				words[i]);
}

static void
tell_source(const struct nexthop *hop)
{
	for (size_t i = 0; i < LEN(hop->source); i++) {
		char text[IP_TEXT];
		struct buf out = BUF(text);

		if (hop->source[i].family == IP_NONE)
			continue;
		ip_print(&out, &hop->source[i]);
		row("  from",
			place("nexthops", hop->line[NEXTHOP_SOURCE], NULL),
			"%.*s", (int)out.len, text);
	}
}

/* The name that is said in EHLO. */
static int
tell_helo(const struct nexthop *hop)
{
	struct control *c = reason.control;
	char name[LIMIT_DOMAIN + 1];

	if (hop->helo.n) {
		row("  says", place("nexthops", hop->line[NEXTHOP_HELO], NULL),
			"EHLO %.*s", (int)hop->helo.n, hop->helo.p);
		return 0;
	}
	if (control_line(c, CONTROL_HELOHOST, name, sizeof name) == -1)
		return broken(c);
	if (*name) {
		row("  says", "helohost", "EHLO %s", name);
		return 0;
	}
	if (control_me(c, name) == -1)
		return broken(c);
	row("  says", *name ? place_of(CONTROL_ME) : "me is not known",
		"EHLO %s", *name ? name : "[our address]");
	return 0;
}

/* Who we are there; never the secret. */
static void
tell_login(const struct authremote_login *login)
{
	char text[LIMIT_PATH + 32];
	char allowed[160];
	struct buf secret = BUF(text);
	struct buf names = BUF(allowed);

	if (!login)
		return;
	authsecret_place(login, &secret);
	mechanism_print(&names, login->allowed);
	row("  login", place("authremote", login->line, NULL),
		"as %.*s, secret in %.*s (%.*s%s%s)", (int)login->user.n,
		login->user.p, (int)secret.len, text, (int)names.len, allowed,
		login->cleartext ? ", also without TLS" : "",
		login->unverified ? ", also unverified" : "");
}

/* What TLS the next hop must have. */
static void
tell_tls(struct span hop, const struct route *route, bool password)
{
	struct tlspolicy_choice policy;

	if (route->path.n)
		return;
	tlspolicy_find(reason.policies, hop, password, &policy);
	row("  TLS",
		policy.line ? place("tlspolicy", policy.line, NULL)
		: password  ? "default where a password is to go"
			    : "default",
		"%s%s%.*s", tlspolicy_word(policy.level),
		policy.words.n ? " " : "", (int)policy.words.n, policy.words.p);
}

static const char *
kind_of(const struct route *route)
{
	if (route->tls)
		return "by TLS from the first octet on to ";
	if (route->lmtp)
		return "by LMTP to ";
	return route->use_mx ? "to the MX of " : "to ";
}

static int
tell_hops(struct span sender, const struct routes_choice *choice)
{
	struct span rest = span_of(choice->text);
	const char *topic = "goes";
	struct nexthop settings;
	struct route route;
	const struct authremote_login *login;
	struct span hop;

	while (route_next(&rest, &hop)) {
		if (route_parse(hop, &route) == -1)
			continue;
		row(topic,
			place(choice->file, choice->line,
				"no line of smtproutes or senderroutes"),
			"%s%.*s", kind_of(&route), (int)hop.n, hop.p);
		nexthops_find(reason.nexthops, hop, &settings);
		login = authremote_find(
			reason.logins, sender, hop, choice->smarthost);
		if (tell_helo(&settings))
			return DIE_SETUP;
		tell_tls(hop, &route, login && !login->unverified);
		tell_source(&settings);
		tell_login(login);
		tell_limits(&settings);
		topic = "or else";
	}
	return 0;
}

static void
tell_quota(struct span rcpt)
{
	char text[64];
	struct buf out = BUF(text);
	struct quota quota;
	unsigned line =
		quotas_find(reason.quotas, reason.mailboxes, rcpt, &quota);

	if (!quota.octets && !quota.messages)
		return;
	quota_print(&out, &quota);
	row("  limit", place("quota", line, NULL), "%.*s; then %s",
		(int)out.len, text,
		quotas_final(reason.quotas) ? "mail fails" : "mail waits");
}

static int
tell_local(struct span rcpt, unsigned local_line)
{
	char path[LIMIT_PATH];
	char locals[80];
	int found = mailboxes_find(reason.mailboxes, rcpt, path, sizeof path);

	if (found == -1)
		return broken(reason.control);
	snprintf(
		locals, sizeof locals, "%s", place("locals", local_line, NULL));
	row("is local", locals, "%.*s", (int)rcpt.n, rcpt.p);
	if (found == 0) {
		row("goes", "no line of mailboxes", "nowhere: no such user");
		return DIE_SETUP;
	}
	row("goes",
		place(mailboxes_found_line(reason.mailboxes) ? "mailboxes"
							     : "mailboxes.cdb",
			mailboxes_found_line(reason.mailboxes), NULL),
		"into %s", path);
	tell_quota(rcpt);
	return 0;
}

int
reason_route(struct span sender, struct span rcpt)
{
	struct span domain = address_domain_of(rcpt);
	unsigned line = mailboxes_local_line(reason.mailboxes, domain);
	struct routes_choice choice;

	if (line)
		return tell_local(rcpt, line);
	if (routes_find(reason.routes, sender, domain, &choice) == -1) {
		row("goes", NULL, "nowhere: %.*s is no domain", (int)domain.n,
			domain.p);
		return DIE_SETUP;
	}
	return tell_hops(sender, &choice);
}

/* --- a recipient --- */

static const char *
refusal(enum policy_verdict verdict)
{
	static const char *const words[] = {
		[POLICY_RELAY] = "550 relaying denied",
		[POLICY_GATEWAY] = "550 relaying denied: the client is a "
				   "default gateway, list it by itself",
		[POLICY_ROUTED] = "550 a local part with % ! or @",
		[POLICY_NO_USER] = "550 no such user",
		[POLICY_NO_DOMAIN] = "550 no domain",
		[POLICY_NOT_ALLOWED] = "550 allowrecipients does not have it",
		[POLICY_LONG] = "550 too long",
	};

	return (size_t)verdict < LEN(words) && words[verdict] ? words[verdict]
							      : "550";
}

/* What one client is told at RCPT. Returns the verdict. */
static enum policy_verdict
ask_client(struct client *c, const struct address *rcpt)
{
	char text[LIMIT_ADDRESS + 1];
	char topic[sizeof c->name + 8];
	struct buf stored = BUF(text);
	struct policy *p = &c->policy;
	enum policy_verdict verdict;
	unsigned line;
	const char *otherwise = "default: nobody else may relay";

	snprintf(topic, sizeof topic, "  %s", c->name);
	if (p->denied) {
		row(topic, place(p->denied_by.file, p->denied_by.line, NULL),
			"refused with the greeting: 554");
		return POLICY_RELAY;
	}
	verdict = policy_rcpt(p, rcpt, &stored);
	if (verdict == POLICY_BROKEN) {
		row(topic, control_error(reason.control), "put off: 451");
		return verdict;
	}
	line = mailboxes_local_line(reason.mailboxes, address_domain(rcpt));
	if (verdict == POLICY_NOT_ALLOWED)
		otherwise = control_file(CONTROL_ALLOWRECIPIENTS)->name;
	else if (line)
		otherwise = place("locals", line, NULL);
	else if (verdict == POLICY_OK)
		otherwise = rcpt->at == rcpt->len
				    ? "a name of ours"
				    : "this machine may always relay";
	if (verdict == POLICY_OK)
		row(topic, place(p->why.file, p->why.line, otherwise),
			"may send there");
	else
		row(topic, place(p->why.file, p->why.line, otherwise),
			"may not: %s", refusal(verdict));
	return verdict;
}

/* What a recipient comes to. */
struct finals {
	struct span each[64]; /* into text */
	size_t count;
	size_t more;
	struct buf text;
	char space[64 * 256];
};

static int
keep_final(void *ctx, struct span address)
{
	struct finals *f = ctx;
	size_t start = f->text.len;

	buf_span(&f->text, address);
	if (f->text.over || f->count == LEN(f->each)) {
		f->text.over = false;
		f->more++;
	} else {
		f->each[f->count++] =
			(struct span){ f->space + start, address.n };
	}
	return 0;
}

static int
follow(const struct address *rcpt)
{
	static struct finals finals;
	struct span as = address_text(rcpt);
	int code = 0;

	finals = (struct finals){
		.text = {.p = finals.space, .cap = sizeof finals.space}
	};
	if (reason.rewrite) {
		reason.replaced = NULL;
		rewrite_listen(reason.rewrite, tell_step, (void *)"");
		switch (rewrite_rcpt(reason.rewrite, as, keep_final, &finals)) {
		case -1:
			return broken(reason.control);
		case 0:
			return DIE_SETUP;
		default:
			break;
		}
		rewrite_listen(reason.rewrite, NULL, NULL);
		if (reason.replaced)
			row("", reason.replaced,
				"the header gets X-Original-To: %.*s",
				(int)as.n, as.p);
		as = rewrite_copyall(reason.rewrite);
		if (as.n) {
			row("and", "copyall", "<%.*s>", (int)as.n, as.p);
			keep_final(&finals, as);
		}
	} else {
		/* what smtpd makes of postmaster */
		if (mailboxes_recipient(reason.mailboxes, as, &as) == -1)
			return broken(reason.control);
		keep_final(&finals, as);
	}
	for (size_t i = 0; i < finals.count; i++) {
		row("leaves as", NULL, "<%.*s>", (int)finals.each[i].n,
			finals.each[i].p);
		code |= reason_route(span_of(reason.sender), finals.each[i]);
	}
	if (finals.more)
		row("and", NULL, "%zu more addresses", finals.more);
	return code;
}

int
reason_rcpt(const char *text)
{
	const struct address_rules rules = { .utf8 = true, .loose_dots = true };
	struct address rcpt = { .len = 0 };
	bool taken = false;

	if (address_mailbox(span_of(text), &rules, &rcpt) != ADDRESS_OK) {
		if (strchr(text, '@') || strlen(text) > LIMIT_ADDRESS) {
			fprintf(stderr, "postern explain: a recipient is no "
					"address\n");
			return DIE_SETUP;
		}
		rcpt.len = rcpt.at = strlen(text);
		memcpy(rcpt.text, text, rcpt.len + 1);
	}
	row("recipient", NULL, "<%s>", text);
	for (size_t i = 0; i < reason.clients; i++)
		taken |= ask_client(&reason.client[i], &rcpt) == POLICY_OK;
	return taken ? follow(&rcpt) : DIE_SETUP;
}

/* --- the header --- */

/* Rows between the lines of a header would be taken for some of it: decisions
 * are kept until it has ended. */
static struct {
	char text[64 * 256];
	size_t len;
	size_t more;
} kept;

static void
keep_step(void *ctx, const struct rewrite_step *step)
{
	struct buf out = { kept.text, sizeof kept.text, kept.len, false };

	(void)ctx;
	buf_span(&out, step->from);
	buf_str(&out, " becomes ");
	buf_span(&out, step->to);
	buf_char(&out, '\0');
	buf_str(&out, place(step->file, step->line, ""));
	buf_char(&out, '\0');
	if (out.over)
		kept.more++;
	else
		kept.len = out.len;
}

static void
show_steps(void)
{
	struct span rest = { kept.text, kept.len };

	while (rest.n) {
		struct span what = span_head(rest, span_find(rest, '\0'));
		struct span why = span_from(rest, what.n + 1);

		why = span_head(why, span_find(why, '\0'));
		reason_row("in the header", what, why.p);
		rest = span_from(rest, what.n + why.n + 2);
	}
	if (kept.more)
		row("in the header", NULL, "%zu changes more", kept.more);
}

int
reason_header(int fd)
{
	int result;

	screen_line();
	result =
		outgoing_header(fd, reason.rewrite, !*reason.sender, keep_step);
	if (result == -1 && errno == 0)
		return broken(reason.control);
	screen_line();
	show_steps();
	if (result == 0)
		return 0;
	fprintf(stderr, "postern explain: cannot read the message: %s\n",
		strerror(errno));
	return DIE_LATER;
}

/* --- limits --- */

void
reason_limits(void)
{
	static const struct {
		enum control_id id;
		const char *unit;
	} limits[] = {
		{CONTROL_DATABYTES,      "octets at most"                      },
		{ CONTROL_RCPTMAX,       "recipients at most"                  },
		{ CONTROL_RETRYMIN,      "seconds to the second attempt"       },
		{ CONTROL_RETRYMAX,      "seconds between two attempts at most"},
		{ CONTROL_QUEUELIFETIME, "seconds until it is given up"        },
	};
	uint64_t n;

	for (size_t i = 0; i < LEN(limits); i++) {
		const char *name = control_file(limits[i].id)->name;

		if (control_number(reason.control, limits[i].id, &n) == -1)
			continue;
		if (n == 0 && limits[i].id == CONTROL_DATABYTES)
			row(name, place_of(limits[i].id), "any size");
		else
			row(name, place_of(limits[i].id), "%llu %s",
				(unsigned long long)n, limits[i].unit);
	}
}

/* SPDX-License-Identifier: ISC */
#include "smtp/starttls.h"

#include <stdio.h>

#include "sys/home.h"

enum { PORT_SMTP = 25 };

int
starttls_settings(struct starttls *s, struct control *c)
{
	char text[LIMIT_PATH];
	uint64_t fallback;

	if (control_line(c, CONTROL_TLSCAFILE, text, sizeof text) == -1 ||
		control_number(c, CONTROL_TLSFALLBACK, &fallback) == -1)
		return -1;
	if (*text && !home_path(s->tls.cafile, span_of(text)))
		return control_fail(c, control_file(CONTROL_TLSCAFILE)->name, 0,
			"not a path that begins with /");
	s->fallback = fallback;
	s->policies = tlspolicy_open(c);
	return s->policies ? 0 : -1;
}

/* What the connection must be in the end. */
static enum tlspolicy_level
level_of(const struct starttls_want *want)
{
	enum tlspolicy_level level = want->policy.level;

	if (want->route->path.n)
		return TLSPOLICY_NONE; /* nobody can listen to a unix socket */
	if (want->requiretls && level < TLSPOLICY_VERIFY)
		return TLSPOLICY_VERIFY;
	if (want->route->tls && level < TLSPOLICY_ENCRYPT)
		return TLSPOLICY_ENCRYPT;
	return want->clear && level == TLSPOLICY_MAY ? TLSPOLICY_NONE : level;
}

static bool
is_must(const struct starttls_want *want)
{
	return level_of(want) >= TLSPOLICY_ENCRYPT;
}

/* The control files alone want what the server has not; a sender who asks for
 * more is no concern of the next mail. */
static bool
is_unmet(const struct starttls_want *want)
{
	struct starttls_want own = *want;

	own.requiretls = false;
	return is_must(&own) && level_of(&own) == level_of(want);
}

/* --- words --- */

/* Who says that there must be TLS. */
static void
print_reason(struct buf *out, const struct starttls_want *want)
{
	const struct tlspolicy_choice *policy = &want->policy;

	if (want->requiretls && policy->level < TLSPOLICY_VERIFY) {
		buf_str(out, "the sender asked for REQUIRETLS");
	} else if (policy->line) {
		buf_str(out, "control/tlspolicy:");
		buf_number(out, policy->line);
		buf_str(out, " says ");
		buf_str(out, tlspolicy_word(policy->level));
	} else if (want->route->tls) {
		buf_str(out, "the route says TLS");
	} else {
		buf_str(out, "a password is to go there");
	}
	buf_cstr(out);
}

/* What makes us trust a server whose certificate we do not. */
static const char *
remedy_of(const struct starttls_want *want)
{
	return level_of(want) == TLSPOLICY_FINGERPRINT
		       ? "; if its key was renewed, write that fingerprint to "
			 "control/tlspolicy"
		       : "; if it is the right host, name its authority in "
			 "control/tlscafile, or its other name or its "
			 "fingerprint in control/tlspolicy";
}

/* Leaves a server that has not the TLS there must be. */
static enum client_verdict
leave(struct starttls *s, struct client *c, const struct starttls_want *want,
	const char *what)
{
	char text[160];
	struct buf reason = BUF(text);

	print_reason(&reason, want);
	client_quit(c);
	s->unmet = is_unmet(want);
	words_say(&c->words, "4.7.10", "%s, and %s", what, text);
	return CLIENT_NEXT;
}

/* Adds what an admin may do to why the connection has failed. */
static void
words_hint(struct words *words, const char *hint)
{
	struct words was = *words;

	was.status[was.status_len < sizeof was.status ? was.status_len : 0] =
		'\0';
	words_say(words, was.status, "%.*s; %s", (int)was.text_len, was.text,
		hint);
}

static void
print_host(struct buf *out, const struct starttls_want *want)
{
	const struct route *route = want->route;

	buf_char(out, '[');
	if (route->ip.family)
		ip_print(out, &route->ip);
	else
		buf_span(out, route->name);
	buf_char(out, ']');
	buf_cstr(out);
}

/* The server spoke TLS, or is silent as one that waits for TLS is. Port 25 is
 * never such (RFC 8314 3.3). */
static void
explain_no_greeting(struct client *c, const struct starttls_want *want)
{
	unsigned char first = (unsigned char)c->link.in[0];
	bool spoke = (first == 0x15 || first == 0x16) && c->link.in[1] == 3;
	bool silent = first == '\0' && span_eq((struct span){ c->words.status,
						       c->words.status_len },
					       SPAN("4.4.2"));
	char host[LIMIT_DOMAIN + 8];
	char hint[LIMIT_DOMAIN + 120];
	struct buf out = BUF(host);

	if (c->link.reply.code || want->route->tls || want->route->path.n ||
		(!spoke && (!silent || want->route->port == PORT_SMTP)))
		return;
	print_host(&out, want);
	snprintf(hint, sizeof hint,
		"%s TLS from the first octet on: write smtps:%s:%u",
		spoke ? "it speaks" : "if it wants", host, want->route->port);
	words_hint(&c->words, hint);
}

static void
explain_clear(struct client *c, const struct starttls_want *want)
{
	char host[LIMIT_DOMAIN + 8];
	struct buf out = BUF(host);

	print_host(&out, want);
	words_say(&c->words, "4.7.5",
		"the server answered in clear text on port %u, where TLS comes "
		"first: use port 587, which has STARTTLS, and write %s:587",
		want->route->port, host);
}

/* --- the handshake --- */

/* The names that the server may have. One that DNS gave without proof is not
 * enough for REQUIRETLS (RFC 8689 4.2.1), nor for a password. */
static void
names_of(struct buf *out, const struct starttls_want *want)
{
	const struct route *route = want->route;

	if (want->policy.level == TLSPOLICY_VERIFY && want->policy.words.n) {
		buf_span(out, want->policy.words);
		return;
	}
	if (route->use_mx)
		buf_span(out, route->name);
	if (route->use_mx && (want->requiretls || want->login))
		return;
	buf_char(out, ' ');
	buf_span(out, want->host);
}

static enum client_verdict
judge(struct starttls *s, struct client *c, const struct starttls_want *want,
	enum tlsclient_verdict verdict)
{
	bool ours = verdict == TLSCLIENT_OURS;
	char text[160];
	struct buf reason = BUF(text);

	link_close(&c->link);
	s->unmet = (verdict == TLSCLIENT_UNTRUSTED ||
			   verdict == TLSCLIENT_CLEAR) &&
		   is_unmet(want);
	s->failed = verdict != TLSCLIENT_UNTRUSTED && !ours && s->fallback &&
		    !is_must(want);
	if (verdict == TLSCLIENT_CLEAR && want->route->tls)
		explain_clear(c, want);
	else if (s->unmet) {
		print_reason(&reason, want);
		words_say(&c->words, "4.7.5", "%s, and %s%s", s->now.words,
			text,
			verdict == TLSCLIENT_UNTRUSTED ? remedy_of(want) : "");
	} else
		words_say(&c->words, ours ? "4.3.5" : "4.7.5", "%s",
			s->now.words);
	return ours ? CLIENT_HELD : CLIENT_NEXT;
}

static enum client_verdict
shake_hands(
	struct starttls *s, struct client *c, const struct starttls_want *want)
{
	char text[LIMIT_CONTROL_LINE + 2 * LIMIT_DOMAIN];
	struct buf names = BUF(text);
	struct tlsclient_want tls = { .level = level_of(want),
		.sni = want->host,
		.ip = want->route->ip.family ? &want->route->ip : NULL };
	enum tlsclient_verdict verdict;

	if (tls.level == TLSPOLICY_VERIFY)
		names_of(&names, want);
	else if (tls.level == TLSPOLICY_FINGERPRINT)
		tls.fingerprints = want->policy.words;
	tls.names = span_trim(buf_text(&names));
	verdict = tlsclient_start(&s->tls, c->link.fd, &tls,
		client_deadline(c, PHASE_TLS), &s->now);
	if (verdict != TLSCLIENT_OK)
		return judge(s, c, want, verdict);
	link_cover(&c->link, s->now.stream);
	c->tls = true;
	c->verified = s->now.trust != TLSCLIENT_NOBODY;
	return CLIENT_DONE;
}

/* --- STARTTLS --- */

/* What a server sends between its 220 and our first octet of TLS was put there
 * by somebody who wants it to be taken for what came through TLS. */
static enum client_verdict
injected(struct client *c)
{
	words_say(&c->words, "4.7.5",
		"the server said more behind its answer to STARTTLS, before "
		"TLS had begun");
	link_close(&c->link);
	return CLIENT_NEXT;
}

static enum client_verdict
upgrade(struct starttls *s, struct client *c, struct span helo,
	const struct starttls_want *want)
{
	enum client_verdict verdict =
		client_ask(c, PHASE_STARTTLS, "STARTTLS", SPAN(""));
	int code = c->link.reply.code;

	if (verdict != CLIENT_DONE)
		return verdict;
	if (code / 100 == 3)
		return client_senseless(c, PHASE_STARTTLS);
	if (code / 100 != 2)
		return is_must(want) ? leave(s, c, want,
					       "the server refuses STARTTLS")
				     : CLIENT_DONE;
	if (!client_quiet(c))
		return injected(c);
	verdict = shake_hands(s, c, want);
	if (verdict != CLIENT_DONE)
		return verdict;
	verdict = client_hello(c, helo);
	/* by TLS 1.3 a server says only now that it does not like ours */
	if (verdict == CLIENT_NEXT && c->link.reply.code == code)
		s->failed = s->fallback && !is_must(want);
	return verdict;
}

static enum client_verdict
begin_clear(struct starttls *s, struct client *c, struct span helo,
	const struct starttls_want *want)
{
	enum client_verdict verdict = client_greet(c, helo);

	if (verdict != CLIENT_DONE) {
		explain_no_greeting(c, want);
		return verdict;
	}
	if (level_of(want) == TLSPOLICY_NONE)
		return CLIENT_DONE;
	if (c->offers.starttls)
		return upgrade(s, c, helo, want);
	return is_must(want)
		       ? leave(s, c, want, "the server offers no STARTTLS")
		       : CLIENT_DONE;
}

static enum client_verdict
begin_tls(struct starttls *s, struct client *c, struct span helo,
	const struct starttls_want *want)
{
	enum client_verdict verdict = shake_hands(s, c, want);

	return verdict == CLIENT_DONE ? client_greet(c, helo) : verdict;
}

enum client_verdict
starttls_open(struct starttls *s, struct client *c, int fd, struct span helo,
	const struct starttls_want *want)
{
	enum client_verdict verdict;

	s->failed = s->unfit = s->unmet = false;
	*s->now.session = '\0';
	client_begin(c, fd);
	c->within = want->route->path.n != 0;
	verdict = want->route->tls ? begin_tls(s, c, helo, want)
				   : begin_clear(s, c, helo, want);
	if (verdict != CLIENT_DONE || client_suits(c, want->requiretls))
		return verdict;
	s->unfit = true;
	client_quit(c);
	words_say(&c->words, "5.7.30",
		"the sender asked for REQUIRETLS, which the server does not "
		"offer");
	return CLIENT_NEXT;
}

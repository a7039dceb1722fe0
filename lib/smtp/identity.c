/* SPDX-License-Identifier: ISC */
#include "smtp/identity.h"

#include <string.h>

#include "control/senders.h"
#include "smtp/sasl.h"
#include "smtp/session.h"
#include "sys/log.h"

_Static_assert((int)LIMIT_AUTH == (int)AUTHTALK_LINE,
	"a line of an exchange fits in a packet");

/* The names that a client's word is compared with before anybody has seen it:
 * a password that was put in a mechanism's place is none of them. */
static const struct span known[] = { SPAN_INIT("PLAIN"), SPAN_INIT("LOGIN"),
	SPAN_INIT("EXTERNAL"), SPAN_INIT("SCRAM-SHA-256"),
	SPAN_INIT("SCRAM-SHA-256-PLUS"), SPAN_INIT("SCRAM-SHA-1"),
	SPAN_INIT("SCRAM-SHA-1-PLUS"), SPAN_INIT("CRAM-MD5"),
	SPAN_INIT("DIGEST-MD5"), SPAN_INIT("XOAUTH2"), SPAN_INIT("OAUTHBEARER"),
	SPAN_INIT("NTLM"), SPAN_INIT("GSSAPI"), SPAN_INIT("ANONYMOUS") };

static struct sasl sasl; /* nothing before sasl_open */

/* --- words ---------------------------------------------------------------- */

/* Takes the first word off the text. */
static struct span
take_word(struct span *text)
{
	struct span word;

	*text = span_trim(*text);
	word = span_head(*text, span_find(*text, ' '));
	word = span_head(word, span_find(word, '\t'));
	*text = span_from(*text, word.n);
	return word;
}

static bool
is_known(struct span word)
{
	for (size_t i = 0; i < LEN(known); i++)
		if (span_eq_nocase(word, known[i]))
			return true;
	return false;
}

bool
identity_secret(struct span line)
{
	return span_begins_nocase(line, SPAN("AUTH"));
}

struct span
identity_shown(struct span line)
{
	struct span rest = line;
	struct span verb = take_word(&rest);
	struct span word = take_word(&rest);

	if (!span_eq_nocase(verb, SPAN("AUTH")) || !is_known(word))
		return SPAN("AUTH");
	return span_head(line, (size_t)(word.p - line.p) + word.n);
}

/* --- what is offered ------------------------------------------------------ */

/* May a secret be said on this connection? */
static bool
is_safe(const struct session *s)
{
	return s->secure.on || s->set->policy.insecure;
}

/* Can this client do it, by what it has shown so far? */
static bool
can_do(const struct session *s, struct span mechanism)
{
	const struct handover *word = &s->secure.word;

	if (span_eq_nocase(mechanism, SPAN("EXTERNAL")))
		return s->secure.on && s->conn.identity_len;
	if (span_ends_nocase(mechanism, SPAN("-PLUS")))
		return s->secure.on && (word->exporter.n || word->endpoint.n);
	return true;
}

void
identity_offer(struct session *s)
{
	struct login *login = &s->login;
	struct buf out = BUF(login->offered);
	struct span all;
	struct span word;

	if (!s->set->logins || s->conn.authenticated || !is_safe(s) ||
		login->offered_len)
		return;
	if (sasl_open(&sasl) == -1)
		return;
	for (all = sasl.talk.mechanisms; (word = take_word(&all)).n;)
		if (can_do(s, word) && word.n < out.cap - out.len) {
			if (out.len)
				buf_char(&out, ' ');
			buf_span(&out, word);
		}
	sasl_close(&sasl);
	login->offered_len = out.len;
	/* a response may come with the command (RFC 4954 4) */
	s->line.limit = LIMIT_AUTH;
}

struct span
identity_offered(const struct session *s)
{
	if (s->conn.authenticated)
		return SPAN("");
	return (struct span){ s->login.offered, s->login.offered_len };
}

static bool
is_offered(const struct session *s, struct span mechanism)
{
	struct span all = identity_offered(s);
	struct span word;

	while ((word = take_word(&all)).n)
		if (span_eq_nocase(word, mechanism))
			return true;
	return false;
}

/* --- AUTH ----------------------------------------------------------------- */

enum event
identity_judge(struct session *s, struct span argument)
{
	struct login *login = &s->login;
	struct span word = take_word(&argument);

	if (!s->set->logins)
		return EVENT_NO_VERB;
	login->tried = true;
	if (!s->conn.esmtp || s->mail.open || s->conn.authenticated)
		return EVENT_ORDER;
	if (!word.n)
		return EVENT_ARGUMENT;
	if (!is_safe(s))
		return is_known(word) ? EVENT_AUTH_TLS : EVENT_AUTH_UNKNOWN;
	if (!is_offered(s, word))
		return login->offered_len || !is_known(word)
			       ? EVENT_AUTH_UNKNOWN
			       : EVENT_AUTH_LATER;
	if (login->failures == IDENTITY_TRIES)
		return EVENT_AUTH_MANY;
	login->mechanism = word;
	login->initial = span_trim(argument);
	return EVENT_AUTH;
}

/* Keeps what postern-auth says of the reason, for the log. */
static void
keep_cause(struct session *s, struct span words)
{
	struct buf out = { s->login.cause, sizeof s->login.cause, 0, false };

	buf_span(&out, span_head(words, out.cap));
	s->login.cause_len = out.len;
}

static enum event
fail(struct session *s, enum event event, struct span words)
{
	keep_cause(s, words);
	if (event == EVENT_AUTH_FAILED)
		s->login.failures++;
	return event;
}

static void
log_login(const struct session *s, struct span mechanism)
{
	struct log log;

	log_begin(&log, LOG_LEVEL_INFO, "login");
	peer_log(&log, s->peer);
	log_text(&log, "identity",
		(struct span){ s->conn.identity, s->conn.identity_len });
	log_text(&log, "mechanism", mechanism);
	if (s->secure.on)
		log_text(&log, "tls", s->secure.word.version);
	log_write(&log);
}

static enum event
succeed(struct session *s, struct span identity)
{
	if (identity.n > sizeof s->conn.identity)
		return fail(
			s, EVENT_AUTH_LATER, SPAN("the identity is too long"));
	memcpy(s->conn.identity, identity.p, identity.n);
	s->conn.identity_len = identity.n;
	s->conn.authenticated = true;
	policy_grant(&s->set->policy, (struct policy_why){ "logins", 0 });
	return EVENT_AUTH_OK;
}

/* What the answer that is no challenge means. */
static enum event
judge_answer(struct session *s, const struct authtalk *talk)
{
	if (talk->identity.n)
		return succeed(s, talk->identity);
	if (talk->refused.n)
		return fail(s, EVENT_AUTH_FAILED, talk->refused);
	if (talk->broken.n)
		return fail(s, EVENT_AUTH_BROKEN, talk->broken);
	if (talk->weak.n)
		return fail(s, EVENT_AUTH_WEAK, talk->weak);
	if (talk->limited.n)
		return fail(s, EVENT_AUTH_LIMITED, talk->limited);
	return fail(s, EVENT_AUTH_LATER, talk->later);
}

/* Says 334 and reads the client's line. EVENT_NOOP: *line is it. */
static enum event
pass_challenge(struct session *s, struct span challenge, struct span *line)
{
	enum event event;

	if (challenge.n + 6 > s->wire.out.cap ||
		wire_room(&s->wire, challenge.n + 6) != WIRE_OK)
		return EVENT_GONE;
	if (span_eq(challenge, SPAN("=")))
		challenge.n = 0;
	buf_str(&s->wire.out, "334 ");
	buf_span(&s->wire.out, challenge);
	buf_str(&s->wire.out, "\r\n");
	event = session_line(s, line);
	if (event == EVENT_LONG)
		return EVENT_AUTH_LONG;
	if (event != EVENT_NOOP)
		return event;
	if (span_eq(*line, SPAN("*")))
		return EVENT_AUTH_CANCEL;
	if (memchr(line->p, '\0', line->n))
		return EVENT_AUTH_BROKEN;
	if (!line->n)
		*line = SPAN("=");
	return EVENT_NOOP;
}

static enum event
hold_exchange(struct session *s, const struct authtalk *first)
{
	struct authtalk say = *first;

	for (int round = 0; round <= IDENTITY_ROUNDS; round++) {
		struct span line;
		enum event event;

		if (sasl_ask(&sasl, &say) == -1)
			return EVENT_AUTH_LATER;
		if (!sasl.talk.challenge.n)
			return judge_answer(s, &sasl.talk);
		event = pass_challenge(s, sasl.talk.challenge, &line);
		if (event != EVENT_NOOP)
			return event;
		say = (struct authtalk){ .response = line };
	}
	return fail(s, EVENT_AUTH_LATER, SPAN("an exchange without end"));
}

enum event
identity_take(struct session *s)
{
	const struct handover *word = &s->secure.word;
	char mechanism[32];
	char client[IP_TEXT + 1];
	struct buf name = BUF(mechanism);
	struct buf peer = BUF(client);
	struct authtalk say = { .initial = s->login.initial };
	enum event event;

	buf_span(&name, s->login.mechanism);
	peer_print(&peer, s->peer);
	say.mechanism = buf_text(&name);
	say.client = buf_text(&peer);
	if (s->secure.on) {
		say.tls = SPAN("S");
		say.exporter = word->exporter;
		say.endpoint = word->endpoint;
		say.fingerprint = word->fingerprint;
	}
	if (sasl_open(&sasl) == -1)
		return EVENT_AUTH_LATER;
	event = hold_exchange(s, &say);
	sasl_close(&sasl);
	if (event == EVENT_AUTH_OK)
		log_login(s, buf_text(&name));
	return event;
}

/* --- what it allows ------------------------------------------------------- */

/* Is the client bound by its name? A relay that shows a certificate on a port
 * of its own passes on the mail of others. */
static bool
is_bound(const struct session *s)
{
	return s->conn.authenticated ||
	       (s->set->submission && s->conn.identity_len);
}

enum event
identity_sender(struct session *s, struct span sender)
{
	struct span identity = { s->conn.identity, s->conn.identity_len };
	struct buf cause = BUF(s->login.cause);

	if (s->set->submission && !identity.n)
		return EVENT_AUTH_NEEDED;
	if (!is_bound(s) || !sender.n)
		return EVENT_MAIL;
	switch (senders_allow(&s->set->control, identity, sender)) {
	case 1:
		return EVENT_MAIL;
	case 0:
		break;
	default:
		log_reason(LOG_LEVEL_ERROR, "config",
			control_error(&s->set->control));
		return EVENT_LOOKUP;
	}
	buf_str(&cause, "to allow it, add to control/senders: ");
	buf_span(&cause, identity);
	buf_str(&cause, ": ");
	buf_span(&cause, sender);
	s->login.cause_len = cause.len;
	return EVENT_NOT_YOURS;
}

enum event
identity_rate(struct session *s)
{
	char number[24];
	struct buf rcpts = BUF(number);
	struct authtalk say = {
		.user = {s->conn.identity, s->conn.identity_len}
	};
	enum event event = EVENT_LOOKUP;

	if (!s->set->userrate || !is_bound(s))
		return EVENT_DATA;
	buf_number(&rcpts, s->mail.rcpts);
	say.rcpts = buf_text(&rcpts);
	if (sasl_open(&sasl) == -1)
		return EVENT_LOOKUP;
	if (sasl_ask(&sasl, &say) == 0) {
		if (sasl.talk.identity.n)
			event = EVENT_DATA;
		else if (sasl.talk.limited.n)
			event = fail(s, EVENT_RATE, sasl.talk.limited);
		else
			(void)fail(s, event, sasl.talk.later);
	}
	sasl_close(&sasl);
	return event;
}

/* SPDX-License-Identifier: ISC */
#include "smtp/verbs.h"

#include <errno.h>

#include "pure/ascii.h"
#include "smtp/identity.h"
#include "sys/log.h"

/* --- HELO and EHLO -------------------------------------------------------- */

/* May STARTTLS be said, and would it succeed (RFC 3207 4)? Who has logged in
 * without TLS would have to be forgotten. */
static bool
offers_tls(struct session *s)
{
	return !s->secure.on && !s->conn.authenticated &&
	       session_tls_possible(s) &&
	       secure_ready(&s->secure, &s->set->control);
}

static enum event
take_helo(struct session *s, struct span name, bool esmtp)
{
	if (!address_helo_valid(name) || name.n > sizeof s->conn.helo)
		return EVENT_HELO_ARGUMENT;
	session_reset(s);
	memcpy(s->conn.helo, name.p, name.n);
	s->conn.helo_len = name.n;
	s->conn.esmtp = esmtp;
	s->conn.starttls = esmtp && offers_tls(s);
	if (esmtp)
		identity_offer(s);
	return esmtp ? EVENT_EHLO : EVENT_HELO;
}

static enum event
verb_helo(struct session *s, struct span name)
{
	return take_helo(s, name, false);
}

static enum event
verb_ehlo(struct session *s, struct span name)
{
	return take_helo(s, name, true);
}

/* --- MAIL and RCPT -------------------------------------------------------- */

/* Takes `word` and the spaces behind it off the argument. False when it does
 * not begin so. */
static bool
take_word(struct span *argument, struct span word)
{
	if (!span_begins_nocase(*argument, word))
		return false;
	*argument = span_trim(span_from(*argument, word.n));
	return true;
}

static struct address_rules
rules_of(const struct session *s)
{
	/* Whether UTF-8 was asked for stands behind the path. */
	return (struct address_rules){ .utf8 = s->conn.esmtp,
		.loose_dots = s->set->loosedots != 0 };
}

/* The event of a path that is none; `bad` is for mailboxes that are none. */
static enum event
path_event(enum address_verdict verdict, enum event bad)
{
	switch (verdict) {
	case ADDRESS_SYNTAX:
		return EVENT_PATH;
	case ADDRESS_UTF8:
		return EVENT_UTF8;
	default:
		return bad;
	}
}

static enum event
param_event(enum param_verdict verdict)
{
	switch (verdict) {
	case PARAM_UNKNOWN:
		return EVENT_PARAM_UNKNOWN;
	case PARAM_TOO_BIG:
		return EVENT_TOO_BIG;
	default:
		return EVENT_PARAM;
	}
}

/* Does what was declared fit? */
static enum event
judge_size(const struct session *s, uint64_t size)
{
	char text[LIMIT_PATH + 200];
	struct buf why = BUF(text);

	if (s->set->databytes && size > s->set->databytes)
		return EVENT_TOO_BIG;
	switch (settings_space(s->set, size)) {
	case 1:
		return EVENT_MAIL;
	case 0:
		return EVENT_NO_SPACE;
	default:
		break;
	}
	buf_str(&why, "cannot ask for the free space of ");
	buf_str(&why, s->set->queue);
	buf_str(&why, ": ");
	buf_str(&why, strerror(errno));
	log_reason(LOG_LEVEL_ERROR, "queue", buf_cstr(&why));
	return EVENT_QUEUE;
}

/* Notes what was judged good. */
static void
open_mail(struct session *s, const struct address *sender,
	const struct param_mail *param)
{
	struct transaction *mail = &s->mail;

	mail->open = true;
	memcpy(mail->sender, sender->text, sender->len);
	mail->sender_len = sender->len;
	mail->smtputf8 = param->smtputf8;
	mail->requiretls = param->requiretls;
	mail->body = param->body;
	mail->ret = param->ret;
	if (param->envid.n)
		memcpy(mail->envid, param->envid.p, param->envid.n);
	mail->envid_len = param->envid.n;
	(void)envelope_check(&mail->check, 'F', address_text(sender));
	s->conn.mails++;
}

/* A name without a domain is no address, unless we are told how to make it
 * one. */
static enum event
complete_sender(struct session *s, struct address *sender)
{
	switch (policy_complete(&s->set->policy, sender)) {
	case POLICY_OK:
		return EVENT_MAIL;
	case POLICY_BROKEN:
		log_reason(LOG_LEVEL_ERROR, "config",
			control_error(&s->set->control));
		return EVENT_LOOKUP;
	default:
		return EVENT_SENDER_SYNTAX;
	}
}

static enum event
verb_mail(struct session *s, struct span argument)
{
	static struct address sender;
	const struct address_rules rules = rules_of(s);
	struct param_mail param = { .has_size = false };
	enum address_verdict address;
	enum param_verdict bad;
	enum event event;
	size_t used;

	if (!take_word(&argument, SPAN("FROM:")))
		return EVENT_PATH;
	address = address_path(argument, &rules, &sender, &used);
	if (address != ADDRESS_OK)
		return path_event(address, EVENT_SENDER_SYNTAX);
	argument = span_from(argument, used);
	if (argument.n && argument.p[0] != ' ')
		return EVENT_PATH;
	if (argument.n && !s->conn.esmtp)
		return EVENT_PARAM_UNKNOWN;
	bad = param_mail(argument, &param);
	if (bad)
		return param_event(bad);
	if (param.requiretls && !s->secure.on)
		return s->conn.starttls ? EVENT_TLS_NEEDED
					: EVENT_PARAM_UNKNOWN;
	if (ascii_has_high(address_text(&sender)) && !param.smtputf8)
		return EVENT_UTF8;
	if (sender.len && sender.at == sender.len) {
		event = complete_sender(s, &sender);
		if (event != EVENT_MAIL)
			return event;
	}
	event = identity_sender(s, address_text(&sender));
	if (event != EVENT_MAIL)
		return event;
	if (param.envid.n > sizeof s->mail.envid)
		return EVENT_PARAM;
	if (policy_sender(&s->set->policy, &sender) != POLICY_OK)
		return EVENT_BAD_SENDER;
	if (s->conn.mails == s->set->mailmax)
		return EVENT_MAIL_MANY;
	event = judge_size(s, param.size);
	if (event == EVENT_MAIL)
		open_mail(s, &sender, &param);
	return event;
}

/* Adds one record to the recipients. The same check as the queue's says no
 * before the client has sent a message in vain. */
static bool
put_record(struct transaction *mail, struct buf *out, char letter,
	struct span value)
{
	if (envelope_check(&mail->check, letter, value) != ENVELOPE_OK)
		return false;
	envelope_put(out, letter, value);
	return true;
}

/* Adds a recipient whole or not at all. */
static enum event
add_rcpt(struct session *s, struct span address, const struct param_rcpt *param)
{
	const struct envelope_state check = s->mail.check;
	const size_t len = s->rcpts.len;
	bool good;

	good = put_record(&s->mail, &s->rcpts, 'T', address) &&
	       (!param->notify.n ||
		       put_record(&s->mail, &s->rcpts, 'N', param->notify)) &&
	       (!param->orcpt.n ||
		       put_record(&s->mail, &s->rcpts, 'O', param->orcpt));
	if (good && !s->rcpts.over) {
		s->mail.rcpts++;
		s->last_rcpt = (struct span){ s->rcpts.p + len + 1, address.n };
		return EVENT_RCPT;
	}
	s->mail.check = check;
	s->rcpts.len = len;
	s->rcpts.over = false;
	return good ? EVENT_RCPT_MANY : EVENT_RCPT_SYNTAX;
}

/* Says who was refused, and which file would allow it. */
static void
explain_relay(struct session *s, bool gateway)
{
	peer_print(&s->detail, s->peer);
	buf_str(&s->detail, "; see relayfrom");
	if (gateway)
		buf_str(&s->detail,
			" (a default gateway counts only if listed by itself)");
}

static enum event
policy_event(struct session *s, enum policy_verdict verdict)
{
	switch (verdict) {
	case POLICY_RELAY:
	case POLICY_GATEWAY:
		explain_relay(s, verdict == POLICY_GATEWAY);
		return EVENT_RELAY;
	case POLICY_ROUTED:
		return EVENT_ROUTED;
	case POLICY_NO_USER:
		return EVENT_NO_USER;
	case POLICY_NO_DOMAIN:
		return EVENT_NO_DOMAIN;
	case POLICY_NOT_ALLOWED:
		return EVENT_NOT_ALLOWED;
	case POLICY_LONG:
		return EVENT_RCPT_SYNTAX;
	case POLICY_OK:
		return EVENT_RCPT;
	default:
		log_reason(LOG_LEVEL_ERROR, "config",
			control_error(&s->set->control));
		return EVENT_LOOKUP;
	}
}

static enum event
verb_rcpt(struct session *s, struct span argument)
{
	static struct address rcpt;
	static char stored_text[LIMIT_ADDRESS + 1];
	struct buf stored = BUF(stored_text);
	const struct address_rules rules = rules_of(s);
	struct param_rcpt param = { .notify = SPAN(""), .orcpt = SPAN("") };
	enum address_verdict address;
	enum param_verdict bad;
	enum event event;
	size_t used;

	if (!take_word(&argument, SPAN("TO:")))
		return EVENT_PATH;
	address = address_path(argument, &rules, &rcpt, &used);
	if (address != ADDRESS_OK)
		return path_event(address, EVENT_RCPT_SYNTAX);
	argument = span_from(argument, used);
	if (argument.n && argument.p[0] != ' ')
		return EVENT_PATH;
	if (argument.n && !s->conn.esmtp)
		return EVENT_PARAM_UNKNOWN;
	bad = param_rcpt(argument, &param);
	if (bad)
		return param_event(bad);
	if (ascii_has_high(address_text(&rcpt)) && !s->mail.smtputf8)
		return EVENT_UTF8;
	if (!rcpt.len)
		return EVENT_RCPT_SYNTAX;
	if (s->mail.rcpts == s->set->rcptmax)
		return EVENT_RCPT_MANY;
	event = policy_event(s, policy_rcpt(&s->set->policy, &rcpt, &stored));
	if (event != EVENT_RCPT)
		return event;
	return add_rcpt(s, buf_text(&stored), &param);
}

/* --- STARTTLS --------------------------------------------------------------
 */

static enum event
verb_starttls(struct session *s, struct span argument)
{
	if (!s->secure.on && !session_tls_possible(s))
		return EVENT_NO_VERB;
	if (argument.n)
		return EVENT_NO_ARGUMENT;
	if (s->secure.on || s->conn.authenticated || !s->conn.esmtp ||
		s->mail.open)
		return EVENT_ORDER;
	return secure_open(&s->secure) == 0 ? EVENT_STARTTLS : EVENT_TLS_LACK;
}

/* --- the rest ------------------------------------------------------------- */

static enum event
verb_rset(struct session *s, struct span argument)
{
	(void)argument;
	session_reset(s);
	return EVENT_RESET;
}

/* VRFY takes UTF-8 when SMTPUTF8 stands behind it (RFC 6531 3.7.4.2). */
static enum event
verb_vrfy(struct session *s, struct span argument)
{
	(void)s;
	if (ascii_has_high(argument) &&
		!(span_ends_nocase(argument, SPAN(" SMTPUTF8")) &&
			utf8_valid(argument)))
		return EVENT_UTF8;
	return EVENT_VRFY;
}

/* clang-format off */
static const struct verb verbs[] = {
/* word                     legal in    argument  group  junk   handler    or event */
{ SPAN_INIT("EHLO"),        IN_ANY | IN_CLEAR,
                                        ARG_HOST, true,  true,  verb_ehlo, 0 },
{ SPAN_INIT("HELO"),        IN_ANY,     ARG_HOST, true,  true,  verb_helo, 0 },
{ SPAN_INIT("MAIL"),        IN_GREETED, ARG_PATH, false, false, verb_mail, 0 },
{ SPAN_INIT("RCPT"),        IN_MAIL | IN_RCPT,
                                        ARG_PATH, false, false, verb_rcpt, 0 },
{ SPAN_INIT("DATA"),        IN_RCPT,    ARG_NONE, true,  false, NULL,      EVENT_DATA },
{ SPAN_INIT("RSET"),        IN_ANY,     ARG_NONE, false, true,  verb_rset, 0 },
{ SPAN_INIT("NOOP"),        IN_ANY | IN_CLEAR,
                                        ARG_MAY,  false, true,  NULL,      EVENT_NOOP },
{ SPAN_INIT("QUIT"),        IN_ANY | IN_CLEAR | IN_DENIED,
                                        ARG_NONE, false, false, NULL,      EVENT_QUIT },
{ SPAN_INIT("VRFY"),        IN_ANY,     ARG_PATH, false, true,  verb_vrfy, 0 },
{ SPAN_INIT("EXPN"),        IN_ANY,     ARG_MUST, false, true,  NULL,      EVENT_NO_VERB },
{ SPAN_INIT("HELP"),        IN_ANY,     ARG_MAY,  false, true,  NULL,      EVENT_HELP },
/* known, and not ours (RFC 5321 4.2.4, appendix F) */
{ SPAN_INIT("SEND"),        IN_ANY,     ARG_MAY,  false, true,  NULL,      EVENT_NO_VERB },
{ SPAN_INIT("SOML"),        IN_ANY,     ARG_MAY,  false, true,  NULL,      EVENT_NO_VERB },
{ SPAN_INIT("SAML"),        IN_ANY,     ARG_MAY,  false, true,  NULL,      EVENT_NO_VERB },
{ SPAN_INIT("TURN"),        IN_ANY,     ARG_MAY,  false, true,  NULL,      EVENT_NO_VERB },
{ SPAN_INIT("ETRN"),        IN_ANY,     ARG_MAY,  false, true,  NULL,      EVENT_NO_VERB },
{ SPAN_INIT("ATRN"),        IN_ANY,     ARG_MAY,  false, true,  NULL,      EVENT_NO_VERB },
{ SPAN_INIT("AUTH"),        IN_ANY,     ARG_RAW,  true,  true,  identity_judge, 0 },
{ SPAN_INIT("STARTTLS"),    IN_ANY | IN_CLEAR,
                                        ARG_MAY,  true,  true,  verb_starttls, 0 },
{ SPAN_INIT("BURL"),        IN_ANY,     ARG_MAY,  true,  true,  NULL,      EVENT_BDAT },
/* its octets would be read as commands (P4) */
{ SPAN_INIT("BDAT"),        IN_ANY,     ARG_MAY,  false, true,  NULL,      EVENT_BDAT },
/* a browser that was sent here (S-017) */
{ SPAN_INIT("GET"),         IN_ANY,     ARG_MAY,  false, true,  NULL,      EVENT_FOREIGN },
{ SPAN_INIT("HEAD"),        IN_ANY,     ARG_MAY,  false, true,  NULL,      EVENT_FOREIGN },
{ SPAN_INIT("POST"),        IN_ANY,     ARG_MAY,  false, true,  NULL,      EVENT_FOREIGN },
{ SPAN_INIT("PUT"),         IN_ANY,     ARG_MAY,  false, true,  NULL,      EVENT_FOREIGN },
{ SPAN_INIT("DELETE"),      IN_ANY,     ARG_MAY,  false, true,  NULL,      EVENT_FOREIGN },
{ SPAN_INIT("OPTIONS"),     IN_ANY,     ARG_MAY,  false, true,  NULL,      EVENT_FOREIGN },
{ SPAN_INIT("PATCH"),       IN_ANY,     ARG_MAY,  false, true,  NULL,      EVENT_FOREIGN },
{ SPAN_INIT("CONNECT"),     IN_ANY,     ARG_MAY,  false, true,  NULL,      EVENT_FOREIGN },
{ SPAN_INIT("Host:"),       IN_ANY,     ARG_MAY,  false, true,  NULL,      EVENT_FOREIGN },
};
/* clang-format on */

const struct verb *
verb_find(struct span word)
{
	for (size_t i = 0; i < LEN(verbs); i++)
		if (span_eq_nocase(word, verbs[i].word))
			return &verbs[i];
	return NULL;
}

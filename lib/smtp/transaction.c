/* SPDX-License-Identifier: ISC */
#include "smtp/transaction.h"

#include <errno.h>

#include "pure/address.h"
#include "pure/ascii.h"
#include "pure/command.h"
#include "pure/param.h"
#include "smtp/text.h"

enum step_kind { STEP_RSET, STEP_MAIL, STEP_RCPT, STEP_DATA };

/* A command of the transaction. */
struct step {
	enum step_kind kind;
	size_t rcpt;
	size_t end; /* where it ends in `lines` */
};

/* How the message looks to this server. */
struct shape {
	uint64_t size;  /* octets, for SIZE= */
	bool eight_bit; /* sent as 8BITMIME */
	bool utf8;      /* sent as SMTPUTF8 */
	bool convert;   /* turned into 7-bit on the way */
};

struct transaction {
	struct client *c;
	struct mail *mail;
	struct shape shape;
	struct step step[JOB_RCPTS + 3];
	size_t steps;
	size_t taken;     /* steps whose reply was read, or that are left out */
	size_t sent;      /* octets of `lines` written, or left out */
	struct buf lines; /* all commands */
	bool mail_ok;
	bool mail_later; /* 4yz to MAIL: another server may take it */
	bool too_many;   /* a recipient has to wait for the next transaction */
	size_t accepted; /* recipients */
	bool go;         /* 3yz to DATA */
	struct words words;
};

/* A job's addresses with every octet quoted, and what stands around them. */
static char line_space[2 * JOB_PACKET + JOB_RCPTS * 64];
static struct transaction current;

/* --- what the server must offer --------------------------------------------
 */

static bool
addresses_utf8(const struct job *job)
{
	bool high = ascii_has_high(job->sender);

	for (size_t i = 0; i < job->rcpts && !high; i++)
		high = ascii_has_high(job->rcpt[i].address);
	return high;
}

/* Answers everybody. Returns -1. */
static int
unsuited(struct client *c, struct mail *m, enum job_fate fate)
{
	mail_settle_rest(m, fate, &c->words);
	return -1;
}

static int
unreadable(struct client *c, struct mail *m)
{
	words_say(&c->words, "4.3.0", "cannot read the message: %s",
		strerror(errno));
	return unsuited(c, m, JOB_HELD);
}

/* The text must become 7-bit for this server, if it is not (RFC 6152 3). */
static int
shape_seven(struct client *c, struct mail *m, struct shape *shape)
{
	int can;

	if (!m->text.eight_bit.header && !m->text.eight_bit.body)
		return 0;
	can = text_measure7(&m->text, &shape->size);
	if (can == -1)
		return unreadable(c, m);
	if (can == 0) {
		words_say(&c->words, "5.6.3",
			"8-bit text, and the server does not offer 8BITMIME");
		return unsuited(c, m, JOB_FAILED);
	}
	shape->convert = true;
	return 0;
}

/* The server takes ASCII alone. Returns 0 when the message is none that asks
 * for more and somebody is left whose address is such, or -1. */
static int
shape_ascii(struct client *c, struct mail *m, struct shape *shape)
{
	const struct job *job = m->job;

	words_say(&c->words, "5.6.7", "the server does not offer SMTPUTF8");
	if (job->smtputf8 || ascii_has_high(job->sender))
		return unsuited(c, m, JOB_FAILED);
	/* an alias of ours or a copy may have such an address: what the others
	 * are sent is as plain as before */
	for (size_t i = 0; i < job->rcpts; i++)
		if (m->rcpt[i] == RCPT_OPEN &&
			ascii_has_high(job->rcpt[i].address))
			mail_settle(m, i, JOB_FAILED, &c->words);
	shape->utf8 = false;
	return mail_pending(m) ? 0 : -1;
}

/* Fits the message to what the server offers. Returns 0, or -1 when it cannot
 * be sent there at all: everybody has an answer then. */
static int
shape_find(struct client *c, struct mail *m, struct shape *shape)
{
	const struct job *job = m->job;
	const struct ehlo *offers = &c->offers;

	*shape = (struct shape){ .size = job->size };
	shape->utf8 = job->smtputf8 || addresses_utf8(job);
	if (!client_suits(c, job->requiretls)) {
		words_say(&c->words, "5.7.30",
			"REQUIRETLS was asked for and is not to be had");
		return unsuited(c, m, JOB_FAILED);
	}
	if (shape->utf8 && !offers->smtputf8 && shape_ascii(c, m, shape) == -1)
		return -1;
	shape->eight_bit = span_eq(job->body, SPAN("8BITMIME"));
	if (!offers->eight_bit || !shape->eight_bit) {
		if (content_look(&m->text) == -1)
			return unreadable(c, m);
		shape->eight_bit =
			m->text.eight_bit.header || m->text.eight_bit.body;
	}
	if (!offers->eight_bit && shape_seven(c, m, shape) == -1)
		return -1;
	if (offers->size_max && shape->size > offers->size_max) {
		words_say(&c->words, "5.3.4",
			"message of %llu octets, the server takes %llu",
			(unsigned long long)shape->size,
			(unsigned long long)offers->size_max);
		return unsuited(c, m, JOB_FAILED);
	}
	return 0;
}

/* --- the commands ----------------------------------------------------------
 */

static void
step_add(struct transaction *t, enum step_kind kind, size_t rcpt)
{
	t->step[t->steps++] = (struct step){ kind, rcpt, t->lines.len };
}

/* The recipient's domain may join those of the transaction (RFC 9422). */
static bool
domain_fits(struct transaction *t, size_t rcpt)
{
	const struct job *job = t->mail->job;
	struct span domain = address_domain_of(job->rcpt[rcpt].address);
	struct span seen[JOB_RCPTS];
	size_t count = 0;

	if (!t->c->offers.rcpt_domain_max)
		return true;
	for (size_t i = 0; i < t->steps; i++) {
		struct span other;
		size_t k = 0;

		if (t->step[i].kind != STEP_RCPT)
			continue;
		other = address_domain_of(job->rcpt[t->step[i].rcpt].address);
		if (span_eq_nocase(other, domain))
			return true;
		while (k < count && !span_eq_nocase(seen[k], other))
			k++;
		if (k == count)
			seen[count++] = other;
	}
	return count < t->c->offers.rcpt_domain_max;
}

/* RCPT for every open recipient that the server's limits let in. */
static size_t
steps_rcpt(struct transaction *t)
{
	uint64_t most = t->c->offers.rcpt_max;
	size_t count = 0;

	for (size_t i = 0; i < t->mail->job->rcpts; i++) {
		if (t->mail->rcpt[i] != RCPT_OPEN || (most && count == most) ||
			!domain_fits(t, i))
			continue;
		if (command_rcpt(&t->lines, &t->mail->job->rcpt[i],
			    &t->c->offers) == -1) {
			words_say(&t->words, "5.1.3",
				"address that no command can carry");
			mail_settle(t->mail, i, JOB_FAILED, &t->words);
			continue;
		}
		step_add(t, STEP_RCPT, i);
		count++;
	}
	return count;
}

/* Returns -1 when there is nothing to ask for: everybody has an answer. */
static int
steps_build(struct transaction *t)
{
	if (t->c->dirty) {
		buf_str(&t->lines, "RSET\r\n");
		step_add(t, STEP_RSET, 0);
	}
	if (command_mail(&t->lines, t->mail->job, &t->c->offers, t->shape.size,
		    t->shape.eight_bit, t->shape.utf8) == -1) {
		words_say(&t->words, "5.1.7",
			"sender's address that no command can carry");
		mail_settle_rest(t->mail, JOB_FAILED, &t->words);
		return -1;
	}
	step_add(t, STEP_MAIL, 0);
	if (steps_rcpt(t) == 0)
		return -1;
	buf_str(&t->lines, "DATA\r\n");
	step_add(t, STEP_DATA, 0);
	return 0;
}

/* --- the replies -----------------------------------------------------------
 */

/* Some servers want a login with another code than 530. */
static bool
asks_for_login(struct span text)
{
	static const struct span phrases[] = {
		SPAN_INIT("authentication required"),
		SPAN_INIT("authentication is required"),
		SPAN_INIT("auth required"),
		SPAN_INIT("requires authentication"),
		SPAN_INIT("not authenticated"),
		SPAN_INIT("must authenticate"),
		SPAN_INIT("must be authenticated"),
		SPAN_INIT("authenticate first"),
	};

	for (size_t i = 0; i < text.n; i++)
		for (size_t k = 0; k < LEN(phrases); k++)
			if (span_begins_nocase(span_from(text, i), phrases[k]))
				return true;
	return false;
}

/* What a reply that is not 2yz means for those it is about. A smarthost that
 * wants AUTH or TLS first (530, RFC 4954 6, RFC 3207 4) is not set up rightly
 * on our side. */
static enum job_fate
fate_of(const struct transaction *t, int code)
{
	if (t->mail->job->smarthost && code / 100 == 5 &&
		(code == 530 ||
			(!t->c->logged_in &&
				asks_for_login(reply_text(&t->c->link.reply)))))
		return JOB_HELD;
	return code / 100 == 4 ? JOB_DEFERRED : JOB_FAILED;
}

/* After commands in the right order 503 means that we and the server do not
 * agree on where we are. */
static enum client_verdict
out_of_step(struct client *c)
{
	words_reply(&c->words, &c->link.reply);
	link_close(&c->link);
	return CLIENT_NEXT;
}

static enum client_verdict
take_rset(struct transaction *t, struct step *s, int code)
{
	(void)s;
	if (code / 100 != 2)
		return client_senseless(t->c, PHASE_RSET);
	return CLIENT_DONE;
}

static enum client_verdict
take_mail(struct transaction *t, struct step *s, int code)
{
	(void)s;
	words_reply(&t->words, &t->c->link.reply);
	switch (code / 100) {
	case 2:
		t->mail_ok = true;
		return CLIENT_DONE;
	case 4:
		t->mail_later = true;
		return CLIENT_DONE;
	case 5:
		if (code == 503)
			return out_of_step(t->c);
		if (t->mail->more && fate_of(t, code) == JOB_HELD) {
			mail_blame(t->mail, &t->words);
			t->mail_later = true;
			return CLIENT_DONE;
		}
		mail_settle_rest(t->mail, fate_of(t, code), &t->words);
		return CLIENT_DONE;
	default:
		return client_senseless(t->c, PHASE_MAIL);
	}
}

/* 452 for too many recipients, not for a full disk or mailbox. */
static bool
says_too_many(struct span status)
{
	return status.n == 0 || span_eq(span_from(status, 1), SPAN(".5.3"));
}

static enum client_verdict
take_rcpt(struct transaction *t, struct step *s, int code)
{
	const struct reply *reply = &t->c->link.reply;
	bool many = says_too_many(reply_status(reply));
	/* 552 means what 452 means here (RFC 5321 4.5.3.1.10); but from LMTP
	 * with a status of its own it is a mailbox that is to refuse */
	bool full = code == 452 || (code == 552 && (many || !t->c->lmtp));
	enum job_fate fate = full ? JOB_DEFERRED : fate_of(t, code);

	if (code / 100 == 3)
		return client_senseless(t->c, PHASE_RCPT);
	if (!t->mail_ok)
		return CLIENT_DONE;
	if (code == 503)
		return out_of_step(t->c);
	if (code / 100 == 2) {
		t->mail->rcpt[s->rcpt] = RCPT_TAKEN;
		t->accepted++;
		return CLIENT_DONE;
	}
	if (full && t->accepted && many) {
		t->too_many = true;
		return CLIENT_DONE;
	}
	words_reply(&t->words, reply);
	if (full)
		t->words.status[0] = '4';
	if (fate == JOB_FAILED)
		mail_settle(t->mail, s->rcpt, fate, &t->words);
	else
		mail_put_off(t->mail, s->rcpt, fate, &t->words);
	return CLIENT_DONE;
}

static enum client_verdict
take_data(struct transaction *t, struct step *s, int code)
{
	(void)s;
	if (code / 100 == 3) {
		t->go = true;
		return CLIENT_DONE;
	}
	if (!t->accepted)
		return CLIENT_DONE;
	if (code / 100 == 2)
		return client_senseless(t->c, PHASE_DATA);
	if (code == 503)
		return out_of_step(t->c);
	words_reply(&t->words, &t->c->link.reply);
	mail_settle_state(t->mail, RCPT_TAKEN, fate_of(t, code), &t->words);
	return CLIENT_DONE;
}

static const struct {
	enum client_phase phase;
	enum client_verdict (*take)(
		struct transaction *t, struct step *s, int code);
} steps[] = {
	[STEP_RSET] = {PHASE_RSET,  take_rset},
	[STEP_MAIL] = { PHASE_MAIL, take_mail},
	[STEP_RCPT] = { PHASE_RCPT, take_rcpt},
	[STEP_DATA] = { PHASE_DATA, take_data},
};

static enum client_phase
step_phase(const struct transaction *t)
{
	return steps[t->step[t->taken].kind].phase;
}

/* A reply is in the link: gives it to the step that waits for one. */
static enum client_verdict
step_take(struct transaction *t)
{
	struct step *s = &t->step[t->taken++];

	return steps[s->kind].take(t, s, t->c->link.reply.code);
}

/* --- the dialogue ----------------------------------------------------------
 */

/* The server wants to be read before it reads on: takes the replies that are
 * there. One to a command that is not out yet is an answer too early. */
static enum client_verdict
group_catch_up(struct transaction *t)
{
	enum client_verdict verdict = CLIENT_DONE;

	while (verdict == CLIENT_DONE) {
		enum client_phase phase = step_phase(t);
		enum link_verdict got = link_take(&t->c->link);

		if (got == LINK_OK)
			return CLIENT_DONE;
		if (got == LINK_LINE)
			continue;
		verdict = client_judge(t->c, got, phase);
		if (verdict != CLIENT_DONE)
			return verdict;
		if (t->step[t->taken].end > t->sent)
			return client_senseless(t->c, phase);
		verdict = step_take(t);
	}
	return verdict;
}

/* Writes the commands up to the end of step `last`. */
static enum client_verdict
group_write(struct transaction *t, size_t last)
{
	size_t end = t->step[last].end;
	struct span out =
		span_from(span_head(buf_text(&t->lines), end), t->sent);
	enum client_verdict verdict = CLIENT_DONE;

	while (verdict == CLIENT_DONE) {
		enum client_phase phase = step_phase(t);
		enum link_verdict got = link_write(
			&t->c->link, &out, client_deadline(t->c, phase));

		t->sent = end - out.n;
		if (got == LINK_OK)
			return CLIENT_DONE;
		verdict = got == LINK_INPUT ? group_catch_up(t)
					    : client_judge(t->c, got, phase);
	}
	return verdict;
}

/* Writes a group of commands and reads a reply to each. */
static enum client_verdict
group_run(struct transaction *t, size_t last)
{
	bool first = t->c->mails == 0 && t->taken == 0;
	enum client_verdict verdict;

	/* Commands in a group end in DATA, and only its reply begins with 3: a
	 * reply too many shows there. Elsewhere it has to be looked for. */
	if ((first || last == t->taken) ? !client_quiet(t->c)
					: t->c->link.at < t->c->link.len)
		return client_unasked(t->c, step_phase(t));
	verdict = group_write(t, last);
	while (verdict == CLIENT_DONE && t->taken <= last) {
		verdict = client_reply(t->c, step_phase(t));
		if (verdict == CLIENT_DONE)
			verdict = step_take(t);
	}
	return verdict;
}

/* A command that would change nothing any more. */
static bool
step_idle(const struct transaction *t)
{
	switch (t->step[t->taken].kind) {
	case STEP_RCPT:
		return !t->mail_ok || t->too_many;
	case STEP_DATA:
		return !t->accepted;
	default:
		return false;
	}
}

static enum client_verdict
dialogue(struct transaction *t)
{
	enum client_verdict verdict = CLIENT_DONE;

	if (t->c->offers.pipelining)
		return group_run(t, t->steps - 1);
	while (verdict == CLIENT_DONE && t->taken < t->steps) {
		if (!step_idle(t)) {
			verdict = group_run(t, t->taken);
			continue;
		}
		t->sent = t->step[t->taken++].end;
	}
	return verdict;
}

/* Whoever asked for a word on delivery gets it from us when this server has
 * not heard of that wish (RFC 3461 5.2.2). */
static void
settle_relayed(struct transaction *t)
{
	struct mail *m = t->mail;

	for (size_t i = 0; i < m->job->rcpts && !t->c->offers.dsn; i++)
		if (m->rcpt[i] == RCPT_TAKEN &&
			param_notify_has(
				m->job->rcpt[i].notify, SPAN("SUCCESS")))
			mail_settle(m, i, JOB_RELAYED, &t->words);
}

/* The reply to the end of the text decides over all that were accepted. */
static enum client_verdict
take_end(struct transaction *t)
{
	struct client *c = t->c;
	int code = c->link.reply.code;

	words_reply(&t->words, &c->link.reply);
	switch (code / 100) {
	case 2:
		settle_relayed(t);
		mail_settle_state(
			t->mail, RCPT_TAKEN, JOB_DELIVERED, &t->words);
		c->dirty = false;
		return CLIENT_DONE;
	case 4:
		mail_settle_state(t->mail, RCPT_TAKEN, JOB_DEFERRED, &t->words);
		return CLIENT_DONE;
	case 5:
		if (code == 503)
			return out_of_step(c);
		mail_settle_state(t->mail, RCPT_TAKEN, JOB_FAILED, &t->words);
		return CLIENT_DONE;
	default:
		return client_senseless(c, PHASE_END);
	}
}

/* One recipient's reply to the end of the text. */
static enum client_verdict
take_end_of(struct transaction *t, size_t rcpt)
{
	static const enum job_fate fates[] = {
		[2] = JOB_DELIVERED, [4] = JOB_DEFERRED, [5] = JOB_FAILED
	};
	int code = t->c->link.reply.code;

	if (code == 503)
		return out_of_step(t->c);
	if (code / 100 == 3)
		return client_senseless(t->c, PHASE_END);
	words_reply(&t->words, &t->c->link.reply);
	mail_settle(t->mail, rcpt, fates[code / 100], &t->words);
	return CLIENT_DONE;
}

/* LMTP answers the end of the text for every recipient that it accepted, in
 * their order (RFC 2033 4.2); the first answer is in the link. What is true is
 * told before the next one is waited for. */
static enum client_verdict
take_ends(struct transaction *t)
{
	enum client_verdict verdict = CLIENT_DONE;
	bool waits = false;

	for (size_t i = 0; i < t->steps && verdict == CLIENT_DONE; i++) {
		if (t->step[i].kind != STEP_RCPT ||
			t->mail->rcpt[t->step[i].rcpt] != RCPT_TAKEN)
			continue;
		if (waits && t->c->link.at == t->c->link.len)
			t->mail->flush(t->mail->ctx);
		if (waits)
			verdict = client_reply(t->c, PHASE_END);
		if (verdict == CLIENT_DONE)
			verdict = take_end_of(t, t->step[i].rcpt);
		waits = true;
	}
	return verdict;
}

/* A server that asks for a text though it took nobody gets one, by SMTP. By
 * LMTP nobody can say how often it will answer. */
static enum client_verdict
text_for_nobody(struct client *c)
{
	return c->lmtp ? client_senseless(c, PHASE_DATA) : text_send_none(c);
}

/* DATA was answered: sends the text, or what a server gets that asks for one
 * though it took nobody. */
static enum client_verdict
text(struct transaction *t)
{
	enum client_verdict verdict;

	if (t->c->link.at < t->c->link.len)
		return client_unasked(t->c, PHASE_TEXT);
	if (!t->accepted)
		return text_for_nobody(t->c);
	verdict = text_send(t->c, &t->mail->text, t->shape.convert);
	if (verdict == CLIENT_DONE)
		verdict = t->c->lmtp ? take_ends(t) : take_end(t);
	if (verdict == CLIENT_HELD)
		mail_settle_state(t->mail, RCPT_TAKEN, JOB_HELD, &t->c->words);
	else if (verdict != CLIENT_DONE)
		mail_settle_state(
			t->mail, RCPT_TAKEN, JOB_DEFERRED, &t->c->words);
	return verdict;
}

static enum client_verdict
transaction_run(struct client *c, struct mail *m, const struct shape *shape)
{
	struct transaction *t = &current;
	enum client_verdict verdict;

	*t = (struct transaction){
		.c = c, .mail = m, .shape = *shape, .lines = BUF(line_space)
	};
	if (steps_build(t) == -1)
		return CLIENT_DONE;
	verdict = dialogue(t);
	c->dirty = true;
	c->mails++;
	if (verdict == CLIENT_DONE && t->go)
		verdict = text(t);
	if (verdict != CLIENT_DONE) {
		mail_reopen(m);
		return verdict;
	}
	if (t->mail_later) {
		client_quit(c);
		c->words = t->words;
		return CLIENT_NEXT;
	}
	return CLIENT_DONE;
}

enum client_verdict
transaction_send(struct client *c, struct mail *m)
{
	uint64_t offered = c->offers.mail_max;
	uint64_t most =
		c->most && (!offered || c->most < offered) ? c->most : offered;
	struct shape shape;
	enum client_verdict verdict = CLIENT_DONE;

	if (shape_find(c, m, &shape) == -1)
		return CLIENT_DONE;
	while (verdict == CLIENT_DONE && mail_pending(m)) {
		if (!client_connected(c))
			return CLIENT_NEXT;
		verdict = transaction_run(c, m, &shape);
		if (most && c->mails >= most && client_connected(c)) {
			words_say(&c->words, "4.5.3",
				"no more than %llu messages at a time",
				(unsigned long long)most);
			client_quit(c);
		}
	}
	return mail_pending(m) ? verdict : CLIENT_DONE;
}

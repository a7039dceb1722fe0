/* SPDX-License-Identifier: ISC */
#include "smtp/message.h"

#include <errno.h>
#include <sys/random.h>

#include "smtp/pace.h"
#include "smtp/trace.h"
#include "sys/clock.h"
#include "sys/log.h"

_Static_assert(sizeof((struct session *)0)->text >= TRACE_MAX + 2 * WIRE_IN + 2,
	"the first piece holds the trace field and a whole read");
_Static_assert(SESSION_HEAD >= LIMIT_ADDRESS + LIMIT_ENVID + LIMIT_HELO +
				       LIMIT_IDENTITY + 256,
	"every record but those of the recipients");

/* How the message came (RFC 3848, RFC 6531 4.3). */
static struct span
proto_of(const struct session *s)
{
	/* inside TLS; whether the client has said AUTH; both */
	static const struct span esmtp[] = { SPAN_INIT("ESMTP"),
		SPAN_INIT("ESMTPS"), SPAN_INIT("ESMTPA"),
		SPAN_INIT("ESMTPSA") };
	static const struct span utf8[] = { SPAN_INIT("UTF8SMTP"),
		SPAN_INIT("UTF8SMTPS"), SPAN_INIT("UTF8SMTPA"),
		SPAN_INIT("UTF8SMTPSA") };
	/* a certificate is no AUTH */
	size_t how = s->secure.on + 2U * s->conn.authenticated;

	if (s->mail.smtputf8)
		return utf8[how];
	return s->conn.esmtp ? esmtp[how] : SPAN("SMTP");
}

static struct span
helo_of(const struct session *s)
{
	return (struct span){ s->conn.helo, s->conn.helo_len };
}

static struct span
identity_of(const struct session *s)
{
	return (struct span){ s->conn.identity, s->conn.identity_len };
}

static struct span
sender_of(const struct session *s)
{
	return (struct span){ s->mail.sender, s->mail.sender_len };
}

enum event
message_begin(struct session *s)
{
	uint64_t chance;

	if (getrandom(&chance, sizeof chance, 0) != sizeof chance) {
		log_reason(LOG_LEVEL_ERROR, "queue", "no random numbers");
		return EVENT_QUEUE;
	}
	queue_id_print(s->id, clock_wall_us(), chance);
	s->inject = (struct inject){ .plan = NULL };
	return EVENT_DATA;
}

void
message_abort(struct session *s)
{
	inject_abort(&s->inject);
}

/* Writes the trace field; returns its length. */
static size_t
print_trace(struct session *s)
{
	struct buf out = BUF(s->text);
	struct trace trace = {
		.peer = s->peer,
		.helo = helo_of(s),
		.by = span_of(s->set->me),
		.proto = proto_of(s),
		.tls = s->secure.word.version,
		.cipher = s->secure.word.cipher,
		.id = {s->id, QUEUE_ID},
		.seconds = clock_wall_us() / 1000000,
		.hidden = s->set->policy.hidden,
		.identity = s->set->authtrace ? identity_of(s) : SPAN(""),
	};

	if (s->mail.rcpts == 1)
		trace.rcpt = s->last_rcpt;
	trace_print(&out, &trace);
	return out.len;
}

/* What is wrong with the text so far, or EVENT_ACCEPTED. */
static enum event
judge_text(const struct session *s)
{
	const struct dot *dot = &s->dot;
	const struct settings *set = s->set;

	if (dot->bare)
		return EVENT_TEXT_BARE;
	if (dot->nul)
		return EVENT_TEXT_NUL;
	if (set->databytes && dot->size > set->databytes)
		return EVENT_TOO_BIG;
	if (dot->received >= LIMIT_RECEIVED)
		return EVENT_LOOP;
	if (set->linemax && dot->longest > set->linemax)
		return EVENT_TEXT_LINE;
	return EVENT_ACCEPTED;
}

/* What may be submitted; `event` is what was found so far. A relay
 * passes on whatever comes (RFC 6409 8). */
static enum event
judge_head(struct session *s, enum event event)
{
	const char *fault;

	if (event != EVENT_ACCEPTED || !s->set->submission)
		return event;
	headcheck_end(&s->head);
	fault = headcheck_fault(&s->head);
	if (!fault)
		return event;
	buf_str(&s->detail, fault);
	return EVENT_HEADER;
}

/* Reads more text. EVENT_DATA: there is some. */
static enum event
read_more(struct session *s, struct pace *pace)
{
	for (;;) {
		enum wire_verdict verdict =
			wire_fill(&s->wire, pace_deadline(pace), NULL);
		int64_t now = clock_ms();

		if (verdict == WIRE_OK)
			return pace_step(pace, s->wire.in.n, now) ? EVENT_DATA
								  : EVENT_SLOW;
		if (verdict != WIRE_TIMEOUT)
			return EVENT_GONE;
		if (now >= s->wire.end)
			return EVENT_SESSION;
		if (now < pace_deadline(pace))
			return EVENT_TIMEOUT;
		if (!pace_step(pace, 0, now))
			return EVENT_SLOW;
	}
}

/* Passes on what has gathered. What is bound to be refused is read, and not
 * passed on. */
static void
pass_text(struct session *s, size_t *kept)
{
	if (*kept && judge_text(s) == EVENT_ACCEPTED) {
		if (!s->inject.plan)
			inject_open(&s->inject, &s->set->plan, s->id);
		inject_text(&s->inject, (struct span){ s->text, *kept });
	}
	*kept = 0;
}

/* Reads the text to its end; *kept octets of it stay in s->text. A message of
 * usual size stays there whole, so that the queue is started for what has
 * come and is good, and never waits for the client. */
static enum event
stream(struct session *s, size_t *kept)
{
	struct pace pace;
	enum dot_verdict verdict;

	*kept = print_trace(s);
	pace_begin(&pace, s->set->datarate, clock_ms());
	dot_begin(&s->dot, s->set->policy.normalize);
	s->head = (struct headcheck){ .fed = 0 };
	do {
		size_t n;

		if (!s->wire.in.n) {
			enum event event = read_more(s, &pace);

			if (event != EVENT_DATA)
				return event;
		}
		if (2 * s->wire.in.n + 2 > sizeof s->text - *kept)
			pass_text(s, kept);
		verdict = dot_feed(&s->dot, &s->wire.in, s->text + *kept, &n);
		if (s->set->submission)
			(void)headcheck_feed(
				&s->head, (struct span){ s->text + *kept, n });
		*kept += n;
	} while (verdict == DOT_MORE);
	return judge_head(s, judge_text(s));
}

static void
print_head(const struct session *s, struct buf *head)
{
	const struct transaction *mail = &s->mail;
	struct span body = mail->body;
	char client[IP_TEXT + 1];
	struct buf peer = BUF(client);

	/* 8-bit text without BODY, or against it, is what it is (P12). */
	if (s->dot.eight_bit)
		body = SPAN("8BITMIME");
	peer_print(&peer, s->peer);
	envelope_put(head, 'F', sender_of(s));
	if (body.n)
		envelope_put(head, 'B', body);
	if (mail->smtputf8)
		envelope_put(head, 'U', SPAN(""));
	if (mail->envid_len)
		envelope_put(head, 'E',
			(struct span){ mail->envid, mail->envid_len });
	if (mail->ret.n)
		envelope_put(head, 'R', mail->ret);
	if (mail->requiretls)
		envelope_put(head, 'Q', SPAN(""));
	envelope_put(head, 'P', proto_of(s));
	envelope_put(head, 'C', buf_text(&peer));
	envelope_put(head, 'H', helo_of(s));
	if (s->conn.identity_len)
		envelope_put(head, 'A', identity_of(s));
}

/* Names as many recipients as the line has room for, then how many more. */
static void
log_rcpts(const struct session *s, struct log *log)
{
	enum { MORE = 32 }; /* room for " more=N" */
	struct span rest = buf_text(&s->rcpts);
	uint64_t named = 0;

	while (rest.n) {
		struct span record = span_head(rest, span_find(rest, '\0'));

		rest = span_from(rest, record.n + 1);
		if (record.p[0] != 'T')
			continue;
		/* every byte may be printed as four */
		if (log->line.cap - log->line.len < 4 * record.n + MORE)
			break;
		log_text(log, "to", span_from(record, 1));
		named++;
	}
	if (named < s->mail.rcpts)
		log_number(log, "more", s->mail.rcpts - named);
}

static void
log_accepted(const struct session *s)
{
	struct log log;

	log_begin(&log, LOG_LEVEL_INFO, "accepted");
	log_text(&log, "id", (struct span){ s->id, QUEUE_ID });
	log_number(&log, "size", s->dot.size);
	peer_log(&log, s->peer);
	log_text(&log, "proto", proto_of(s));
	if (s->secure.on)
		log_text(&log, "tls", s->secure.word.version);
	if (s->conn.identity_len)
		log_text(&log, "identity", identity_of(s));
	log_text(&log, "helo", helo_of(s));
	log_text(&log, "from", sender_of(s));
	log_rcpts(s, &log);
	log_write(&log);
}

/* Passes the rest of the text on, and the envelope, in one write when it is
 * of usual size. */
static enum event
finish(struct session *s, size_t kept)
{
	static char head_text[SESSION_HEAD];
	struct buf head = BUF(head_text);

	pass_text(s, &kept);
	print_head(s, &head);
	if (s->rcpts.len < head.cap - head.len) {
		buf_span(&head, buf_text(&s->rcpts));
		buf_char(&head, '\0');
		return inject_finish(&s->inject, SPAN(""), buf_text(&head));
	}
	s->rcpts.p[s->rcpts.len] = '\0'; /* session_begin kept room for it */
	return inject_finish(&s->inject, buf_text(&head),
		(struct span){ s->rcpts.p, s->rcpts.len + 1 });
}

enum event
message_take(struct session *s)
{
	size_t kept;
	enum event event = stream(s, &kept);

	if (event == EVENT_ACCEPTED)
		event = finish(s, kept);
	inject_abort(&s->inject);
	if (event == EVENT_ACCEPTED) {
		s->conn.messages++;
		log_accepted(s);
		buf_span(&s->detail, (struct span){ s->id, QUEUE_ID });
	}
	return event;
}

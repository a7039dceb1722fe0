/* SPDX-License-Identifier: ISC */
#include "smtp/session.h"

#include "pure/ascii.h"
#include "smtp/identity.h"
#include "smtp/message.h"
#include "smtp/verbs.h"
#include "sys/clock.h"
#include "sys/exploit.h"
#include "sys/log.h"

/* The first octet of a TLS record that opens a connection (RFC 8446 5.1). */
enum { TLS_HANDSHAKE = 0x16 };

/* --- state ---------------------------------------------------------------- */

enum session_state
session_state(const struct session *s)
{
	if (s->conn.denied)
		return IN_DENIED;
	/* what this machine says to itself goes over no wire */
	if (s->set->tlsrequired && !s->secure.on && !s->set->policy.here)
		return IN_CLEAR;
	if (!s->conn.helo_len)
		return IN_START;
	if (!s->mail.open)
		return IN_GREETED;
	return s->mail.rcpts ? IN_RCPT : IN_MAIL;
}

void
session_reset(struct session *s)
{
	s->mail = (struct transaction){ .open = false };
	s->rcpts.len = 0;
	s->rcpts.over = false;
	s->last_rcpt = SPAN("");
}

void
session_begin(struct session *s, struct settings *set, const struct peer *peer,
	int in_fd, int out_fd, const volatile sig_atomic_t *stop)
{
	s->set = set;
	s->peer = peer;
	s->stop = stop;
	s->rcpts = BUF(s->rcpts_text);
	s->rcpts.cap--; /* for the NUL that ends an envelope */
	s->detail = BUF(s->detail_text);
	s->secure.ask.fd = -1;
	wire_begin(&s->wire, in_fd, out_fd);
	s->wire.timeout = (int64_t)set->timeout * 1000;
	s->wire.end = clock_ms() + (int64_t)set->sessiontime * 1000;
	s->conn.denied = set->policy.denied;
	session_reset(s);
}

bool
session_tls_possible(const struct session *s)
{
	return s->set->tls && s->peer->socket && s->peer->kind != PEER_LOCAL &&
	       secure_possible(s->wire.in_fd, s->wire.out_fd);
}

/* True for those who must wait for replies where RFC 2920 says so: strangers
 * on a network. A file on fd 0 cannot wait. */
static bool
must_wait(const struct session *s)
{
	return !s->set->policy.relay &&
	       (s->peer->kind != PEER_UNKNOWN || s->peer->socket);
}

/* --- commands ------------------------------------------------------------- */

static bool
has_control(struct span line)
{
	for (size_t i = 0; i < line.n; i++)
		if (ascii_control(line.p[i]) && line.p[i] != '\t')
			return true;
	return false;
}

/* Judges what stands behind a verb before its handler does. EVENT_NOOP: it
 * may go on. */
static enum event
judge_argument(const struct verb *verb, struct span line, struct span argument)
{
	bool host = verb->argument == ARG_HOST;

	if (has_control(line))
		return host ? EVENT_HELO_ARGUMENT : EVENT_CONTROL;
	if (verb->argument == ARG_NONE && argument.n)
		return EVENT_NO_ARGUMENT;
	if (verb->argument != ARG_NONE && verb->argument != ARG_MAY &&
		verb->argument != ARG_RAW && !argument.n)
		return host ? EVENT_HELO_ARGUMENT : EVENT_ARGUMENT;
	if (verb->argument != ARG_PATH && verb->argument != ARG_RAW &&
		ascii_has_high(argument))
		return host ? EVENT_HELO_ARGUMENT : EVENT_EIGHT_BIT;
	return EVENT_NOOP;
}

/* Where the verb of a line ends. */
static size_t
word_end(struct span line)
{
	size_t n = 0;

	while (n < line.n && line.p[n] != ' ' && line.p[n] != '\t')
		n++;
	return n;
}

/* Judges a line whose verb is not in the table. */
static enum event
unknown_event(const struct session *s, struct span line, size_t word)
{
	if (s->conn.denied)
		return EVENT_ORDER;
	if (has_control(line))
		return EVENT_CONTROL;
	return word ? EVENT_UNKNOWN : EVENT_SYNTAX;
}

/* A verb that is not legal now. */
static enum event
order_event(const struct session *s, const struct verb *verb)
{
	if (session_state(s) != IN_CLEAR)
		return EVENT_ORDER;
	/* whoever says that is not to go on */
	if (!verb->handle && reply_of(verb->event)->then == THEN_CLOSE)
		return verb->event;
	return EVENT_TLS_NEEDED;
}

enum event
session_command(struct session *s, struct span line)
{
	size_t word = word_end(line);
	const struct verb *verb = verb_find(span_head(line, word));
	struct span argument = span_trim(span_from(line, word));
	enum event event;

	exploit_seen(line);
	if (!verb || verb->junk)
		s->conn.junk++;
	if (!verb)
		return unknown_event(s, line, word);
	if (!(verb->legal & session_state(s)))
		return order_event(s, verb);
	event = judge_argument(verb, line, argument);
	if (event == EVENT_NOOP)
		event = verb->handle ? verb->handle(s, argument) : verb->event;
	if (verb->ends_group && must_wait(s) && wire_waiting(&s->wire))
		return EVENT_SYNC;
	return event;
}

/* TLS where none was begun: the other kind of port was meant. */
static enum event
explain_tls(struct session *s)
{
	struct buf cause = BUF(s->login.cause);

	if (!s->secure.on)
		buf_str(&cause, "the client began with TLS at once, which port "
				"465 (postern-smtpd -t) is for; this port "
				"begins in clear text, and has STARTTLS");
	s->login.cause_len = cause.len;
	return EVENT_FOREIGN;
}

/* Reads on. EVENT_NOOP: there is something to read. */
static enum event
fill(struct session *s, int64_t until)
{
	switch (wire_fill(&s->wire, until, s->stop)) {
	case WIRE_OK:
		break;
	case WIRE_TIMEOUT:
		return clock_ms() >= s->wire.end ? EVENT_SESSION
						 : EVENT_TIMEOUT;
	case WIRE_STOP:
		return EVENT_SHUTDOWN;
	default:
		return EVENT_GONE;
	}
	if ((!s->line.seen || s->line.done) && s->wire.in.p[0] == TLS_HANDSHAKE)
		return explain_tls(s);
	return EVENT_NOOP;
}

enum event
session_line(struct session *s, struct span *line)
{
	int64_t until = 0;

	*line = SPAN("");
	for (;;) {
		enum line_verdict verdict = line_feed(
			&s->line, &s->wire.in, s->set->policy.normalize);
		enum event event;

		switch (verdict) {
		case LINE_MORE:
			/* the timeout is the line's, not each octet's */
			if (until == 0)
				until = clock_ms() + s->wire.timeout;
			event = fill(s, until);
			if (event != EVENT_NOOP)
				return event;
			break;
		case LINE_READY:
			*line = (struct span){ s->line.text, s->line.len };
			return EVENT_NOOP;
		case LINE_LONG:
			return EVENT_LONG;
		case LINE_BARE:
			return EVENT_BARE;
		case LINE_FLOOD:
			return EVENT_FLOOD;
		}
	}
}

/* The next command, judged; *line is it, for the log. */
static enum event
next_event(struct session *s, struct span *line)
{
	enum event event = session_line(s, line);

	if (event != EVENT_NOOP)
		return event;
	if (s->line.seen > LIMIT_COMMAND && !identity_secret(*line)) {
		*line = SPAN("");
		return EVENT_LONG;
	}
	return session_command(s, *line);
}

/* --- replies -------------------------------------------------------------- */

/* The keywords of RFC 5321 4.1.1.1: what is enabled, and nothing else. */
static void
print_ehlo(struct session *s, const struct reply *reply)
{
	const struct settings *set = s->set;
	char text[64];
	char login[sizeof s->login.offered + 8];
	struct buf size = BUF(text);
	struct buf auth = BUF(login);
	struct span lines[12] = { span_of(set->me), SPAN("PIPELINING"),
		SPAN("SIZE"), SPAN("8BITMIME"), SPAN("SMTPUTF8"),
		SPAN("ENHANCEDSTATUSCODES"), SPAN("DSN"), SPAN("LIMITS") };
	size_t n = 8;
	size_t limits;

	buf_str(&size, "SIZE");
	if (set->databytes) {
		buf_char(&size, ' ');
		buf_number(&size, set->databytes);
	}
	limits = size.len;
	buf_str(&size, "LIMITS RCPTMAX=");
	buf_number(&size, set->rcptmax);
	buf_str(&size, " MAILMAX=");
	buf_number(&size, set->mailmax);
	lines[2] = span_head(buf_text(&size), limits);
	lines[n - 1] = span_from(buf_text(&size), limits);
	if (s->conn.starttls)
		lines[n++] = SPAN("STARTTLS");
	if (s->secure.on)
		lines[n++] = SPAN("REQUIRETLS");
	buf_str(&auth, "AUTH ");
	buf_span(&auth, identity_offered(s));
	if (identity_offered(s).n)
		lines[n++] = buf_text(&auth);
	for (size_t i = 0; i < n; i++)
		reply_print(&s->wire.out, reply, lines[i], i + 1 < n);
}

/* What of a line the log may have. A client whose AUTH was refused may
 * go on with what it would have said then. */
static struct span
loggable(const struct session *s, struct span line, const struct reply *reply)
{
	if (identity_secret(line))
		return identity_shown(line);
	if (s->login.tried && (reply == reply_of(EVENT_UNKNOWN) ||
				      reply == reply_of(EVENT_CONTROL)))
		return SPAN("");
	return line;
}

static void
log_refused(struct session *s, const struct reply *reply, struct span line)
{
	char text[LIMIT_REPLY];
	struct buf reason = BUF(text);
	struct log log;

	buf_str(&reason, reply->text);
	if (s->detail.len) {
		buf_char(&reason, ' ');
		buf_span(&reason, buf_text(&s->detail));
	}
	log_begin(&log, LOG_LEVEL_WARNING, "refused");
	log_number(&log, "code", reply->code);
	log_text(&log, "reason", buf_text(&reason));
	peer_log(&log, s->peer);
	if (s->mail.open)
		log_text(&log, "from",
			(struct span){ s->mail.sender, s->mail.sender_len });
	if (s->login.cause_len)
		log_text(&log, "cause",
			(struct span){ s->login.cause, s->login.cause_len });
	line = loggable(s, line, reply);
	if (line.n)
		log_text(&log, "command", line);
	log_write(&log);
}

/* A client with too many recipients gets the same answer for each; one line
 * of log will do. */
static bool
worth_a_line(struct session *s, enum event event, const struct reply *reply)
{
	bool again = event == EVENT_RCPT_MANY && s->mail.many;

	s->mail.many |= event == EVENT_RCPT_MANY;
	return reply->code >= 400 && !again;
}

/* Too many errors end a session, whatever the last one was (S-040). */
static enum event
count(struct session *s, enum event event)
{
	const struct reply *reply = reply_of(event);

	if (reply->code >= 500)
		s->conn.errors++;
	/* what is put off is no progress; a list with more recipients than
	 * one message takes is none the worse for it */
	else if (reply->code >= 400 && event != EVENT_RCPT_MANY)
		s->conn.junk++;
	if (event == EVENT_ACCEPTED)
		s->conn.junk = 0;
	if (reply->then == THEN_GO_ON &&
		(s->conn.errors > LIMIT_ERRORS || s->conn.junk > LIMIT_JUNK))
		return EVENT_TOO_MANY;
	return event;
}

/* Does what an event asks for: count, log, reply, end. */
static void
act(struct session *s, enum event event, struct span line)
{
	const struct reply *reply;

	event = count(s, event);
	reply = reply_of(event);
	if (worth_a_line(s, event, reply))
		log_refused(s, reply, line);
	if (reply->code && wire_room(&s->wire, LIMIT_REPLY * 2) != WIRE_OK)
		event = EVENT_GONE;
	else if (event == EVENT_EHLO)
		print_ehlo(s, reply);
	else if (event == EVENT_HELO)
		reply_print(&s->wire.out, reply, span_of(s->set->me), false);
	else if (reply->code)
		reply_print(&s->wire.out, reply, buf_text(&s->detail), false);
	s->detail.len = 0;
	s->detail.over = false;
	s->login.cause_len = 0;
	if (reply_of(event)->then != THEN_CLOSE)
		return;
	s->conn.over = true;
	s->conn.why = reply_of(event)->text;
}

/* --- the conversation ----------------------------------------------------- */

static void
log_connection(const struct session *s)
{
	struct log log;

	log_begin(&log, LOG_LEVEL_INFO, "connection");
	peer_log(&log, s->peer);
	if (s->peer->port)
		log_number(&log, "port", s->peer->port);
	log_text(
		&log, "relay", s->set->policy.relay ? SPAN("yes") : SPAN("no"));
	log_write(&log);
}

static void
log_end(const struct session *s)
{
	struct log log;

	log_begin(&log, LOG_LEVEL_INFO, "end");
	log_text(&log, "why", span_of(s->conn.why));
	if (s->secure.on)
		log_text(&log, "tls", s->secure.word.version);
	log_number(&log, "messages", s->conn.messages);
	log_number(&log, "errors", s->conn.errors);
	peer_log(&log, s->peer);
	log_write(&log);
}

static void
print_greeting(struct session *s)
{
	static const struct reply welcome = { 220, "", "", THEN_GO_ON };

	if (s->conn.denied) {
		buf_str(&s->detail, s->set->me);
		buf_str(&s->detail, " takes no mail from ");
		peer_print(&s->detail, s->peer);
		buf_str(&s->detail, "; see denyfrom");
		act(s, EVENT_DENIED, SPAN(""));
	} else if (must_wait(s) && wire_waiting(&s->wire)) {
		enum event event = fill(s, CLOCK_NEVER);

		act(s, event == EVENT_FOREIGN ? event : EVENT_EARLY, SPAN(""));
	} else {
		reply_print(&s->wire.out, &welcome, span_of(s->set->greeting),
			false);
	}
}

static void
log_handshake(const struct session *s, struct span why)
{
	const struct handover *word = &s->secure.word;
	struct log log;

	if (why.n)
		log_begin(&log, LOG_LEVEL_WARNING, "handshake");
	else
		log_begin(&log, LOG_LEVEL_INFO, "secured");
	peer_log(&log, s->peer);
	if (why.n)
		log_text(&log, "reason", why);
	else
		log_text(&log, "tls", word->version);
	if (word->cipher.n)
		log_text(&log, "cipher", word->cipher);
	if (word->name.n)
		log_text(&log, "name", word->name);
	if (word->fingerprint.n)
		log_text(&log, "fingerprint", word->fingerprint);
	if (s->conn.identity_len)
		log_text(&log, "identity",
			(struct span){
				s->conn.identity, s->conn.identity_len });
	log_write(&log);
}

/* Inside TLS all begins again (RFC 3207 4.2), and a certificate may have shown
 * who the client is. */
static enum event
begin_again(struct session *s)
{
	struct buf identity = BUF(s->conn.identity);
	int known;

	session_reset(s);
	s->conn.helo_len = 0;
	s->conn.esmtp = false;
	s->conn.starttls = false;
	s->login = (struct login){ .failures = s->login.failures };
	s->line = (struct line){ .len = 0 };
	known = policy_certificate(
		&s->set->policy, s->secure.word.fingerprint, &identity);
	s->conn.identity_len = known == 1 ? identity.len : 0;
	log_handshake(s, SPAN(""));
	if (known != -1)
		return EVENT_NOOP;
	log_reason(LOG_LEVEL_ERROR, "config", control_error(&s->set->control));
	return EVENT_CONFIG;
}

/* Hands the client over. EVENT_NOOP: the session is inside TLS. Tickets of one
 * service are none for another (T-009). */
static enum event
shake(struct session *s)
{
	static const char *const services[2][2] = {
		{"smtp",        "smtps"      },
		{ "submission", "submissions"},
	};
	const char *service = services[s->set->submission][s->set->tlsfirst];
	struct span why;

	if (secure_shake(&s->secure, s->peer, service, s->wire.in_fd,
		    s->wire.out_fd, s->wire.end, s->stop, &why) == 0)
		return begin_again(s);
	log_handshake(s, why);
	return EVENT_TLS_FAILED;
}

/* STARTTLS was said, and postern-tls is ready. Nothing may stand behind it,
 * whoever the client is: what comes later is for postern-tls to read. */
static void
take_tls(struct session *s)
{
	const struct span command = SPAN("STARTTLS");
	enum event event = EVENT_SYNC;

	if (wire_empty(&s->wire)) {
		act(s, EVENT_STARTTLS, command);
		if (s->conn.over)
			return;
		event = wire_flush(&s->wire) == WIRE_OK ? shake(s) : EVENT_GONE;
	}
	if (event != EVENT_NOOP)
		act(s, event, command);
}

/* Before the greeting: there is nobody yet to say anything to. */
static void
take_tls_first(struct session *s)
{
	enum event event = EVENT_TLS_FAILED;

	if (secure_possible(s->wire.in_fd, s->wire.out_fd) &&
		secure_open(&s->secure) == 0)
		event = shake(s);
	if (event != EVENT_NOOP)
		act(s, event, SPAN(""));
}

/* What may have held a secret is wiped. */
static void
wipe(struct session *s)
{
	explicit_bzero(s->line.text, sizeof s->line.text);
	explicit_bzero(
		s->wire.in_text, (size_t)(s->wire.in.p - s->wire.in_text));
}

static void
take_login(struct session *s, struct span line)
{
	char text[sizeof "AUTH" + 64];
	struct buf shown = BUF(text);
	enum event event;

	buf_span(&shown, span_head(identity_shown(line), sizeof text));
	event = identity_take(s);
	act(s, event, buf_text(&shown));
	wipe(s);
}

static void
take_message(struct session *s)
{
	enum event event = identity_rate(s);
	struct span command = SPAN("DATA");

	if (event == EVENT_DATA)
		event = message_begin(s);
	if (event == EVENT_DATA && must_wait(s) && wire_waiting(&s->wire)) {
		message_abort(s);
		event = EVENT_SYNC;
	}
	if (event == EVENT_DATA) {
		act(s, event, command);
		event = s->conn.over ? EVENT_GONE : message_take(s);
		message_abort(s);
	}
	if (!s->conn.over)
		act(s, event, command);
	session_reset(s);
}

void
session_run(struct session *s)
{
	log_connection(s);
	if (s->set->tlsfirst)
		take_tls_first(s);
	if (!s->conn.over)
		print_greeting(s);
	while (!s->conn.over) {
		struct span line;
		enum event event = next_event(s, &line);

		switch (reply_of(event)->then) {
		case THEN_TEXT:
			take_message(s);
			break;
		case THEN_TLS:
			take_tls(s);
			break;
		case THEN_LOGIN:
			take_login(s, line);
			break;
		default:
			act(s, event, line);
		}
		if (s->login.tried && !s->conn.authenticated)
			wipe(s);
	}
	wire_end(&s->wire);
	secure_end(&s->secure, s->wire.out_fd);
	log_end(s);
}

void
session_refuse(struct session *s)
{
	log_reason(LOG_LEVEL_ERROR, "config", control_error(&s->set->control));
	if (s->set->tlsfirst)
		return;
	act(s, EVENT_CONFIG, SPAN(""));
	wire_end(&s->wire);
}

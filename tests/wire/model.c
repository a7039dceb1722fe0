/* SPDX-License-Identifier: ISC
 *
 * model: random sequences of all verbs, good and bad, pipelined and split in
 * every way, beside the model of smtpmodel.h: every reply's code and enhanced
 * code, what EHLO offers, and the envelopes of what was taken must be the
 * model's (S-176).
 *
 *	model session COUNT WORLD [SEED]	against lib/smtp/session in this
 *			process; the socket, the queue, TLS and logins are
 *			stand-ins
 *	model wire COUNT WORLD SMTPD [SEED]	against the program itself, of
 *			profiles without TLS
 *
 * WORLD is an empty directory. Exit 1: they differ; the sequence is shown. With
 * MODEL_PLANT in the environment they differ in one limit. */
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "smtp/sasl.h"
#include "smtp/session.h"
#include "smtpmodel.h"
#include "sys/io.h"

#define LINE(text) text "\r\n", sizeof text + 1

/* clang-format off */
static const struct profile profiles[] = {
	{ .name = "stranger", .client = "192.0.2.7" },
	{ .name = "relay", .client = "192.0.2.8", .relay = true },
	{ .name = "denied", .client = "192.0.2.9", .denied = true },
	{ .name = "tls", .client = "192.0.2.7", .tls = true, .logins = true },
	{ .name = "needed",
		.client = "192.0.2.7",
		.tls = true,
		.logins = true,
		.needs_tls = true },
	{ .name = "submission",
		.client = "192.0.2.7",
		.tls = true,
		.logins = true,
		.submission = true },
	{ .name = "insecure",
		.client = "192.0.2.7",
		.logins = true,
		.insecure = true,
		.submission = true },
};
/* clang-format on */

enum { CLEAR_PROFILES = 3 };

static char overlong[2100];

/* clang-format off */
static const struct move moves[] = {
/* line                                     judge     says          order        flags */
{ LINE("EHLO c.example"),                   hello,    "EHLO",       ANY, JUNK | GROUP | BEFORE_TLS },
{ LINE("ehlo [192.0.2.7]  "),               hello,    "EHLO",       ANY, JUNK | GROUP | BEFORE_TLS },
{ LINE("HELO c.example"),                   hello,    "HELO",       ANY, JUNK | GROUP },
{ LINE("EHLO"),                             NULL,     "501 ",       ANY, JUNK | GROUP | BEFORE_TLS },
{ LINE("HELO a b"),                         NULL,     "501 ",       ANY, JUNK | GROUP },
{ LINE("EHLO a\0b"),                        NULL,     "501 ",       ANY, JUNK | GROUP | BEFORE_TLS },
{ LINE("MAIL FROM:<a@b.example>"),          mail,     "a@b.example", BEFORE_MAIL, 0 },
{ LINE("MAIL FROM:<a@b.example>"),          mail,     "a@b.example", BEFORE_MAIL, 0 },
{ LINE("mail from: <a@b.example>  "),       mail,     "a@b.example", BEFORE_MAIL, 0 },
{ LINE("MAIL FROM:<>"),                     mail,     "<>",         BEFORE_MAIL, 0 },
{ LINE("MAIL FROM:<c@d.example>"),          mail,     "c@d.example", BEFORE_MAIL, 0 },
{ LINE("MAIL FROM:<@x.example:a@b.example> SIZE=0 BODY=8bitmime"),
                                            mail,     "+a@b.example", BEFORE_MAIL, 0 },
{ LINE("MAIL FROM:<a@b.example> RET=HDRS ENVID=x+2B AUTH=<> SMTPUTF8"),
                                            mail,     "+a@b.example", BEFORE_MAIL, 0 },
{ LINE("MAIL FROM:<a@b.example> SIZE=2001"), mail,    "=",          BEFORE_MAIL, 0 },
{ LINE("MAIL FROM:<a@b.example> REQUIRETLS"), mail,   "t",          BEFORE_MAIL, 0 },
{ LINE("MAIL FROM:<a@b.example> FOO=1"),    mail,     "!555 5.5.4", BEFORE_MAIL, 0 },
{ LINE("MAIL FROM:<a@b.example> SIZE=x"),   mail,     "!501 5.5.4", BEFORE_MAIL, 0 },
{ LINE("MAIL FROM:<a@b.example> SIZE=1 SIZE=1"), mail, "!501 5.5.4", BEFORE_MAIL, 0 },
{ LINE("MAIL FROM:<a@b.example> BODY=BINARYMIME"), mail, "!555 5.5.4", BEFORE_MAIL, 0 },
{ LINE("MAIL FROM:a@b.example"),            mail,     "~501 5.5.2", BEFORE_MAIL, 0 },
{ LINE("MAIL FROM:<a@b.example"),           mail,     "~501 5.5.2", BEFORE_MAIL, 0 },
{ LINE("MAIL TO:<a@b.example>"),            mail,     "~501 5.5.2", BEFORE_MAIL, 0 },
{ LINE("MAIL FROM:<a..b@c.example>"),       mail,     "~501 5.1.7", BEFORE_MAIL, 0 },
{ LINE("MAIL FROM:<\xce\xb4@b.example>"),   mail,     "~553 5.6.7", BEFORE_MAIL, 0 },
{ LINE("MAIL"),                             mail,     "~501 5.5.4", BEFORE_MAIL, 0 },
{ LINE("MAIL FROM:<a@b.example\0>"),        mail,     "~501 5.5.2", BEFORE_MAIL, 0 },
{ LINE("RCPT TO:<u@ours.example>"),         rcpt,     "u@ours.example", AFTER_MAIL, 0 },
{ LINE("rcpt TO: <v@OURS.example> "),       rcpt,     "v@OURS.example", AFTER_MAIL, 0 },
{ LINE("RCPT TO:<u@ours.example>"),         rcpt,     "u@ours.example", AFTER_MAIL, 0 },
{ LINE("RCPT TO:<app@home.example>"),       rcpt,     "app@home.example", AFTER_MAIL, 0 },
{ LINE("RCPT TO:<u@ours.example> NOTIFY=NEVER ORCPT=rfc822;u"), rcpt, "+u@ours.example", AFTER_MAIL, 0 },
{ LINE("RCPT TO:<u@elsewhere.example>"),    rcpt,     "?u@elsewhere.example", AFTER_MAIL, 0 },
{ LINE("RCPT TO:<v%x.example@ours.example>"), rcpt,   "?v%x.example@ours.example", AFTER_MAIL, 0 },
{ LINE("RCPT TO:<@ours.example:u@elsewhere.example>"), rcpt, "?u@elsewhere.example", AFTER_MAIL, 0 },
{ LINE("RCPT TO:<nobody@home.example>"),    rcpt,     "-550 5.1.1", AFTER_MAIL, 0 },
{ LINE("RCPT TO:<>"),                       rcpt,     "~501 5.1.3", AFTER_MAIL, 0 },
{ LINE("RCPT TO:<u@[999.1.1.1]>"),          rcpt,     "~501 5.1.3", AFTER_MAIL, 0 },
{ LINE("RCPT TO:<u@ours.example"),          rcpt,     "~501 5.5.2", AFTER_MAIL, 0 },
{ LINE("RCPT TO:<u@ours.example>x"),        rcpt,     "~501 5.5.2", AFTER_MAIL, 0 },
{ LINE("RCPT TO:<u@ours.example> NOTIFY=NEVER,SUCCESS"), rcpt, "!501 5.5.4", AFTER_MAIL, 0 },
{ LINE("RCPT TO:<u@ours.example> FOO"),     rcpt,     "!555 5.5.4", AFTER_MAIL, 0 },
{ LINE("RCPT"),                             rcpt,     "~501 5.5.4", AFTER_MAIL, 0 },
{ LINE("DATA"),                             NULL,     "354 ",       AFTER_RCPT, GROUP },
{ LINE("data \t"),                          NULL,     "354 ",       AFTER_RCPT, GROUP },
{ LINE("DATA"),                             NULL,     "354 ",       AFTER_RCPT, GROUP },
{ LINE("DATA x"),                           NULL,     "501 5.5.4",  AFTER_RCPT, GROUP },
{ LINE("STARTTLS"),                         starttls, "",           ANY, JUNK | GROUP | BEFORE_TLS },
{ LINE("STARTTLS x"),                       starttls, "501 5.5.4",  ANY, JUNK | GROUP | BEFORE_TLS },
{ LINE("AUTH PLAIN AGFwcABnb29k"),          auth,     "235 2.7.0",  ANY, JUNK | GROUP },
{ LINE("AUTH PLAIN AGFwcABiYWQ="),          auth,     "535 5.7.8",  ANY, JUNK | GROUP },
{ LINE("AUTH PLAIN ?"),                     auth,     "501 5.5.2",  ANY, JUNK | GROUP },
{ LINE("AUTH PLAIN"),                       auth,     "?",          ANY, JUNK | GROUP },
{ LINE("AUTH FOO"),                         auth,     "x",          ANY, JUNK | GROUP },
{ LINE("AUTH"),                             auth,     "",           ANY, JUNK | GROUP },
{ LINE("RSET"),                             reset,    "250 2.0.0",  ANY, JUNK },
{ LINE("RSET x"),                           NULL,     "501 5.5.4",  ANY, JUNK },
{ LINE("NOOP"),                             NULL,     "250 2.0.0",  ANY, JUNK | BEFORE_TLS },
{ LINE("noop x y"),                         NULL,     "250 2.0.0",  ANY, JUNK | BEFORE_TLS },
{ LINE("NOOP \xff"),                        NULL,     "500 5.5.2",  ANY, JUNK | BEFORE_TLS },
{ LINE("VRFY x"),                           NULL,     "252 2.0.0",  ANY, JUNK },
{ LINE("VRFY"),                             NULL,     "501 5.5.4",  ANY, JUNK },
{ LINE("VRFY \xce\xb4 SMTPUTF8"),           NULL,     "252 2.0.0",  ANY, JUNK },
{ LINE("EXPN x"),                           NULL,     "502 5.5.1",  ANY, JUNK },
{ LINE("HELP"),                             NULL,     "214 2.0.0",  ANY, JUNK },
{ LINE("TURN"),                             NULL,     "502 5.5.1",  ANY, JUNK },
{ LINE("FOO bar"),                          NULL,     "500 5.5.1",  UNKNOWN, JUNK },
{ LINE("NO\0OP"),                           NULL,     "501 5.5.2",  UNKNOWN, JUNK },
{ LINE("NOOP\rRSET"),                       NULL,     "500 5.5.2",  NO_LINE, CLOSES },
{ LINE(""),                                 NULL,     "500 5.5.2",  UNKNOWN, JUNK },
{ LINE(" NOOP"),                            NULL,     "500 5.5.2",  UNKNOWN, JUNK },
{ overlong, sizeof overlong,                NULL,     "500 5.5.2",  NO_LINE, 0 },
{ "NOOP\n", 5,                              NULL,     "500 5.5.2",  NO_LINE, CLOSES },
{ LINE("BDAT 6 LAST"),                      NULL,     "502 5.5.1",  ANY, JUNK | CLOSES },
{ LINE("GET / HTTP/1.1"),                   NULL,     "500 5.5.1",  ANY, JUNK | CLOSES },
{ LINE("QUIT"),                             NULL,     "221 2.0.0",  ANY, CLOSES | BEFORE_TLS | WHEN_DENIED },
{ LINE("QUIT x"),                           NULL,     "501 5.5.4",  ANY, BEFORE_TLS | WHEN_DENIED },
};
/* clang-format on */

/* What stands behind 354; `size` is what is stored of it. */
static char big[2100], looped[1400];
/* clang-format off */
static struct text {
	const char *wire;
	size_t len;
	const char *says;
	size_t size;
} texts[] = {
	{ "x\r\n.\r\n", 6, "250 2.0.0", 3 },
	{ "From: a@b.example\r\n\r\n..\r\n...x\r\n.\r\n", 34, "250 2.0.0", 29 },
	{ ".\r\n", 3, "250 2.0.0", 0 },
	{ "\xce\xb4\r\n.y\r\n.\r\n", 11, "250 2.0.0", 7 },
	{ "x\r\n.\n.\r\n.\r\n", 11, "550 5.5.2", 0 },
	{ "x\ry\r\n.\r\n", 8, "550 5.5.2", 0 },
	{ "x\0\r\n.\r\n", 7, "554 5.6.0", 0 },
	{ big, sizeof big, "552 5.3.4", 0 },
	{ looped, 0, "554 5.4.6", 0 },
	{ "x\r\n.\r", 5, "", 0 }, /* and then nothing more */
};
/* clang-format on */

/* What a client says to 334. */
/* clang-format off */
static const struct move responses[] = {
	{ LINE("AGFwcABnb29k"), NULL, "235 2.7.0", ANY, 0 },
	{ LINE("AGFwcABiYWQ="), NULL, "535 5.7.8", ANY, 0 },
	{ LINE("*"), NULL, "501 5.7.0", ANY, 0 },
	{ LINE("?"), NULL, "501 5.5.2", ANY, 0 },
	{ "*\n", 2, NULL, "500 5.5.2", NO_LINE, CLOSES },
};
/* clang-format on */

/* --- a sequence ----------------------------------------------------------- */

enum { SEGMENTS = 512 };

static struct sequence {
	const struct profile *is;
	char octets[1 << 18];
	size_t len;
	size_t segment[SEGMENTS]; /* where each ends */
	size_t wanted[SEGMENTS];  /* how much of `want` is said by then */
	unsigned segments;
	bool early; /* the first one comes before the greeting */
	char want[1 << 14];
	size_t want_len;
	struct model model;
} seq;

static uint64_t chance_state;

static unsigned
chance(unsigned below)
{
	chance_state ^= chance_state << 13;
	chance_state ^= chance_state >> 7;
	chance_state ^= chance_state << 17;
	return (unsigned)(chance_state >> 33) % below;
}

static void
put(const char *octets, size_t n)
{
	if (n > sizeof seq.octets - seq.len)
		abort();
	memcpy(seq.octets + seq.len, octets, n);
	seq.len += n;
}

static void
end_segment(void)
{
	if (seq.segments == SEGMENTS)
		abort();
	seq.segment[seq.segments] = seq.len;
	seq.wanted[seq.segments++] = seq.want_len;
}

/* One reply more is expected; EHLO's with what it offers. */
static void
want(const char *says, bool offers)
{
	const struct model *m = &seq.model;

	seq.want_len += (size_t)snprintf(seq.want + seq.want_len,
		sizeof seq.want - seq.want_len, "%s%s%s%s\n", says,
		offers && m->starttls ? " STARTTLS" : "",
		offers && m->tls ? " REQUIRETLS" : "",
		offers && m->offers && !m->login ? " AUTH" : "");
	if (seq.want_len >= sizeof seq.want)
		abort();
}

static bool
full(void)
{
	return seq.segments + 8 > SEGMENTS ||
	       seq.len + 4096 > sizeof seq.octets ||
	       seq.want_len + 256 > sizeof seq.want;
}

/* What is submitted must have a From field (A-024). */
static const char *
deserved(const struct model *m, const struct text *text)
{
	return m->is->submission && text->says[0] == '2' && text->wire[0] != 'F'
		       ? "554 5.6.0"
		       : text->says;
}

/* 354 was said, or 334: what follows is no command. False: nothing follows. */
static bool
go_on(const char *says, bool more)
{
	struct model *m = &seq.model;

	if (!more)
		end_segment();
	if (says[2] == '4' && says[1] == '5') {
		const struct text *text = &texts[chance(LEN(texts))];

		put(text->wire, text->len);
		if (!*text->says)
			return false;
		want(model_text(m, deserved(m, text), text->size), false);
	} else {
		const struct move *line = &responses[chance(LEN(responses))];

		put(line->line, line->len);
		m->closed = line->flags & CLOSES;
		want(counted(m, line->says), false);
	}
	return !m->closed;
}

/* Plays one move. False: it was the last. */
static bool
play(const struct move *move, bool clear)
{
	struct model *m = &seq.model;
	bool more = chance(4) == 0;
	const char *says;

	/* the program has no TLS in this test */
	if (clear && (move->judge == starttls || move->judge == auth) &&
		m->is->tls)
		return true;
	put(move->line, move->len);
	says = model_move(m, move, more);
	want(says, move->judge == hello && m->esmtp && !m->closed &&
			   says[0] == '2');
	if (says[0] == '3' && !go_on(says, more))
		return false;
	if (m->closed) {
		if (more) /* which is never read */
			put("NOOP\r\n", 6);
		return false;
	}
	if (says[0] == '3')
		more = chance(4) == 0;
	if (!more)
		end_segment();
	return !full();
}

/* Any move, or one that is likely to go on from here. */
static const struct move *
next_move(void)
{
	const struct model *m = &seq.model;
	enum order order = m->rcpts && chance(2) ? AFTER_RCPT
			   : m->mail             ? AFTER_MAIL
						 : BEFORE_MAIL;
	bool any = chance(4) == 0;

	for (;;) {
		const struct move *move = &moves[chance(LEN(moves))];

		if (any || (m->greeted ? move->order == order
				       : move->judge == hello))
			return move;
	}
}

static void
make(uint64_t seed, const struct profile *is, bool clear)
{
	struct model *m = &seq.model;
	unsigned length, times;

	chance_state = (seed + 1) * 0x9e3779b97f4a7c15u;
	for (unsigned i = 0; i < 4; i++)
		(void)chance(2);
	seq.is = is;
	seq.len = seq.want_len = seq.segments = 0;
	memset(m, 0, sizeof *m);
	m->is = is;
	seq.early = !is->denied && waits(m) && chance(64) == 0;
	if (seq.early) {
		put("EHLO c.example\r\n", 16);
		want("554 5.5.0", false);
		end_segment();
		return;
	}
	want(is->denied ? counted(m, "554 ") : "220 ", false);
	end_segment();
	length = 1 + chance(40);
	for (unsigned i = 0; i < length; i++) {
		const struct move *move = next_move();

		times = chance(256) ? 1 : chance(130);
		while (times-- && !m->closed)
			if (!play(move, clear)) {
				end_segment();
				return;
			}
	}
	end_segment();
}

/* --- what was said -------------------------------------------------------- */

static char got[1 << 14];
static char taken[sizeof seq.model.accepted];
static char said[1 << 20];
static size_t said_len;

/* Is there an enhanced code here? */
static bool
enhanced(const char *p)
{
	return strspn(p, "245") > 0 && p[1] == '.' &&
	       strspn(p + 2, "0123456789") > 0;
}

/* Appends a line of a reply to `got` in the form of `want`. */
static void
note(char *line)
{
	size_t len = strlen(got);
	const char *word = line + 4;
	static const char *const offers[] = { "STARTTLS", "REQUIRETLS",
		"AUTH" };
	static bool offered[LEN(offers)];

	for (size_t i = 0; i < LEN(offers); i++)
		offered[i] |= strncmp(word, offers[i], strlen(offers[i])) == 0;
	if (line[3] == '-')
		return;
	snprintf(got + len, sizeof got - len, "%.3s %.*s%s%s%s\n", line,
		enhanced(word) ? (int)strcspn(word, " ") : 0, word,
		offered[0] ? " STARTTLS" : "", offered[1] ? " REQUIRETLS" : "",
		offered[2] ? " AUTH" : "");
	memset(offered, 0, sizeof offered);
}

/* Turns what was said into `got`; returns how many octets were used. */
static size_t
listen_to(char *text, size_t n)
{
	size_t used = 0;
	char *end;

	while (used < n && (end = memchr(text + used, '\n', n - used))) {
		if (end - (text + used) < 5 || end[-1] != '\r')
			strcat(got, "no reply\n");
		end[-1] = '\0';
		note(text + used);
		used = (size_t)(end - text) + 1;
	}
	return used;
}

static bool
same(uint64_t seed)
{
	if (strcmp(got, seq.want) == 0 &&
		strcmp(taken, seq.model.accepted) == 0)
		return true;
	fprintf(stderr, "sequence %ju of %s differs\n--- said:\n",
		(uintmax_t)seed, seq.is->name);
	for (size_t i = 0; i < seq.len; i++)
		fprintf(stderr,
			seq.octets[i] == '\n' || (seq.octets[i] >= ' ')
				? "%c"
				: "\\%02x",
			(unsigned char)seq.octets[i]);
	fprintf(stderr, "\n--- wanted:\n%s%s--- got:\n%s%s", seq.want,
		seq.model.accepted, got, taken);
	return false;
}

/* Appends the envelope and size of a message that was taken. */
static void
note_taken(struct span records, char separator, size_t size)
{
	size_t len = strlen(taken);
	struct buf out = { taken + len, sizeof taken - len - 1, 0, false };

	while (records.n && records.p[0] != separator) {
		struct span record =
			span_head(records, span_find(records, separator));

		records = span_from(records, record.n + 1);
		if (record.p[0] == 'T')
			buf_char(&out, ' ');
		if (record.p[0] == 'F' || record.p[0] == 'T')
			buf_span(&out, record);
	}
	buf_str(&out, " #");
	buf_number(&out, size);
	buf_char(&out, '\n');
	buf_cstr(&out);
}

/* --- in this process ------------------------------------------------------ */

static struct session session;
static struct settings settings[LEN(profiles)];
static int ours, theirs;
static unsigned at;
static size_t fed;
static size_t text_size;
static char text[1 << 16];

ssize_t __wrap_io_read(int fd, void *to, size_t n, int64_t deadline,
	const volatile sig_atomic_t *stop);
int __wrap_io_write(int fd, const void *from, size_t n, int64_t deadline);
int __wrap_io_write_last(int fd, const void *from, size_t n, int64_t deadline);
void __wrap_log_write(struct log *log);
void __wrap_inject_open(
	struct inject *in, struct inject_plan *plan, const char id[QUEUE_ID]);
void __wrap_inject_text(struct inject *in, struct span more);
enum event __wrap_inject_finish(
	struct inject *in, struct span head, struct span rcpts);
void __wrap_inject_abort(struct inject *in);
bool __wrap_secure_possible(int in_fd, int out_fd);
bool __wrap_secure_ready(struct secure *s, struct control *c);
int __wrap_secure_open(struct secure *s);
int __wrap_secure_shake(struct secure *s, const struct peer *peer,
	const char *service, int in_fd, int out_fd, int64_t until,
	const volatile sig_atomic_t *stop, struct span *why);
void __wrap_secure_end(struct secure *s, int out_fd);
int __wrap_sasl_open(struct sasl *a);
int __wrap_sasl_ask(struct sasl *a, const struct authtalk *say);
void __wrap_sasl_close(struct sasl *a);

/* The client says its next segment when it has heard all replies. */
static void
feed(void)
{
	size_t from = at ? seq.segment[at - 1] : 0;

	if (write(ours, seq.octets + from, seq.segment[at] - from) == -1)
		abort();
	fed = seq.segment[at++] - from;
}

ssize_t
__wrap_io_read(int fd, void *to, size_t n, int64_t deadline,
	const volatile sig_atomic_t *stop)
{
	ssize_t got_now;

	(void)deadline, (void)stop;
	while (!fed && at < seq.segments)
		feed();
	if (!fed)
		return 0;
	n = chance(3) && n > 8 ? 1 + chance(8) : n;
	got_now = read(fd, to, n);
	if (got_now < 0)
		abort();
	fed -= (size_t)got_now;
	return got_now;
}

int
__wrap_io_write(int fd, const void *from, size_t n, int64_t deadline)
{
	(void)fd, (void)deadline;
	if (n > sizeof said - said_len)
		abort();
	memcpy(said + said_len, from, n);
	said_len += n;
	return 0;
}

int
__wrap_io_write_last(int fd, const void *from, size_t n, int64_t deadline)
{
	return __wrap_io_write(fd, from, n, deadline);
}

void
__wrap_log_write(struct log *log)
{
	(void)log;
}

void
__wrap_inject_open(
	struct inject *in, struct inject_plan *plan, const char id[QUEUE_ID])
{
	(void)id;
	*in = (struct inject){ .plan = plan };
	text_size = 0;
}

void
__wrap_inject_text(struct inject *in, struct span more)
{
	(void)in;
	if (more.n > sizeof text - text_size)
		abort();
	memcpy(text + text_size, more.p, more.n);
	text_size += more.n;
}

/* How long the trace field is that begins the text. */
static size_t
trace_size(struct span whole)
{
	size_t n = span_begins_nocase(whole, SPAN("Received:"))
			   ? span_find(whole, '\n')
			   : 0;

	while (n + 1 < whole.n && whole.p[n + 1] == '\t')
		n += 1 + span_find(span_from(whole, n + 1), '\n');
	return n + 1;
}

enum event
__wrap_inject_finish(struct inject *in, struct span head, struct span rcpts)
{
	static char records[SESSION_HEAD];
	struct buf all = BUF(records);

	(void)in;
	buf_span(&all, head);
	buf_span(&all, rcpts);
	note_taken(buf_text(&all), '\0',
		text_size - trace_size((struct span){ text, text_size }));
	return EVENT_ACCEPTED;
}

void
__wrap_inject_abort(struct inject *in)
{
	*in = (struct inject){ .plan = NULL };
}

bool
__wrap_secure_possible(int in_fd, int out_fd)
{
	return in_fd == out_fd;
}

bool
__wrap_secure_ready(struct secure *s, struct control *c)
{
	(void)s, (void)c;
	return true;
}

int
__wrap_secure_open(struct secure *s)
{
	(void)s;
	return 0;
}

int
__wrap_secure_shake(struct secure *s, const struct peer *peer,
	const char *service, int in_fd, int out_fd, int64_t until,
	const volatile sig_atomic_t *stop, struct span *why)
{
	(void)peer, (void)service, (void)in_fd, (void)out_fd, (void)until,
		(void)stop, (void)why;
	s->on = true;
	s->word.version = SPAN("TLSv1.3");
	return 0;
}

void
__wrap_secure_end(struct secure *s, int out_fd)
{
	(void)s, (void)out_fd;
}

int
__wrap_sasl_open(struct sasl *a)
{
	a->talk = (struct authtalk){ .mechanisms = SPAN("PLAIN") };
	return 0;
}

int
__wrap_sasl_ask(struct sasl *a, const struct authtalk *say)
{
	struct span secret = say->initial.n ? say->initial : say->response;

	a->talk = (struct authtalk){ .challenge = SPAN("") };
	if (!secret.n)
		a->talk.challenge = SPAN("=");
	else if (span_eq(secret, SPAN("AGFwcABnb29k")))
		a->talk.identity = SPAN("app");
	else if (span_eq(secret, SPAN("AGFwcABiYWQ=")))
		a->talk.refused = SPAN("wrong password");
	else
		a->talk.broken = SPAN("no base64");
	return 0;
}

void
__wrap_sasl_close(struct sasl *a)
{
	(void)a;
}

static void
run_session(unsigned who)
{
	struct settings *set = &settings[who];
	struct policy saved = set->policy;
	struct peer peer = { .kind = PEER_INET, .socket = true };

	if (ip_parse(span_of(seq.is->client), &peer.ip) == -1)
		abort();
	memset(&session, 0, offsetof(struct session, line));
	session.line = (struct line){ .len = 0 };
	at = 0;
	fed = said_len = 0;
	session_begin(&session, set, &peer, theirs, theirs, NULL);
	if (seq.early)
		feed();
	session_run(&session);
	while (fed) { /* what was never read */
		ssize_t n = read(
			theirs, text, sizeof text < fed ? sizeof text : fed);

		if (n <= 0)
			abort();
		fed -= (size_t)n;
	}
	set->policy.relay = saved.relay;
	set->policy.gateway = saved.gateway;
	set->policy.relay_by = saved.relay_by;
	set->policy.hidden = saved.hidden;
	if (listen_to(said, said_len) != said_len)
		strcat(got, "half a reply\n");
}

/* --- over the wire -------------------------------------------------------- */

/* Reads until so much of `want` was heard, or the end. */
static void
hear(int fd, size_t wanted)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };

	while (strlen(got) < wanted) {
		ssize_t n = poll(&ready, 1, 60000) == 1
				    ? read(fd, said + said_len,
					      sizeof said - said_len)
				    : 0;
		size_t used;

		if (n <= 0)
			return;
		said_len += (size_t)n;
		used = listen_to(said, said_len);
		said_len -= used;
		memmove(said, said + used, said_len);
	}
}

static pid_t
start(const char *smtpd, int client, int log)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	setenv("TCPREMOTEIP", seq.is->client, 1);
	dup2(client, 0);
	dup2(client, 1);
	dup2(log, 2);
	execl(smtpd, smtpd, (char *)NULL);
	_exit(127);
}

static int
by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int
is_message(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* The envelope is the last line of a queue file: netstrings. */
static void
note_file(char *file, size_t n, size_t size)
{
	char *p = memrchr(file, '\n', n);
	char records[4096];
	struct buf out = BUF(records);

	for (p = p ? p + 1 : file; p < file + n;) {
		size_t len = strtoul(p, &p, 10);

		if (*p != ':' || len > (size_t)(file + n - p))
			break;
		buf_span(&out, (struct span){ p + 1, len });
		buf_char(&out, '\0');
		p += len + 2;
	}
	note_taken(buf_text(&out), '\0', size);
}

/* Notes the messages of the queue, the oldest first, and removes them. */
static void
note_queue(const char *world)
{
	char folder[LIMIT_PATH], path[2 * LIMIT_PATH];
	struct dirent **names;
	int n;

	snprintf(folder, sizeof folder, "%s/queue/new", world);
	n = scandir(folder, &names, is_message, by_name);
	for (int i = 0; i < n; i++) {
		int fd;
		ssize_t len;
		struct span message;
		size_t start_at, end_at;

		snprintf(path, sizeof path, "%s/%s", folder, names[i]->d_name);
		fd = open(path, O_RDONLY);
		len = read(fd, text, sizeof text);
		close(fd);
		unlink(path);
		free(names[i]);
		message = (struct span){ text, len > 0 ? (size_t)len : 0 };
		start_at = (size_t)((char *)memmem(
					    text, message.n, "Received:", 9) -
				    text);
		end_at = (size_t)((char *)memrchr(text, '\n', message.n) + 1 -
				  text);
		message = (struct span){ text + start_at, end_at - start_at };
		note_file(text, (size_t)len, message.n - trace_size(message));
	}
	if (n >= 0)
		free(names);
}

static void
run_wire(const char *world, const char *smtpd, int log)
{
	int pair[2], status;
	size_t from = 0;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == -1)
		abort();
	said_len = 0;
	if (seq.early && write(pair[0], seq.octets, seq.len) == -1)
		abort();
	pid = start(smtpd, pair[1], log);
	close(pair[1]);
	for (unsigned i = seq.early; i < seq.segments; i++) {
		size_t n = seq.segment[i] - from;

		if (n &&
			send(pair[0], seq.octets + from, n, MSG_NOSIGNAL) == -1)
			break;
		from += n;
		hear(pair[0], seq.wanted[i]);
	}
	shutdown(pair[0], SHUT_WR);
	hear(pair[0], sizeof got);
	close(pair[0]);
	if (waitpid(pid, &status, 0) != pid || status != 0)
		strcat(got, "exit\n");
	note_queue(world);
}

/* --- the world ------------------------------------------------------------ */

static void
write_file(const char *world, const char *name, const char *line)
{
	char path[LIMIT_PATH];
	FILE *file;

	snprintf(path, sizeof path, "%s/control/%s", world, name);
	file = fopen(path, "w");
	if (!file || fprintf(file, "%s\n", line) < 0 || fclose(file))
		abort();
}

static void
make_world(const char *world)
{
	/* clang-format off */
	static const char *const folders[] = { "control", "queue", "queue/tmp", "queue/new",
		"queue/cur", "queue/hold", "queue/failed" };
	/* clang-format on */
	/* clang-format off */
	static const char *const files[][2] = { { "me", "mx.ours.example" },
		{ "rcpthosts", "ours.example" }, { "relayfrom", "192.0.2.8" },
		{ "denyfrom", "192.0.2.9" }, { "databytes", "2000" }, { "rcptmax", "3" },
		{ "mailmax", "5" }, { "locals", "home.example" }, { "mailboxes", "app:mail/app" },
		{ "queuereserve", "0" }, { "sync", "file" }, { "datarate", "0" } };
	/* clang-format on */
	char path[LIMIT_PATH];

	for (size_t i = 0; i < LEN(folders); i++) {
		snprintf(path, sizeof path, "%s/%s", world, folders[i]);
		if (mkdir(path, 0700) == -1)
			abort();
	}
	for (size_t i = 0; i < LEN(files); i++)
		write_file(world, files[i][0], files[i][1]);
	if (getenv("MODEL_PLANT")) /* a fault that must be seen */
		write_file(world, "rcptmax", "4");
	setenv("POSTERN_HOME", world, 1);
}

/* Settings of every profile; of what is one file for all, the profile has it.
 */
static void
load_settings(const char *world)
{
	static char *env[] = { NULL };

	write_file(world, "senders", "app: a@b.example");
	write_file(world, "logins", "app: x");
	write_file(world, "tlscert", "/dev/null");
	for (size_t i = 0; i < LEN(profiles); i++) {
		struct peer peer = { .kind = PEER_INET, .socket = true };
		struct settings *set = &settings[i];

		if (ip_parse(span_of(profiles[i].client), &peer.ip) == -1)
			abort();
		set->submission = profiles[i].submission;
		if (settings_load(set, &peer, env) == -1) {
			fprintf(stderr, "%s\n", control_error(&set->control));
			exit(2);
		}
		set->tls = profiles[i].tls;
		set->logins = profiles[i].logins;
		set->tlsrequired = profiles[i].needs_tls;
		set->policy.insecure = profiles[i].insecure;
	}
}

static void
fill_texts(void)
{
	memset(overlong, 'x', sizeof overlong);
	memcpy(overlong, "NOOP ", 5);
	memcpy(overlong + sizeof overlong - 2, "\r\n", 2);
	memset(big, 'x', sizeof big);
	memcpy(big + sizeof big - 5, "\r\n.\r\n", 5);
	for (int i = 0; i < 100; i++)
		strcat(looped, "Received:\r\n");
	strcat(looped, "\r\n.\r\n");
	for (size_t i = 0; i < LEN(texts); i++)
		if (!texts[i].len)
			texts[i].len = strlen(texts[i].wire);
}

int
main(int argc, char **argv)
{
	bool wire = argc > 4 && strcmp(argv[1], "wire") == 0;
	int seed_at = wire ? 5 : 4;
	uint64_t messages = 0, replies = 0, count, seed;
	int pair[2], log;

	if (argc < 4) {
		fprintf(stderr, "usage: model session|wire COUNT WORLD [SMTPD] "
				"[SEED]\n");
		return 2;
	}
	count = strtoull(argv[2], NULL, 10);
	seed = argc > seed_at ? strtoull(argv[seed_at], NULL, 10) : 0;
	fill_texts();
	make_world(argv[3]);
	log = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (!wire)
		load_settings(argv[3]);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == -1)
		return 2;
	ours = pair[0], theirs = pair[1];
	for (uint64_t end = seed + count; seed < end; seed++) {
		unsigned who = (unsigned)(seed % (wire ? CLEAR_PROFILES
						       : LEN(profiles)));

		make(seed, &profiles[who], wire);
		got[0] = taken[0] = '\0';
		if (wire)
			run_wire(argv[3], argv[4], log);
		else
			run_session(who);
		if (!same(seed))
			return 1;
		for (const char *p = got; *p; p++)
			replies += *p == '\n';
		for (const char *p = taken; *p; p++)
			messages += *p == '\n';
	}
	printf("%ju sequences, %ju replies, %ju messages\n", (uintmax_t)count,
		(uintmax_t)replies, (uintmax_t)messages);
	return 0;
}

/* SPDX-License-Identifier: ISC */
#include "smtp/login.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "control/authsecret.h"
#include "net/sasl.h"
#include "pure/base64.h"

enum {
	/* longest message of ours: a token, a name, and what is around them */
	MESSAGE = LIMIT_TOKEN + 2048,
	LINE = BASE64_LENGTH(MESSAGE) + 64,
	/* A line with a first message in it may not be longer (RFC 4954 4). */
	LINE_FIRST = 512,
	STEPS = 4, /* challenges; no mechanism has more */
	SHOWN = 200,
	PIECE = 12, /* octets of a secret that are not to be seen together */
	PIECE_LEAST = 4,
};

/* An exchange. All of it is wiped when it is over. */
static struct exchange {
	struct client *c;
	const struct login *login;
	struct sasl sasl;
	struct authsecret secret;
	char message[MESSAGE];
	char line[LINE];
	struct span sent; /* of it what is no word of the protocol */
	char challenge[BASE64_ROOM(LIMIT_REPLY_LINE)];
} x;

/* --- faults --- */

/* Our own side, or a server that is not what we take it for. */
__attribute__((format(printf, 3, 4))) static enum client_verdict
held(struct client *c, const char *status, const char *format, ...)
{
	char text[LIMIT_REPLY_KEPT];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	words_say(&c->words, status, "%s", text);
	client_quit(c);
	return CLIENT_HELD;
}

/* How a span goes through %.*s. */
static int
shown(struct span s)
{
	return (int)(s.n < SHOWN ? s.n : SHOWN);
}

/* --- before anything is said --- */

/* T-038 A-018 */
static enum client_verdict
check_channel(struct client *c, const struct login *login)
{
	const struct authremote_login *as = login->as;

	if (c->tls && !c->verified && !as->unverified)
		return held(c, "4.7.0",
			"not logged in: the certificate of %.*s is not "
			"verified; give it verify in control/tlspolicy, or "
			"write unverified at the end of control/authremote:%u",
			shown(login->host), login->host.p, as->line);
	if (!c->tls && !(as->cleartext && login->clear_allowed))
		return held(c, "4.7.0",
			"not logged in: the connection to %.*s has no TLS; "
			"see control/tlspolicy, or, to send a password in "
			"clear text, give it none there and write cleartext "
			"at the end of control/authremote:%u",
			shown(login->host), login->host.p, as->line);
	return CLIENT_DONE;
}

static enum client_verdict
choose_mechanism(struct client *c, const struct login *login, enum mechanism *m)
{
	unsigned possible = c->offers.mechanisms & login->as->allowed;
	char names[160];
	struct buf out = BUF(names);

	if (!login->cbdata.n)
		possible &= ~mechanism_bit(MECHANISM_SCRAM_PLUS);
	*m = mechanism_best(possible);
	if (*m != MECHANISMS)
		return CLIENT_DONE;
	mechanism_print(&out, c->offers.mechanisms);
	return held(c, "4.7.0",
		"not logged in: %.*s offers %s%.*s, which does not fit "
		"control/authremote:%u%s",
		shown(login->host), login->host.p,
		c->offers.auth ? "AUTH with " : "no AUTH", (int)out.len, names,
		login->as->line,
		c->offers.auth ? "; another secret (oauth2:ACCOUNT or file:) "
				 "or other mechanisms there may"
			       : "; is the port right (587 or 465)?");
}

static enum client_verdict
read_secret(struct client *c, const struct login *login)
{
	char why[AUTHSECRET_WORDS];

	if (authsecret_read(login->as, (int64_t)time(NULL), &x.secret, why) ==
		0)
		return CLIENT_DONE;
	return held(c, "4.7.8", "not logged in: %s", why);
}

/* --- the dialogue --- */

/* Sends x.line and reads the reply. */
static enum client_verdict
line_send(struct client *c, struct buf *line)
{
	struct span out;
	enum link_verdict verdict;

	buf_str(line, "\r\n");
	if (line->over)
		return held(c, "4.7.0",
			"not logged in: name or secret are too long");
	if (!client_quiet(c))
		return client_unasked(c, PHASE_AUTH);
	out = buf_text(line);
	verdict = link_write(&c->link, &out, client_deadline(c, PHASE_AUTH));
	if (verdict == LINK_INPUT)
		return client_unasked(c, PHASE_AUTH);
	if (verdict != LINK_OK)
		return client_judge(c, verdict, PHASE_AUTH);
	return client_reply(c, PHASE_AUTH);
}

/* AUTH and the mechanism, with the first message where there is one that fits
 * into the line; an empty one is =. */
static enum client_verdict
say_auth(struct client *c, struct span first, bool *said)
{
	struct buf line = BUF(x.line);

	buf_str(&line, "AUTH ");
	buf_str(&line, mechanism_name(x.sasl.mechanism));
	*said = sasl_speaks_first(x.sasl.mechanism) &&
		line.len + BASE64_LENGTH(first.n) + 3 <= LINE_FIRST;
	if (*said) {
		buf_char(&line, ' ');
		base64_encode(&line, first);
		x.sent = span_from(
			buf_text(&line), line.len - BASE64_LENGTH(first.n));
	}
	return line_send(c, &line);
}

static enum client_verdict
say_message(struct client *c, struct span message)
{
	struct buf line = BUF(x.line);

	base64_encode(&line, message);
	x.sent = buf_text(&line);
	return line_send(c, &line);
}

/* Takes back the exchange (RFC 4954 4); the reply to it does not matter. */
static void
cancel(struct client *c)
{
	struct buf line = BUF(x.line);

	buf_char(&line, '*');
	if (line_send(c, &line) == CLIENT_DONE)
		client_quit(c);
}

/* Nonsense in the place of a challenge. */
static enum client_verdict
senseless(struct client *c)
{
	char name[32];

	snprintf(name, sizeof name, "%s", mechanism_name(x.sasl.mechanism));
	cancel(c);
	words_say(&c->words, "4.5.0",
		"not logged in: a challenge that makes no sense with AUTH %s",
		name);
	return CLIENT_NEXT;
}

static enum client_verdict
distrust(struct client *c, enum sasl_verdict verdict)
{
	const char *why = "OpenSSL could not answer the challenge; does it "
			  "have the mechanism's digest?";

	if (verdict == SASL_FALSE)
		why = "the server does not know the password, so it is not "
		      "the one that is meant; is the name right?";
	if (verdict == SASL_WEAK)
		why = "the server asks for fewer than 4096 or more than "
		      "600000 iterations; its admin must mend that";
	if (c->link.reply.code == 334)
		cancel(c);
	return held(c, "4.7.0", "not logged in with AUTH %s: %s",
		mechanism_name(x.sasl.mechanism), why);
}

/* The challenge of the reply that was read last. Returns 0, or -1: no base64,
 * or more than one line. */
static int
challenge_read(struct client *c, struct buf *out)
{
	const struct reply *reply = &c->link.reply;

	if (reply->lines != 1 || reply->seen > sizeof reply->line)
		return -1;
	return base64_decode(out, reply_line(reply));
}

/* Not 235. */
static enum client_verdict
refused(struct client *c)
{
	const struct authremote_login *as = x.login->as;
	const struct reply *reply = &c->link.reply;
	struct span text = reply_text(reply);
	char file[256];
	struct buf place = BUF(file);
	const char *also = x.sasl.reason_len ? ", reason " : "";

	if (reply->code / 100 == 4) {
		words_reply(&c->words, reply);
		client_quit(c);
		return CLIENT_NEXT;
	}
	if (reply->code / 100 != 5)
		return client_senseless(c, PHASE_AUTH);
	if (as->source == AUTHREMOTE_OAUTH2) {
		buf_str(&place, "run postern oauth2 refresh ");
		buf_span(&place, as->secret);
	} else {
		buf_str(&place, "the secret in ");
		authsecret_place(as, &place);
	}
	return held(c, "4.7.8",
		"login of %.*s with AUTH %s refused: %.*s%s%.*s; mend "
		"control/authremote:%u or %.*s",
		(int)(as->user.n < 64 ? as->user.n : 64), as->user.p,
		mechanism_name(x.sasl.mechanism), shown(text), text.p, also,
		(int)x.sasl.reason_len, x.sasl.reason, as->line,
		shown(buf_text(&place)), place.p);
}

/* Answers challenges until the server says something else. */
static enum client_verdict
exchange_run(struct client *c, struct span first)
{
	bool said;
	enum client_verdict verdict = say_auth(c, first, &said);

	for (int i = 0; verdict == CLIENT_DONE && c->link.reply.code == 334;
		i++) {
		struct buf challenge = BUF(x.challenge);
		struct buf out = BUF(x.message);
		enum sasl_verdict answer = SASL_ANSWER;

		if (i > STEPS || challenge_read(c, &challenge) == -1)
			return senseless(c);
		if (!said && sasl_speaks_first(x.sasl.mechanism))
			out.len = first.n; /* it is there still */
		else
			answer = sasl_answer(
				&x.sasl, buf_text(&challenge), &out);
		said = true;
		if (answer == SASL_SENSELESS)
			return senseless(c);
		if (answer != SASL_ANSWER)
			return distrust(c, answer);
		verdict = say_message(c, buf_text(&out));
	}
	if (verdict != CLIENT_DONE)
		return verdict;
	if (c->link.reply.code != 235)
		return refused(c);
	return x.sasl.proved ? CLIENT_DONE : distrust(c, SASL_FALSE);
}

static enum client_verdict
exchange(struct client *c, const struct login *login, enum mechanism m)
{
	struct buf first = BUF(x.message);

	x.sasl = (struct sasl){
		.mechanism = m,
		.user = login->as->user,
		.secret = {x.secret.text, x.secret.len},
		.host = login->host,
		.port = login->port,
		.cbname = login->cbname,
		.cbdata = login->cbdata,
		.plus = c->offers.mechanisms &
			mechanism_bit(MECHANISM_SCRAM_PLUS),
	};
	if (sasl_begin(&x.sasl, &first) != SASL_ANSWER || first.over)
		return held(c, "4.7.0",
			"not logged in: the name in control/authremote:%u "
			"does not go with AUTH %s",
			login->as->line, mechanism_name(m));
	return exchange_run(c, buf_text(&first));
}

/* Puts stars over what is a piece of `hidden`. */
static void
words_mask(struct words *words, struct span hidden)
{
	size_t piece = hidden.n < PIECE ? hidden.n : PIECE;

	if (piece < PIECE_LEAST)
		return;
	for (size_t i = 0; i + piece <= words->text_len; i++)
		for (size_t k = 0; k + piece <= hidden.n; k++)
			if (memcmp(words->text + i, hidden.p + k, piece) == 0) {
				memset(words->text + i, '*', piece);
				break;
			}
}

void
login_to(struct login *login, const struct authremote_login *as,
	const struct route *route)
{
	struct buf ip = BUF(login->literal);

	*login = (struct login){ .as = as, .port = route->port };
	login->host = route->name.n ? route->name : route->path;
	if (!route->ip.family)
		return;
	ip_print(&ip, &route->ip);
	login->host = buf_text(&ip);
}

enum client_verdict
login_run(struct client *c, const struct login *login)
{
	enum client_verdict verdict;
	enum mechanism m = MECHANISMS;

	if (!login->as)
		return CLIENT_DONE;
	x.login = login;
	verdict = check_channel(c, login);
	if (verdict == CLIENT_DONE)
		verdict = choose_mechanism(c, login, &m);
	if (verdict == CLIENT_DONE)
		verdict = read_secret(c, login);
	if (verdict == CLIENT_DONE)
		verdict = exchange(c, login, m);
	if (verdict != CLIENT_DONE) {
		/* some servers repeat what they were sent */
		words_mask(&c->words, x.sent);
		words_mask(&c->words,
			(struct span){ x.secret.text, x.secret.len });
	}
	c->logged_in = verdict == CLIENT_DONE;
	explicit_bzero(&x, sizeof x);
	return verdict;
}

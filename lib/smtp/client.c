/* SPDX-License-Identifier: ISC */
#include "smtp/client.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "pure/command.h"
#include "pure/ip.h"
#include "sys/clock.h"
#include "sys/io.h"

/* How long each phase may take, in seconds: RFC 5321 4.5.3.2.1 to 6. */
static const struct {
	const char *name;
	int64_t seconds;
} phases[] = {
	[PHASE_GREETING] = {"connection",     300},
	[PHASE_EHLO] = { "EHLO",          300},
	[PHASE_HELO] = { "HELO",          300},
	[PHASE_STARTTLS] = { "STARTTLS",      120},
	[PHASE_TLS] = { "TLS handshake", 60 },
	[PHASE_AUTH] = { "AUTH",          120},
	[PHASE_RSET] = { "RSET",          300},
	[PHASE_MAIL] = { "MAIL",          300},
	[PHASE_RCPT] = { "RCPT",          300},
	[PHASE_DATA] = { "DATA",          120},
	[PHASE_TEXT] = { "text",          180},
	[PHASE_END] = { "end of text",   600},
};

/* How long an answer that came too soon is read on, to show what it was. */
enum { UNASKED_MS = 100 };

void
client_init(struct client *c)
{
	c->link.fd = -1;
	c->cap_ms = 0;
	c->session_ms = CLIENT_SESSION_MS;
	c->until = CLOCK_NEVER;
}

void
client_clock(struct client *c, uint64_t size)
{
	uint64_t seconds = size / CLIENT_SLOWEST;

	if (seconds > INT32_MAX)
		seconds = INT32_MAX;
	c->until = clock_ms() + c->session_ms + (int64_t)seconds * 1000;
}

/* What is waited for, in words. */
static const char *
phase_name(const struct client *c, enum client_phase phase)
{
	return c->lmtp && phase == PHASE_EHLO ? "LHLO" : phases[phase].name;
}

int64_t
client_deadline(const struct client *c, enum client_phase phase)
{
	int64_t ms = phases[phase].seconds * 1000;
	int64_t deadline;

	if (c->cap_ms > 0 && c->cap_ms < ms)
		ms = c->cap_ms;
	deadline = clock_ms() + ms;
	return deadline < c->until ? deadline : c->until;
}

/* Closes with the reply as the reason. */
static enum client_verdict
close_with_reply(struct client *c)
{
	words_reply(&c->words, &c->link.reply);
	link_close(&c->link);
	return CLIENT_NEXT;
}

enum client_verdict
client_senseless(struct client *c, enum client_phase phase)
{
	words_say(&c->words, "4.5.0", "senseless reply to %s: %.*s",
		phase_name(c, phase), (int)c->link.reply.text_len,
		c->link.reply.text);
	link_close(&c->link);
	return CLIENT_NEXT;
}

enum client_verdict
client_judge(
	struct client *c, enum link_verdict verdict, enum client_phase phase)
{
	const char *name = phase_name(c, phase);

	switch (verdict) {
	case LINK_REPLY:
		if (c->link.reply.code == 421)
			return close_with_reply(c);
		return CLIENT_DONE;
	case LINK_LATE:
		words_say(&c->words, "4.4.2", "no answer to %s in time", name);
		break;
	case LINK_BAD:
		words_say(&c->words, "4.5.0",
			"what came for %s is no SMTP reply", name);
		break;
	default:
		words_say(&c->words, "4.4.2",
			"connection lost before the answer to %s", name);
		break;
	}
	link_close(&c->link);
	return CLIENT_NEXT;
}

enum client_verdict
client_reply(struct client *c, enum client_phase phase)
{
	int64_t deadline = client_deadline(c, phase);
	enum link_verdict verdict;

	while ((verdict = link_reply(&c->link, deadline)) == LINK_LINE)
		if (phase == PHASE_EHLO)
			ehlo_line(&c->offers, reply_line(&c->link.reply));
	return client_judge(c, verdict, phase);
}

enum client_verdict
client_unasked(struct client *c, enum client_phase phase)
{
	int64_t deadline = clock_ms() + UNASKED_MS;
	enum link_verdict verdict;

	do
		verdict = link_reply(&c->link, deadline);
	while (verdict == LINK_LINE);
	if (verdict == LINK_REPLY && c->link.reply.code == 421)
		return close_with_reply(c);
	if (verdict != LINK_REPLY && verdict != LINK_LATE)
		return client_judge(c, verdict, phase);
	words_say(&c->words, "4.5.0", "answer before %s was sent: %.*s",
		phase_name(c, phase),
		verdict == LINK_REPLY ? (int)c->link.reply.text_len : 0,
		c->link.reply.text);
	link_close(&c->link);
	return CLIENT_NEXT;
}

bool
client_quiet(struct client *c)
{
	return link_quiet(&c->link);
}

enum client_verdict
client_ask(struct client *c, enum client_phase phase, const char *verb,
	struct span argument)
{
	char line[LIMIT_COMMAND];
	struct buf b = BUF(line);
	struct span out;
	enum link_verdict verdict;

	if (command_verb(&b, verb, argument) == -1) {
		words_say(&c->words, "4.3.5", "%s with an unusable name", verb);
		link_close(&c->link);
		return CLIENT_HELD;
	}
	if (!client_quiet(c))
		return client_unasked(c, phase);
	out = buf_text(&b);
	verdict = link_write(&c->link, &out, client_deadline(c, phase));
	if (verdict == LINK_INPUT)
		return client_unasked(c, phase);
	if (verdict != LINK_OK)
		return client_judge(c, verdict, phase);
	return client_reply(c, phase);
}

/* Leaves a server whose last reply was no. */
static enum client_verdict
leave(struct client *c, enum client_phase phase)
{
	int code = c->link.reply.code;

	if (code / 100 == 3)
		return client_senseless(c, phase);
	words_reply(&c->words, &c->link.reply);
	client_quit(c);
	return code / 100 == 5 ? CLIENT_REFUSED : CLIENT_NEXT;
}

/* EHLO was not understood, which 550 and 554 do not mean: they are policy
 * (RFC 5321 3.2, 4.1.4). */
static bool
ehlo_unknown(int code)
{
	return code / 100 == 5 && code != 550 && code != 554;
}

static enum client_verdict
hello(struct client *c, struct span name)
{
	enum client_verdict verdict;

	memset(&c->offers, 0, sizeof c->offers);
	verdict = client_ask(c, PHASE_EHLO, phase_name(c, PHASE_EHLO), name);
	if (verdict != CLIENT_DONE)
		return verdict;
	if (c->link.reply.code / 100 == 2) {
		ehlo_line(&c->offers, reply_line(&c->link.reply));
		return CLIENT_DONE;
	}
	memset(&c->offers, 0, sizeof c->offers);
	if (c->lmtp || !ehlo_unknown(c->link.reply.code))
		return leave(c, PHASE_EHLO);
	verdict = client_ask(c, PHASE_HELO, "HELO", name);
	if (verdict != CLIENT_DONE)
		return verdict;
	return c->link.reply.code / 100 == 2 ? CLIENT_DONE
					     : leave(c, PHASE_HELO);
}

/* The address of our end as a literal, for a host without a name. */
static void
own_literal(int fd, struct buf *out)
{
	struct sockaddr_storage s;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	socklen_t size = sizeof s;
	struct ip ip = ip_from_bytes("\x7f\0\0\1", IP_V4);

	memset(&s, 0, sizeof s);
	if (getsockname(fd, (struct sockaddr *)&s, &size) == 0) {
		if (s.ss_family == AF_INET) {
			memcpy(&v4, &s, sizeof v4);
			ip = ip_from_bytes(&v4.sin_addr, IP_V4);
		} else if (s.ss_family == AF_INET6) {
			memcpy(&v6, &s, sizeof v6);
			ip = ip_from_bytes(&v6.sin6_addr, IP_V6);
		}
	}
	ip_print_literal(out, &ip);
}

void
client_begin(struct client *c, int fd)
{
	link_begin(&c->link, fd, c->cap_ms);
	memset(&c->offers, 0, sizeof c->offers);
	c->within = c->tls = c->verified = c->logged_in = false;
	c->dirty = false;
	c->mails = 0;
}

enum client_verdict
client_hello(struct client *c, struct span helo)
{
	char literal[IP_TEXT + 16];
	struct buf b = BUF(literal);

	if (helo.n == 0) {
		own_literal(c->link.fd, &b);
		helo = buf_text(&b);
	}
	return hello(c, helo);
}

enum client_verdict
client_greet(struct client *c, struct span helo)
{
	enum client_verdict verdict = client_reply(c, PHASE_GREETING);

	if (verdict != CLIENT_DONE)
		return verdict;
	if (c->link.reply.code / 100 != 2)
		return leave(c, PHASE_GREETING);
	return client_hello(c, helo);
}

enum client_verdict
client_open(struct client *c, int fd, struct span helo)
{
	client_begin(c, fd);
	return client_greet(c, helo);
}

void
client_quit(struct client *c)
{
	struct span quit = SPAN("QUIT\r\n");
	int64_t deadline = clock_ms() + CLIENT_QUIT_MS;
	enum link_verdict verdict = LINK_LOST;

	if (!client_connected(c))
		return;
	if (client_quiet(c))
		verdict = link_write(&c->link, &quit, deadline);
	while (verdict == LINK_OK || verdict == LINK_LINE)
		verdict = link_reply(&c->link, deadline);
	link_close(&c->link);
}

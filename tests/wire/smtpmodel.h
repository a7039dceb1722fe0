/* SPDX-License-Identifier: ISC
 *
 * smtpmodel: what RFC 5321 and its extensions, with the choices P1 to P14 at
 * the head of CONFORMANCE, have a server answer: a second opinion, which knows
 * nothing of the code that it judges. A move is a line that somebody says, and
 * what it means; an answer is a code and an enhanced code, "" for none. */
#ifndef TESTS_WIRE_SMTPMODEL_H
#define TESTS_WIRE_SMTPMODEL_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { MODEL_RCPTS = 3, MODEL_MAILS = 5, MODEL_ERRORS = 20, MODEL_JUNK = 100 };
enum order { ANY, BEFORE_MAIL, AFTER_MAIL, AFTER_RCPT, UNKNOWN, NO_LINE };
enum { JUNK = 1, GROUP = 2, CLOSES = 4, BEFORE_TLS = 8, WHEN_DENIED = 16 };

/* Who is there, and what there is for him. */
struct profile {
	const char *name, *client;
	bool relay, tls, logins, insecure, needs_tls, submission, denied;
};

struct model {
	const struct profile *is;
	bool greeted, esmtp, tls, login, mail, closed, starttls, offers;
	unsigned rcpts, mails, errors, junk, failures;
	char envelope[400];  /* of the transaction */
	char accepted[8000]; /* of all messages */
};

struct move {
	const char *line;
	size_t len;
	const char *(*judge)(struct model *m, const struct move *move);
	const char *says; /* the answer, or a word for `judge` */
	enum order order;
	unsigned flags;
};

static const char *
closing(struct model *m, const char *says)
{
	m->closed = true;
	return says;
}

static bool
waits(const struct model *m)
{
	return !m->is->relay && !m->login;
}

static void
forget(struct model *m)
{
	m->mail = false;
	m->rcpts = 0;
	m->envelope[0] = '\0';
}

/* RFC 5321 4.1.1.1; RFC 3207 4; RFC 4954 4. `says` is the verb. */
static const char *
hello(struct model *m, const struct move *move)
{
	forget(m);
	m->greeted = true;
	m->esmtp = move->says[0] == 'E';
	m->starttls = m->esmtp && m->is->tls && !m->tls && !m->login;
	m->offers |= m->esmtp && m->is->logins && !m->login &&
		     (m->tls || m->is->insecure);
	return "250 ";
}

/* RFC 5321 4.1.1.2, 3.3. `says`: the sender, with "+" before it for one with
 * parameters; "~" the answer to no address, "!" to bad parameters; "=" too big,
 * "t" REQUIRETLS. */
static const char *
mail(struct model *m, const struct move *move)
{
	const char *says = move->says;

	if (*says == '~')
		return says + 1;
	if (strchr("!+=t", *says) && !m->esmtp)
		return "555 5.5.4";
	if (*says == '!')
		return says + 1;
	if (*says == 't' && !m->tls)
		return m->starttls ? "530 5.7.0" : "555 5.5.4";
	if (m->is->submission && !m->login)
		return "530 5.7.0";
	if (m->login && strcmp(says + (*says == '+'), "a@b.example") != 0 &&
		strcmp(says, "<>") != 0 && *says != '=' && *says != 't')
		return "553 5.7.1";
	if (m->mails == MODEL_MAILS)
		return closing(m, "421 4.7.0");
	if (*says == '=')
		return "552 5.3.4";
	m->mails++;
	m->mail = true;
	says = *says == 't' ? "a@b.example" : says + (*says == '+');
	snprintf(m->envelope, sizeof m->envelope, "F%s",
		strcmp(says, "<>") == 0 ? "" : says);
	return "250 2.1.0";
}

/* RFC 5321 4.1.1.3, 4.5.3.1.10. `says`: as of mail; "?" before one that only
 * who may relay may send to, "-" before the answer that everybody gets. */
static const char *
rcpt(struct model *m, const struct move *move)
{
	const char *says = move->says;

	if (*says == '~')
		return says + 1;
	if (strchr("!+", *says) && !m->esmtp)
		return "555 5.5.4";
	if (*says == '!')
		return says + 1;
	if (m->rcpts == MODEL_RCPTS)
		return "452 4.5.3";
	if (*says == '-')
		return says + 1;
	if (*says == '?' && waits(m))
		return "550 5.7.1";
	m->rcpts++;
	strcat(strcat(m->envelope, " T"), says + (strchr("?+", *says) != NULL));
	return "250 2.1.5";
}

/* RFC 5321 4.1.1.5 */
static const char *
reset(struct model *m, const struct move *move)
{
	forget(m);
	return move->says;
}

/* RFC 3207 4: in order, known, and everything begins again. */
static const char *
starttls(struct model *m, const struct move *move)
{
	if (!m->is->tls)
		return "502 5.5.1";
	if (*move->says)
		return move->says;
	if (m->tls || m->login || !m->esmtp || m->mail)
		return "503 5.5.1";
	m->tls = true;
	m->greeted = m->esmtp = m->starttls = m->offers = false;
	return "220 2.0.0";
}

/* RFC 4954 4. `says`: "" no mechanism, "x" one that is none, "?" to be asked,
 * else the answer that postern-auth would give. */
static const char *
auth(struct model *m, const struct move *move)
{
	const char *says = move->says;

	if (!m->is->logins)
		return "502 5.5.1";
	if (!m->esmtp || m->mail || m->login)
		return "503 5.5.1";
	if (!*says)
		return "501 5.5.4";
	if (!m->tls && !m->is->insecure)
		return *says == 'x' ? "504 5.5.4" : "538 5.7.11";
	if (*says == 'x')
		return "504 5.5.4";
	if (!m->offers)
		return "454 4.7.0";
	if (m->failures == 3)
		return closing(m, "421 4.7.0");
	return *says == '?' ? "334 " : says;
}

/* The answer counts (S-040), and closes when there are too many. */
static const char *
counted(struct model *m, const char *says)
{
	m->errors += says[0] == '5';
	m->junk += says[0] == '4' && strcmp(says, "452 4.5.3") != 0;
	m->failures += strcmp(says, "535 5.7.8") == 0;
	m->login |= strcmp(says, "235 2.7.0") == 0;
	if (!m->closed && (m->errors > MODEL_ERRORS || m->junk > MODEL_JUNK) &&
		says[0] != '3' && strncmp(says, "220", 3) != 0)
		return closing(m, "421 4.7.0");
	return says;
}

static bool
in_order(const struct model *m, enum order order)
{
	if (order == BEFORE_MAIL)
		return m->greeted && !m->mail;
	return order == ANY || order == UNKNOWN ||
	       (order == AFTER_MAIL && m->mail) ||
	       (order == AFTER_RCPT && m->rcpts);
}

/* What a move is answered with. `more`: other octets came with it (P5). */
static const char *
model_move(struct model *m, const struct move *move, bool more)
{
	const char *says = move->says;

	m->junk += move->flags & JUNK;
	if (move->order == NO_LINE) {
		m->closed = move->flags & CLOSES;
	} else if (m->is->denied && !(move->flags & WHEN_DENIED)) {
		says = "503 5.5.1";
	} else if (m->is->needs_tls && !m->tls && !(move->flags & BEFORE_TLS) &&
		   move->order != UNKNOWN) {
		m->closed = move->flags & CLOSES;
		says = m->closed ? says : "530 5.7.0";
	} else if (!in_order(m, move->order)) {
		says = "503 5.5.1";
	} else {
		m->closed = move->flags & CLOSES;
		says = move->judge ? move->judge(m, move) : says;
		if ((move->flags & GROUP) && more &&
			(waits(m) || strncmp(says, "220", 3) == 0))
			says = closing(m, "554 5.5.1");
	}
	return counted(m, says);
}

/* What message text of so many octets is answered with that deserves `says`. */
static const char *
model_text(struct model *m, const char *says, size_t size)
{
	size_t len = strlen(m->accepted);

	if (says[0] == '2') {
		m->junk = 0;
		snprintf(m->accepted + len, sizeof m->accepted - len,
			"%s #%zu\n", m->envelope, size);
	}
	forget(m);
	m->closed = strcmp(says, "550 5.5.2") == 0; /* P1 */
	return counted(m, says);
}

#endif

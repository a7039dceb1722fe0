/* SPDX-License-Identifier: ISC */
#include "smtp/mail.h"

#include <stdarg.h>
#include <stdio.h>

static void
status_set(struct words *words, struct span status)
{
	status = span_head(status, sizeof words->status);
	memcpy(words->status, status.p, status.n);
	words->status_len = status.n;
}

void
words_say(struct words *words, const char *status, const char *format, ...)
{
	va_list args;
	int n;

	status_set(words, span_of(status));
	va_start(args, format);
	n = vsnprintf(words->text, sizeof words->text, format, args);
	va_end(args);
	words->text_len = n < 0 ? 0 : (size_t)n;
	if (words->text_len >= sizeof words->text)
		words->text_len = sizeof words->text - 1;
}

void
words_reply(struct words *words, const struct reply *reply)
{
	char generic[] = "?.0.0";

	generic[0] = (char)('0' + reply->code / 100);
	status_set(words,
		reply->status_len ? reply_status(reply) : span_of(generic));
	memcpy(words->text, reply->text, reply->text_len);
	words->text_len = reply->text_len;
}

void
mail_begin(struct mail *m, const struct job *job, int fd, mail_answer *answer,
	mail_flush *flush, void *ctx)
{
	m->job = job;
	m->answer = answer;
	m->flush = flush;
	m->ctx = ctx;
	m->open = job->rcpts;
	m->later = 0;
	m->more = false;
	m->faulty = false;
	for (size_t i = 0; i < job->rcpts; i++)
		m->rcpt[i] = RCPT_OPEN;
	content_begin(&m->text, fd, job->offset, job->size);
}

void
mail_settle(struct mail *m, size_t rcpt, enum job_fate fate,
	const struct words *words)
{
	if (m->rcpt[rcpt] == RCPT_ANSWERED)
		return;
	m->rcpt[rcpt] = RCPT_ANSWERED;
	m->open--;
	m->answer(m->ctx, rcpt, fate, words);
}

void
mail_settle_state(struct mail *m, enum mail_rcpt state, enum job_fate fate,
	const struct words *words)
{
	for (size_t i = 0; i < m->job->rcpts; i++)
		if (m->rcpt[i] == state)
			mail_settle(m, i, fate, words);
	if (fate == JOB_DELIVERED && m->open)
		m->flush(m->ctx);
}

void
mail_settle_rest(struct mail *m, enum job_fate fate, const struct words *words)
{
	mail_settle_state(m, RCPT_TAKEN, fate, words);
	mail_settle_state(m, RCPT_OPEN, fate, words);
}

void
mail_blame(struct mail *m, const struct words *words)
{
	if (!m->faulty)
		m->fault = *words;
	m->faulty = true;
}

void
mail_put_off(struct mail *m, size_t rcpt, enum job_fate fate,
	const struct words *words)
{
	if (!m->more) {
		mail_settle(m, rcpt, fate, words);
		return;
	}
	if (fate == JOB_HELD)
		mail_blame(m, words);
	m->rcpt[rcpt] = RCPT_LATER;
	m->later++;
}

void
mail_retry(struct mail *m)
{
	for (size_t i = 0; i < m->job->rcpts; i++)
		if (m->rcpt[i] == RCPT_LATER)
			m->rcpt[i] = RCPT_OPEN;
	m->later = 0;
}

void
mail_reopen(struct mail *m)
{
	for (size_t i = 0; i < m->job->rcpts; i++)
		if (m->rcpt[i] == RCPT_TAKEN)
			m->rcpt[i] = RCPT_OPEN;
}

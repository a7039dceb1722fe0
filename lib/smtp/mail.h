/* SPDX-License-Identifier: ISC
 *
 * mail: a message on its way to other hosts, and which of its recipients
 * still wait for an answer. */
#ifndef SMTP_MAIL_H
#define SMTP_MAIL_H

#include "pure/job.h"
#include "pure/reply.h"
#include "smtp/content.h"

/* An enhanced code and words: a server's, or ours about it. */
struct words {
	char status[REPLY_STATUS];
	size_t status_len;
	char text[LIMIT_REPLY_KEPT];
	size_t text_len;
};

/* Sets words to a status and a text of our own. */
void words_say(struct words *words, const char *status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Sets words to what a server said; the status is made from the code when it
 * gave none. */
void words_reply(struct words *words, const struct reply *reply);

/* What is known of a recipient. */
enum mail_rcpt {
	RCPT_OPEN = 0, /* not asked for, or to be asked for again */
	RCPT_TAKEN,    /* his RCPT was accepted; the text decides */
	RCPT_LATER,    /* put off by this next hop; another will be asked */
	RCPT_ANSWERED, /* his answer was given; nothing changes it */
};

/* Where answers go, one for each recipient. */
typedef void mail_answer(
	void *ctx, size_t rcpt, enum job_fate fate, const struct words *words);

/* Makes sure that send has the answers: some recipients are delivered, and
 * the others take more time. */
typedef void mail_flush(void *ctx);

struct mail {
	const struct job *job;
	mail_answer *answer;
	mail_flush *flush;
	void *ctx;
	size_t open;  /* recipients without an answer */
	size_t later; /* of them: to be asked for at another next hop */
	bool more;    /* there is another next hop */
	bool faulty;  /* one is not set up rightly on our side: why */
	struct words fault;
	enum mail_rcpt rcpt[JOB_RCPTS];
	struct content text;
};

/* Begins with a job: all recipients open. The fd stays the caller's. */
void mail_begin(struct mail *m, const struct job *job, int fd,
	mail_answer *answer, mail_flush *flush, void *ctx);

/* Gives one recipient, all that are in a state, or all that have none yet,
 * their answer. */
void mail_settle(struct mail *m, size_t rcpt, enum job_fate fate,
	const struct words *words);
void mail_settle_state(struct mail *m, enum mail_rcpt state, enum job_fate fate,
	const struct words *words);
void mail_settle_rest(
	struct mail *m, enum job_fate fate, const struct words *words);

/* This next hop takes the recipient not now, or not from us as we are set up
 * (`fate` says which): his answer, unless another is to be asked. */
void mail_put_off(struct mail *m, size_t rcpt, enum job_fate fate,
	const struct words *words);

/* One next hop is not set up rightly on our side. */
void mail_blame(struct mail *m, const struct words *words);

/* Nothing was transferred: who was accepted is open again. */
void mail_reopen(struct mail *m);

/* Another next hop is asked: who was put off is open again. */
void mail_retry(struct mail *m);

/* Recipients that this next hop is still to be asked for. */
static inline size_t
mail_pending(const struct mail *m)
{
	return m->open - m->later;
}

#endif

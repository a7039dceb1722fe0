/* SPDX-License-Identifier: ISC */
#include "deliver/local.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "pure/address.h"
#include "pure/ascii.h"
#include "sys/jail.h"
#include "sys/log.h"
#include "sys/places.h"

static struct job_answer
answer(struct local *l, enum job_fate fate, struct span status)
{
	return (struct job_answer){
		.fate = fate, .status = status, .text = span_of(l->words)
	};
}

/* Our answer in fixed words. */
static struct job_answer
say(struct local *l, enum job_fate fate, struct span status, const char *words)
{
	struct buf text = BUF(l->words);

	buf_str(&text, words);
	buf_cstr(&text);
	return answer(l, fate, status);
}

static struct job_answer
say_held(struct local *l)
{
	return say(l, JOB_HELD, SPAN("4.3.5"), control_error(&l->control));
}

static struct job_answer
say_later(struct local *l, const struct maildir_result *result)
{
	struct buf text = BUF(l->words);
	struct span status = SPAN("4.3.0");

	if (result->error == EDQUOT)
		status = SPAN("4.2.2");
	else if (result->error == ENOSPC)
		status = SPAN("4.3.1");
	if (result->error) {
		buf_str(&text, "cannot ");
		buf_str(&text, result->step);
		buf_str(&text, ": ");
		buf_str(&text, strerror(result->error));
	} else {
		buf_str(&text, result->step);
	}
	buf_cstr(&text);
	return answer(l, JOB_DEFERRED, status);
}

static uint64_t
at_least_none(int64_t n)
{
	return n > 0 ? (uint64_t)n : 0;
}

/* A mailbox that is full, or would be. */
static struct job_answer
say_over(struct local *l, const struct quota *quota,
	const struct maildir_result *result)
{
	struct buf text = BUF(l->words);

	buf_str(&text, "the mailbox is full: it holds ");
	buf_number(&text, at_least_none(result->held.octets));
	buf_str(&text, " octets in ");
	buf_number(&text, at_least_none(result->held.messages));
	buf_str(&text, " messages and may hold ");
	quota_print(&text, quota);
	buf_cstr(&text);
	return quotas_final(l->quotas) ? answer(l, JOB_FAILED, SPAN("5.2.2"))
				       : answer(l, JOB_DEFERRED, SPAN("4.2.2"));
}

static struct job_answer
say_stored(struct local *l, const struct maildir_result *result)
{
	struct buf text = BUF(l->words);

	if (result->step)
		log_reason(LOG_LEVEL_ERROR, "cannot", result->step);
	buf_str(&text, "stored as ");
	buf_str(&text, result->name);
	buf_cstr(&text);
	return answer(l, JOB_DELIVERED, SPAN("2.0.0"));
}

void
local_begin(struct local *l)
{
	l->boxes = NULL;
	l->quotas = NULL;
	l->barred = false;
	if (control_open(&l->control) == 0)
		l->quotas = quotas_open(&l->control);
	if (l->quotas)
		l->boxes = mailboxes_open(&l->control);
}

void
local_end(struct local *l)
{
	mailboxes_close(l->boxes);
	quotas_close(l->quotas);
	l->boxes = NULL;
	l->quotas = NULL;
	control_close(&l->control);
}

/* --- the jail ------------------------------------------------------------- */

/* The Maildir; the directory above, to make it in, where there is none. */
static void
add_maildir(struct places *places, const char *path)
{
	struct stat st;

	if (stat(path, &st) == 0)
		places_add(places, path);
	else
		places_add_above(places, path);
}

void
local_jail(struct local *l)
{
	struct places places = { 0 };

	local_begin(l);
	while (l->boxes && mailboxes_next(l->boxes, l->path))
		add_maildir(&places, l->path);
	if (l->boxes && mailboxes_open_ended(l->boxes))
		places_add(&places, "/");
	local_end(l);
	jail_close_or_say(JAIL_LOCAL, (const char *const *)places.path);
	places_free(&places);
}

/* --- deliveries ----------------------------------------------------------- */

/* Finds the Maildir. A postmaster without a mailbox of that name gets the one
 * of control/postmaster when that is here too (S-054); smtpd has put it into
 * the envelope already, but not everybody comes through smtpd. */
static int
find(struct local *l, struct span rcpt, struct quota *quota)
{
	int found = mailboxes_find(l->boxes, rcpt, l->path, sizeof l->path);
	struct span master;

	quotas_find(l->quotas, l->boxes, rcpt, quota);
	if (found != 0 || !mailboxes_is_postmaster(l->boxes, rcpt))
		return found;
	if (mailboxes_postmaster(l->boxes, &master) == -1)
		return -1;
	if (!mailboxes_local(l->boxes, address_domain_of(master)))
		return control_fail(&l->control,
			control_file(CONTROL_MAILBOXES)->name, 0,
			"no mailbox for postmaster of a local domain");
	quotas_find(l->quotas, l->boxes, master, quota);
	return mailboxes_find(l->boxes, master, l->path, sizeof l->path);
}

/* An address goes into a header field: the queue lets no line end through,
 * and here nobody relies on it (THREATS.md R7). */
static bool
is_clean(struct span address)
{
	for (size_t i = 0; i < address.n; i++)
		if (ascii_control(address.p[i]))
			return false;
	return true;
}

static struct job_answer
deliver(struct local *l, const struct job *job, struct span rcpt, int fd)
{
	struct maildir_message message = { .fd = fd,
		.offset = job->offset,
		.size = job->size,
		.sender = job->sender,
		.recipient = rcpt };
	struct maildir_result result;
	int found;

	if (!l->boxes)
		return say_held(l);
	if (!is_clean(rcpt) || !is_clean(job->sender))
		return say(l, JOB_DEFERRED, SPAN("4.3.0"),
			"control bytes in the envelope");
	if (!mailboxes_local(l->boxes, address_domain_of(rcpt)))
		return say(l, JOB_DEFERRED, SPAN("4.3.5"),
			"the domain is not in control/locals any more");
	found = find(l, rcpt, &message.quota);
	if (found == -1)
		return say_held(l);
	if (found == 0)
		return say(l, JOB_FAILED, SPAN("5.1.1"),
			"no mailbox here by that name");
	result = maildir_deliver(l->path, &message);
	if (result.verdict == MAILDIR_STORED)
		return say_stored(l, &result);
	if (result.verdict == MAILDIR_OVER)
		return say_over(l, &message.quota, &result);
	l->barred |= result.error == EACCES || result.error == EXDEV;
	if (result.verdict == MAILDIR_LATER)
		return say_later(l, &result);
	return say(l, JOB_FAILED, SPAN("5.4.6"),
		"mail loop: it was delivered to this address before");
}

static const char *
event_of(enum job_fate fate)
{
	switch (fate) {
	case JOB_DELIVERED:
		return "stored";
	case JOB_FAILED:
		return "refused";
	case JOB_HELD:
		return "held";
	default:
		return "deferred";
	}
}

struct job_answer
local_deliver(struct local *l, const struct job *job, size_t rcpt, int fd)
{
	struct span to = job->rcpt[rcpt].address;
	struct job_answer result;
	struct log line;

	l->path[0] = '\0';
	result = deliver(l, job, to, fd);
	result.rcpt = rcpt;
	log_begin(&line,
		result.fate == JOB_DELIVERED ? LOG_LEVEL_INFO
		: result.fate == JOB_HELD    ? LOG_LEVEL_ERROR
					     : LOG_LEVEL_WARNING,
		event_of(result.fate));
	log_text(&line, "id", job->id);
	log_text(&line, "to", to);
	if (l->path[0])
		log_text(&line, "path", span_of(l->path));
	log_text(&line, "status", result.status);
	log_text(&line, "text", result.text);
	log_write(&line);
	return result;
}

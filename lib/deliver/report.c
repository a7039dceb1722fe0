/* SPDX-License-Identifier: ISC */
#include "deliver/report.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "deliver/intake.h"
#include "deliver/outcome.h"
#include "pure/param.h"
#include "queue/store.h"
#include "sys/child.h"
#include "sys/clock.h"
#include "sys/log.h"

/* --- whether to tell --- */

/* A recipient's NOTIFY, or what it means that there is none. */
static bool
wants(struct span notify, struct span word, bool otherwise)
{
	return notify.n ? param_notify_has(notify, word) : otherwise;
}

/* A message that nobody sent, or a report of ours, concerns the admin alone,
 * and only once. */
static enum queue_mark
mark_unanswerable(
	const struct settings *set, const struct message *m, struct span notify)
{
	if (param_notify_has(notify, SPAN("NEVER")))
		return QUEUE_FAILED;
	if (!*set->doublebounceto || span_eq(m->report, SPAN("double")))
		return QUEUE_LOST;
	return QUEUE_TELL_FAILED;
}

static enum queue_mark
mark_failed(
	const struct settings *set, const struct message *m, struct span notify)
{
	if (!message_answerable(m, span_of(set->bouncesender)))
		return mark_unanswerable(set, m, notify);
	return wants(notify, SPAN("FAILURE"), true) ? QUEUE_TELL_FAILED
						    : QUEUE_FAILED;
}

enum queue_mark
report_mark(const struct settings *set, const struct message *m, uint32_t i,
	const struct verdict *verdict, bool local, uint64_t age)
{
	bool answerable = message_answerable(m, span_of(set->bouncesender));
	struct job_rcpt rcpt;

	message_rcpt(m, i, &rcpt);
	switch (verdict->fate) {
	case JOB_FAILED:
		return mark_failed(set, m, rcpt.notify);
	case JOB_RELAYED:
		return answerable ? QUEUE_TELL_RELAYED : QUEUE_DELIVERED;
	case JOB_DELIVERED:
		return answerable && local &&
				       wants(rcpt.notify, SPAN("SUCCESS"),
					       false)
			       ? QUEUE_TELL_DELIVERED
			       : QUEUE_DELIVERED;
	case JOB_DEFERRED:
	case JOB_HELD:
		break;
	}
	if (answerable && set->delaywarn && age >= set->delaywarn &&
		!m->rcpt[i].warned && wants(rcpt.notify, SPAN("DELAY"), true))
		return QUEUE_TELL_DELAYED;
	return (enum queue_mark)verdict->fate;
}

/* --- the children --- */

static void
log_report(enum log_level level, const char *event, const struct message *m,
	struct span reason)
{
	struct log line;

	log_begin(&line, level, event);
	log_text(&line, "id", span_of(m->file.id));
	log_text(&line, "from", m->sender);
	log_text(&line, "reason", reason);
	log_write(&line);
}

/* Everybody the report was about is dealt with. */
static void
settle(struct sender *s, struct message *m, bool lost, struct span text)
{
	for (uint32_t i = 0; i < m->rcpts && m->tell; i++)
		if (m->rcpt[i].tell &&
			message_told(m, i, lost, text, s->now) == -1)
			log_reason(LOG_LEVEL_ERROR, "cannot", "note a report");
}

/* Not now: the message is put off as it is. */
static void
try_later(struct sender *s, struct message *m)
{
	m->not_told = true;
	outcome_finish(s, m);
}

static void
give_up(struct sender *s, struct message *m, struct span why)
{
	log_report(LOG_LEVEL_WARNING, "not-told", m, why);
	settle(s, m, true, why);
	outcome_finish(s, m);
}

/* Our own side cannot make reports: a fault like any other. */
static void
hold(struct sender *s, struct message *m, struct span why)
{
	m->fault = status_fault(
		&s->status, SPAN("bounce"), SPAN("4.3.5"), why, s->now);
	try_later(s, m);
}

/* Starts the program with the message's file. */
static int
start(struct sender *s, struct report_child *c, struct message *m, int file)
{
	char *argv[] = { s->reports.program, c->id, NULL };
	struct child_fd stdin_fd = { file, STDIN_FILENO };
	pid_t pid;

	queue_id_print(c->id, clock_wall_us(), sender_random(s));
	pid = child_start(argv, environ, &stdin_fd, 1);
	if (pid == -1)
		return -1;
	c->pid = pid;
	c->since = s->tick;
	c->message = m;
	s->reports.running++;
	rate_add(&s->reports.rate, m->sender, s->now);
	return 0;
}

static struct message *
take_first(struct reports *r)
{
	struct message *m = r->first;

	if (m) {
		r->first = m->stuck;
		m->stuck = NULL;
	}
	if (!r->first)
		r->last = NULL;
	return m;
}

/* The report would be one too many for that sender. */
static bool
too_many(struct sender *s, const struct message *m)
{
	uint64_t most = s->settings.bouncerate;

	return most &&
	       message_answerable(m, span_of(s->settings.bouncesender)) &&
	       rate_count(&s->reports.rate, m->sender, s->now) >= most;
}

static void
begin(struct sender *s, struct report_child *c, struct message *m)
{
	char why[LIMIT_PATH + 160];
	struct buf out = BUF(why);
	int file;

	if (too_many(s, m)) {
		give_up(s, m,
			SPAN("more reports to this sender than "
			     "control/bouncerate allows in an hour"));
		return;
	}
	file = spool_reader(s->spool, &m->file);
	if (file == -1) { /* it vanished, or we are short of something */
		try_later(s, m);
		return;
	}
	if (start(s, c, m, file) == -1) {
		buf_str(&out, "cannot start ");
		buf_str(&out, s->reports.program);
		buf_str(&out, ": ");
		buf_str(&out, strerror(errno));
		hold(s, m, buf_text(&out));
	}
	close(file);
}

void
report_want(struct sender *s, struct message *m)
{
	struct reports *r = &s->reports;

	m->stuck = NULL;
	*(r->last ? &r->last->stuck : &r->first) = m;
	r->last = m;
}

void
report_step(struct sender *s)
{
	struct reports *r = &s->reports;

	for (size_t i = 0; i < LEN(r->child); i++) {
		struct report_child *c = &r->child[i];

		if (c->pid && s->tick - c->since >= REPORT_MS)
			kill(c->pid, SIGKILL);
		while (!c->pid && r->first && !s->stopping)
			begin(s, c, take_first(r));
	}
}

static void
log_told(const struct message *m, const char *id)
{
	struct log line;

	log_begin(&line, LOG_LEVEL_INFO, "told");
	log_text(&line, "id", span_of(m->file.id));
	log_text(&line, "from", m->sender);
	log_text(&line, "report", span_of(id));
	log_write(&line);
}

/* What its exit code says. */
static void
judge(struct sender *s, struct message *m, const char *id, int code)
{
	char text[QUEUE_ID + 32];
	struct buf out = BUF(text);

	if (code == 0) {
		buf_str(&out, "told the sender: ");
		buf_str(&out, id);
		settle(s, m, false, buf_text(&out));
		log_told(m, id);
		status_mended(&s->status, SPAN("bounce"));
		outcome_finish(s, m);
	} else if (code >= QUEUE_ADDRESS_LONG && code <= 40) {
		give_up(s, m, SPAN("no report can be queued"));
	} else if (code == QUEUE_WRITE) {
		hold(s, m, SPAN("the queue has no space for reports"));
	} else if (code == DIE_SETUP) {
		hold(s, m, SPAN("postern-bounce cannot work"));
	} else {
		log_report(LOG_LEVEL_WARNING, "told-later", m,
			SPAN("postern-bounce could not queue the report now"));
		try_later(s, m);
	}
}

bool
report_ended(struct sender *s, pid_t pid, int status)
{
	struct reports *r = &s->reports;
	struct report_child *c = r->child;
	struct report_child *end = c + LEN(r->child);
	struct message *m;

	while (c < end && c->pid != pid)
		c++;
	if (c == end)
		return false;
	m = c->message;
	c->pid = 0;
	r->running--;
	if (status) /* this one does not count */
		rate_drop(&r->rate, m->sender, s->now);
	judge(s, m, c->id,
		WIFEXITED(status) ? WEXITSTATUS(status)
				  : 128 + WTERMSIG(status));
	return true;
}

void
report_recall(struct sender *s, bool running)
{
	struct reports *r = &s->reports;
	struct message *m;

	while ((m = take_first(r)) != NULL)
		intake_drop(s, m);
	for (size_t i = 0; running && i < LEN(r->child); i++) {
		struct report_child *c = &r->child[i];

		if (!c->pid)
			continue;
		kill(c->pid, SIGKILL);
		intake_drop(s, c->message);
		c->pid = 0;
		r->running--;
	}
}

/* SPDX-License-Identifier: ISC */
#include "deliver/outcome.h"

#include <errno.h>
#include <stdlib.h>

#include "deliver/intake.h"
#include "pure/backoff.h"
#include "sys/log.h"

/* How a fate is told. */
static const struct fate_word {
	enum job_fate fate;
	enum log_level level;
	const char *event;
} fate_words[] = {
	{JOB_DELIVERED, LOG_LEVEL_INFO,    "delivered"},
	{ JOB_RELAYED,  LOG_LEVEL_INFO,    "delivered"},
	{ JOB_DEFERRED, LOG_LEVEL_INFO,    "deferred" },
	{ JOB_FAILED,   LOG_LEVEL_WARNING, "failed"   },
	{ JOB_HELD,     LOG_LEVEL_INFO,    "held"     },
};

uint64_t
sender_random(struct sender *s)
{
	uint64_t n = s->random += 0x9e3779b97f4a7c15;

	n = (n ^ n >> 30) * 0xbf58476d1ce4e5b9;
	n = (n ^ n >> 27) * 0x94d049bb133111eb;
	return n ^ n >> 31;
}

/* A clock that was wrong when the message came never makes it old. */
static int64_t
age_of(const struct sender *s, const struct message *m)
{
	return m->arrival <= s->now ? s->now - m->arrival : 0;
}

/* VERSION/CIPHER/VERIFIED as three fields. */
static void
log_tls(struct log *line, struct span session)
{
	static const char *const keys[] = { "tls", "cipher", "verified" };

	for (size_t i = 0; session.n && i < LEN(keys); i++) {
		size_t end = span_find(session, '/');

		log_text(line, keys[i], span_head(session, end));
		session = span_from(session, end + 1);
	}
}

static void
log_fate(const struct sender *s, const struct message *m, uint32_t i,
	const struct hop *hop, const struct verdict *verdict)
{
	const struct fate_word *word = fate_words;
	struct job_rcpt rcpt;
	struct log line;

	while (word->fate != verdict->fate)
		word++;
	message_rcpt(m, i, &rcpt);
	log_begin(&line, word->level, word->event);
	log_text(&line, "id", span_of(m->file.id));
	log_text(&line, "to", rcpt.address);
	log_text(&line, "from", m->sender);
	if (hop)
		log_text(&line, "hop",
			(struct span){ hop->route, hop->route_len });
	log_text(&line, "peer", verdict->peer);
	log_tls(&line, verdict->tls);
	log_text(&line, "status", verdict->status);
	log_text(&line, "reply", verdict->text);
	log_number(&line, "delay", (uint64_t)age_of(s, m));
	log_number(&line, "tries", m->rcpt[i].tries);
	log_write(&line);
}

static void
count_fate(struct sender *s, enum job_fate fate)
{
	s->delivered += fate == JOB_DELIVERED || fate == JOB_RELAYED;
	s->deferred += fate == JOB_DEFERRED;
	s->failed += fate == JOB_FAILED;
	s->held += fate == JOB_HELD;
}

static void
note(struct sender *s, struct message *m, uint32_t i, const struct hop *hop,
	const struct verdict *verdict)
{
	enum queue_mark mark = report_mark(&s->settings, m, i, verdict,
		hop && hop->local, (uint64_t)age_of(s, m));

	if (message_mark(m, i, mark, verdict, s->now) == -1)
		log_reason(LOG_LEVEL_ERROR, "cannot", "note an outcome");
	count_fate(s, verdict->fate);
	log_fate(s, m, i, hop, verdict);
}

/* Our own side spoilt it: held, or X.3.X (RFC 3463 3.4: a fault of the mail
 * system) with nobody asked. */
static bool
is_ours(const struct verdict *verdict)
{
	return verdict->fate == JOB_HELD ||
	       (span_eq(verdict->peer, SPAN("-")) &&
		       span_begins_nocase(verdict->status, SPAN("4.3.")));
}

/* Where the fault lies: mute name servers are one fault, whatever was asked
 * for. */
static struct span
place_of(const struct hop *hop, const struct verdict *verdict)
{
	if (span_begins_nocase(verdict->text, SPAN("no name server ")))
		return SPAN("dns");
	return hop ? (struct span){ hop->route, hop->route_len }
		   : SPAN("queue");
}

/* True when the message was too old at the time of that attempt. What our own
 * side spoils waits until it is mended, however long that takes. */
static bool
given_up(const struct sender *s, const struct message *m,
	const struct verdict *verdict, int64_t tried)
{
	return !is_ours(verdict) &&
	       (uint64_t)age_of(s, m) >= s->settings.queuelifetime &&
	       (uint64_t)(tried - m->arrival) >= s->settings.queuelifetime &&
	       tried >= m->arrival;
}

/* Fails with what kept it from being delivered (RFC 3463 X.4.7). */
static void
give_up(struct sender *s, struct message *m, uint32_t i, const struct hop *hop,
	const struct verdict *last)
{
	char text[JOB_TEXT];
	struct buf out = BUF(text);
	struct verdict verdict = {
		.fate = JOB_FAILED, .status = SPAN("5.4.7"), .peer = last->peer
	};

	buf_str(&out, "given up after ");
	buf_number(&out, (uint64_t)age_of(s, m));
	buf_str(&out, " seconds: ");
	buf_span(&out, last->status);
	buf_char(&out, ' ');
	buf_span(&out, span_head(last->text, out.cap - out.len));
	verdict.text = buf_text(&out);
	note(s, m, i, hop, &verdict);
}

void
outcome_mark(struct sender *s, struct message *m, uint32_t i,
	const struct hop *hop, const struct verdict *verdict, int64_t tried)
{
	bool put_off =
		verdict->fate == JOB_DEFERRED || verdict->fate == JOB_HELD;

	if (put_off && is_ours(verdict))
		m->fault = status_fault(&s->status, place_of(hop, verdict),
			verdict->status, verdict->text, s->now);
	if (put_off && given_up(s, m, verdict, tried)) {
		give_up(s, m, i, hop, verdict);
		return;
	}
	if (put_off && hop && hop_resting(hop, s->now) &&
		hop->until > m->not_before)
		m->not_before = hop->until;
	note(s, m, i, hop, verdict);
}

void
outcome_mark_all(struct sender *s, const struct delivery *d,
	const struct verdict *verdict, int64_t tried)
{
	uint32_t i = d->first;

	for (uint32_t n = 0; n < d->count; n++) {
		uint32_t next = d->message->rcpt[i].next;

		if (d->message->rcpt[i].state == RCPT_OPEN)
			outcome_mark(s, d->message, i, d->hop, verdict, tried);
		i = next;
	}
}

/* The queue directory does not do as it should: a fault like any other. */
static void
note_trouble(struct sender *s, const struct message *m, const char *verb)
{
	char text[160];
	struct buf out = BUF(text);

	buf_str(&out, "cannot ");
	buf_str(&out, verb);
	buf_str(&out, " (");
	buf_str(&out, m->file.id);
	buf_str(&out, "): ");
	buf_str(&out, strerror(errno));
	status_fault(&s->status, SPAN("queue"), SPAN("4.3.0"), buf_text(&out),
		s->now);
}

/* Keeps the message in hand until what is known of it could be written. */
static void
keep_stuck(struct sender *s, struct message *m)
{
	if (!s->stuck)
		s->stuck_next = s->tick + SENDER_STUCK;
	m->stuck = s->stuck;
	s->stuck = m;
}

/* An admin moved the message while it was in hand. Held, it is left alone;
 * what was to be written of it is written. In new/ it is to be tried now, and
 * its arrival there was passed over. */
static void
look_elsewhere(struct sender *s, struct message *m)
{
	struct schedule_entry entry = { .when = 0 };

	if (spool_follow(s->spool, &m->file) == -1 || m->file.due < 0)
		return;
	entry.due = m->file.due;
	memcpy(entry.id, m->file.id, QUEUE_ID);
	schedule_add(&s->schedule, &entry);
}

/* Everybody is done. Returns 0 or -1 with errno. */
static int
finish_done(struct sender *s, struct message *m)
{
	if (m->lost == 0) {
		if (spool_remove(s->spool, &m->file) == 0 || errno == ENOENT)
			return 0;
		note_trouble(s, m, "remove a delivered message");
		return -1;
	}
	if (message_write(m) == -1) {
		note_trouble(s, m, "write the journal");
		return -1;
	}
	if (spool_fail(s->spool, m->file.id, m->file.due) == 0)
		return 0;
	if (errno == ENOENT) {
		look_elsewhere(s, m);
		return 0;
	}
	note_trouble(s, m, "move a message to failed/");
	return -1;
}

static int64_t
next_due(struct sender *s, const struct message *m)
{
	const struct settings *set = &s->settings;
	uint64_t wait;
	int64_t due;

	if (m->asked) {
		wait = backoff_message(m->tries + 1, set->retrymin,
			set->retrymax, sender_random(s));
	} else {
		wait = SENDER_HELD_MIN + 60 * m->tries;
		if (wait > SENDER_HELD_MAX)
			wait = SENDER_HELD_MAX;
		wait += sender_random(s) % 60;
		if (wait > set->retrymax)
			wait = set->retrymax;
	}
	due = s->now + (int64_t)wait;
	if (due < m->not_before)
		due = m->not_before +
		      (int64_t)(sender_random(s) % (set->retrymin / 4 + 1));
	return due;
}

/* Somebody was put off. Returns 0, or -1: marks of those who are done could
 * not be written. */
static int
finish_put_off(struct sender *s, struct message *m)
{
	struct schedule_entry entry = { .when = next_due(s, m) };

	if (message_write(m) == -1) {
		note_trouble(s, m, "write the journal");
		if (m->marks)
			return -1;
	}
	if (spool_defer(s->spool, &m->file, entry.when) == -1) {
		if (errno == ENOENT) {
			look_elsewhere(s, m);
			return 0;
		}
		note_trouble(s, m, "put a message off");
	}
	entry.due = m->file.due;
	memcpy(entry.id, m->file.id, QUEUE_ID);
	schedule_add(&s->schedule, &entry);
	if (m->fault)
		status_held(&s->status, m->fault, &entry);
	return 0;
}

/* Ended in the middle of a round: the name of the file stays, so those who
 * are open come first next time. */
static int
finish_open(struct sender *s, struct message *m)
{
	if (message_write(m) == -1) {
		note_trouble(s, m, "write the journal");
		if (m->marks)
			return -1;
	}
	look_elsewhere(s, m);
	return 0;
}

/* The sender is told before anything else becomes of the message. */
static int
finish_told(struct sender *s, struct message *m)
{
	if (message_write(m) == -1) {
		note_trouble(s, m, "write the journal");
		return -1;
	}
	report_want(s, m);
	return 0;
}

void
outcome_finish(struct sender *s, struct message *m)
{
	bool tell = m->open == 0 && m->tell && !m->not_told;
	int result;

	if (tell && !s->stopping) {
		if (finish_told(s, m) == -1)
			keep_stuck(s, m);
		return;
	}
	if (m->open || (tell && !m->put_off))
		result = finish_open(s, m);
	else if (m->put_off || m->tell)
		result = finish_put_off(s, m);
	else
		result = finish_done(s, m);
	if (result == -1)
		keep_stuck(s, m);
	else
		intake_drop(s, m);
}

void
outcome_end(struct sender *s, struct delivery *d)
{
	struct message *m = d->message;

	free(d);
	if (--m->deliveries == 0)
		outcome_finish(s, m);
	else if (m->marks && message_write(m) == -1)
		note_trouble(s, m, "write the journal");
}

void
outcome_unstick(struct sender *s)
{
	struct message *m = s->stuck;

	s->stuck = NULL;
	s->stuck_next = s->tick + SENDER_STUCK;
	while (m) {
		struct message *next = m->stuck;

		outcome_finish(s, m);
		m = next;
	}
	if (!s->stuck)
		status_mended(&s->status, SPAN("queue"));
}

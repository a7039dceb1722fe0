/* SPDX-License-Identifier: ISC */
#include "deliver/message.h"
#include "sys/exploit.h"

#include <errno.h>
#include <stdlib.h>

/* Finds the sender and counts the recipients of a checked envelope. */
static void
count_recipients(struct message *m)
{
	struct span rest = m->file.envelope;
	struct span value;
	char letter;

	while (queue_envelope_next(&rest, &letter, &value) == 1) {
		if (letter == 'F')
			m->sender = value;
		if (letter == 'D')
			m->report = value;
		m->rcpts += letter == 'T';
	}
}

static int
index_recipients(struct message *m)
{
	struct span rest = m->file.envelope;
	struct span value;
	uint32_t n = 0;
	char letter;
	size_t at = 0;

	m->rcpt = calloc(m->rcpts, sizeof *m->rcpt);
	if (!m->rcpt)
		return -1;
	while (queue_envelope_next(&rest, &letter, &value) == 1) {
		exploit_seen(value);
		if (letter == 'T')
			m->rcpt[n++].at = (uint32_t)at;
		at = m->file.envelope.n - rest.n;
	}
	m->open = m->rcpts;
	return 0;
}

static bool
is_done(enum queue_mark mark)
{
	return mark == QUEUE_DELIVERED || mark == QUEUE_FAILED ||
	       mark == QUEUE_LOST || mark == QUEUE_TELL_DELIVERED ||
	       mark == QUEUE_TELL_RELAYED || mark == QUEUE_TELL_FAILED;
}

/* What a line means for its recipient, but for who is open or put off. */
static void
apply(struct message *m, struct message_rcpt *rcpt, enum queue_mark mark)
{
	m->tell -= rcpt->tell != 0;
	rcpt->tell = queue_mark_tells(mark) ? (char)mark : 0;
	m->tell += rcpt->tell != 0;
	m->lost += mark == QUEUE_LOST;
	rcpt->warned |= mark == QUEUE_WARNED;
	if (is_done(mark))
		rcpt->state = RCPT_DONE;
}

/* Goes by what earlier rounds wrote. */
static int
read_journal(struct message *m)
{
	struct span rest = m->file.journal;
	struct queue_record record;

	while (queue_record_next(&rest, m->file.seed, &record) == 1) {
		struct message_rcpt *rcpt;
		bool open;

		if (record.rcpt >= m->rcpts)
			return -2;
		rcpt = &m->rcpt[record.rcpt];
		open = rcpt->state == RCPT_OPEN;
		if (!open && !rcpt->tell)
			continue; /* nothing changes him any more */
		if (open && record.mark != QUEUE_WARNED &&
			rcpt->tries < UINT16_MAX)
			rcpt->tries++;
		if (rcpt->tries > m->tries)
			m->tries = rcpt->tries;
		apply(m, rcpt, record.mark);
		m->open -= open && rcpt->state == RCPT_DONE;
	}
	return 0;
}

/* What is read from the file that was loaded. */
static int
begin_round(struct message *m)
{
	int result;

	m->arrival = m->file.header.arrival_us / 1000000;
	count_recipients(m);
	result = index_recipients(m);
	if (result == 0)
		result = read_journal(m);
	if (result)
		message_close(m);
	if (result == -2)
		m->file.why = "its journal speaks of nobody";
	return result;
}

void
message_last(const struct message *m, struct queue_record *last)
{
	struct span rest = m->file.journal;
	struct queue_record record;

	memset(last, 0, m->rcpts * sizeof *last);
	while (queue_record_next(&rest, m->file.seed, &record) == 1)
		last[record.rcpt] = record;
}

bool
message_answerable(const struct message *m, struct span bouncesender)
{
	return m->sender.n && !m->report.n &&
	       !span_eq_nocase(m->sender, bouncesender) &&
	       !span_eq(m->sender, SPAN("#@[]")); /* qmail's double bounces */
}

int
message_open(struct message *m, struct spool *s, const char id[QUEUE_ID],
	int64_t due)
{
	int result;

	*m = (struct message){ .rcpt = NULL };
	result = spool_load(s, id, due, &m->file);
	return result ? result : begin_round(m);
}

int
message_glance(struct message *m, struct spool *s, const char id[QUEUE_ID],
	int64_t due)
{
	int result;

	*m = (struct message){ .rcpt = NULL };
	result = spool_glance(s, id, due, &m->file);
	return result ? result : begin_round(m);
}

int
message_glance_fd(struct message *m, int fd)
{
	int result;

	*m = (struct message){ .rcpt = NULL };
	result = spool_glance_fd(fd, &m->file);
	return result ? result : begin_round(m);
}

void
message_close(struct message *m)
{
	int saved = errno;

	free(m->rcpt);
	free(m->lines);
	spool_unload(&m->file);
	*m = (struct message){ .rcpt = NULL };
	errno = saved;
}

void
message_head(const struct message *m, struct job *job)
{
	struct span rest = m->file.envelope;
	struct span value;
	char letter;

	*job = (struct job){
		.id = {m->file.id, QUEUE_ID},
		.offset = QUEUE_HEADER,
		.size = m->file.header.size,
		.arrival = m->arrival,
		.sender = m->sender
	};
	while (queue_envelope_next(&rest, &letter, &value) == 1 &&
		letter != 'T') {
		if (letter == 'B')
			job->body = value;
		if (letter == 'U')
			job->smtputf8 = true;
		if (letter == 'E')
			job->envid = value;
		if (letter == 'R')
			job->ret = value;
		if (letter == 'Q')
			job->requiretls = true;
	}
}

void
message_rcpt(const struct message *m, uint32_t i, struct job_rcpt *out)
{
	struct span rest = span_from(m->file.envelope, m->rcpt[i].at);
	struct span value;
	char letter;

	*out = (struct job_rcpt){ .address = SPAN("") };
	while (queue_envelope_next(&rest, &letter, &value) == 1) {
		if (letter == 'N')
			out->notify = value;
		else if (letter == 'O')
			out->orcpt = value;
		else if (out->address.n)
			return; /* the next recipient */
		else
			out->address = value;
	}
}

/* Makes room for one journal line. */
static int
reserve_line(struct message *m)
{
	size_t room = m->lines_room ? 2 * m->lines_room : QUEUE_JOURNAL;
	char *lines;

	if (m->lines_room - m->lines_len >= QUEUE_JOURNAL)
		return 0;
	if (room - m->lines_len < QUEUE_JOURNAL)
		room = m->lines_len + QUEUE_JOURNAL;
	lines = realloc(m->lines, room);
	if (!lines)
		return -1;
	m->lines = lines;
	m->lines_room = room;
	return 0;
}

/* Without memory to keep lines in they are written one by one. */
static int
write_line(struct message *m, const struct queue_record *record)
{
	static char line[QUEUE_JOURNAL];
	struct buf out = BUF(line);

	queue_record_print(&out, m->file.seed, record);
	if (message_write(m) == -1)
		return -1;
	return spool_append(&m->file, buf_text(&out), true);
}

static int
add_line(struct message *m, uint32_t i, enum queue_mark mark,
	const struct verdict *verdict, int64_t now)
{
	struct queue_record record = { .mark = mark,
		.time = now,
		.rcpt = i,
		.status = verdict->status,
		.peer = verdict->peer,
		.text = verdict->text };
	struct buf out;

	if (reserve_line(m) == -1)
		return write_line(m, &record);
	out = (struct buf){ m->lines + m->lines_len,
		m->lines_room - m->lines_len, 0, false };
	queue_record_print(&out, m->file.seed, &record);
	m->lines_len += out.len;
	return 0;
}

int
message_mark(struct message *m, uint32_t i, enum queue_mark mark,
	const struct verdict *verdict, int64_t now)
{
	struct message_rcpt *rcpt = &m->rcpt[i];

	if (rcpt->tries < UINT16_MAX)
		rcpt->tries++;
	m->open--;
	apply(m, rcpt, mark);
	if (rcpt->state == RCPT_DONE) {
		m->marks = true;
		return add_line(m, i, mark, verdict, now);
	}
	rcpt->state = RCPT_PUT_OFF;
	m->asked |= verdict->fate == JOB_DEFERRED;
	if (m->put_off++ && m->rcpts > MESSAGE_LINES &&
		mark != QUEUE_TELL_DELAYED)
		return 0;
	return add_line(m, i, mark, verdict, now);
}

int
message_told(
	struct message *m, uint32_t i, bool lost, struct span text, int64_t now)
{
	const struct verdict verdict = {
		.status = SPAN("-"), .peer = SPAN("-"), .text = text
	};
	struct message_rcpt *rcpt = &m->rcpt[i];
	enum queue_mark mark;

	if (rcpt->tell == QUEUE_TELL_DELAYED)
		mark = QUEUE_WARNED;
	else if (rcpt->tell == QUEUE_TELL_FAILED)
		mark = lost ? QUEUE_LOST : QUEUE_FAILED;
	else
		mark = QUEUE_DELIVERED;
	apply(m, rcpt, mark);
	m->marks = true;
	return add_line(m, i, mark, &verdict, now);
}

int
message_write(struct message *m)
{
	struct span lines = { m->lines, m->lines_len };

	if (lines.n && spool_append(&m->file, lines, m->marks) == -1)
		return -1;
	m->lines_len = 0;
	m->marks = false;
	return 0;
}

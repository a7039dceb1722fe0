/* SPDX-License-Identifier: ISC
 *
 * message: a message that is being worked on: its file, what became of each
 * recipient, and the journal lines that are not yet written.
 *
 * A round takes up every recipient who is not done. Who is deferred or held
 * in it is put off to the next round. At its end the sender is told what he
 * has to be told (deliver/report.h), and then the next round is set. */
#ifndef DELIVER_MESSAGE_H
#define DELIVER_MESSAGE_H

#include "pure/job.h"
#include "queue/spool.h"

enum {
	/* A message with more recipients than this gets one journal line a
	 * round for all who were put off, so that days of retries cannot fill
	 * the disk. Every one who is done always has a line. */
	MESSAGE_LINES = 1000,
};

/* What was said about a recipient. */
struct verdict {
	enum job_fate fate;
	struct span status; /* enhanced code */
	struct span peer;   /* "-": nobody was asked */
	struct span text;
	struct span tls; /* as in a job's answer (pure/job.h) */
};

enum rcpt_state {
	RCPT_OPEN,    /* to be tried in this round */
	RCPT_PUT_OFF, /* tried in this round; comes again */
	RCPT_DONE,    /* delivered, or failed for good: not tried again */
};

struct message_rcpt {
	uint32_t at;   /* where its record lies in the envelope */
	uint32_t next; /* the next recipient of its delivery */
	uint16_t tries;
	uint8_t state; /* enum rcpt_state */
	char tell;     /* the capital enum queue_mark of his last line, or 0 */
	bool warned;   /* the sender knows that it is delayed */
};

struct message {
	struct spool_file file;
	int64_t arrival; /* seconds since 1970 */
	struct span sender;
	struct span report; /* the envelope's D record; empty: no report */
	struct message_rcpt *rcpt;
	uint32_t rcpts;
	uint32_t open; /* recipients in each state ... */
	uint32_t put_off;
	uint32_t tell;      /* of whom the sender has to be told */
	uint32_t lost;      /* who failed and nobody was told */
	bool not_told;      /* it was tried in this round, in vain */
	unsigned fault;     /* of ours that keeps it, see deliver/status.h */
	uint64_t tries;     /* rounds before this one */
	bool asked;         /* somebody other than ourselves put it off */
	int64_t not_before; /* no next round until then */

	char *lines; /* journal lines not yet written */
	size_t lines_len;
	size_t lines_room;
	bool marks; /* they say that somebody is done */

	/* for the sender */
	uint32_t deliveries; /* waiting or in hand */
	struct message *next;
	struct message *stuck;
};

/* Opens the message of that name and begins a round. Returns 0; -1 with errno
 * for a fault of ours (ENOENT: it is gone); -2 when the file is damaged:
 * m->file.why says how. */
int message_open(struct message *m, struct spool *s, const char id[QUEUE_ID],
	int64_t due);

/* The same for reading alone, beside a runner (spool_glance). */
int message_glance(struct message *m, struct spool *s, const char id[QUEUE_ID],
	int64_t due);

/* Gives back what it holds; lines not yet written are forgotten. */
void message_close(struct message *m);

/* Fills in what a job says of the message itself. */
void message_head(const struct message *m, struct job *job);

/* Recipient i as a job has it. */
void message_rcpt(const struct message *m, uint32_t i, struct job_rcpt *out);

/* The same of a descriptor, which it takes over: for postern-bounce. */
int message_glance_fd(struct message *m, int fd);

/* The last journal line of each recipient; `last` has room for m->rcpts. One
 * who has none has the mark 0. The spans point into the file's journal. */
void message_last(const struct message *m, struct queue_record *last);

/* True when there is a sender who may be told: not the null sender, not the
 * one under whom reports of ours travel (control/bouncesender), and it is no
 * report itself. */
bool message_answerable(const struct message *m, struct span bouncesender);

/* Notes what became of recipient i, who is open, at time `now`. Returns 0, or
 * -1 with errno: the state holds, its journal line is lost, for there is
 * neither memory for it nor a disk that takes it. */
int message_mark(struct message *m, uint32_t i, enum queue_mark mark,
	const struct verdict *verdict, int64_t now);

/* Notes that the sender was told of recipient i (`lost`: that nobody can be),
 * in those words. Returns as message_mark. */
int message_told(struct message *m, uint32_t i, bool lost, struct span text,
	int64_t now);

/* Writes the lines to the journal, and syncs them when somebody is done.
 * Returns 0, or -1 with errno: they are kept for another try. */
int message_write(struct message *m);

#endif

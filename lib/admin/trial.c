/* SPDX-License-Identifier: ISC */
#include "admin/trial.h"

#include <errno.h>
#include <poll.h>
#include <sys/random.h>
#include <unistd.h>

#include "admin/step.h"
#include "control/mailboxes.h"
#include "pure/date.h"
#include "pure/envelope.h"
#include "queue/visit.h"
#include "smtp/inject.h"
#include "sys/clock.h"
#include "sys/screen.h"

enum {
	TRIAL_MS = 60000,  /* how long the message is followed */
	RUNNER_MS = 10000, /* how long a runner may take to wake up */
	LOOK_MS = 100,
};

extern char **environ;

static struct {
	struct spool spool;
	struct spool_file file;
	bool open;        /* file is the message */
	bool failed;      /* its journal says so */
	bool put_off;     /* and so on */
	uint64_t read_to; /* of the journal */
	char id[QUEUE_ID + 1];
	char sender[LIMIT_ADDRESS + 1];
	struct inject_plan plan;
	struct inject inject;
} trial;

static void
print_text(struct buf *out, const char *to)
{
	buf_str(out, "Date: ");
	date_print(out, clock_wall_us() / 1000000);
	buf_str(out, "\r\nFrom: postern <");
	buf_str(out, *trial.sender ? trial.sender : "postmaster");
	buf_str(out, ">\r\nTo: <");
	buf_str(out, to);
	buf_str(out, ">\r\nSubject: postern check ");
	buf_str(out, trial.id);
	buf_str(out, "\r\nMessage-ID: <");
	buf_str(out, trial.id);
	buf_str(out, "@postern.invalid>\r\nAuto-Submitted: auto-generated\r\n"
		     "\r\nThis is a test message: postern check -t asked for "
		     "it.\r\nThat it is here shows that mail gets through."
		     "\r\n");
}

static int
learn(struct control *c)
{
	struct mailboxes *m = mailboxes_open(c);
	struct buf sender = BUF(trial.sender);
	struct span from;

	if (!m)
		return -1;
	if (mailboxes_postmaster(m, &from) == 0)
		buf_span(&sender, from);
	buf_cstr(&sender);
	mailboxes_close(m);
	return inject_plan(&trial.plan, c, environ, false);
}

/* Returns 0 when the message is durable. */
static int
hand_over(const char *to)
{
	char text[4096];
	char envelope[2 * LIMIT_RECORD + 16];
	struct buf t = BUF(text);
	struct buf e = BUF(envelope);
	uint64_t chance;

	if (getrandom(&chance, sizeof chance, 0) != sizeof chance)
		return -1;
	queue_id_print(trial.id, clock_wall_us(), chance);
	print_text(&t, to);
	envelope_put(&e, 'F', span_of(trial.sender));
	envelope_put(&e, 'T', span_of(to));
	buf_char(&e, '\0');
	if (t.over || e.over)
		return -1;
	inject_open(&trial.inject, &trial.plan, trial.id);
	inject_text(&trial.inject, buf_text(&t));
	if (inject_finish(&trial.inject, SPAN(""), buf_text(&e)) ==
		EVENT_ACCEPTED)
		return 0;
	inject_abort(&trial.inject);
	return -1;
}

static void
take_record(const struct queue_record *r)
{
	static const char *const words[] = {
		[QUEUE_DELIVERED] = "delivered",
		[QUEUE_FAILED] = "failed for good",
		[QUEUE_DEFERRED] = "put off",
		[QUEUE_HELD] = "held for a fault of our own",
	};

	trial.failed |= r->mark == QUEUE_FAILED;
	trial.put_off |= r->mark == QUEUE_DEFERRED || r->mark == QUEUE_HELD;
	if ((size_t)r->mark < LEN(words) && words[r->mark])
		step_note("test", "%s: %.*s %.*s %.*s", words[r->mark],
			(int)r->status.n, r->status.p, (int)r->peer.n,
			r->peer.p, (int)r->text.n, r->text.p);
}

/* What was written to the journal since the last look. */
static void
read_journal(void)
{
	char text[4 * QUEUE_JOURNAL];
	struct queue_record record;
	struct span rest;
	ssize_t n;

	if (!trial.open)
		return;
	n = pread(trial.file.fd, text, sizeof text, (off_t)trial.read_to);
	if (n <= 0)
		return;
	rest = (struct span){ text, (size_t)n };
	while (queue_record_next(&rest, trial.file.seed, &record) == 1)
		take_record(&record);
	trial.read_to += (size_t)n - rest.n;
}

static void
open_file(int64_t due)
{
	if (trial.open ||
		spool_glance(&trial.spool, trial.id, due, &trial.file) != 0)
		return;
	trial.open = true;
	trial.read_to = QUEUE_HEADER + trial.file.header.size +
			trial.file.header.envelope;
}

static int
gone(int64_t begun)
{
	read_journal();
	if (trial.failed)
		return step_fault(DIE_SETUP, "test",
			"the message failed, and its sender was told; postern "
			"log %s has the story",
			trial.id);
	step_ok("test",
		"it has left the queue after %lld ms; postern log %s "
		"has the story",
		(long long)(clock_ms() - begun), trial.id);
	return 0;
}

/* Where it lies says how far it is. Returns -1 while it is on its way. */
static int
look(int64_t begun)
{
	int64_t due;

	if (visit_find(&trial.spool, trial.id, &due) == -1)
		return errno == ENOENT ? gone(begun)
				       : step_fault(DIE_LATER, "test",
						 "cannot look for it: %s",
						 strerror(errno));
	open_file(due);
	read_journal();
	if (due <= SPOOL_FAILED)
		return step_fault(DIE_SETUP, "test",
			"the message failed and lies in failed/; postern show "
			"%s has the reason",
			trial.id);
	if (due == SPOOL_HELD)
		return step_fault(DIE_SETUP, "test",
			"the message is held; postern release %s lets it go",
			trial.id);
	if (trial.put_off && due >= SPOOL_TRIED)
		return step_fault(DIE_LATER, "test",
			"the message waits and is tried again; postern show "
			"%s has more, postern retry %s tries it now",
			trial.id, trial.id);
	return -1;
}

static int
follow(void)
{
	int64_t begun = clock_ms();
	bool asked = false;
	int code;

	while ((code = look(begun)) == -1) {
		int64_t passed = clock_ms() - begun;

		if (passed > TRIAL_MS)
			return step_fault(DIE_LATER, "test",
				"nothing has become of %s within a minute; "
				"postern status may say why",
				trial.id);
		if (passed > RUNNER_MS && !asked) {
			asked = true;
			if (visit_runner(&trial.spool) == 0)
				return step_fault(DIE_SETUP, "test",
					"nobody works on the queue; systemctl "
					"start postern-send.path "
					"postern-send.timer, or run "
					"postern-send");
		}
		screen_wait("waiting for", span_of(trial.id));
		poll(NULL, 0, LOOK_MS);
	}
	return code;
}

int
trial_send(struct control *c, const char *address)
{
	int code;

	if (visit_open(&trial.spool) == -1)
		return step_fault(DIE_SETUP, "test",
			"cannot enter the queue: %s; run this as root, or as "
			"its owner",
			strerror(errno));
	if (learn(c) == -1)
		return step_fault(DIE_SETUP, "test", "%s", control_error(c));
	if (hand_over(address) == -1)
		return step_fault(DIE_LATER, "test",
			"postern-queue did not take the message; its reason "
			"stands above, or in the log");
	step_ok("test", "queued as %s, from <%s> to <%s>", trial.id,
		trial.sender, address);
	code = follow();
	if (trial.open)
		spool_unload(&trial.file);
	spool_close(&trial.spool);
	control_list_free(&trial.plan.filters);
	return code;
}

/* SPDX-License-Identifier: ISC */
#include "smtp/rewriter.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#include "pure/address.h"
#include "pure/ascii.h"
#include "pure/headcheck.h"
#include "pure/headeredit.h"
#include "pure/newhead.h"
#include "pure/param.h"
#include "pure/xtext.h"
#include "queue/spill.h"
#include "sys/child.h"
#include "sys/clock.h"
#include "sys/exploit.h"
#include "sys/io.h"
#include "sys/jail.h"
#include "sys/log.h"

enum {
	REWRITER_INPUT = 8192, /* of the envelope */
	REWRITER_ADDED = 1024,
	REWRITER_SLOTS = 64, /* of the set of recipients, at first */
};

/* A producer that takes a day is no producer (as postern-queue says). */
#define REWRITER_MS (24 * 3600 * INT64_C(1000))

/* Memory that grows as far as an envelope may. */
struct store_text {
	char *p;
	size_t len;
	size_t cap;
};

/* The recipient whose records are coming. */
struct pending {
	char address[LIMIT_RECORD];
	char notify[LIMIT_RECORD];
	char orcpt[LIMIT_RECORD];
	size_t address_len; /* 0: none yet */
	size_t notify_len;
	size_t orcpt_len;
	bool logged;
	bool replaced; /* by redirectall or otherrecipients */
};

struct rewriter {
	struct rewrite *rules;
	struct control *control;
	char *const *next;
	struct span id;
	char me[LIMIT_DOMAIN + 1]; /* for a submission */
	bool submission;
	uint64_t passed;  /* octets of the text */
	uint64_t add_at;  /* where what is added to the header goes */
	struct buf added; /* fields that were missing */
	char added_text[REWRITER_ADDED];
	int pid;        /* of the next program; 0: not started */
	int text_to;    /* the pipe to its fd 0; -1: none */
	int records_to; /* the pipe to its fd 1 */
	bool null_sender;
	bool gone; /* it stopped reading */
	enum queue_exit code;
	struct pending rcpt;
	struct store_text out;      /* the envelope as it leaves */
	struct store_text original; /* replaced recipients as they came, each
				     * with its NUL */
	size_t *set; /* where in `out` the recipients lie, hashed; 0: free */
	size_t slots;
	size_t in_set;
	uint64_t edited; /* addresses of the header */
	uint64_t more;   /* what the log line had no room for */
	bool changed;
	struct log log;
};

static struct spill spill;
static struct headeredit edit;
static struct headcheck head;

/* --- words ---------------------------------------------------------------- */

/* Records why the message is not passed on. Returns -1. */
static int
fail(struct rewriter *r, enum queue_exit code, const char *why, int error)
{
	struct log log;

	r->code = code;
	log_begin(&log,
		code == QUEUE_REFUSED || code == QUEUE_READ ||
				code == QUEUE_FORMAT
			? LOG_LEVEL_WARNING
			: LOG_LEVEL_ERROR,
		"unqueued");
	if (r->id.n)
		log_text(&log, "id", r->id);
	log_number(&log, "exit", code);
	log_text(&log, "reason", span_of(why));
	if (error)
		log_text(&log, "cause", span_of(strerror(error)));
	if (code == QUEUE_REFUSED)
		log_text(&log, "to",
			(struct span){ r->rcpt.address, r->rcpt.address_len });
	log_write(&log);
	return -1;
}

static int
fail_config(struct rewriter *r)
{
	return fail(r, QUEUE_CONFIG, control_error(r->control), 0);
}

/* Adds a field to the line about this message, where there is room. */
static void
note(struct rewriter *r, const char *key, struct span value)
{
	enum { MORE = 64 }; /* room for the last fields */

	r->changed = true;
	if (r->log.line.cap - r->log.line.len < 4 * value.n + MORE)
		r->more++;
	else
		log_text(&r->log, key, value);
}

/* Says which line it was. */
static void
note_step(void *ctx, const struct rewrite_step *step)
{
	char text[100];
	struct buf by = BUF(text);

	struct rewriter *r = ctx;

	if (strcmp(step->file, "redirectall") == 0 ||
		strcmp(step->file, "otherrecipients") == 0)
		r->rcpt.replaced = true;
	if (span_eq(step->from, step->to))
		return;
	buf_str(&by, step->file);
	if (step->line) {
		buf_char(&by, ':');
		buf_number(&by, step->line);
	}
	note(r, "by", buf_text(&by));
}

static void
log_rewritten(struct rewriter *r)
{
	if (!r->changed && !r->edited)
		return;
	if (r->edited)
		log_number(&r->log, "header", r->edited);
	if (r->more)
		log_number(&r->log, "more", r->more);
	log_write(&r->log);
}

/* --- the envelope as it leaves -------------------------------------------- */

/* Makes room for n octets more. Returns 0, or -1 with the code set. */
static int
grow(struct rewriter *r, struct store_text *text, size_t n)
{
	size_t cap = text->cap ? text->cap : REWRITER_INPUT;
	char *p;

	if (n > LIMIT_ENVELOPE - text->len)
		return fail(
			r, QUEUE_ADDRESS_LONG, "the envelope gets too long", 0);
	if (text->cap - text->len >= n)
		return 0;
	while (cap - text->len < n)
		cap *= 2;
	p = realloc(text->p, cap);
	if (!p)
		return fail(r, QUEUE_MEMORY, "keep the envelope", errno);
	text->p = p;
	text->cap = cap;
	return 0;
}

static int
put_record(struct rewriter *r, char letter, struct span value)
{
	struct buf out;

	if (grow(r, &r->out, value.n + 2) == -1)
		return -1;
	out = (struct buf){ r->out.p, r->out.cap, r->out.len, false };
	envelope_put(&out, letter, value);
	r->out.len = out.len;
	return 0;
}

/* Two addresses are one when the domains differ in case at most. */
static bool
same(struct span a, struct span b)
{
	size_t domain = address_domain_of(a).n;

	return a.n == b.n && span_eq_nocase(a, b) &&
	       span_eq(span_head(a, a.n - domain), span_head(b, b.n - domain));
}

static size_t
hash(struct span address)
{
	uint64_t h = 14695981039346656037u;

	for (size_t i = 0; i < address.n; i++)
		h = (h ^ (unsigned char)ascii_lower(address.p[i])) *
		    1099511628211u;
	return (size_t)(h ^ h >> 32);
}

/* Where the address is in the set, or could be. */
static size_t *
slot_of(const struct rewriter *r, struct span address)
{
	size_t i = hash(address) & (r->slots - 1);

	while (r->set[i] && !same(span_of(r->out.p + r->set[i]), address))
		i = (i + 1) & (r->slots - 1);
	return &r->set[i];
}

static int
grow_set(struct rewriter *r)
{
	size_t *old = r->set;
	size_t slots = r->slots;

	if (2 * r->in_set < r->slots)
		return 0;
	r->slots = slots ? 2 * slots : REWRITER_SLOTS;
	r->set = calloc(r->slots, sizeof *r->set);
	if (!r->set) {
		r->set = old;
		r->slots = slots;
		return fail(r, QUEUE_MEMORY, "keep the recipients", errno);
	}
	for (size_t i = 0; i < slots; i++)
		if (old[i])
			*slot_of(r, span_of(r->out.p + old[i])) = old[i];
	free(old);
	return 0;
}

/* Puts a recipient into the envelope unless it is there. Returns 1, 0, -1. */
static int
put_rcpt(struct rewriter *r, struct span address)
{
	size_t *slot;

	if (grow_set(r) == -1)
		return -1;
	slot = slot_of(r, address);
	if (*slot)
		return 0;
	*slot = r->out.len + 1;
	r->in_set++;
	return put_record(r, 'T', address) == -1 ? -1 : 1;
}

/* --- recipients ----------------------------------------------------------- */

static struct span
rcpt_address(const struct rewriter *r)
{
	return (struct span){ r->rcpt.address, r->rcpt.address_len };
}

/* The original recipient for whom a message will be reported (RFC 3461 4.2):
 * as it came, or the address that the sender knows. */
static int
put_orcpt(struct rewriter *r, struct span address)
{
	static const struct span type = SPAN_INIT("rfc822;");
	char first[LIMIT_ADDRESS + 1];
	char text[LIMIT_RECORD];
	struct buf known = BUF(first);
	struct buf out = BUF(text);

	if (r->rcpt.orcpt_len)
		return put_record(r, 'O',
			(struct span){ r->rcpt.orcpt, r->rcpt.orcpt_len });
	if (address_domain_of(rcpt_address(r)).n)
		buf_span(&known, rcpt_address(r));
	else if (rewrite_complete(r->rules, rcpt_address(r), &known) == -1)
		return 0; /* a bare name without a domain is no address */
	if (known.over || same(buf_text(&known), address) ||
		ascii_has_high(buf_text(&known)))
		return 0;
	buf_span(&out, type);
	xtext_encode(&out, buf_text(&known));
	if (out.over || !param_orcpt_valid(buf_text(&out)))
		return 0;
	return put_record(r, 'O', buf_text(&out));
}

/* Takes one of the addresses that the pending recipient has become. */
static int
take_address(void *ctx, struct span address)
{
	struct rewriter *r = ctx;
	int put;

	if (!span_eq(address, rcpt_address(r))) {
		if (!r->rcpt.logged)
			note(r, "to", rcpt_address(r));
		r->rcpt.logged = true;
		note(r, "as", address);
	}
	put = put_rcpt(r, address);
	if (put != 1)
		return put;
	if (r->rcpt.notify_len && put_record(r, 'N',
					  (struct span){ r->rcpt.notify,
						  r->rcpt.notify_len }) == -1)
		return -1;
	return put_orcpt(r, address);
}

static int
keep_original(struct rewriter *r)
{
	struct span address = rcpt_address(r);

	if (grow(r, &r->original, address.n + 1) == -1)
		return -1;
	memcpy(r->original.p + r->original.len, address.p, address.n);
	r->original.len += address.n;
	r->original.p[r->original.len++] = '\0';
	return 0;
}

/* All records of a recipient are there. */
static int
end_rcpt(struct rewriter *r)
{
	int result;

	if (!r->rcpt.address_len)
		return 0;
	result = rewrite_rcpt(r->rules, rcpt_address(r), take_address, r);
	if (result == 0)
		return fail(r, QUEUE_REFUSED,
			"a recipient that control/allowrecipients does not "
			"have",
			0);
	if (result == -1 && r->code == QUEUE_ACCEPTED)
		return fail_config(r);
	if (result == 1 && r->rcpt.replaced)
		result = keep_original(r);
	return result == -1 ? -1 : 0;
}

/* One copy of everything that has a sender who can be told of its failure;
 * that it was made is no business of theirs. */
static int
put_copy(struct rewriter *r)
{
	struct span copy = rewrite_copyall(r->rules);
	int put;

	if (copy.n == 0 || r->null_sender)
		return 0;
	put = put_rcpt(r, copy);
	if (put != 1)
		return put;
	note(r, "copy", copy);
	return put_record(r, 'N', SPAN("NEVER"));
}

/* --- the envelope as it comes --------------------------------------------- */

static int
take_sender(struct rewriter *r, struct span sender)
{
	char text[LIMIT_ADDRESS + 1];
	struct buf out = BUF(text);
	int changed = 0;

	r->null_sender = sender.n == 0;
	if (!r->null_sender)
		changed = rewrite_sender(r->rules, sender, &out);
	if (changed == -1)
		return fail_config(r);
	if (!changed)
		return put_record(r, 'F', sender);
	note(r, "sender", sender);
	note(r, "as", buf_text(&out));
	return put_record(r, 'F', buf_text(&out));
}

static void
copy_value(char to[LIMIT_RECORD], size_t *len, struct span value)
{
	memcpy(to, value.p, value.n);
	*len = value.n;
}

/* Takes one record; envelope_check has seen it. */
static int
take_record(struct rewriter *r, char letter, struct span value)
{
	exploit_seen(value);
	switch (letter) {
	case 'F':
		return take_sender(r, value);
	case 'T':
		if (end_rcpt(r) == -1)
			return -1;
		r->rcpt.notify_len = 0;
		r->rcpt.orcpt_len = 0;
		r->rcpt.logged = false;
		r->rcpt.replaced = false;
		copy_value(r->rcpt.address, &r->rcpt.address_len, value);
		return 0;
	case 'N':
		copy_value(r->rcpt.notify, &r->rcpt.notify_len, value);
		return 0;
	case 'O':
		copy_value(r->rcpt.orcpt, &r->rcpt.orcpt_len, value);
		return 0;
	default:
		return put_record(r, letter, value);
	}
}

static int
fail_envelope(struct rewriter *r, enum envelope_verdict verdict)
{
	return fail(r,
		verdict == ENVELOPE_LONG ? QUEUE_ADDRESS_LONG : QUEUE_FORMAT,
		envelope_why(verdict), 0);
}

/* Reads more of the envelope behind the record that is not complete yet. */
static int
more_envelope(struct rewriter *r, char input[REWRITER_INPUT], struct span *left,
	int64_t deadline)
{
	ssize_t n;

	if (left->n > LIMIT_RECORD)
		return fail_envelope(r, ENVELOPE_LONG);
	if (left->n)
		memmove(input, left->p, left->n);
	n = io_read(STDOUT_FILENO, input + left->n, REWRITER_INPUT - left->n,
		deadline, NULL);
	if (n == 0)
		return fail(r, QUEUE_READ, "the envelope has no end", 0);
	if (n == -1)
		return fail(r, errno == ETIMEDOUT ? QUEUE_TIMEOUT : QUEUE_READ,
			"read the envelope", errno);
	*left = (struct span){ input, left->n + (size_t)n };
	return 0;
}

static int
take_envelope(struct rewriter *r, int64_t deadline)
{
	static char input[REWRITER_INPUT];
	struct envelope_state state = { 0 };
	struct span left = { input, 0 };
	struct span record;

	for (;;) {
		enum envelope_verdict verdict;
		struct span value;

		record = span_head(left, span_find(left, '\0'));
		if (record.n == left.n) {
			if (more_envelope(r, input, &left, deadline) == -1)
				return -1;
			continue;
		}
		if (record.n == 0)
			break;
		value = span_from(record, 1);
		verdict = envelope_check(&state, record.p[0], value);
		if (verdict != ENVELOPE_OK)
			return fail_envelope(r, verdict);
		if (take_record(r, record.p[0], value) == -1)
			return -1;
		left = span_from(left, record.n + 1);
	}
	if (envelope_end(&state) != ENVELOPE_OK)
		return fail_envelope(r, envelope_end(&state));
	if (end_rcpt(r) == -1)
		return -1;
	/* who else gets the text must not see them: one may have been a Bcc */
	if (r->in_set > 1)
		r->original.len = 0;
	return put_copy(r);
}

/* --- the next program ----------------------------------------------------- */

static void
shut(int *fd)
{
	if (*fd != -1)
		close(*fd);
	*fd = -1;
}

/* The next program alone reads the text: when it stops, its writer hears. */
static int
leave_text(void)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int moved = null == -1 ? -1 : dup2(null, STDIN_FILENO);

	if (null != -1)
		close(null);
	return moved;
}

/* Starts the next program. It reads the text from us (`ours`), or from where we
 * would have. */
static int
start_next(struct rewriter *r, bool ours)
{
	int text[2] = { -1, -1 };
	int records[2] = { -1, -1 };
	int pid = -1;

	if (pipe2(records, O_CLOEXEC) == 0 &&
		(!ours || pipe2(text, O_CLOEXEC) == 0)) {
		const struct child_fd fds[] = {
			{ours ? text[0] : STDIN_FILENO, 0},
                        { records[0],                   1}
		};

		pid = child_start(r->next, environ, fds, LEN(fds));
	}
	if (pid == -1)
		(void)fail(r, QUEUE_CRASHED, "start the next program", errno);
	else
		r->pid = pid;
	shut(&text[0]);
	shut(&records[0]);
	r->text_to = text[1];
	r->records_to = records[1];
	if (pid == -1)
		return -1;
	if (!ours && leave_text() == -1)
		return fail(r, QUEUE_CRASHED, "leave the text alone", errno);
	/* nothing is opened or started from here on */
	jail_close_or_say(JAIL_REWRITE, NULL);
	return 0;
}

/* Writes to the next program until it stops reading: then its exit code will
 * say why. */
static int
pass(struct rewriter *r, int fd, struct span text)
{
	if (r->gone)
		return -1;
	if (io_write(fd, text.p, text.n, clock_ms() + REWRITER_MS) == 0)
		return 0;
	r->gone = true;
	return -1;
}

static int
pass_text(void *ctx, struct span text)
{
	struct rewriter *r = ctx;

	return pass(r, r->text_to, text);
}

/* Feeds the text to the editor, and what is added to the header at its place.
 */
static int
edit_text(void *ctx, struct span text)
{
	struct rewriter *r = ctx;
	uint64_t before = r->add_at - r->passed;

	if (r->added.len && before <= text.n) {
		if (headeredit_feed(&edit, span_head(text, before)) == -1 ||
			headeredit_feed(&edit, buf_text(&r->added)) == -1)
			return -1;
		text = span_from(text, before);
		r->added.len = 0;
	}
	r->passed += text.n;
	return headeredit_feed(&edit, text);
}

/* --- what a submission lacks ---------------------------------------------- */

static int
check_text(void *ctx, struct span text)
{
	(void)ctx;
	return headcheck_feed(&head, text) ? 0 : -1;
}

/* Makes the fields that the message must have and does not (RFC 6409 8). */
static int
make_missing(struct rewriter *r)
{
	int64_t now = clock_wall_us();
	uint64_t chance[2];

	if (spill_give(&spill, check_text, NULL) == SPILL_WRITE)
		return fail(r, QUEUE_WRITE, "read the text back", errno);
	headcheck_end(&head);
	r->add_at = head.size;
	r->added = BUF(r->added_text);
	if (getrandom(chance, sizeof chance, 0) != sizeof chance)
		return fail(r, QUEUE_CRASHED, "no random numbers", errno);
	if (!head.count[HEADCHECK_DATE]) {
		newhead_date(&r->added, now / 1000000);
		note(r, "added", SPAN("Date"));
	}
	if (!head.count[HEADCHECK_ID]) {
		newhead_id(&r->added, now, chance,
			*r->me ? span_of(r->me) : SPAN("localhost"));
		note(r, "added", SPAN("Message-ID"));
	}
	return 0;
}

static int
edit_address(void *ctx, enum headeredit_kind kind, struct span address,
	struct buf *out)
{
	struct rewriter *r = ctx;
	int changed;

	/* with a domain of ours it would be too long; that is no fault of our
	 * files */
	if (address.n > LIMIT_ADDRESS - LIMIT_DOMAIN - 1)
		return 0;
	changed = kind == HEADEREDIT_FROM
			  ? rewrite_sender(r->rules, address, out)
			  : rewrite_to(r->rules, address, out);
	if (changed == -1)
		return fail_config(r);
	r->edited += (uint64_t)changed;
	return changed;
}

/* Writes a field for each recipient that was replaced, where all were. */
static int
pass_originals(struct rewriter *r)
{
	struct span rest = { r->original.p, r->original.len };

	while (rest.n) {
		struct span address = span_head(rest, span_find(rest, '\0'));

		if (pass_text(r, SPAN("X-Original-To: ")) == -1 ||
			pass_text(r, address) == -1 ||
			pass_text(r, SPAN("\r\n")) == -1)
			return -1;
		rest = span_from(rest, address.n + 1);
	}
	return 0;
}

/* Passes on the text that waited, its header edited. That of a bounce is what
 * its maker wrote. */
static int
pass_message(struct rewriter *r)
{
	enum spill_verdict verdict;
	unsigned kinds = 0;

	rewrite_listen(r->rules, NULL, NULL);
	if ((r->submission || rewrite_edits(r->rules)) && !r->null_sender)
		kinds = HEADEREDIT_FROM | HEADEREDIT_TO;
	headeredit_begin(&edit, kinds, edit_address, pass_text, r);
	if (pass_originals(r) == -1 || (r->submission && make_missing(r) == -1))
		return -1;
	verdict = spill_give(&spill, edit_text, r);
	if (verdict == SPILL_WRITE)
		return fail(r, QUEUE_WRITE, "read the text back", errno);
	/* a header that is all of the message */
	if (verdict != SPILL_DONE ||
		(r->added.len && edit_text(r, SPAN("")) == -1) ||
		headeredit_end(&edit) == -1)
		return -1;
	shut(&r->text_to);
	return 0;
}

static int
pass_envelope(struct rewriter *r)
{
	if (pass(r, r->records_to, (struct span){ r->out.p, r->out.len }) ==
			-1 ||
		pass(r, r->records_to, (struct span){ "", 1 }) == -1)
		return -1;
	return 0;
}

/* Without the last NUL of the envelope the next program queues nothing. When
 * the producer sent no end, that may be because the next program gave up. */
static void
finish_next(struct rewriter *r)
{
	int code;

	shut(&r->text_to);
	shut(&r->records_to);
	if (!r->pid)
		return;
	code = child_wait(r->pid);
	r->pid = 0;
	if (r->code == QUEUE_READ && code > 0 && code <= 127)
		r->code = (enum queue_exit)code;
	if (r->code != QUEUE_ACCEPTED)
		return;
	if (code == QUEUE_ACCEPTED && r->gone)
		(void)fail(r, QUEUE_CRASHED,
			"the next program ended before it had read it all", 0);
	else if (code < 0 || code > 127)
		(void)fail(r, QUEUE_CRASHED, "the next program was killed", 0);
	else
		r->code = (enum queue_exit)code;
}

/* --- all of it ------------------------------------------------------------ */

/* Takes the text, or leaves it to the next program. */
static int
take_text(struct rewriter *r, bool waits, int64_t deadline)
{
	if (!waits)
		return start_next(r, false);
	switch (spill_take(&spill, STDIN_FILENO, deadline)) {
	case SPILL_DONE:
		return 0;
	case SPILL_READ:
		return fail(r, errno == ETIMEDOUT ? QUEUE_TIMEOUT : QUEUE_READ,
			"read the message", errno);
	default:
		return fail(r, QUEUE_WRITE, "keep the message in tmp/", errno);
	}
}

static void
run(struct rewriter *r, bool waits)
{
	int64_t deadline = clock_ms() + REWRITER_MS;

	if (r->submission && control_me(r->control, r->me) == -1) {
		(void)fail_config(r);
		return;
	}
	if (take_text(r, waits, deadline) == -1 ||
		take_envelope(r, deadline) == -1)
		return;
	if (waits && (start_next(r, true) == -1 || pass_message(r) == -1))
		return;
	(void)pass_envelope(r);
}

enum queue_exit
rewriter_run(struct rewrite *rules, struct control *c, char *const next[],
	struct span id, bool submission)
{
	static struct rewriter r;
	bool waits =
		submission || rewrite_edits(rules) || rewrite_replaces(rules);

	r = (struct rewriter){ .rules = rules,
		.control = c,
		.next = next,
		.id = id,
		.submission = submission,
		.text_to = -1,
		.records_to = -1 };
	log_begin(&r.log, LOG_LEVEL_INFO, "rewritten");
	if (id.n)
		log_text(&r.log, "id", id);
	rewrite_listen(rules, note_step, &r);
	run(&r, waits);
	finish_next(&r);
	if (r.code == QUEUE_ACCEPTED)
		log_rewritten(&r);
	rewrite_listen(rules, NULL, NULL);
	spill_close(&spill);
	free(r.out.p);
	free(r.original.p);
	free(r.set);
	return r.code;
}

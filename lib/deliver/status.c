/* SPDX-License-Identifier: ISC */
#include "deliver/status.h"

#include <errno.h>
#include <unistd.h>

#include "pure/fields.h"
#include "sys/log.h"

/* What an admin can do, where the words of the fault do not say it. The first
 * that fits is taken. */
/* clang-format off */
static const struct {
	struct span hop;    /* empty: any */
	struct span status; /* empty: any */
	const char *remedy;
} remedies[] = {
	{ SPAN_INIT("-"), SPAN_INIT(""), "" },
	{ SPAN_INIT("queue"), SPAN_INIT(""),
		"free space on the queue's disk, or mend its rights" },
	{ SPAN_INIT("dns"), SPAN_INIT(""),
		"see control/nameservers or /etc/resolv.conf" },
	{ SPAN_INIT("bounce"), SPAN_INIT(""),
		"see the log of postern-bounce, postern-queue and the "
		"filters" },
	{ SPAN_INIT(""), SPAN_INIT("4.3.1"), "free memory or disk space" },
	{ SPAN_INIT(""), SPAN_INIT("4.3.0"),
		"look at the log of postern-remote and postern-local" },
	{ SPAN_INIT(""), SPAN_INIT("4.3.5"),
		"mend it, or install postern again" },
	{ SPAN_INIT(""), SPAN_INIT("4.4.3"),
		"see control/nameservers, and the host in control/smtproutes" },
	{ SPAN_INIT(""), SPAN_INIT("4.4.4"),
		"see control/nameservers, and the host in control/smtproutes" },
	/* what postern-remote says of a login or of TLS has its remedy in it */
	{ SPAN_INIT(""), SPAN_INIT("4.7.0"), "" },
	{ SPAN_INIT(""), SPAN_INIT("4.7.5"), "" },
	{ SPAN_INIT(""), SPAN_INIT("4.7.8"), "" },
	{ SPAN_INIT("local"), SPAN_INIT(""),
		"see control/mailboxes and the rights of the Maildir" },
	{ SPAN_INIT(""), SPAN_INIT(""),
		"see control/authremote and smtproutes, and ask the "
		"smarthost's admin" },
};
/* clang-format on */

static void
copy(char *to, size_t room, struct span from)
{
	struct buf out = { to, room - 1, 0, false };

	buf_span(&out, span_head(from, room - 1));
	to[out.len] = '\0';
}

/* --- faults --- */

static struct status_fault *
find_fault(struct status *st, struct span hop, struct span status)
{
	struct status_fault *oldest = &st->fault[0];

	for (size_t i = 0; i < STATUS_FAULTS; i++) {
		struct status_fault *f = &st->fault[i];

		if (span_eq(hop, span_of(f->hop)) &&
			span_eq(status, span_of(f->status)))
			return f;
		/* one that is over makes room first */
		if ((f->since == 0) != (oldest->since == 0)
				? f->since == 0
				: f->seen < oldest->seen)
			oldest = f;
	}
	oldest->since = oldest->logged = 0;
	oldest->held.count = 0;
	copy(oldest->hop, sizeof oldest->hop, hop);
	copy(oldest->status, sizeof oldest->status, status);
	return oldest;
}

static void
put_remedy(struct buf *out, struct span hop, struct span status)
{
	size_t i = 0;

	while ((remedies[i].hop.n && !span_eq(remedies[i].hop, hop)) ||
		(remedies[i].status.n && !span_eq(remedies[i].status, status)))
		i++;
	if (*remedies[i].remedy)
		buf_str(out, "; ");
	buf_str(out, remedies[i].remedy);
}

static void
log_fault(const struct status_fault *f)
{
	struct log line;

	log_begin(&line, LOG_LEVEL_ERROR, "holding");
	log_text(&line, "reason", span_of(f->text));
	log_text(&line, "hop", span_of(f->hop));
	log_text(&line, "status", span_of(f->status));
	log_write(&line);
}

unsigned
status_fault(struct status *st, struct span hop, struct span status,
	struct span text, int64_t now)
{
	struct status_fault *f = find_fault(st, hop, status);
	char words[STATUS_TEXT];
	struct buf out = BUF(words);
	bool other;

	if (f->since == 0) {
		f->since = now;
		st->changed = true;
		st->next = 0; /* nobody is told meanwhile that all is well */
	}
	f->seen = now;
	buf_span(&out, span_head(text, sizeof words - 128));
	put_remedy(&out, hop, status);
	/* a second mistake in control is another fault */
	other = span_eq(hop, SPAN("-")) &&
		!span_eq(buf_text(&out), span_of(f->text));
	copy(f->text, sizeof f->text, buf_text(&out));
	if (f->logged == 0 || other || now - f->logged >= STATUS_REMIND ||
		now < f->logged) {
		f->logged = now;
		log_fault(f);
	}
	return (unsigned)(f - st->fault) + 1;
}

void
status_held(
	struct status *st, unsigned number, const struct schedule_entry *entry)
{
	struct status_fault *f = &st->fault[number - 1];

	f->held.max = SPOOL_DUE_MAX < SIZE_MAX ? 1000000 : 100000;
	schedule_add(&f->held, entry);
	st->changed = true;
}

static void
end_fault(struct status *st, struct status_fault *f)
{
	struct log line;

	f->since = 0;
	f->before = 0;
	schedule_clear(&f->held);
	st->changed = true;
	log_begin(&line, LOG_LEVEL_INFO, "mended");
	log_text(&line, "hop", span_of(f->hop));
	log_text(&line, "reason", span_of(f->text));
	log_write(&line);
}

void
status_mended(struct status *st, struct span hop)
{
	for (size_t i = 0; i < STATUS_FAULTS; i++)
		if (st->fault[i].since &&
			span_eq(hop, span_of(st->fault[i].hop)))
			end_fault(st, &st->fault[i]);
}

void
status_wake(struct status *st, struct schedule *to)
{
	struct schedule_entry entry;

	for (size_t i = 0; i < STATUS_FAULTS; i++)
		while (schedule_take(&st->fault[i].held, &entry)) {
			entry.when = 0;
			schedule_add(to, &entry);
		}
}

/* What was held and is due again has met its fault again by now, or not. */
static void
look_for_ends(struct status *st, int64_t now)
{
	for (size_t i = 0; i < STATUS_FAULTS; i++) {
		struct status_fault *f = &st->fault[i];
		struct schedule_entry entry;

		while (schedule_when(&f->held) <= now - STATUS_GRACE &&
			schedule_take(&f->held, &entry))
			st->changed = true;
		if (now - f->seen > STATUS_FORGET)
			f->before = 0;
		if (f->since && f->held.count == 0 && f->before == 0 &&
			now - f->seen > STATUS_GRACE)
			end_fault(st, f);
	}
}

bool
status_counts(const struct status *st, int64_t tick, bool last)
{
	for (size_t i = 0; i < STATUS_FAULTS; i++)
		if (st->fault[i].since &&
			(last || (tick >= st->next &&
					 strcmp(st->fault[i].hop, "-") == 0)))
			return true;
	return false;
}

static void
end_all(struct status *st)
{
	for (size_t i = 0; i < STATUS_FAULTS; i++)
		if (st->fault[i].since)
			end_fault(st, &st->fault[i]);
}

/* --- hops --- */

static struct status_hop *
find_hop(struct status *st, struct span name)
{
	struct status_hop *oldest = &st->hop[0];

	for (size_t i = 0; i < STATUS_HOPS; i++) {
		if (st->hop[i].changed &&
			span_eq_nocase(name, span_of(st->hop[i].name)))
			return &st->hop[i];
		if (st->hop[i].changed < oldest->changed)
			oldest = &st->hop[i];
	}
	*oldest = (struct status_hop){ .changed = 0 };
	copy(oldest->name, sizeof oldest->name, name);
	return oldest;
}

void
status_hop(struct status *st, struct span hop, int64_t now, uint64_t failures,
	int64_t until, struct span text)
{
	struct status_hop *h = find_hop(st, hop);

	h->changed = now;
	h->failures = failures;
	h->until = until;
	if (until == 0)
		h->answered = now;
	copy(h->text, sizeof h->text, text);
	st->changed = true;
}

/* --- the file --- */

/* The lines are log lines without a program's name; a line that does not fit
 * is left out. */
struct page {
	struct buf out;
	size_t start; /* of the line */
};

static void
line_begin(struct page *p, const char *event)
{
	p->start = p->out.len;
	p->out.over = false;
	buf_str(&p->out, event);
}

static void
line_text(struct page *p, const char *key, struct span value)
{
	buf_char(&p->out, ' ');
	buf_str(&p->out, key);
	buf_char(&p->out, '=');
	log_escape(&p->out, value);
}

static void
line_number(struct page *p, const char *key, int64_t value)
{
	buf_char(&p->out, ' ');
	buf_str(&p->out, key);
	buf_char(&p->out, '=');
	buf_number(&p->out, value > 0 ? (uint64_t)value : 0);
}

static void
line_end(struct page *p)
{
	buf_char(&p->out, '\n');
	if (p->out.over)
		p->out.len = p->start;
}

static void
print_sums(struct page *p, const struct status_sums *before,
	const struct status_sums *sums, int64_t now, bool last)
{
	line_begin(p, "send");
	line_number(p, "time", now);
	line_number(p, "pid", getpid());
	line_text(p, "state", last ? SPAN("stopped") : SPAN("running"));
	line_number(
		p, "delivered", (int64_t)(before->delivered + sums->delivered));
	line_number(
		p, "deferred", (int64_t)(before->deferred + sums->deferred));
	line_number(p, "failed", (int64_t)(before->failed + sums->failed));
	line_number(p, "held", (int64_t)(before->held + sums->held));
	line_end(p);
}

static void
print_fault(struct page *p, const struct status_fault *f, uint64_t left)
{
	bool all = strcmp(f->hop, "-") == 0;
	uint64_t messages = all ? left : f->held.count;

	line_begin(p, "fault");
	line_number(p, "since", f->since);
	line_text(p, "hop", span_of(f->hop));
	line_text(p, "status", span_of(f->status));
	line_text(p, "text", span_of(f->text));
	line_number(p, "messages",
		(int64_t)(messages > f->before ? messages : f->before));
	line_number(p, "seen", f->seen);
	line_end(p);
}

static void
print_hop(struct page *p, const struct status_hop *h)
{
	line_begin(p, "hop");
	line_text(p, "name", span_of(h->name));
	line_number(p, "answered", h->answered);
	line_number(p, "failures", (int64_t)h->failures);
	line_number(p, "until", h->until);
	line_text(p, "text", span_of(h->text));
	line_end(p);
}

void
status_write(struct status *st, struct spool *s, const struct status_sums *sums,
	int64_t now, int64_t tick, bool last)
{
	static char text[STATUS_MAX];
	struct page page = { BUF(text), 0 };

	if (!last && tick < st->next)
		return;
	st->next = tick + STATUS_EVERY;
	look_for_ends(st, now);
	if (sums->counted && sums->left == 0)
		end_all(st);
	if (!last && !st->changed)
		return;
	print_sums(&page, &st->before, sums, now, last);
	for (size_t i = 0; i < STATUS_FAULTS; i++)
		if (st->fault[i].since)
			print_fault(&page, &st->fault[i], sums->left);
	for (size_t i = 0; i < STATUS_HOPS; i++)
		if (st->hop[i].changed)
			print_hop(&page, &st->hop[i]);
	/* without space it is the old one; the log has what matters */
	if (spool_note(s, "status", buf_text(&page.out)) == 0)
		st->changed = false;
}

/* --- what the last scheduler left --- */

static int64_t
number(const struct fields *f, struct span key)
{
	uint64_t n;

	return fields_number(f, key, &n) == 0 && n <= INT64_MAX ? (int64_t)n
								: 0;
}

static void
read_sums(struct status *st, const struct fields *f)
{
	st->before.delivered = (uint64_t)number(f, SPAN("delivered"));
	st->before.deferred = (uint64_t)number(f, SPAN("deferred"));
	st->before.failed = (uint64_t)number(f, SPAN("failed"));
	st->before.held = (uint64_t)number(f, SPAN("held"));
}

static void
read_fault(struct status *st, const struct fields *f, int64_t now)
{
	char hop[STATUS_ROUTE];
	char status[16];
	struct status_fault *fault;

	fields_text(f, SPAN("hop"), hop, sizeof hop);
	fields_text(f, SPAN("status"), status, sizeof status);
	fault = find_fault(st, span_of(hop), span_of(status));
	fields_text(f, SPAN("text"), fault->text, sizeof fault->text);
	fault->since = number(f, SPAN("since"));
	fault->seen = number(f, SPAN("seen"));
	fault->before = (uint64_t)number(f, SPAN("messages"));
	fault->logged = now;
}

static void
read_hop(struct status *st, const struct fields *f)
{
	char name[STATUS_ROUTE];
	struct status_hop *hop;

	fields_text(f, SPAN("name"), name, sizeof name);
	hop = find_hop(st, span_of(name));
	hop->answered = number(f, SPAN("answered"));
	hop->failures = (uint64_t)number(f, SPAN("failures"));
	hop->until = number(f, SPAN("until"));
	hop->changed = hop->answered > hop->until ? hop->answered : hop->until;
	fields_text(f, SPAN("text"), hop->text, sizeof hop->text);
}

void
status_begin(struct status *st, struct spool *s, int64_t now)
{
	static char text[STATUS_MAX];
	ssize_t n = spool_noted(s, "status", text, sizeof text);
	struct span rest = { text, n > 0 ? (size_t)n : 0 };

	st->changed = true;
	while (rest.n) {
		struct span line = span_head(rest, span_find(rest, '\n'));
		struct fields f;

		rest = span_from(rest, line.n + 1);
		if (!fields_begin(&f, line))
			continue;
		if (span_eq(f.event, SPAN("send")))
			read_sums(st, &f);
		if (span_eq(f.event, SPAN("fault")))
			read_fault(st, &f, now);
		if (span_eq(f.event, SPAN("hop")))
			read_hop(st, &f);
	}
}

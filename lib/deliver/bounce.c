/* SPDX-License-Identifier: ISC */
#include "deliver/bounce.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#include "pure/address.h"
#include "pure/ascii.h"
#include "pure/eight.h"
#include "pure/envelope.h"
#include "sys/exploit.h"

/* --- control --- */

/* name, or name@host when it has no domain. */
static int
complete(struct control *c, enum control_id id, char *out, size_t cap,
	struct span host)
{
	char name[LIMIT_ADDRESS + 1];
	struct buf b = { out, cap, 0, false };

	out[0] = '\0';
	if (control_line(c, id, name, sizeof name) == -1)
		return -1;
	if (!*name && id == CONTROL_BOUNCEFROM)
		buf_str(&b, control_file(id)->preset);
	buf_str(&b, name);
	if (b.len && span_find(buf_text(&b), '@') == b.len) {
		buf_char(&b, '@');
		buf_span(&b, host);
	}
	buf_cstr(&b);
	return 0;
}

static int
read_control(struct bounce *b, struct control *c, uint64_t *lifetime)
{
	char domain[LIMIT_DOMAIN + 1];

	if (control_me(c, b->host) == -1 ||
		control_line(c, CONTROL_BOUNCEHOST, domain, sizeof domain) ==
			-1 ||
		control_line(c, CONTROL_BOUNCESENDER, b->bouncesender,
			sizeof b->bouncesender) == -1 ||
		control_number(c, CONTROL_QUEUELIFETIME, lifetime) == -1)
		return -1;
	if (!*b->host)
		memcpy(b->host, "localhost", sizeof "localhost");
	if (complete(c, CONTROL_BOUNCEFROM, b->from, sizeof b->from,
		    span_of(*domain ? domain : b->host)) == -1)
		return -1;
	return complete(c, CONTROL_DOUBLEBOUNCETO, b->admin, sizeof b->admin,
		span_of(b->host));
}

/* --- who and what --- */

static const struct {
	enum queue_mark mark;
	enum dsn_action action;
} tells[] = {
	{QUEUE_TELL_FAILED,     DSN_FAILED   },
	{ QUEUE_TELL_DELAYED,   DSN_DELAYED  },
	{ QUEUE_TELL_RELAYED,   DSN_RELAYED  },
	{ QUEUE_TELL_DELIVERED, DSN_DELIVERED},
};

/* True when the sender has to be told of recipient i. */
static bool
to_tell(const struct bounce *b, uint32_t i, struct dsn_rcpt *out)
{
	const struct queue_record *last = &b->last[i];
	struct job_rcpt rcpt;
	size_t k = 0;

	while (k < LEN(tells) && tells[k].mark != last->mark)
		k++;
	if (k == LEN(tells))
		return false;
	message_rcpt(&b->message, i, &rcpt);
	*out = (struct dsn_rcpt){ .action = tells[k].action,
		.address = rcpt.address,
		.orcpt = rcpt.orcpt,
		.status = last->status,
		.peer = last->peer,
		.text = last->text,
		.time = last->time };
	return true;
}

/* What the recipients have in common. */
static void
look_at_recipients(struct bounce *b)
{
	struct dsn_rcpt rcpt;

	for (uint32_t i = 0; i < b->message.rcpts; i++) {
		if (!to_tell(b, i, &rcpt))
			continue;
		b->dsn.actions |= 1U << rcpt.action;
		b->dsn.eight_bit |= ascii_has_high(rcpt.address);
	}
}

/* The sender; or the admin, once, about what has no sender to tell. */
static bool
find_reader(struct bounce *b)
{
	const struct message *m = &b->message;

	if (message_answerable(m, span_of(b->bouncesender))) {
		b->to = m->sender;
		return true;
	}
	b->to = span_of(b->admin);
	b->dsn.to_admin = true;
	return b->to.n && !span_eq(m->report, SPAN("double"));
}

/* --- what is returned of the original --- */

/* A name and a colon are at the front of the line. */
static bool
begins_field(struct span line)
{
	size_t n = 0;

	while (n < line.n && ascii_visible(line.p[n]) && line.p[n] != ':')
		n++;
	line = span_from(line, n);
	while (n && line.n && (line.p[0] == ' ' || line.p[0] == '\t'))
		line = span_from(line, 1);
	return n && line.n && line.p[0] == ':';
}

/* How much of the text is header: to the empty line, or to one that is no
 * field, where a body begins without; of a longer one, as many whole fields as
 * there are. */
static size_t
header_length(struct span text)
{
	size_t fields = 0;

	if (!begins_field(text) && !(text.n && text.p[0] == '\r'))
		return 0;
	for (size_t i = 0; i + 1 < text.n; i++) {
		if (text.p[i] != '\r' || text.p[i + 1] != '\n')
			continue;
		if (i == 0 || (i + 3 < text.n && text.p[i + 2] == '\r' &&
				      text.p[i + 3] == '\n'))
			return i + 2;
		if (i + 2 < text.n && text.p[i + 2] != ' ' &&
			text.p[i + 2] != '\t') {
			fields = i + 2;
			if (!begins_field(span_from(text, fields)))
				return fields;
		}
	}
	return fields;
}

static int
read_original(struct bounce *b, bool all)
{
	uint64_t size = b->message.file.header.size;
	size_t want = size < BOUNCE_KEEP ? (size_t)size : BOUNCE_KEEP;
	struct eight eight = { .header = false };
	size_t have = 0;

	while (have < want) {
		ssize_t n = pread(b->message.file.fd, b->text + have,
			want - have, (off_t)(QUEUE_HEADER + have));

		if (n == -1 && errno == EINTR)
			continue;
		if (n == 0)
			errno = EIO;
		if (n <= 0)
			return -1;
		have += (size_t)n;
	}
	b->kept = (struct span){ b->text, have };
	b->what = all && have == size ? DSN_MESSAGE : DSN_HEADER;
	if (b->what == DSN_HEADER)
		b->kept.n = header_length(b->kept);
	eight_feed(&eight, b->kept);
	b->kept_header_high = eight.header;
	b->kept_high = eight.header || eight.body;
	b->dsn.eight_bit |= b->kept_high;
	return 0;
}

/* A line that is in none of the parts: by chance, and looked for. */
static int
choose_boundary(struct bounce *b)
{
	struct buf out;
	uint64_t chance[2];

	do {
		if (getrandom(chance, sizeof chance, 0) != sizeof chance)
			return -1;
		out = BUF(b->boundary);
		buf_str(&out, "=_postern_");
		buf_hex(&out, chance[0], 16);
		buf_hex(&out, chance[1], 16);
		b->dsn.boundary = buf_text(&out);
	} while (memmem(b->kept.p, b->kept.n, out.p, out.len));
	return 0;
}

/* --- all of it --- */

static enum bounce_verdict
open_message(struct bounce *b, int fd)
{
	int result = message_glance_fd(&b->message, fd);

	if (result) {
		if (result == -2)
			errno = EBADMSG;
		return BOUNCE_FAULT;
	}
	b->last = calloc(b->message.rcpts, sizeof *b->last);
	if (!b->last)
		return BOUNCE_FAULT;
	message_last(&b->message, b->last);
	return BOUNCE_READY;
}

static void
fill_dsn(struct bounce *b, const struct job *job, const char id[QUEUE_ID],
	int64_t now, uint64_t lifetime)
{
	struct dsn *dsn = &b->dsn;

	dsn->host = span_of(b->host);
	dsn->from = span_of(b->from);
	dsn->to = b->to;
	dsn->id = (struct span){ id, QUEUE_ID };
	dsn->envid = dsn->to_admin ? SPAN("") : job->envid;
	dsn->now = now;
	dsn->arrival = b->message.arrival;
	dsn->until = b->message.arrival + (int64_t)lifetime;
	dsn->utf8 = ascii_has_high(b->to);
	dsn->eight_bit |= dsn->utf8;
	b->requiretls = job->requiretls;
}

/* The whole original comes back when that was asked for, and something failed
 * (RFC 3461 4.3, 6.2); not over a connection that anybody can read where the
 * sender would not have that (RFC 8689 5). */
static bool
wants_all(const struct bounce *b, const struct job *job)
{
	return !job->requiretls && (b->dsn.actions & 1U << DSN_FAILED) &&
	       (b->dsn.to_admin || span_eq(job->ret, SPAN("FULL")));
}

enum bounce_verdict
bounce_begin(struct bounce *b, struct control *c, int fd,
	const char id[QUEUE_ID], int64_t now)
{
	static struct job job;
	uint64_t lifetime;
	enum bounce_verdict verdict;

	*b = (struct bounce){ .last = NULL };
	verdict = open_message(b, fd);
	if (verdict != BOUNCE_READY)
		return verdict;
	if (read_control(b, c, &lifetime) == -1)
		return BOUNCE_CONTROL;
	look_at_recipients(b);
	if (!b->dsn.actions)
		return BOUNCE_NOTHING;
	if (!find_reader(b))
		return BOUNCE_NOBODY;
	message_head(&b->message, &job);
	if (read_original(b, wants_all(b, &job)) == -1 ||
		choose_boundary(b) == -1)
		return BOUNCE_FAULT;
	fill_dsn(b, &job, id, now, lifetime);
	return BOUNCE_READY;
}

/* Passes what one piece printed, and empties the buffer for the next. */
static void
flush(struct buf *out, bounce_sink *sink, void *ctx)
{
	sink(ctx, buf_text(out));
	out->len = 0;
}

typedef void piece_print(
	struct buf *out, const struct dsn *dsn, const struct dsn_rcpt *rcpt);

static void
write_recipients(const struct bounce *b, piece_print *print, struct buf *out,
	bounce_sink *sink, void *ctx)
{
	struct dsn_rcpt rcpt;

	for (uint32_t i = 0; i < b->message.rcpts; i++) {
		if (!to_tell(b, i, &rcpt))
			continue;
		print(out, &b->dsn, &rcpt);
		flush(out, sink, ctx);
	}
}

void
bounce_write(const struct bounce *b, bounce_sink *sink, void *ctx)
{
	static char piece[DSN_PIECE];
	struct buf out = BUF(piece);

	dsn_head(&out, &b->dsn);
	flush(&out, sink, ctx);
	write_recipients(b, dsn_words, &out, sink, ctx);
	dsn_status(&out, &b->dsn);
	flush(&out, sink, ctx);
	write_recipients(b, dsn_group, &out, sink, ctx);
	dsn_original(&out, &b->dsn, b->what, b->kept_high, b->kept_header_high);
	flush(&out, sink, ctx);
	sink(ctx, b->kept);
	dsn_end(&out, &b->dsn);
	flush(&out, sink, ctx);
}

void
bounce_envelope(const struct bounce *b, struct buf *out)
{
	envelope_put(out, 'F', SPAN(""));
	if (b->dsn.eight_bit)
		envelope_put(out, 'B', SPAN("8BITMIME"));
	if (b->dsn.utf8)
		envelope_put(out, 'U', SPAN(""));
	if (b->requiretls)
		envelope_put(out, 'Q', SPAN(""));
	envelope_put(
		out, 'D', b->dsn.to_admin ? SPAN("double") : SPAN("report"));
	exploit_seen(b->to);
	envelope_put(out, 'T', b->to);
	buf_char(out, '\0');
}

void
bounce_end(struct bounce *b)
{
	free(b->last);
	message_close(&b->message);
	b->last = NULL;
}

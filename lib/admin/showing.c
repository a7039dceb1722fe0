/* SPDX-License-Identifier: ISC */
#include "admin/showing.h"

#include <errno.h>
#include <unistd.h>

#include "admin/choice.h"
#include "admin/listing.h"
#include "pure/age.h"
#include "pure/date.h"
#include "sys/screen.h"

enum {
	VALUE_COLUMN = 12,
	PIECE = 4096, /* octets of text at once */
};

/* What the records of the envelope are called. */
static const struct {
	char letter;
	const char *name;
} names[] = {
	{'C',  "client"    },
	{ 'H', "helo"      },
	{ 'A', "identity"  },
	{ 'P', "protocol"  },
	{ 'B', "body"      },
	{ 'U', "smtputf8"  },
	{ 'Q', "requiretls"},
	{ 'E', "envid"     },
	{ 'R', "ret"       },
	{ 'D', "report"    },
};

static void
put_name(const char *name)
{
	screen_ink(INK_DIM);
	screen_str(name);
	screen_ink(INK_PLAIN);
	screen_field(VALUE_COLUMN);
}

static void
put_date(int64_t seconds)
{
	char text[64];
	struct buf out = BUF(text);

	date_print(&out, seconds);
	screen_text(buf_text(&out));
}

static void
put_head(const struct message *m, int64_t now)
{
	char text[40];
	struct buf size = BUF(text);
	int64_t due = m->file.due;

	put_name("message");
	screen_text(span_of(m->file.id));
	screen_line();
	put_name("state");
	screen_str(choice_state_name(due));
	if (due > now) {
		screen_str(", next attempt in ");
		screen_age(due - now);
	} else if (due >= 0) {
		screen_str(", due now");
	}
	screen_line();
	put_name("arrival");
	put_date(m->arrival);
	screen_str(", ");
	screen_age(now - m->arrival);
	screen_str(" ago");
	screen_line();
	put_name("size");
	listing_size(&size, m->file.header.size);
	screen_text(buf_text(&size));
	screen_line();
	put_name("sender");
	screen_text(m->sender.n ? m->sender : SPAN("<>"));
	screen_line();
}

static void
put_records(const struct message *m)
{
	struct span rest = m->file.envelope;
	struct span value;
	char letter;

	while (queue_envelope_next(&rest, &letter, &value) == 1 &&
		letter != 'T')
		for (size_t i = 0; i < LEN(names); i++)
			if (names[i].letter == letter) {
				put_name(names[i].name);
				screen_text(value.n ? value : SPAN("yes"));
				screen_line();
			}
}

static void
put_recipient(
	const struct message *m, const struct story_rcpt *rcpt, uint32_t i)
{
	struct job_rcpt to;

	message_rcpt(m, i, &to);
	put_name("recipient");
	screen_text(to.address);
	screen_str(": ");
	screen_str(rcpt->tried ? story_word(rcpt->last.mark) : "not tried yet");
	if (to.notify.n) {
		screen_str(", NOTIFY=");
		screen_text(to.notify);
	}
	if (to.orcpt.n) {
		screen_str(", ORCPT=");
		screen_text(to.orcpt);
	}
	screen_line();
}

void
showing_envelope(
	const struct message *m, const struct story *story, int64_t now)
{
	put_head(m, now);
	put_records(m);
	for (uint32_t i = 0; i < m->rcpts; i++)
		put_recipient(m, &story->rcpt[i], i);
}

static void
put_event(const struct message *m, void *ctx, const struct queue_record *record,
	bool told)
{
	struct job_rcpt to;

	(void)ctx;
	message_rcpt(m, (uint32_t)record->rcpt, &to);
	screen_str("  ");
	put_date(record->time);
	screen_str("  ");
	screen_text(to.address);
	screen_str(": ");
	screen_str(told ? "the sender was told" : story_word(record->mark));
	if (!span_eq(record->status, SPAN("-"))) {
		screen_str(", ");
		screen_text(record->status);
	}
	screen_str(" ");
	screen_text(record->text);
	if (!span_eq(record->peer, SPAN("-"))) {
		screen_str(" (");
		screen_text(record->peer);
		screen_str(")");
	}
	screen_line();
}

int
showing_history(const struct message *m)
{
	screen_line();
	screen_ink(INK_BOLD);
	screen_str(m->file.journal.n ? "history" : "history: none");
	screen_ink(INK_PLAIN);
	screen_line();
	return story_tell(m, put_event, NULL);
}

/* Text as it is shown: a line at a time, tabs as spaces. */
struct shown {
	char line[PIECE];
	size_t n;
	bool empty; /* the line has nothing in it so far */
	bool body;
	bool over;
};

/* Shows what is there of the line; `all`, or up to the last whole character. */
static void
flush_line(struct shown *s, bool all)
{
	size_t n = s->n;

	while (!all && n > s->n - 4 && ((unsigned char)s->line[n - 1] >= 0x80))
		n--;
	screen_text((struct span){ s->line, n });
	memmove(s->line, s->line + n, s->n - n);
	s->n -= n;
}

static void
show_octet(struct shown *s, char c)
{
	if (c == '\n') {
		if (s->n && s->line[s->n - 1] == '\r')
			s->n--;
		s->over = !s->body && s->empty && s->n == 0;
		flush_line(s, true);
		screen_line();
		s->empty = true;
		return;
	}
	if (s->n == PIECE)
		flush_line(s, false);
	s->line[s->n++] = c == '\t' ? ' ' : c;
	s->empty = s->empty && c == '\r';
}

int
showing_text(const struct message *m, bool body)
{
	static char piece[65536];
	static struct shown shown;
	uint64_t at = QUEUE_HEADER;
	uint64_t left = m->file.header.size;

	shown = (struct shown){ .empty = true, .body = body };
	screen_line();
	screen_ink(INK_BOLD);
	screen_str(body ? "text" : "header");
	screen_ink(INK_PLAIN);
	screen_line();
	while (left && !shown.over) {
		size_t want = left < sizeof piece ? (size_t)left : sizeof piece;
		ssize_t n = pread(m->file.fd, piece, want, (off_t)at);

		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		for (ssize_t i = 0; i < n && !shown.over; i++)
			show_octet(&shown, piece[i]);
		at += (uint64_t)n;
		left -= (uint64_t)n;
	}
	if (shown.n) {
		flush_line(&shown, true);
		screen_line();
	}
	return 0;
}

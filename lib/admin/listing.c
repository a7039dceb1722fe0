/* SPDX-License-Identifier: ISC */
#include "admin/listing.h"

#include "admin/choice.h"
#include "admin/jsonout.h"
#include "pure/age.h"
#include "sys/screen.h"

enum {
	/* where the fields begin on a terminal */
	STATE_COLUMN = QUEUE_ID + 1,
	AGE_COLUMN = STATE_COLUMN + 9,
	SIZE_COLUMN = AGE_COLUMN + 8,
	TRIES_COLUMN = SIZE_COLUMN + 6,
	NEXT_COLUMN = TRIES_COLUMN + 6,
	SENDER_COLUMN = NEXT_COLUMN + 8,
	RECIPIENTS = 10, /* recipients shown there */
};

void
listing_size(struct buf *out, uint64_t size)
{
	static const char units[] = { 'K', 'M', 'G', 'T', 'P', 'E' };
	size_t unit = 0;
	uint64_t tenths = size / 1024 * 10 + size % 1024 * 10 / 1024;

	if (size < 1024) {
		buf_number(out, size);
		return;
	}
	for (; tenths >= 10240 && unit < LEN(units) - 1; unit++)
		tenths /= 1024;
	buf_number(out, tenths / 10);
	if (tenths < 100) {
		buf_char(out, '.');
		buf_number(out, tenths % 10);
	}
	buf_char(out, units[unit]);
}

/* For the eye "4h 5m", for programs seconds. */
static void
put_age(int64_t seconds)
{
	if (seconds < 0)
		seconds = 0;
	if (screen_terminal())
		screen_age(seconds);
	else
		screen_number((uint64_t)seconds);
}

static void
put_size(uint64_t size)
{
	char text[40];
	struct buf out = BUF(text);

	if (screen_terminal())
		listing_size(&out, size);
	else
		buf_number(&out, size);
	screen_text(buf_text(&out));
}

/* When it is tried next: for the eye how soon, for programs the time. */
static void
put_next(int64_t due, int64_t now)
{
	if (due < 0)
		screen_str("-");
	else if (!screen_terminal())
		screen_number((uint64_t)due);
	else if (due <= now)
		screen_str("now");
	else
		put_age(due - now);
}

static void
put_sender(struct span sender)
{
	if (sender.n)
		screen_text(sender);
	else
		screen_str("<>");
}

static void
put_reply(const struct queue_record *record)
{
	screen_text(record->status);
	screen_str(" ");
	screen_text(record->text);
	if (span_eq(record->peer, SPAN("-")))
		return;
	screen_str(" (");
	screen_text(record->peer);
	screen_str(")");
}

void
listing_head(void)
{
	static const struct {
		const char *name;
		unsigned column; /* of the next */
	} heads[] = {
		{"ID",      STATE_COLUMN },
		{ "STATE",  AGE_COLUMN   },
		{ "AGE",    SIZE_COLUMN  },
		{ "SIZE",   TRIES_COLUMN },
		{ "TRIES",  NEXT_COLUMN  },
		{ "NEXT",   SENDER_COLUMN},
		{ "SENDER", 0            },
	};

	if (!screen_terminal())
		return;
	screen_ink(INK_BOLD);
	for (size_t i = 0; i < LEN(heads); i++) {
		screen_str(heads[i].name);
		if (heads[i].column)
			screen_field(heads[i].column);
	}
	screen_ink(INK_PLAIN);
	screen_line();
}

static void
put_state(int64_t due)
{
	static const enum screen_ink inks[] = {
		[STATE_NEW] = INK_GOOD,
		[STATE_DEFERRED] = INK_PLAIN,
		[STATE_HELD] = INK_WARN,
		[STATE_FAILED] = INK_BAD,
	};

	screen_ink(inks[choice_state(due)]);
	screen_str(choice_state_name(due));
	screen_ink(INK_PLAIN);
}

/* What both forms begin with. */
static void
put_first_fields(const char id[QUEUE_ID], int64_t due, int64_t now)
{
	screen_text((struct span){ id, QUEUE_ID });
	screen_field(STATE_COLUMN);
	put_state(due);
	screen_field(AGE_COLUMN);
	put_age(now - queue_id_time(id) / 1000000);
	screen_field(SIZE_COLUMN);
}

static bool
same_reply(const struct story_rcpt *a, const struct story_rcpt *b)
{
	return a->tried == b->tried &&
	       (!a->tried || (span_eq(a->last.text, b->last.text) &&
				     span_eq(a->last.status, b->last.status)));
}

/* Those who are not done, and before each change what was said of them. When
 * all are done, all of them. */
static void
put_recipients(const struct message *m, const struct story *story)
{
	const struct story_rcpt *before = NULL;
	uint32_t shown = 0;
	uint32_t left = m->open ? m->open : m->rcpts;

	for (uint32_t i = 0; i < m->rcpts && shown < RECIPIENTS; i++) {
		const struct story_rcpt *rcpt = &story->rcpt[i];
		struct job_rcpt to;

		if (m->open && m->rcpt[i].state == RCPT_DONE)
			continue;
		if (rcpt->tried && (!before || !same_reply(before, rcpt))) {
			screen_ink(INK_DIM);
			screen_str("    ");
			put_reply(&rcpt->last);
			screen_ink(INK_PLAIN);
			screen_line();
		}
		before = rcpt;
		message_rcpt(m, i, &to);
		screen_str("    to ");
		screen_text(to.address);
		screen_line();
		shown++;
	}
	if (shown < left) {
		screen_str("    and ");
		screen_number(left - shown);
		screen_str(" more");
		screen_line();
	}
	if (m->open && m->open < m->rcpts) {
		screen_str("    ");
		screen_number(m->rcpts - m->open);
		screen_str(" of ");
		screen_number(m->rcpts);
		screen_str(" recipients are done");
		screen_line();
	}
}

/* Commas stand between addresses; one inside an address is \x2c. */
static void
put_address(struct span address)
{
	while (address.n) {
		struct span head = span_head(address, span_find(address, ','));

		screen_text(head);
		if (head.n < address.n)
			screen_str("\\x2c");
		address = span_from(address, head.n + 1);
	}
}

static void
put_open(const struct message *m)
{
	bool first = true;

	for (uint32_t i = 0; i < m->rcpts; i++) {
		struct job_rcpt to;

		if (m->rcpt[i].state == RCPT_DONE)
			continue;
		message_rcpt(m, i, &to);
		if (!first)
			screen_str(",");
		first = false;
		put_address(to.address);
	}
	if (first)
		screen_str("-");
}

/* The fields that only programs want. */
static void
put_more_fields(const struct message *m, const struct story *story)
{
	screen_field(0);
	screen_number(m->rcpts - m->open);
	screen_field(0);
	screen_number(m->open);
	screen_field(0);
	put_open(m);
	screen_field(0);
	if (story->tried)
		put_reply(&story->last);
	else
		screen_str("-");
	screen_line();
}

void
listing_row(const struct message *m, const struct story *story, int64_t now)
{
	put_first_fields(m->file.id, m->file.due, now);
	put_size(m->file.header.size);
	screen_field(TRIES_COLUMN);
	screen_number(m->tries);
	screen_field(NEXT_COLUMN);
	put_next(m->file.due, now);
	screen_field(SENDER_COLUMN);
	put_sender(m->sender);
	if (!screen_terminal()) {
		put_more_fields(m, story);
		return;
	}
	screen_line();
	put_recipients(m, story);
}

void
listing_damaged(
	const char id[QUEUE_ID], int64_t due, const char *why, int64_t now)
{
	put_first_fields(id, due, now);
	if (screen_terminal()) {
		screen_ink(INK_BAD);
		screen_str("damaged: ");
		screen_str(why);
		screen_ink(INK_PLAIN);
		screen_line();
		return;
	}
	for (int i = 0; i < 7; i++) {
		screen_str("-");
		screen_field(0);
	}
	screen_str("damaged: ");
	screen_str(why);
	screen_line();
}

static void
json_first(const char id[QUEUE_ID], int64_t due, int64_t now)
{
	int64_t came = queue_id_time(id) / 1000000;

	jsonout_open(NULL, '{');
	jsonout_text("id", (struct span){ id, QUEUE_ID });
	jsonout_text("state", span_of(choice_state_name(due)));
	jsonout_number("arrival", came);
	jsonout_number("age", now > came ? now - came : 0);
}

static void
json_last(const char *name, const struct queue_record *last, bool tried)
{
	if (!tried) {
		jsonout_null(name);
		return;
	}
	jsonout_open(name, '{');
	jsonout_number("time", last->time);
	jsonout_text("result", span_of(story_word(last->mark)));
	jsonout_text("status", last->status);
	if (span_eq(last->peer, SPAN("-")))
		jsonout_null("peer");
	else
		jsonout_text("peer", last->peer);
	jsonout_text("reply", last->text);
	jsonout_close('}');
}

static void
json_recipient(const struct message *m, uint32_t i, const struct story *story)
{
	const struct story_rcpt *rcpt = &story->rcpt[i];
	struct job_rcpt to;
	const char *state = "open";

	if (m->rcpt[i].state == RCPT_DONE)
		state = story_word(rcpt->last.mark);
	message_rcpt(m, i, &to);
	jsonout_open(NULL, '{');
	jsonout_text("address", to.address);
	jsonout_text("state", span_of(state));
	jsonout_number("tries", m->rcpt[i].tries);
	json_last("last", &rcpt->last, rcpt->tried);
	jsonout_close('}');
}

void
listing_json(const struct message *m, const struct story *story, int64_t now)
{
	json_first(m->file.id, m->file.due, now);
	jsonout_number("size", (int64_t)m->file.header.size);
	jsonout_text("sender", m->sender);
	jsonout_number("tries", (int64_t)m->tries);
	if (m->file.due < 0)
		jsonout_null("next");
	else
		jsonout_number("next", m->file.due);
	jsonout_number("done", m->rcpts - m->open);
	jsonout_number("open", m->open);
	json_last("last", &story->last, story->tried);
	jsonout_open("recipients", '[');
	for (uint32_t i = 0; i < m->rcpts; i++)
		json_recipient(m, i, story);
	jsonout_close(']');
	jsonout_close('}');
	jsonout_line();
}

void
listing_damaged_json(
	const char id[QUEUE_ID], int64_t due, const char *why, int64_t now)
{
	json_first(id, due, now);
	jsonout_text("damage", span_of(why));
	jsonout_close('}');
	jsonout_line();
}

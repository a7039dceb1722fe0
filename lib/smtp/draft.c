/* SPDX-License-Identifier: ISC */
#include "smtp/draft.h"

#include <errno.h>

#include "pure/stuff.h"
#include "sys/clock.h"
#include "sys/io.h"

enum { PIECE = 65536 };

/* Where in a line the reader is, as far as the end of the message asks. */
enum dot_place { DOT_START, DOT_DOT, DOT_CR, DOT_INSIDE };

/* A message on its way from the program to the file. */
struct way {
	struct draft *draft;
	struct people *to;
	size_t given; /* octets of the people that were given beforehand */
	bool dots;
	bool resent; /* a Resent- field has named somebody */
	bool over;   /* the dot was seen */
	enum dot_place place;
	struct stuff lines;
};

static char in_space[PIECE];
static char dot_space[PIECE + 4];
static char line_space[2 * PIECE + 64];
static char head_space[2 * PIECE + 64 + MAILHEAD_ROOM];

/* --- the end -------------------------------------------------------------- */

/* Takes one octet; what is known to be text by now goes to out. */
static void
dot_step(struct way *w, char c, struct buf *out)
{
	switch (w->place) {
	case DOT_START:
		w->place = c == '.'    ? DOT_DOT
			   : c == '\n' ? DOT_START
				       : DOT_INSIDE;
		if (c != '.')
			buf_char(out, c);
		return;
	case DOT_DOT:
	case DOT_CR:
		w->over = c == '\n';
		if (w->over)
			return;
		if (w->place == DOT_DOT && c == '\r') {
			w->place = DOT_CR;
			return;
		}
		buf_char(out, '.');
		if (w->place == DOT_CR)
			buf_char(out, '\r');
		w->place = DOT_INSIDE;
		break;
	case DOT_INSIDE:
		if (c == '\n')
			w->place = DOT_START;
		break;
	}
	buf_char(out, c);
}

/* The text up to the dot, if one ends it. */
static struct span
until_dot(struct way *w, struct span text)
{
	struct buf out = BUF(dot_space);

	if (!w->dots)
		return text;
	for (size_t i = 0; i < text.n && !w->over; i++)
		dot_step(w, text.p[i], &out);
	return buf_text(&out);
}

/* --- the recipients ------------------------------------------------------- */

static enum draft_verdict
add_recipient(struct way *w)
{
	static const struct address_rules rules = { true, true };
	struct mailhead *head = &w->draft->head;
	struct address a;

	if (w->resent && !head->resent)
		return DRAFT_READY;
	if (head->resent && !w->resent) {
		people_cut(w->to, w->given);
		w->resent = true;
	}
	if (rcptlist_address(&head->list, &rules, &a) != ADDRESS_OK)
		return DRAFT_ADDRESS;
	return people_add(w->to, address_text(&a)) == -1 ? DRAFT_CROWD
							 : DRAFT_READY;
}

/* --- the way -------------------------------------------------------------- */

static enum draft_verdict
store(struct way *w, struct span text)
{
	eight_feed(&w->draft->eight, text);
	if (text.n && scratch_write(&w->draft->file, text) == -1)
		return DRAFT_STORE;
	return DRAFT_READY;
}

/* Passes lines through the header's reader, or the header's end when there
 * are none. *text is what is left for the body. */
static enum draft_verdict
pass_head(struct way *w, struct span *text, bool end)
{
	struct mailhead *head = &w->draft->head;
	struct buf out = BUF(head_space);
	enum mailhead_verdict verdict;
	enum draft_verdict result = DRAFT_READY;

	do {
		verdict = end ? mailhead_end(head, &out)
			      : mailhead_feed(head, text, &out);
		if (verdict == MAILHEAD_MAILBOX)
			result = add_recipient(w);
	} while (verdict == MAILHEAD_MAILBOX && result == DRAFT_READY);
	if (verdict == MAILHEAD_BAD)
		return DRAFT_FIELD;
	return result == DRAFT_READY ? store(w, buf_text(&out)) : result;
}

/* Passes lines that end in CR LF. */
static enum draft_verdict
pass_lines(struct way *w, struct span text)
{
	enum draft_verdict verdict = DRAFT_READY;

	if (w->draft->head.place != MAILHEAD_OVER)
		verdict = pass_head(w, &text, false);
	return verdict == DRAFT_READY ? store(w, text) : verdict;
}

static enum draft_verdict
pass(struct way *w, struct span text)
{
	struct buf out = BUF(line_space);

	text = until_dot(w, text);
	stuff_feed(&w->lines, &text, &out);
	return pass_lines(w, buf_text(&out));
}

/* Ends the last line and what is still open. */
static enum draft_verdict
finish(struct way *w)
{
	struct buf out = BUF(line_space);
	struct span none = SPAN("");
	enum draft_verdict verdict;

	stuff_end(&w->lines, &out);
	out.len -= sizeof ".\r\n" - 1; /* the end is the client's */
	verdict = pass_lines(w, buf_text(&out));
	if (verdict == DRAFT_READY)
		verdict = pass_head(w, &none, true);
	w->draft->size = w->draft->file.size - DRAFT_TOP;
	return verdict;
}

/* Room for what is put in front later. */
static enum draft_verdict
begin(struct draft *d)
{
	if (scratch_open(&d->file) == -1)
		return DRAFT_STORE;
	d->file.size = DRAFT_TOP;
	return DRAFT_READY;
}

enum draft_verdict
draft_read(struct draft *d, int fd, const struct draft_wish *wish,
	struct people *to)
{
	struct way w = {
		.draft = d,
		.to = to,
		.given = to->len,
		.dots = wish->dots,
		.lines = { .plain = true },
	};
	enum draft_verdict verdict;

	*d = (struct draft){ .head = { .extract = wish->extract } };
	verdict = begin(d);
	while (verdict == DRAFT_READY && !w.over) {
		ssize_t n = io_read(
			fd, in_space, sizeof in_space, CLOCK_NEVER, NULL);

		if (n == -1)
			return DRAFT_READ;
		if (n == 0)
			break;
		verdict = pass(&w, (struct span){ in_space, (size_t)n });
	}
	return verdict == DRAFT_READY ? finish(&w) : verdict;
}

int
draft_top(struct draft *d, struct span fields)
{
	if (fields.n > DRAFT_TOP) {
		errno = EMSGSIZE;
		return -1;
	}
	d->size += fields.n;
	return scratch_write_at(&d->file, fields, DRAFT_TOP - fields.n);
}

void
draft_content(const struct draft *d, struct content *c)
{
	content_begin(c, d->file.fd, d->file.size - d->size, d->size);
}

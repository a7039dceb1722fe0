/* SPDX-License-Identifier: ISC */
#include "smtp/text.h"

#include <errno.h>

#include "pure/mime7.h"
#include "pure/stuff.h"

/* The text of a small message leaves in one write. */
enum { OUT = 2 * CONTENT_PIECE };

/* Text on its way out. */
struct flow {
	struct client *c;
	struct stuff stuff;
	struct buf out;
	bool begun; /* something was written */
	enum client_verdict verdict;
};

static char out_space[OUT];
static struct mime7 mime;

static int
count(void *ctx, const char *bytes, size_t n)
{
	uint64_t *total = ctx;

	(void)bytes;
	*total += n;
	return 0;
}

/* Feeds the whole text through the converter, which knows CR LF alone; what
 * came through the queue's own door may have other line ends. Returns 1; 0
 * when the converter or its sink stopped; -1 with errno. */
static int
convert(struct content *text)
{
	struct stuff lines = { .plain = true };
	struct span piece;
	int more;

	content_rewind(text);
	while ((more = content_next(text, &piece)) == 1) {
		while (piece.n) {
			char made[4096];
			struct buf b = BUF(made);

			stuff_feed(&lines, &piece, &b);
			if (mime7_feed(&mime, b.p, b.len))
				return 0;
		}
	}
	if (more == -1)
		return -1;
	return mime7_end(&mime) == 0;
}

int
text_measure7(struct content *text, uint64_t *size)
{
	int can;

	mime7_scan(&mime);
	can = convert(text);
	if (can != 1)
		return can;
	*size = 0;
	mime7_convert(&mime, count, size);
	return convert(text);
}

/* Writes what has gathered. Whatever the server says now, it says too early:
 * its answer to the text may only follow the end of the text (C-013). */
static int
flow_flush(struct flow *f)
{
	struct span out = buf_text(&f->out);
	enum link_verdict verdict;

	verdict = link_write(
		&f->c->link, &out, client_deadline(f->c, PHASE_TEXT));
	f->out.len = 0;
	f->begun = true;
	if (verdict == LINK_OK)
		return 0;
	f->verdict = verdict == LINK_LATE
			     ? client_judge(f->c, verdict, PHASE_TEXT)
			     : client_unasked(f->c, PHASE_TEXT);
	return -1;
}

static int
flow_take(void *ctx, const char *bytes, size_t n)
{
	struct flow *f = ctx;
	struct span in = { bytes, n };

	for (;;) {
		stuff_feed(&f->stuff, &in, &f->out);
		if (in.n == 0)
			return 0;
		if (flow_flush(f) == -1)
			return -1;
	}
}

static enum client_verdict
flow_end(struct flow *f)
{
	if (f->out.cap - f->out.len <= STUFF_ROOM && flow_flush(f) == -1)
		return f->verdict;
	stuff_end(&f->stuff, &f->out);
	if (f->begun && !client_quiet(f->c))
		return client_unasked(f->c, PHASE_TEXT);
	if (flow_flush(f) == -1)
		return f->verdict;
	return client_reply(f->c, PHASE_END);
}

/* The text cannot be read to its end: without the end nobody takes it. */
static enum client_verdict
cut(struct client *c, const char *why)
{
	words_say(&c->words, "4.3.0", "cannot read the message: %s", why);
	link_close(&c->link);
	return CLIENT_HELD;
}

/* The text as it is. Returns as convert. */
static int
pass(struct flow *f, struct content *text)
{
	struct span piece;
	int more;

	content_rewind(text);
	while ((more = content_next(text, &piece)) == 1)
		if (flow_take(f, piece.p, piece.n) == -1)
			return 0;
	return more == -1 ? -1 : 1;
}

enum client_verdict
text_send(struct client *c, struct content *text, bool seven_bit)
{
	struct flow f = { .c = c, .out = BUF(out_space) };
	int done;

	if (seven_bit)
		mime7_convert(&mime, flow_take, &f);
	done = seven_bit ? convert(text) : pass(&f, text);
	if (done == 1)
		return flow_end(&f);
	if (done == -1)
		return cut(c, strerror(errno));
	if (f.verdict == CLIENT_DONE)
		return cut(c, "it has changed since it was looked at");
	return f.verdict;
}

enum client_verdict
text_send_none(struct client *c)
{
	struct span out = SPAN("\r\n.\r\n");
	enum link_verdict verdict =
		link_write(&c->link, &out, client_deadline(c, PHASE_TEXT));

	if (verdict == LINK_INPUT)
		return client_unasked(c, PHASE_TEXT);
	if (verdict != LINK_OK)
		return client_judge(c, verdict, PHASE_TEXT);
	return client_reply(c, PHASE_END);
}

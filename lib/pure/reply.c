/* SPDX-License-Identifier: ISC */
#include "pure/reply.h"

#include "pure/ascii.h"

/* Where the words begin: behind three digits and a separator. */
enum { WORDS = 4 };

/* Judges as much of a line as is there, line end not included. */
static bool
head_fits(const struct reply *r)
{
	const char *p = r->line;
	size_t n = r->kept;

	if (n > 0 && (p[0] < '2' || p[0] > '5'))
		return false;
	if (n > 1 && !ascii_digit(p[1]))
		return false;
	if (n > 2 && !ascii_digit(p[2]))
		return false;
	return n <= 3 || p[3] == ' ' || p[3] == '-' || p[3] == '\r';
}

static void
text_put(struct reply *r, char c)
{
	if (r->text_len < sizeof r->text)
		r->text[r->text_len++] = c;
}

/* Adds the line's words to the text, made printable: a log line, a journal
 * and a bounce take it as it is. */
static void
text_add(struct reply *r)
{
	struct span words = reply_line(r);

	if (r->lines == 0)
		for (size_t i = 0; i < 3; i++)
			text_put(r, r->line[i]);
	if (words.n)
		text_put(r, ' ');
	for (size_t i = 0; i < words.n; i++) {
		char c = words.p[i];

		text_put(r, c == '\t'                      ? ' '
			    : c == ' ' || ascii_visible(c) ? c
							   : '?');
	}
}

/* Reads one to three digits. Returns how many, or 0. */
static size_t
short_number(struct span s)
{
	size_t n = 0;

	while (n < s.n && ascii_digit(s.p[n]))
		n++;
	return n <= 3 ? n : 0;
}

/* Finds `class.subject.detail` at the start of the last line (RFC 2034 4). */
static void
status_find(struct reply *r)
{
	struct span words = reply_line(r);
	size_t subject, detail, n;

	r->status_len = 0;
	if (words.n < 5 || words.p[0] != r->line[0] || words.p[1] != '.')
		return;
	subject = short_number(span_from(words, 2));
	n = 2 + subject;
	if (!subject || n >= words.n || words.p[n] != '.')
		return;
	detail = short_number(span_from(words, n + 1));
	n += 1 + detail;
	if (!detail || (n < words.n && words.p[n] != ' '))
		return;
	if (r->line[0] == '3')
		return;
	memcpy(r->status, words.p, n);
	r->status_len = n;
}

static int
code_of(const struct reply *r)
{
	return (r->line[0] - '0') * 100 + (r->line[1] - '0') * 10 +
	       (r->line[2] - '0');
}

/* A whole line is there: its line end is taken off and it joins the reply. */
static enum reply_verdict
line_end(struct reply *r)
{
	int code;
	bool last;

	if (r->kept == r->seen && r->kept && r->line[r->kept - 1] == '\r')
		r->kept--;
	if (r->kept < 3 || (r->kept > 3 && r->line[3] == '\r'))
		return REPLY_BAD;
	code = code_of(r);
	if (r->lines && code != r->code)
		return REPLY_BAD;
	r->code = code;
	text_add(r);
	r->lines++;
	r->line_done = true;
	last = r->kept == 3 || r->line[3] == ' ';
	if (!last)
		return r->lines < LIMIT_REPLY_LINES ? REPLY_LINE : REPLY_BAD;
	status_find(r);
	r->done = true;
	return REPLY_READY;
}

static enum reply_verdict
feed(struct reply *r, struct span *in)
{
	size_t n = span_find(*in, '\n');
	bool ended = n < in->n;
	size_t room = sizeof r->line - r->kept;

	if (r->seen > r->kept)
		room = 0;
	memcpy(r->line + r->kept, in->p, n < room ? n : room);
	r->kept += n < room ? n : room;
	r->seen += n;
	r->total += n + ended;
	*in = span_from(*in, n + ended);
	if (r->total > LIMIT_REPLY_TOTAL || !head_fits(r))
		return REPLY_BAD;
	return ended ? line_end(r) : REPLY_MORE;
}

enum reply_verdict
reply_feed(struct reply *r, struct span *in)
{
	enum reply_verdict verdict;

	if (r->bad)
		return REPLY_BAD;
	if (in->n == 0)
		return REPLY_MORE;
	if (r->done) {
		r->text_len = r->status_len = r->total = 0;
		r->lines = 0;
		r->done = false;
	}
	if (r->line_done) {
		r->kept = r->seen = 0;
		r->line_done = false;
	}
	verdict = feed(r, in);
	r->bad = verdict == REPLY_BAD;
	return verdict;
}

struct span
reply_line(const struct reply *r)
{
	return span_from((struct span){ r->line, r->kept }, WORDS);
}

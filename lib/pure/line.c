/* SPDX-License-Identifier: ISC */
#include "pure/line.h"

static void
begin(struct line *line)
{
	line->len = 0;
	line->seen = 0;
	line->cr = false;
	line->bare = false;
	line->done = false;
}

static enum line_verdict
end(struct line *line)
{
	line->done = true;
	if (line->bare)
		return LINE_BARE;
	return line->seen > (line->limit ? line->limit : LIMIT_COMMAND)
		       ? LINE_LONG
		       : LINE_READY;
}

/* How many octets at the front of s are neither CR nor LF. */
static size_t
run_of_text(struct span s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] != '\r' && s.p[n] != '\n')
		n++;
	return n;
}

/* Keeps what still fits: a line that does not fit is never given. */
static void
keep(struct line *line, struct span text)
{
	text = span_head(text, sizeof line->text - line->len);
	if (text.n)
		memcpy(line->text + line->len, text.p, text.n);
	line->len += text.n;
}

enum line_verdict
line_feed(struct line *line, struct span *in, bool lenient)
{
	if (line->done)
		begin(line);
	while (in->n) {
		size_t n = run_of_text(*in);
		char c;

		if (line->cr && (n || in->p[0] == '\r'))
			line->bare = true;
		if (n) {
			keep(line, span_head(*in, n));
			line->seen += n;
			line->cr = false;
			*in = span_from(*in, n);
			if (line->seen > LIMIT_COMMAND_FLOOD)
				return LINE_FLOOD;
			continue;
		}
		c = in->p[0];
		*in = span_from(*in, 1);
		line->seen++;
		if (c == '\n') {
			line->bare |= !line->cr && !lenient;
			return end(line);
		}
		line->cr = true;
		if (line->seen > LIMIT_COMMAND_FLOOD)
			return LINE_FLOOD;
	}
	return LINE_MORE;
}

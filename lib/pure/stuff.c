/* SPDX-License-Identifier: ISC */
#include "pure/stuff.h"

/* How far is looked ahead at once: text of CRs alone or LFs alone would else
 * be searched to its end from each of them. */
enum { AHEAD = 1024 };

/* The octets up to the next CR or LF, at most max. */
static size_t
plain_run(struct span in, size_t max)
{
	struct span ahead = span_head(in, max < AHEAD ? max : AHEAD);

	ahead.n = span_find(ahead, '\n');
	return span_find(ahead, '\r');
}

static size_t
room(const struct buf *out)
{
	return out->cap - out->len;
}

static void
line_break(struct stuff *s, struct buf *out)
{
	buf_span(out, SPAN("\r\n"));
	s->inside = s->cr = false;
}

void
stuff_feed(struct stuff *s, struct span *in, struct buf *out)
{
	while (in->n && room(out) >= STUFF_ROOM) {
		char c = *in->p;
		size_t n;

		if (c == '\n') {
			line_break(s, out);
			*in = span_from(*in, 1);
			continue;
		}
		if (s->cr) {
			buf_char(out, ' ');
			s->cr = false;
			s->inside = true;
		}
		if (c == '\r') {
			s->cr = true;
			*in = span_from(*in, 1);
			continue;
		}
		if (c == '\0' && !s->inside && !s->plain) {
			buf_char(out, ' ');
			s->inside = true;
			*in = span_from(*in, 1);
			continue;
		}
		if (c == '.' && !s->inside && !s->plain)
			buf_char(out, '.');
		n = plain_run(*in, room(out));
		buf_span(out, span_head(*in, n));
		*in = span_from(*in, n);
		s->inside = true;
	}
}

void
stuff_end(struct stuff *s, struct buf *out)
{
	if (s->cr) {
		buf_char(out, ' ');
		s->inside = true;
	}
	if (s->inside)
		line_break(s, out);
	buf_span(out, SPAN(".\r\n"));
}

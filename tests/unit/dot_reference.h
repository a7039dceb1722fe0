/* SPDX-License-Identifier: ISC
 *
 * dot_reference: what pure/dot.h promises, said again in the most plain way:
 * the whole message at once, one pass for each promise, no states. The unit
 * test and the fuzz target hold the real one against it. */
#ifndef TESTS_UNIT_DOT_REFERENCE_H
#define TESTS_UNIT_DOT_REFERENCE_H

#include <stdlib.h>

#include "pure/ascii.h"
#include "pure/dot.h"

struct reference {
	bool ended;
	size_t used; /* octets of wire up to and with the end */
	char *text;  /* message text, owned */
	size_t len;
	bool bare;
	bool nul;
	bool eight_bit;
	bool header_done;
	unsigned received;
	uint64_t longest;
};

/* Where the lone dot stands in whose line the message ends, or wire.n. */
static size_t
reference_end(struct span wire)
{
	for (size_t i = 0; i + 3 <= wire.n; i++)
		if (memcmp(wire.p + i, ".\r\n", 3) == 0 &&
			(i == 0 || (i >= 2 && wire.p[i - 2] == '\r' &&
					   wire.p[i - 1] == '\n')))
			return i;
	return wire.n;
}

static bool
reference_crlf(struct span s, size_t i)
{
	return i + 1 < s.n && s.p[i] == '\r' && s.p[i + 1] == '\n';
}

/* Every CR and LF in its place, those of the wire or those of normalizing. */
static struct span
reference_lines(struct reference *r, struct span body, bool normalize)
{
	char *out = malloc(2 * body.n + 1);
	size_t n = 0;

	if (!out)
		abort();
	for (size_t i = 0; i < body.n; i++) {
		char c = body.p[i];

		if (reference_crlf(body, i)) {
			out[n++] = body.p[i++];
			out[n++] = '\n';
		} else if (c == '\n' && normalize) {
			out[n++] = '\r';
			out[n++] = '\n';
		} else if (c == '\r' && normalize) {
			out[n++] = ' ';
		} else {
			r->bare |= c == '\r' || c == '\n';
			out[n++] = c;
		}
	}
	return (struct span){ out, n };
}

/* Is this line, without its end, a field; and is it Received? */
static bool
reference_field(struct span line, bool *received)
{
	size_t colon = span_find(line, ':');
	struct span name = span_trim(span_head(line, colon));

	*received = span_eq_nocase(name, SPAN("received"));
	if (colon == line.n || name.n == 0 || name.p != line.p)
		return false;
	for (size_t i = 0; i < name.n; i++)
		if (!ascii_visible(name.p[i]))
			return false;
	return true;
}

static void
reference_header(struct reference *r, struct span line, bool first)
{
	bool received = false;

	if (r->header_done)
		return;
	if (line.n && (line.p[0] == ' ' || line.p[0] == '\t') && !first)
		return;
	if (!reference_field(line, &received))
		r->header_done = true;
	else if (received)
		r->received++;
}

static struct reference
reference_read(struct span wire, bool normalize)
{
	struct reference r = { 0 };
	size_t end = reference_end(wire);
	struct span lines;
	size_t start = 0;

	if (end == wire.n)
		return r;
	r.ended = true;
	r.used = end + 3;
	lines = reference_lines(&r, span_head(wire, end), normalize);
	r.text = malloc(lines.n + 1);
	if (!r.text)
		abort();
	for (size_t i = 0; i < lines.n; i++) {
		struct span line;

		r.nul |= lines.p[i] == '\0';
		r.eight_bit |= ascii_high(lines.p[i]);
		if (!reference_crlf(lines, i))
			continue;
		line = span_head(span_from(lines, start), i - start);
		if (line.n && line.p[0] == '.')
			line = span_from(line, 1);
		reference_header(&r, line, start == 0);
		if (line.n > r.longest)
			r.longest = line.n;
		memcpy(r.text + r.len, line.p, line.n);
		memcpy(r.text + r.len + line.n, "\r\n", 2);
		r.len += line.n + 2;
		start = i + 2;
	}
	free((char *)lines.p);
	return r;
}

/* What is wrong with the facts that dot found, or NULL. `text` is what it
 * wrote. */
static const char *
reference_differs(
	const struct reference *r, const struct dot *d, struct span text)
{
	if (!span_eq(text, (struct span){ r->text, r->len }))
		return "text";
	if (d->size != r->len)
		return "size";
	if (d->bare != r->bare)
		return "bare";
	if (d->nul != r->nul)
		return "nul";
	if (d->eight_bit != r->eight_bit)
		return "eight_bit";
	if (d->longest != r->longest)
		return "longest";
	if (d->received != r->received)
		return "received";
	if (d->header_done != r->header_done)
		return "header_done";
	return d->line ? "line" : NULL;
}

#endif

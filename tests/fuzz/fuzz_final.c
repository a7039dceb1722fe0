/* SPDX-License-Identifier: ISC
 *
 * final, eight: what a mailbox gets does not depend on how the text is split;
 * it is the text with LF for CR LF and without Return-Path fields (here found
 * by a slow reference); octets above ASCII are seen where they are. The first
 * octet sets the split. */
#include <string.h>

#include "tests/fuzz/fuzz.h"

#include "pure/ascii.h"
#include "pure/buf.h"
#include "pure/eight.h"
#include "pure/final.h"

enum { MOST = 8192 };

static bool
run(struct span in, size_t split, struct buf *out)
{
	struct final f;
	char *room = malloc(split + FINAL_HOLD);

	MUST(room);
	final_begin(&f, SPAN("a@b.example"));
	while (in.n) {
		struct span piece = span_head(in, split);
		size_t n = final_feed(&f, piece, room);

		buf_span(out, (struct span){ room, n });
		in = span_from(in, piece.n);
	}
	buf_span(out, (struct span){ room, final_end(&f, room) });
	MUST(!out->over);
	free(room);
	return f.loop;
}

/* CR LF becomes LF. */
static size_t
plain(char *to, struct span in)
{
	size_t n = 0;

	for (size_t i = 0; i < in.n; i++)
		if (in.p[i] != '\r' || i + 1 == in.n || in.p[i + 1] != '\n')
			to[n++] = in.p[i];
	return n;
}

/* Is it a Return-Path field's first line? A colon too far off is none. */
static bool
is_return_path(struct span line)
{
	struct span name = span_head(line, span_find(line, ':'));

	return name.n < FINAL_HOLD - 1 &&
	       span_eq_nocase(span_trim(name), SPAN("Return-Path"));
}

/* The same without Return-Path fields; a line that is no field begins the
 * body. */
static size_t
reference(char *to, struct span text)
{
	bool head = true;
	bool drop = false;
	size_t n = 0;

	for (bool first = true; text.n; first = false) {
		struct span line = span_head(text, span_find(text, '\n') + 1);
		bool more = !first && (line.p[0] == ' ' || line.p[0] == '\t');

		if (head && !more) {
			drop = is_return_path(line);
			head = span_find(line, ':') < line.n;
		}
		if (!head || !drop) {
			memcpy(to + n, line.p, line.n);
			n += line.n;
		}
		text = span_from(text, line.n);
	}
	return n;
}

static void
octets(struct span in, size_t split)
{
	struct eight whole = { .header = false };
	struct eight parts = { .header = false };

	eight_feed(&whole, in);
	for (struct span rest = in; rest.n; rest = span_from(rest, split))
		eight_feed(&parts, span_head(rest, split));
	MUST(whole.header == parts.header && whole.body == parts.body);
	MUST((whole.header || whole.body) == ascii_has_high(in));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static char once[2 * MOST], split[2 * MOST], lines[MOST], slow[MOST];
	struct span in = fuzz_input(data, n);
	size_t step = fuzz_choice(&in) % 16 + 1;
	struct buf a = BUF(once);
	struct buf b = BUF(split);
	struct span expected;
	bool loop;

	in = span_head(in, MOST);
	loop = run(in, MOST, &a);
	MUST(run(in, step, &b) == loop);
	MUST(span_eq(buf_text(&a), buf_text(&b)));
	expected.p = slow;
	expected.n = reference(slow, (struct span){ lines, plain(lines, in) });
	MUST(span_eq(buf_text(&a), expected));
	octets(in, step);
	return 0;
}

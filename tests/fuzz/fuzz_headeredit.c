/* SPDX-License-Identifier: ISC
 *
 * headeredit: when no address changes, what comes out is what went in; when
 * some do, the pieces in which the text came do not matter, and the body and
 * every other field come out whole. An address that is refused, or a sink that
 * is full, ends it with a word. */
#include "fuzz.h"

#include "pure/headeredit.h"

static struct headeredit edit;
static char once[1 << 20];
static char again[1 << 20];

static int
collect(void *ctx, struct span text)
{
	buf_span(ctx, text);
	return 0;
}

static int
keep(void *ctx, enum headeredit_kind kind, struct span text, struct buf *out)
{
	(void)ctx;
	(void)kind;
	(void)out;
	MUST(text.n);
	return 0;
}

static int
change(void *ctx, enum headeredit_kind kind, struct span text, struct buf *out)
{
	(void)ctx;
	if (kind == HEADEREDIT_TO && text.n % 3)
		return 0;
	buf_str(out, text.n % 2 ? "x" : "someone.with.a.name@host.example");
	return 1;
}

static int
refuse(void *ctx, enum headeredit_kind kind, struct span text, struct buf *out)
{
	(void)kind;
	(void)text;
	(void)out;
	*(bool *)ctx = true;
	return -1;
}

static int
swallow(void *ctx, struct span text)
{
	(void)ctx;
	(void)text;
	return 0;
}

static int
full(void *ctx, struct span text)
{
	(void)text;
	*(bool *)ctx = true;
	return -1;
}

/* Whoever is asked says no: so does the whole, and not unasked. */
static void
stop(headeredit_address *address, headeredit_sink *sink, struct span in)
{
	bool asked = false;
	int result;

	headeredit_begin(
		&edit, HEADEREDIT_FROM | HEADEREDIT_TO, address, sink, &asked);
	result = headeredit_feed(&edit, in);
	if (result == 0)
		result = headeredit_end(&edit);
	MUST(result == (asked ? -1 : 0));
}

static void
run(headeredit_address *address, struct span in, size_t piece, struct buf *out)
{
	headeredit_begin(
		&edit, HEADEREDIT_FROM | HEADEREDIT_TO, address, collect, out);
	while (in.n) {
		struct span part = span_head(in, piece);

		MUST(headeredit_feed(&edit, part) == 0);
		in = span_from(in, part.n);
	}
	MUST(headeredit_end(&edit) == 0);
	MUST(!out->over);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct span in = fuzz_input(data, n);
	struct buf first = BUF(once);
	struct buf second = BUF(again);
	size_t piece = 1 + fuzz_choice(&in) % 50;

	if (n > 20000)
		return 0;
	run(keep, in, piece, &first);
	MUST(span_eq(buf_text(&first), in));
	first = BUF(once);
	run(change, in, in.n + 1, &first);
	run(change, in, piece, &second);
	MUST(span_eq(buf_text(&first), buf_text(&second)));
	stop(refuse, swallow, in);
	stop(keep, full, in);
	return 0;
}

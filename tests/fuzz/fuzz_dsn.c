/* SPDX-License-Identifier: ISC
 *
 * A recipient's part of a report: whatever his address, ORCPT and the words of
 * a server are, it fits, has the fields it should and no others, each once,
 * and no line is long or ends in anything but CR LF. */
#include "fuzz.h"

#include "pure/ascii.h"
#include "pure/dsn.h"
#include "pure/xtext.h"

static char text[DSN_PIECE + 1];

static void
check_lines(struct span rest)
{
	while (rest.n) {
		size_t lf = span_find(rest, '\n');

		MUST(lf < rest.n && lf > 0 && lf <= 998);
		MUST(rest.p[lf - 1] == '\r');
		MUST(span_find(span_head(rest, lf - 1), '\r') == lf - 1);
		rest = span_from(rest, lf + 1);
	}
}

/* How many lines begin so. */
static unsigned
count(struct span rest, struct span name)
{
	unsigned n = 0;

	while (rest.n) {
		n += span_begins_nocase(rest, name);
		rest = span_from(rest, span_find(rest, '\n') + 1);
	}
	return n;
}

/* Up to n octets, or to the next NUL. */
static struct span
take(struct span *in, size_t n)
{
	struct span s = span_head(*in, span_find(*in, '\0'));

	*in = span_from(*in, s.n + 1);
	return span_head(s, n);
}

/* As the reader of the journal gives it: visible octets. */
static struct span
status_of(struct span word)
{
	for (size_t i = 0; i < word.n; i++)
		if (!ascii_visible(word.p[i]))
			return SPAN("5.1.1");
	return word.n ? word : SPAN("5.1.1");
}

/* The parts around the recipients. */
static void
check_frame(const struct dsn *dsn, unsigned choice)
{
	struct buf out = BUF(text);
	struct span got;

	dsn_head(&out, dsn);
	MUST(!out.over);
	got = buf_text(&out);
	check_lines(got);
	MUST(count(got, SPAN("Subject:")) == 1);
	MUST(count(got, SPAN("To:")) == 1);
	MUST(count(got, SPAN("Auto-Submitted: auto-replied")) == 1);
	MUST(count(got, SPAN("--=_b")) == 1);
	out.len = 0;
	dsn_status(&out, dsn);
	dsn_original(&out, dsn, choice & 1 ? DSN_HEADER : DSN_MESSAGE,
		choice & 2, choice & 4);
	dsn_end(&out, dsn);
	MUST(!out.over);
	got = buf_text(&out);
	check_lines(got);
	MUST(count(got, SPAN("Reporting-MTA:")) == 1);
	MUST(count(got, SPAN("Original-Envelope-Id:")) == (dsn->envid.n > 0));
	MUST(count(got, SPAN("--=_b")) == 3);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct span in = fuzz_input(data, n);
	unsigned choice = fuzz_choice(&in);
	struct dsn_rcpt rcpt = { .action = (enum dsn_action)(choice & 3),
		.address = take(&in, 1000),
		.orcpt = take(&in, 500),
		.peer = take(&in, 400),
		.text = take(&in, 1024),
		.status = status_of(take(&in, 10)) };
	struct dsn dsn = { .host = SPAN("h.example"),
		.from = SPAN("m@h.example"),
		.to = take(&in, 1000),
		.boundary = SPAN("=_b"),
		.envid = take(&in, 100),
		.utf8 = choice & 4,
		.eight_bit = choice & 8,
		.to_admin = choice & 16,
		.actions = choice >> 5 };
	struct buf out = BUF(text);
	struct span got;

	if (!xtext_valid(dsn.envid))
		dsn.envid = SPAN("");
	dsn_group(&out, &dsn, &rcpt);
	MUST(!out.over);
	got = buf_text(&out);
	check_lines(got);
	MUST(count(got, SPAN("Final-Recipient:")) == 1);
	MUST(count(got, SPAN("Action:")) == 1);
	MUST(count(got, SPAN("Status:")) == 1);
	MUST(count(got, SPAN("\r\n")) == 1);
	MUST(count(got, SPAN("--")) == 0);
	out.len = 0;
	dsn_words(&out, &dsn, &rcpt);
	MUST(!out.over);
	check_lines(buf_text(&out));
	MUST(count(buf_text(&out), SPAN("--")) == 0);
	check_frame(&dsn, choice);
	return 0;
}

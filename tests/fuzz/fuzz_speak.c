/* SPDX-License-Identifier: ISC
 *
 * command: whatever a job holds, a command is one line that CR LF ends and no
 * other control stands in, or nothing is appended; a parameter is there only
 * when the server offers it (C-018, THREATS.md R1). The first two octets
 * choose what is offered and what the job wants. */
#include "tests/fuzz/fuzz.h"

#include "pure/ascii.h"
#include "pure/command.h"

static char line[1 << 16];

static struct span
take(struct span *in)
{
	struct span word = span_head(*in, span_find(*in, '\n'));

	*in = span_from(*in, word.n + 1);
	return word;
}

static bool
holds(struct span text, struct span part)
{
	while (text.n >= part.n && !span_begins_nocase(text, part))
		text = span_from(text, 1);
	return text.n >= part.n;
}

/* What stands in out behind the octets that were there. */
static bool
must_be_line(const struct buf *out, size_t start, int result)
{
	struct span made = span_from(buf_text(out), start);

	MUST(!out->over);
	if (result == -1) {
		MUST(made.n == 0);
		return false;
	}
	MUST(made.n > 2 && made.p[made.n - 2] == '\r');
	MUST(made.p[made.n - 1] == '\n');
	for (size_t i = 0; i < made.n - 2; i++)
		MUST(!ascii_control(made.p[i]));
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct span in = span_head(fuzz_input(data, n), 8192);
	unsigned offer = fuzz_choice(&in);
	unsigned want = fuzz_choice(&in);
	const struct ehlo offers = { .size = offer & 1,
		.eight_bit = offer & 2,
		.smtputf8 = offer & 4,
		.requiretls = offer & 8,
		.dsn = offer & 16 };
	struct job job = { .requiretls = want & 1,
		.sender = take(&in),
		.ret = take(&in),
		.envid = take(&in) };
	struct job_rcpt rcpt = {
		.address = take(&in), .notify = take(&in), .orcpt = take(&in)
	};
	struct buf out = BUF(line);
	size_t start = want >> 4;

	out.cap -= (want & 8) ? sizeof line - 64 : 0;
	out.len = start;
	if (must_be_line(&out, start,
		    command_mail(&out, &job, &offers, n, want & 2, want & 4)) &&
		!job.sender.n) {
		MUST(holds(buf_text(&out), SPAN(" SIZE=")) == offers.size);
		MUST(offers.dsn || !holds(buf_text(&out), SPAN(" RET=")));
	}
	out.len = start;
	if (must_be_line(&out, start, command_rcpt(&out, &rcpt, &offers)))
		MUST(span_begins_nocase(
			span_from(buf_text(&out), start), SPAN("RCPT TO:<")));
	out.len = start;
	must_be_line(&out, start, command_verb(&out, "EHLO", in));
	return 0;
}

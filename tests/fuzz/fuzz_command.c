/* SPDX-License-Identifier: ISC
 *
 * command: lines come out the same however the octets are split; none holds a
 * CR or LF; and whatever MAIL and RCPT accept can go into an envelope. */
#include "tests/fuzz/fuzz.h"

#include "pure/address.h"
#include "pure/ascii.h"
#include "pure/envelope.h"
#include "pure/line.h"
#include "pure/param.h"

static void
must_fit(struct envelope_state *state, char letter, struct span value)
{
	MUST(envelope_check(state, letter, value) == ENVELOPE_OK);
}

static void
try_mail(struct span text, const struct address *from)
{
	struct envelope_state state = { 0 };
	struct param_mail mail;

	if (param_mail(text, &mail) != PARAM_OK)
		return;
	must_fit(&state, 'F', address_text(from));
	if (mail.body.n)
		must_fit(&state, 'B', mail.body);
	if (mail.envid.n)
		must_fit(&state, 'E', mail.envid);
	if (mail.ret.n)
		must_fit(&state, 'R', mail.ret);
	MUST(mail.has_size || mail.size == 0);
	MUST(!ascii_has_high(text));
}

static void
try_rcpt(struct span text, const struct address *to)
{
	struct envelope_state state = { 0 };
	struct param_rcpt rcpt;

	if (to->len == 0 || param_rcpt(text, &rcpt) != PARAM_OK)
		return;
	must_fit(&state, 'F', SPAN(""));
	must_fit(&state, 'T', address_text(to));
	if (rcpt.notify.n) {
		must_fit(&state, 'N', rcpt.notify);
		MUST(param_notify_has(rcpt.notify, SPAN("never")) ||
			param_notify_has(rcpt.notify, SPAN("success")) ||
			param_notify_has(rcpt.notify, SPAN("failure")) ||
			param_notify_has(rcpt.notify, SPAN("delay")));
	}
	if (rcpt.orcpt.n)
		must_fit(&state, 'O', rcpt.orcpt);
	MUST(envelope_end(&state) == ENVELOPE_OK);
}

static void
try_line(struct span line)
{
	static const struct address_rules rules = { .utf8 = true };
	struct span path = span_from(line, span_find(line, '<'));
	struct address a;
	size_t used;

	MUST(span_find(line, '\r') == line.n &&
		span_find(line, '\n') == line.n);
	MUST(line.n <= LIMIT_COMMAND);
	if (address_path(path, &rules, &a, &used) != ADDRESS_OK)
		return;
	try_mail(span_from(path, used), &a);
	try_rcpt(span_from(path, used), &a);
}

/* Feeds pieces of at most `step` octets up to the next verdict. */
static enum line_verdict
next(struct line *line, struct span *in, size_t step, bool lenient)
{
	enum line_verdict verdict = LINE_MORE;

	while (in->n && verdict == LINE_MORE) {
		struct span piece = span_head(*in, step);
		size_t n = piece.n;

		verdict = line_feed(line, &piece, lenient);
		MUST(verdict != LINE_MORE || piece.n == 0);
		*in = span_from(*in, n - piece.n);
	}
	return verdict;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct line whole;
	static struct line split;
	struct span in = fuzz_input(data, n);
	bool lenient = fuzz_choice(&in) & 1;
	size_t step = fuzz_choice(&in) % 16 + 1;
	struct span other = in;
	enum line_verdict verdict;

	memset(&whole, 0, sizeof whole);
	memset(&split, 0, sizeof split);
	while (in.n) {
		verdict = next(&whole, &in, in.n, lenient);
		MUST(next(&split, &other, step, lenient) == verdict);
		if (verdict == LINE_FLOOD)
			return 0;
		MUST(other.n == in.n);
		if (verdict != LINE_READY)
			continue;
		MUST(span_eq((struct span){ whole.text, whole.len },
			(struct span){ split.text, split.len }));
		try_line((struct span){ whole.text, whole.len });
	}
	return 0;
}

/* SPDX-License-Identifier: ISC
 *
 * token, form: a token file that is read has tokens that can stand in it, and
 * what is printed of it is read as the same; what form_escape writes,
 * form_find gives back. */
#include "tests/fuzz/fuzz.h"

#include "pure/ascii.h"
#include "pure/form.h"
#include "pure/limits.h"
#include "pure/token.h"

static void
must_come_back(const struct token *token)
{
	static char text[4 * LIMIT_TOKEN_FILE];
	struct buf out = BUF(text);
	struct token back;

	token_print(&out, token);
	if (out.over || out.len == 0)
		return;
	MUST(token_parse(buf_text(&out), &back) == NULL);
	MUST(span_eq(back.access, token->access));
	MUST(span_eq(back.refresh, token->refresh));
	MUST(back.error.n == token->error.n);
	MUST(back.expires == token->expires && back.later == token->later);
}

static void
try_form(struct span in)
{
	static char text[1 << 16];
	static char back[1 << 16];
	struct buf out = BUF(text);
	struct buf value = BUF(back);
	bool clean = true;

	form_find(in, SPAN("code"), &value);
	MUST(value.len <= in.n);
	value.len = 0;
	for (size_t i = 0; i < in.n; i++)
		clean &= !ascii_control(in.p[i]);
	form_field(&out, "a", in);
	if (out.over)
		return;
	MUST(form_find(buf_text(&out), SPAN("a"), &value) == clean);
	MUST(!clean || span_eq(buf_text(&value), in));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct span in = fuzz_input(data, n);
	struct token token;

	if (token_parse(in, &token) == NULL) {
		MUST(!token.access.n || token_valid(token.access));
		MUST(!token.refresh.n || token_valid(token.refresh));
		must_come_back(&token);
		MUST(token_due(&token, token.expires));
		(void)token_due(&token, n);
		MUST(token_ends(&token, n, 30) < 30);
	}
	try_form(in);
	return 0;
}

/* SPDX-License-Identifier: ISC
 *
 * oauth: whatever a token server answers, what is granted has a token that can
 * stand in a line, what is not says why in words for the log, and no lifetime
 * is longer than ten years. */
#include "tests/fuzz/fuzz.h"

#include "net/oauth.h"
#include "pure/ascii.h"
#include "pure/form.h"
#include "pure/token.h"

static void
must_be_clean(const char *why)
{
	for (; *why; why++)
		MUST(!ascii_control(*why));
}

static void
try_token(long status, struct span in)
{
	struct oauth_answer answer;

	oauth_read_token(status, in, &answer);
	MUST(answer.verdict != OAUTH_GRANTED || token_valid(answer.access));
	MUST(answer.verdict == OAUTH_GRANTED || answer.why[0]);
	MUST(answer.verdict != OAUTH_GRANTED || status == 200);
	MUST(!answer.refresh.n || token_valid(answer.refresh));
	MUST(answer.expires_in <= 315360000);
	MUST(answer.refresh_expires_in <= 315360000);
	must_be_clean(answer.why);
	oauth_done(&answer);
}

static void
try_device(long status, struct span in)
{
	struct oauth_answer answer;

	oauth_read_device(status, in, &answer);
	MUST(answer.verdict == OAUTH_GRANTED || answer.why[0]);
	if (answer.verdict == OAUTH_GRANTED) {
		MUST(token_valid(answer.device_code));
		MUST(answer.interval > 0 && answer.interval <= 3600);
		MUST(answer.expires_in <= 3600);
	}
	must_be_clean(answer.why);
	oauth_done(&answer);
}

/* What we ask with: words of the input come back from the form. */
static void
ask(struct span in)
{
	static char text[1 << 16];
	static char back[1 << 14];
	struct oauth_client client = { .id = SPAN("id"),
		.secret = span_head(in, 9),
		.in_form = in.n & 1 };
	struct buf form = BUF(text);
	struct buf value = BUF(back);

	in = span_head(in, 4096);
	oauth_ask_device(&form, &client, in);
	oauth_ask_poll(&form, &client, in);
	oauth_ask_client(&form, &client, in);
	form.len = 0;
	oauth_ask_code(&form, &client, in, SPAN("http://127.0.0.1/"), in);
	oauth_ask_refresh(&form, &client, in, in);
	MUST(!form.over);
	if (form_find(buf_text(&form), SPAN("refresh_token"), &value))
		MUST(span_eq(buf_text(&value), in));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const long statuses[] = { 200, 400, 401, 429, 500, 302, 204 };
	struct span in = fuzz_input(data, n);
	long status = statuses[fuzz_choice(&in) % LEN(statuses)];

	try_token(status, in);
	try_device(status, in);
	ask(in);
	return 0;
}

/* SPDX-License-Identifier: ISC */
#include "net/consent.h"

#include <errno.h>
#include <openssl/evp.h>
#include <poll.h>
#include <stdio.h>
#include <sys/random.h>

#include "pure/base64.h"
#include "pure/form.h"
#include "sys/clock.h"

/* Nothing listens there: the browser shows the address, and that is all that
 * is wanted of it. */
#define REDIRECT SPAN("http://localhost")

enum { SLOWER = 5, INTERVAL_MAX = 60 };

static enum grant_result
fail(struct grant *g, enum grant_result result, const char *why)
{
	snprintf(g->why, sizeof g->why, "%s", why);
	return result;
}

static void
pause_seconds(uint64_t seconds)
{
	int64_t end = clock_ms() + (int64_t)seconds * 1000;
	int64_t left;

	while ((left = end - clock_ms()) > 0)
		poll(NULL, 0, (int)left);
}

/* Reads the answer that lies in g. */
static void
read_token(struct grant *g)
{
	oauth_read_token(g->answer.status,
		(struct span){ g->answer.body, g->answer.len }, &g->said);
}

/* The tokens are there, or the server said why not. */
static enum grant_result
conclude(struct grant *g)
{
	enum grant_result result;

	if (g->said.verdict != OAUTH_GRANTED)
		result = grant_refused(g);
	else if (g->said.refresh.n == 0)
		result = fail(g, GRANT_SETUP,
			"the server gave no refresh token, so nobody could "
			"keep the login alive; is the scope for offline use "
			"there?");
	else
		result = grant_store(g);
	oauth_done(&g->said);
	return result;
}

/* --- device --- */

/* One poll. Returns true when there is nothing more to wait for. */
static bool
poll_once(struct grant *g, struct span device_code, uint64_t *interval)
{
	struct oauth_client client = grant_client(g);
	struct buf form = BUF(g->form);

	oauth_ask_poll(&form, &client, device_code);
	buf_cstr(&form);
	if (grant_post(g, OAUTH2_TOKEN) == -1) {
		*interval *= 2; /* RFC 8628 3.5 */
	} else {
		read_token(g);
		if (g->said.verdict == OAUTH_SLOWER)
			*interval += SLOWER;
		else if (g->said.verdict == OAUTH_LATER)
			*interval *= 2;
		else if (g->said.verdict != OAUTH_PENDING)
			return true;
		oauth_done(&g->said);
	}
	if (*interval > INTERVAL_MAX)
		*interval = INTERVAL_MAX;
	return false;
}

static enum grant_result
wait_for_person(struct grant *g, const struct oauth_answer *device)
{
	int64_t end = clock_ms() + (int64_t)device->expires_in * 1000;
	uint64_t interval = device->interval;

	do {
		pause_seconds(interval);
		if (poll_once(g, device->device_code, &interval))
			return conclude(g);
	} while (clock_ms() < end);
	return fail(g, GRANT_LATER,
		"nobody typed the code in time; run the command again");
}

enum grant_result
consent_device(struct grant *g, consent_show *show, void *ctx)
{
	char text[LIMIT_CONTROL_LINE];
	struct buf scope = BUF(text);
	struct buf form = BUF(g->form);
	struct oauth_answer device;
	struct oauth_client client;
	enum grant_result result;

	if (grant_secret(g) == -1)
		return GRANT_SETUP;
	client = grant_client(g);
	oauth2_scope(g->account, &scope);
	oauth_ask_device(&form, &client, buf_text(&scope));
	buf_cstr(&form);
	if (grant_post(g, OAUTH2_DEVICE) == -1)
		return GRANT_LATER;
	oauth_read_device(g->answer.status,
		(struct span){ g->answer.body, g->answer.len }, &device);
	if (device.verdict == OAUTH_GRANTED) {
		show(ctx, device.uri, device.user_code, device.expires_in);
		result = wait_for_person(g, &device);
	} else {
		g->said = device;
		result = grant_refused(g);
		explicit_bzero(&g->said, sizeof g->said);
	}
	oauth_done(&device);
	return result;
}

/* --- code --- */

static int
random_hex(char *to, size_t digits)
{
	unsigned char bits[32];
	struct buf out = { to, digits + 1, 0, false };

	if (getrandom(bits, digits / 2, 0) != (ssize_t)(digits / 2))
		return -1;
	for (size_t i = 0; i < digits / 2; i++)
		buf_hex(&out, bits[i], 2);
	buf_cstr(&out);
	return 0;
}

/* RFC 7636 4.2: S256, in the alphabet of base64url, without padding. */
static int
put_challenge(struct buf *out, const char *verifier)
{
	unsigned char hash[EVP_MAX_MD_SIZE];
	char text[BASE64_LENGTH(EVP_MAX_MD_SIZE)];
	struct buf encoded = BUF(text);
	unsigned n;

	if (EVP_Digest(verifier, strlen(verifier), hash, &n, EVP_sha256(),
		    NULL) != 1)
		return -1;
	base64_encode(&encoded, (struct span){ (const char *)hash, n });
	for (size_t i = 0; i < encoded.len; i++)
		if (text[i] == '+')
			text[i] = '-';
		else if (text[i] == '/')
			text[i] = '_';
	form_field(out, "code_challenge",
		span_head(buf_text(&encoded),
			span_find(buf_text(&encoded), '=')));
	return 0;
}

int
consent_address(struct grant *g, struct consent_code *c, struct buf *out)
{
	char text[LIMIT_CONTROL_LINE];
	struct buf scope = BUF(text);
	struct span user = g->account->says[OAUTH2_USER];

	if (random_hex(c->state, 32) == -1 ||
		random_hex(c->verifier, 64) == -1) {
		fail(g, GRANT_LATER, strerror(errno));
		return -1;
	}
	oauth2_scope(g->account, &scope);
	oauth2_endpoint(g->account, OAUTH2_AUTHORIZE, out);
	if (span_find(buf_text(out), '?') == out->len)
		buf_char(out, '?');
	form_field(out, "response_type", SPAN("code"));
	form_field(out, "client_id", g->account->says[OAUTH2_CLIENT]);
	form_field(out, "redirect_uri", REDIRECT);
	form_field(out, "scope", buf_text(&scope));
	form_field(out, "state", span_of(c->state));
	form_field(out, "code_challenge_method", SPAN("S256"));
	if (user.n)
		form_field(out, "login_hint", user);
	if (put_challenge(out, c->verifier) == 0 && !out->over)
		return 0;
	fail(g, GRANT_SETUP, "the address for the browser is too long");
	return -1;
}

/* The code out of what was pasted. Returns NULL, or what is wrong. */
static const char *
find_code(const struct consent_code *c, struct span pasted, struct buf *code)
{
	char text[64];
	struct buf other = BUF(text);
	struct span query = span_from(pasted, span_find(pasted, '?') + 1);

	if (query.n == 0) {
		buf_span(code, pasted);
		return token_valid(pasted) && !code->over
			       ? NULL
			       : "that is no code, and no address with one";
	}
	query = span_head(query, span_find(query, '#'));
	if (form_find(query, SPAN("error"), &other))
		return "the browser was sent back without a code: the login "
		       "was refused";
	if (!form_find(query, SPAN("state"), &other) ||
		!span_eq(buf_text(&other), span_of(c->state)))
		return "that address belongs to another login; paste the one "
		       "of this login";
	return form_find(query, SPAN("code"), code)
		       ? NULL
		       : "there is no code= in that address";
}

enum grant_result
consent_address_came(
	struct grant *g, const struct consent_code *c, struct span pasted)
{
	char text[2 * LIMIT_CONTROL_LINE]; /* some codes are long */
	struct buf code = BUF(text);
	struct buf form = BUF(g->form);
	struct oauth_client client;
	const char *why = find_code(c, span_trim(pasted), &code);

	if (why)
		return fail(g, GRANT_SETUP, why);
	if (grant_secret(g) == -1)
		return GRANT_SETUP;
	client = grant_client(g);
	oauth_ask_code(&form, &client, buf_text(&code), REDIRECT,
		span_of(c->verifier));
	buf_cstr(&form);
	explicit_bzero(text, sizeof text);
	if (grant_post(g, OAUTH2_TOKEN) == -1)
		return GRANT_LATER;
	read_token(g);
	return conclude(g);
}

/* --- token --- */

enum grant_result
consent_token_came(struct grant *g, struct span token)
{
	enum grant_result result;

	token = span_trim(token);
	if (!token_valid(token))
		return fail(g, GRANT_SETUP, "that is no refresh token");
	g->said = (struct oauth_answer){ .verdict = OAUTH_PENDING,
		.refresh = token };
	result = grant_store(g);
	explicit_bzero(&g->said, sizeof g->said);
	return result == GRANT_DONE ? grant_refresh(g, true, 0) : result;
}

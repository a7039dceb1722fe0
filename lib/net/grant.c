/* SPDX-License-Identifier: ISC */
#include "net/grant.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "pure/form.h"
#include "sys/clock.h"
#include "sys/secret.h"

enum {
	POST_MS = 15000,
	LOCK_MS = 60000,
	DAY = 86400,
	SOON = 300,  /* seconds until the next try, when nobody is at fault */
	HOUR = 3600, /* when somebody must mend something */
};

#define TOKEN_SUFFIX   ".token"
#define REFRESH_SUFFIX ".refresh"

static uint64_t
now_is(void)
{
	return (uint64_t)(clock_wall_us() / 1000000);
}

__attribute__((format(printf, 2, 3))) static void
say(struct grant *g, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(g->why, sizeof g->why, format, args);
	va_end(args);
}

/* --- what is on disk --- */

/* Reads one file. Returns 0, or -1 with `why`. */
static int
look_at(struct grant *g, const char *suffix, char text[LIMIT_TOKEN_FILE],
	struct token *out)
{
	struct span name = g->account->name;

	if (vault_token(g->vault, name, suffix, text, out) == 0)
		return 0;
	say(g, "cannot read %.*s%s: %s", (int)name.n, name.p, suffix,
		strerror(errno));
	return -1;
}

int
grant_look(struct grant *g, const struct oauth2_account *account,
	const struct vault *vault)
{
	g->account = account;
	g->vault = vault;
	g->why[0] = '\0';
	g->secret_len = 0;
	return look_at(g, TOKEN_SUFFIX, g->token_text, &g->token);
}

/* Adds the refresh token, which only the owner of the files can read. */
static int
look_deeper(struct grant *g)
{
	struct token more;

	if (look_at(g, REFRESH_SUFFIX, g->refresh_text, &more) == -1)
		return -1;
	g->token.refresh = more.refresh;
	return 0;
}

/* --- writing --- */

/* The files to come. */
struct pair {
	struct vault_file token;
	struct vault_file refresh;
};

/* Makes both with room for what may come, so that a full disk does not cost a
 * refresh token that the server has replaced. */
static int
make_room(struct grant *g, struct pair *p)
{
	*p = (struct pair){ .token = { .fd = -1 }, .refresh = { .fd = -1 } };
	if (vault_begin(&p->token, g->vault, g->account->name, TOKEN_SUFFIX,
		    0640, LIMIT_TOKEN_FILE) == 0 &&
		vault_begin(&p->refresh, g->vault, g->account->name,
			REFRESH_SUFFIX, 0600, LIMIT_TOKEN_FILE) == 0)
		return 0;
	say(g, "cannot make a file for the tokens: %s", strerror(errno));
	vault_drop(&p->token);
	vault_drop(&p->refresh);
	return -1;
}

static void
drop(struct pair *p)
{
	vault_drop(&p->token);
	vault_drop(&p->refresh);
}

/* Puts a token file's text in its place. Returns 0, or -1 with `why`. */
static int
publish(struct grant *g, struct vault_file *f, const struct token *token)
{
	char text[LIMIT_TOKEN_FILE];
	struct buf out = BUF(text);
	int result;

	token_print(&out, token);
	errno = EFBIG;
	result = out.over ? -1 : vault_publish(f, buf_text(&out));
	if (result == -1)
		say(g, "cannot write %s: %s", f->name, strerror(errno));
	explicit_bzero(text, sizeof text);
	return result;
}

/* Writes the tokens of g->said; the new refresh token first. */
static int
publish_both(struct grant *g, struct pair *p)
{
	const struct oauth_answer *said = &g->said;
	const struct token refresh = { .refresh = said->refresh };
	struct token token = {
		.access = said->access, .refreshed = now_is(), .tried = now_is()
	};

	token.expires = token.refreshed + said->expires_in;
	token.warned = g->token.warned;
	if (said->refresh_expires_in)
		token.refreshexpires =
			token.refreshed + said->refresh_expires_in;
	else if (g->account->idle && g->account->grant != OAUTH2_BY_CLIENT)
		token.refreshexpires = token.refreshed + g->account->idle * DAY;
	if (said->refresh.n && publish(g, &p->refresh, &refresh) == -1)
		return -1;
	if (said->verdict != OAUTH_GRANTED)
		return 0;
	if (publish(g, &p->token, &token) == -1)
		return -1;
	token.access = SPAN(""); /* it lies in memory of the answer */
	g->token = token;
	return 0;
}

/* Writes down that the last try failed; what is in the file stays. */
static void
note_failure(struct grant *g, struct pair *p, uint64_t pause)
{
	struct token token = g->token;

	token.refresh = SPAN("");
	token.error = span_of(g->why);
	token.tried = now_is();
	token.later = token.tried + pause;
	publish(g, &p->token, &token);
}

void
grant_warned(struct grant *g, uint64_t now)
{
	struct pair p;
	int lock = vault_lock(g->vault, g->account->name, clock_ms());

	if (lock == -1)
		return;
	if (look_at(g, TOKEN_SUFFIX, g->token_text, &g->token) == 0 &&
		make_room(g, &p) == 0) {
		g->token.warned = now;
		publish(g, &p.token, &g->token);
		drop(&p);
	}
	close(lock);
}

/* --- asking --- */

int
grant_secret(struct grant *g)
{
	struct buf out = BUF(g->secret);
	char why[256];

	g->secret_len = 0;
	if (!g->account->says[OAUTH2_SECRET].n)
		return 0;
	if (secret_read(g->account->says[OAUTH2_SECRET], &out, why) == -1) {
		say(g, "the client's secret: %s", why);
		return -1;
	}
	g->secret_len = out.len;
	return 0;
}

struct oauth_client
grant_client(const struct grant *g)
{
	return (struct oauth_client){
		.id = g->account->says[OAUTH2_CLIENT],
		.secret = {g->secret, g->secret_len},
		.in_form = !g->account->basic,
	};
}

/* Name and password of the Authorization field (RFC 6749 2.3.1). */
struct basic {
	char user[3 * LIMIT_CONTROL_LINE + 1];
	char password[3 * GRANT_SECRET + 1];
};

static void
fill_basic(const struct grant *g, struct basic *basic)
{
	struct buf user = BUF(basic->user);
	struct buf password = BUF(basic->password);

	form_escape(&user, g->account->says[OAUTH2_CLIENT]);
	form_escape(&password, (struct span){ g->secret, g->secret_len });
	buf_cstr(&user);
	buf_cstr(&password);
}

int
grant_post(struct grant *g, enum oauth2_setting endpoint)
{
	char url[LIMIT_URL + 256];
	char cafile[LIMIT_PATH];
	struct basic basic;
	struct buf to = BUF(url);
	struct buf ca = BUF(cafile);
	struct https_request request = {
		.url = url, .form = g->form, .timeout_ms = POST_MS
	};
	int result;

	buf_span(&ca, g->account->says[OAUTH2_CAFILE]);
	buf_cstr(&ca);
	if (!oauth2_endpoint(g->account, endpoint, &to) || ca.over) {
		say(g, "control/oauth2:%u: an address that is too long",
			g->account->line);
		return -1;
	}
	if (ca.len)
		request.cafile = cafile;
	fill_basic(g, &basic);
	if (g->account->basic && endpoint == OAUTH2_TOKEN) {
		request.user = basic.user;
		request.password = basic.password;
	}
	result = https_post(&request, &g->answer);
	explicit_bzero(&basic, sizeof basic);
	explicit_bzero(g->form, sizeof g->form);
	if (result == -1)
		say(g, "%s does not answer: %s", url, g->answer.error);
	return result;
}

enum grant_result
grant_refused(struct grant *g)
{
	struct span name = g->account->name;

	switch (g->said.verdict) {
	case OAUTH_GONE:
		say(g, "%s; log in again: postern oauth2 setup %.*s",
			g->said.why, (int)name.n, name.p);
		return GRANT_SETUP;
	case OAUTH_DENIED:
		say(g, "the login was refused in the browser (%s)",
			g->said.why);
		return GRANT_SETUP;
	case OAUTH_EXPIRED:
		say(g,
			"nobody typed the code in time (%s); run the command "
			"again",
			g->said.why);
		return GRANT_LATER;
	case OAUTH_WRONG:
		say(g,
			"%s; see line %u of control/oauth2, and the "
			"application at the provider",
			g->said.why, g->account->line);
		return GRANT_SETUP;
	default:
		say(g, "the token server: %s", g->said.why);
		return GRANT_LATER;
	}
}

/* --- without a person --- */

/* Fills g->form with the request. Returns GRANT_DONE, or what is missing. */
static enum grant_result
ask_what(struct grant *g)
{
	char text[LIMIT_CONTROL_LINE];
	struct buf scope = BUF(text);
	struct buf form = BUF(g->form);
	struct span name = g->account->name;
	struct oauth_client client;

	if (grant_secret(g) == -1)
		return GRANT_SETUP;
	client = grant_client(g);
	oauth2_scope(g->account, &scope);
	if (g->account->grant == OAUTH2_BY_CLIENT) {
		oauth_ask_client(&form, &client, buf_text(&scope));
	} else if (g->token.refresh.n) {
		oauth_ask_refresh(
			&form, &client, g->token.refresh, buf_text(&scope));
	} else {
		say(g, "nobody has logged in yet: postern oauth2 setup %.*s",
			(int)name.n, name.p);
		return GRANT_SETUP;
	}
	buf_cstr(&form);
	return GRANT_DONE;
}

/* Asks and reads the answer. Sets *pause for a failure. */
static enum grant_result
ask(struct grant *g, uint64_t *pause)
{
	enum grant_result result = ask_what(g);

	*pause = result == GRANT_DONE ? SOON : HOUR;
	if (result != GRANT_DONE)
		return result;
	if (grant_post(g, OAUTH2_TOKEN) == -1)
		return GRANT_LATER;
	oauth_read_token(g->answer.status,
		(struct span){ g->answer.body, g->answer.len }, &g->said);
	if (g->said.verdict == OAUTH_GRANTED)
		return GRANT_DONE;
	result = grant_refused(g);
	if (result == GRANT_SETUP)
		*pause = HOUR;
	if (g->answer.retry_after > 0 && g->answer.retry_after <= DAY)
		*pause = (uint64_t)g->answer.retry_after;
	return result;
}

/* With the lock held and room on the disk. */
static enum grant_result
refresh_locked(struct grant *g, struct pair *p)
{
	uint64_t pause;
	enum grant_result result = ask(g, &pause);
	char quibble[sizeof g->said.why] = "";

	if (g->said.root && (result == GRANT_DONE || g->said.refresh.n)) {
		memcpy(quibble, g->said.why, sizeof quibble);
		if (publish_both(g, p) == -1)
			result = GRANT_LATER;
	}
	if (result == GRANT_DONE)
		say(g, "%s", quibble);
	else
		note_failure(g, p, pause);
	oauth_done(&g->said);
	return result;
}

static enum grant_result
refresh(struct grant *g, bool force, uint64_t since)
{
	enum grant_result result = GRANT_LATER;
	struct pair p;

	/* Another process may have done it meanwhile. */
	if (grant_look(g, g->account, g->vault) == -1 || look_deeper(g) == -1)
		return GRANT_LATER;
	if (!token_due(&g->token, now_is()) &&
		(!force || g->token.refreshed > since))
		return GRANT_FRESH;
	if (make_room(g, &p) == 0)
		result = refresh_locked(g, &p);
	drop(&p);
	return result;
}

/* Was it said to ask no earlier, and still holds? */
static bool
too_early(const struct token *token, uint64_t now, uint64_t changed)
{
	return now < token->later && token->later - now <= DAY &&
	       changed <= token->tried;
}

enum grant_result
grant_refresh(struct grant *g, bool force, uint64_t changed)
{
	uint64_t now = now_is();
	enum grant_result result;
	int lock;

	if (!force && !token_due(&g->token, now))
		return GRANT_FRESH;
	if (!force && too_early(&g->token, now, changed)) {
		say(g, "%.*s", (int)g->token.error.n, g->token.error.p);
		return GRANT_WAITING;
	}
	lock = vault_lock(g->vault, g->account->name, clock_ms() + LOCK_MS);
	if (lock == -1) {
		say(g, "cannot lock the account: %s", strerror(errno));
		return GRANT_LATER;
	}
	result = refresh(g, force, now);
	close(lock);
	return result;
}

/* --- with one --- */

enum grant_result
grant_store(struct grant *g)
{
	enum grant_result result = GRANT_LATER;
	struct pair p;
	int lock = vault_lock(g->vault, g->account->name, clock_ms() + LOCK_MS);

	if (lock == -1) {
		say(g, "cannot lock the account: %s", strerror(errno));
		return GRANT_LATER;
	}
	g->token.warned = 0;
	if (make_room(g, &p) == 0 && publish_both(g, &p) == 0)
		result = GRANT_DONE;
	drop(&p);
	close(lock);
	return result;
}

void
grant_close(struct grant *g)
{
	explicit_bzero(g, sizeof *g);
}

/* SPDX-License-Identifier: ISC */
#include "admin/tokens.h"

#include "admin/jsonout.h"
#include "pure/age.h"
#include "sys/screen.h"

enum { STATE_COLUMN = 20, DAY = 86400, HOUR = 3600 };

static void
put_account(struct buf *words, const struct oauth2_account *a)
{
	buf_str(words, "postern oauth2 setup ");
	buf_span(words, a->name);
}

static void
put_error(struct buf *words, const struct token *t)
{
	if (!t->error.n)
		return;
	if (words->len)
		buf_str(words, "; ");
	buf_span(words, t->error);
}

bool
tokens_judge(const struct oauth2_account *a, const struct token *t,
	uint64_t now, struct buf *words)
{
	int64_t days = token_ends(t, now, a->warn);
	bool good = t->access.n && now < t->expires;

	if (!t->access.n) {
		buf_str(words, "no access token");
		if (!t->error.n) {
			buf_str(words, " yet: ");
			put_account(words, a);
		}
	} else if (!good) {
		buf_str(words, "the access token ended ");
		age_print(words, (int64_t)(now - t->expires));
		buf_str(words, " ago");
		if (!t->error.n)
			buf_str(words, "; does postern-oauth2.timer run?");
	}
	put_error(words, t);
	if (days >= 0) {
		if (words->len)
			buf_str(words, "; ");
		buf_str(words, "the login ends in ");
		buf_number(words, (uint64_t)days);
		buf_str(words, " days: ");
		put_account(words, a);
	}
	return good;
}

bool
tokens_alarm(
	const struct oauth2_account *a, const struct token *t, uint64_t now)
{
	return !t->access.n || now >= t->expires ||
	       token_ends(t, now, a->warn) >= 0 ||
	       (t->error.n && t->later >= t->tried + HOUR);
}

static void
show_text(const struct oauth2_account *a, const struct token *t, uint64_t now,
	bool good, struct span words)
{

	screen_ink(INK_BOLD);
	screen_text(a->name);
	screen_ink(INK_PLAIN);
	screen_field(STATE_COLUMN);
	screen_ink(!good ? INK_BAD : words.n ? INK_WARN : INK_GOOD);
	screen_str(good ? "good" : "not good");
	screen_ink(INK_PLAIN);
	if (good) {
		screen_str(", for ");
		screen_age((int64_t)(t->expires - now));
	}
	if (t->refreshexpires > now) {
		screen_str(good ? "; the login for " : ", the login for ");
		screen_number((t->refreshexpires - now) / DAY);
		screen_str(" days");
	}
	if (words.n) {
		screen_str(": ");
		screen_text(words);
	}
	screen_line();
}

static void
put_time(const char *name, uint64_t time)
{
	if (time)
		jsonout_number(name, (int64_t)time);
	else
		jsonout_null(name);
}

static void
show_json(const struct oauth2_account *a, const struct token *t, uint64_t now,
	bool good, struct span words)
{
	int64_t days = t->refreshexpires > now
			       ? (int64_t)((t->refreshexpires - now) / DAY)
			       : 0;

	jsonout_open(NULL, '{');
	jsonout_text("account", a->name);
	jsonout_text("provider", a->says[OAUTH2_PROVIDER]);
	jsonout_text("grant", span_of(oauth2_grant_word(a->grant)));
	jsonout_bool("good", good);
	jsonout_text("words", words);
	put_time("expires", t->expires);
	put_time("refreshed", t->refreshed);
	put_time("tried", t->tried);
	put_time("refresh_expires", t->refreshexpires);
	if (t->refreshexpires)
		jsonout_number("refresh_days", days);
	else
		jsonout_null("refresh_days");
	jsonout_text("error", t->error);
	jsonout_close('}');
	jsonout_line();
}

int
tokens_print(const struct oauth2 *accounts, const struct vault *vault,
	uint64_t now, bool json)
{
	char file[LIMIT_TOKEN_FILE];
	const struct oauth2_account *a;
	int ill = 0;

	if (json)
		jsonout_open(NULL, '[');
	for (size_t i = 0; (a = oauth2_at(accounts, i)) != NULL; i++) {
		char text[1024];
		struct buf words = BUF(text);
		struct token t;
		bool good;

		if (vault_token(vault, a->name, ".token", file, &t) == -1)
			return -1;
		good = tokens_judge(a, &t, now, &words);
		(json ? show_json : show_text)(
			a, &t, now, good, buf_text(&words));
		explicit_bzero(file, sizeof file);
		ill += !good || words.len;
	}
	if (json)
		jsonout_close(']');
	else if (ill == 0 && !oauth2_at(accounts, 0))
		screen_str("control/oauth2 has no accounts\n");
	return ill;
}

/* SPDX-License-Identifier: ISC */
#include "pure/param.h"

#include "pure/ascii.h"
#include "pure/limits.h"
#include "pure/xtext.h"

/* One parameter: KEY or KEY=VALUE (RFC 5321 4.1.2, esmtp-param). */
struct pair {
	struct span key;
	struct span value;
	bool has_value;
};

/* A parameter that a verb knows. `take` judges the value and stores it. */
struct known {
	struct span key;
	bool wants_value;
	enum param_verdict (*take)(struct span value, void *out);
};

static bool
key_valid(struct span key)
{
	if (key.n == 0 || !ascii_alnum(key.p[0]))
		return false;
	for (size_t i = 1; i < key.n; i++)
		if (!ascii_alnum(key.p[i]) && key.p[i] != '-')
			return false;
	return true;
}

static bool
value_valid(struct span value)
{
	for (size_t i = 0; i < value.n; i++)
		if (!ascii_visible(value.p[i]) || value.p[i] == '=')
			return false;
	return value.n > 0;
}

static bool
pair_parse(struct span word, struct pair *pair)
{
	size_t equal = span_find(word, '=');

	pair->key = span_head(word, equal);
	pair->has_value = equal < word.n;
	pair->value = span_from(word, equal + 1);
	return key_valid(pair->key) &&
	       (!pair->has_value || value_valid(pair->value));
}

/* Takes the next word off the text; false at the end. */
static bool
next_word(struct span *text, struct span *word)
{
	while (text->n && text->p[0] == ' ')
		*text = span_from(*text, 1);
	*word = span_head(*text, span_find(*text, ' '));
	*text = span_from(*text, word->n);
	return word->n > 0;
}

/* Hands one parameter to the row that knows it, once. */
static enum param_verdict
take_pair(const struct pair *pair, const struct known *table, size_t n,
	unsigned *seen, void *out)
{
	for (size_t i = 0; i < n; i++) {
		if (!span_eq_nocase(pair->key, table[i].key))
			continue;
		if (pair->has_value != table[i].wants_value || (*seen >> i & 1))
			return PARAM_SYNTAX;
		*seen |= 1U << i;
		return table[i].take(pair->value, out);
	}
	return PARAM_UNKNOWN;
}

static enum param_verdict
take_all(struct span text, const struct known *table, size_t n, void *out)
{
	unsigned seen = 0;
	struct span word;

	if (text.n && text.p[0] != ' ' && text.p[0] != '\t')
		return PARAM_SYNTAX;
	while (text.n &&
		(text.p[text.n - 1] == ' ' || text.p[text.n - 1] == '\t'))
		text.n--;
	if (text.n && text.p[0] != ' ')
		return PARAM_SYNTAX;
	while (next_word(&text, &word)) {
		enum param_verdict verdict;
		struct pair pair;

		if (!pair_parse(word, &pair))
			return PARAM_SYNTAX;
		verdict = take_pair(&pair, table, n, &seen, out);
		if (verdict != PARAM_OK)
			return verdict;
	}
	return PARAM_OK;
}

/* Puts the one of our own words that value is, in any case, into out. */
static bool
choose(struct span value, const struct span *words, size_t n, struct span *out)
{
	for (size_t i = 0; i < n; i++)
		if (span_eq_nocase(value, words[i])) {
			*out = words[i];
			return true;
		}
	return false;
}

bool
param_envid_valid(struct span value)
{
	return value.n > 0 && value.n <= LIMIT_ENVID && xtext_valid(value);
}

bool
param_notify_valid(struct span value)
{
	static const struct span events[] = { SPAN_INIT("SUCCESS"),
		SPAN_INIT("FAILURE"), SPAN_INIT("DELAY") };
	struct span rest = value;
	struct span event;

	if (value.n > LIMIT_RECORD - 2)
		return false;
	if (span_eq_nocase(value, SPAN("NEVER")))
		return true;
	for (;;) {
		size_t comma = span_find(rest, ',');

		if (!choose(span_head(rest, comma), events, LEN(events),
			    &event))
			return false;
		if (comma == rest.n)
			return true;
		rest = span_from(rest, comma + 1);
	}
}

bool
param_notify_has(struct span value, struct span word)
{
	while (value.n) {
		size_t comma = span_find(value, ',');

		if (span_eq_nocase(span_head(value, comma), word))
			return true;
		value = span_from(value, comma + 1);
	}
	return false;
}

bool
param_orcpt_valid(struct span value)
{
	size_t semicolon = span_find(value, ';');

	return value.n <= LIMIT_ORCPT && semicolon < value.n &&
	       key_valid(span_head(value, semicolon)) &&
	       xtext_valid(span_from(value, semicolon + 1));
}

static enum param_verdict
take_size(struct span value, void *out)
{
	struct param_mail *mail = out;
	int result = span_number(value, &mail->size);

	mail->has_size = true;
	if (result == -2)
		return PARAM_TOO_BIG;
	return result == 0 ? PARAM_OK : PARAM_SYNTAX;
}

static enum param_verdict
take_body(struct span value, void *out)
{
	static const struct span words[] = { SPAN_INIT("7BIT"),
		SPAN_INIT("8BITMIME") };
	struct param_mail *mail = out;

	if (span_eq_nocase(value, SPAN("BINARYMIME")))
		return PARAM_UNKNOWN;
	return choose(value, words, LEN(words), &mail->body) ? PARAM_OK
							     : PARAM_SYNTAX;
}

static enum param_verdict
take_smtputf8(struct span value, void *out)
{
	(void)value;
	((struct param_mail *)out)->smtputf8 = true;
	return PARAM_OK;
}

static enum param_verdict
take_requiretls(struct span value, void *out)
{
	(void)value;
	((struct param_mail *)out)->requiretls = true;
	return PARAM_OK;
}

static enum param_verdict
take_envid(struct span value, void *out)
{
	((struct param_mail *)out)->envid = value;
	return param_envid_valid(value) ? PARAM_OK : PARAM_SYNTAX;
}

static enum param_verdict
take_ret(struct span value, void *out)
{
	static const struct span words[] = { SPAN_INIT("FULL"),
		SPAN_INIT("HDRS") };
	struct param_mail *mail = out;

	return choose(value, words, LEN(words), &mail->ret) ? PARAM_OK
							    : PARAM_SYNTAX;
}

static enum param_verdict
take_auth(struct span value, void *out)
{
	((struct param_mail *)out)->auth = value;
	if (span_eq(value, SPAN("<>")))
		return PARAM_OK;
	return value.n <= LIMIT_MAIL_AUTH && xtext_valid(value) ? PARAM_OK
								: PARAM_SYNTAX;
}

static enum param_verdict
take_notify(struct span value, void *out)
{
	((struct param_rcpt *)out)->notify = value;
	return param_notify_valid(value) ? PARAM_OK : PARAM_SYNTAX;
}

static enum param_verdict
take_orcpt(struct span value, void *out)
{
	((struct param_rcpt *)out)->orcpt = value;
	return param_orcpt_valid(value) ? PARAM_OK : PARAM_SYNTAX;
}

enum param_verdict
param_mail(struct span text, struct param_mail *out)
{
	static const struct known table[] = {
		{SPAN_INIT("SIZE"),        true,  take_size      },
		{ SPAN_INIT("BODY"),       true,  take_body      },
		{ SPAN_INIT("SMTPUTF8"),   false, take_smtputf8  },
		{ SPAN_INIT("ENVID"),      true,  take_envid     },
		{ SPAN_INIT("RET"),        true,  take_ret       },
		{ SPAN_INIT("AUTH"),       true,  take_auth      },
		{ SPAN_INIT("REQUIRETLS"), false, take_requiretls},
	};

	*out = (struct param_mail){ 0 };
	return take_all(text, table, LEN(table), out);
}

enum param_verdict
param_rcpt(struct span text, struct param_rcpt *out)
{
	static const struct known table[] = {
		{SPAN_INIT("NOTIFY"), true, take_notify},
		{ SPAN_INIT("ORCPT"), true, take_orcpt },
	};

	*out = (struct param_rcpt){ 0 };
	return take_all(text, table, LEN(table), out);
}

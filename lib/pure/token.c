/* SPDX-License-Identifier: ISC */
#include "pure/token.h"

#include "pure/ascii.h"
#include "pure/limits.h"

static const struct {
	struct span word;
	size_t at; /* of the span in struct token */
} texts[] = {
	{SPAN_INIT("access"),   offsetof(struct token, access) },
	{ SPAN_INIT("refresh"), offsetof(struct token, refresh)},
	{ SPAN_INIT("error"),   offsetof(struct token, error)  },
};

static const struct {
	struct span word;
	size_t at; /* of the number in struct token */
} numbers[] = {
	{SPAN_INIT("expires"),         offsetof(struct token, expires)       },
	{ SPAN_INIT("refreshed"),      offsetof(struct token, refreshed)     },
	{ SPAN_INIT("refreshexpires"), offsetof(struct token, refreshexpires)},
	{ SPAN_INIT("tried"),          offsetof(struct token, tried)         },
	{ SPAN_INIT("later"),          offsetof(struct token, later)         },
	{ SPAN_INIT("warned"),         offsetof(struct token, warned)        },
};

bool
token_valid(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_visible(s.p[i]))
			return false;
	return s.n > 0 && s.n <= LIMIT_TOKEN;
}

/* Takes one line. Returns NULL, or what is wrong. */
static const char *
take_line(struct token *out, struct span word, struct span value)
{
	for (size_t i = 0; i < LEN(texts); i++) {
		struct span *to =
			(struct span *)(void *)((char *)out + texts[i].at);

		if (!span_eq(word, texts[i].word))
			continue;
		if (to->n)
			return "a word twice";
		*to = value;
		if (to != &out->error && !token_valid(value))
			return "not a token";
	}
	for (size_t i = 0; i < LEN(numbers); i++)
		if (span_eq(word, numbers[i].word) &&
			span_number(value,
				(uint64_t *)(void *)((char *)out +
						     numbers[i].at)) != 0)
			return "not a number of seconds";
	return NULL;
}

const char *
token_parse(struct span text, struct token *out)
{
	*out = (struct token){ .access = SPAN("") };
	if (text.n == 0)
		return "empty";
	if (text.p[text.n - 1] != '\n')
		return "its last line has no end";
	while (text.n) {
		size_t end = span_find(text, '\n');
		struct span line = span_head(text, end);
		size_t blank = span_find(line, ' ');
		const char *why = take_line(out, span_head(line, blank),
			span_from(line, blank + 1));

		if (why)
			return why;
		text = span_from(text, end + 1);
	}
	return NULL;
}

static void
put_text(struct buf *out, struct span word, struct span value)
{
	buf_span(out, word);
	buf_char(out, ' ');
	for (size_t i = 0; i < value.n; i++)
		buf_char(out, ascii_visible(value.p[i]) || value.p[i] == ' '
				      ? value.p[i]
				      : '?');
	buf_char(out, '\n');
}

void
token_print(struct buf *out, const struct token *token)
{
	for (size_t i = 0; i < LEN(texts); i++) {
		const struct span *from =
			(const struct span *)(const void *)((const char *)
								    token +
							    texts[i].at);

		if (from->n)
			put_text(out, texts[i].word, *from);
	}
	for (size_t i = 0; i < LEN(numbers); i++) {
		uint64_t n =
			*(const uint64_t *)(const void *)((const char *)token +
							  numbers[i].at);

		if (!n)
			continue;
		buf_span(out, numbers[i].word);
		buf_char(out, ' ');
		buf_number(out, n);
		buf_char(out, '\n');
	}
}

bool
token_due(const struct token *token, uint64_t now)
{
	if (token->access.n == 0 || now >= token->expires ||
		token->refreshed >= token->expires)
		return true;
	if (now < token->refreshed) /* the clock was set back */
		return true;
	return now - token->refreshed >= token->expires - now;
}

int64_t
token_ends(const struct token *token, uint64_t now, uint64_t warn)
{
	uint64_t ends = token->refreshexpires;
	uint64_t days = ends > now ? (ends - now) / 86400 : 0;

	return ends && days < warn ? (int64_t)days : -1;
}

/* SPDX-License-Identifier: ISC */
#include "pure/addrlist.h"

/* What a value is made of. */
enum token {
	TOKEN_END,     /* nothing is left */
	TOKEN_BLANK,   /* white space, line ends, a comment */
	TOKEN_WORD,    /* an atom or a quoted string */
	TOKEN_LITERAL, /* [192.0.2.1] */
	TOKEN_SIGN,    /* one of < > , ; : @ . ) ] */
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool
is_special(char c)
{
	return is_blank(c) || (c && strchr("<>,;:@.()[]\"", c));
}

/* Behind the sign that ends what begins at s with `open`, backslashes and, for
 * comments, nesting considered; s.n when it does not end. */
static size_t
closed(struct span s, char open, char close)
{
	size_t depth = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\\')
			i++;
		else if (i && s.p[i] == close && --depth == 0)
			return i + 1;
		else if (s.p[i] == open && (open == '(' || i == 0))
			depth++;
	}
	return s.n;
}

/* The token at the front of s; its length goes to *n. */
static enum token
scan(struct span s, size_t *n)
{
	size_t i = 0;

	*n = 1;
	if (s.n == 0) {
		*n = 0;
		return TOKEN_END;
	}
	switch (s.p[0]) {
	case '(':
		*n = closed(s, '(', ')');
		return TOKEN_BLANK;
	case '"':
		*n = closed(s, '"', '"');
		return TOKEN_WORD;
	case '[':
		*n = closed(s, '[', ']');
		return TOKEN_LITERAL;
	default:
		break;
	}
	if (!is_special(s.p[0])) {
		while (i < s.n && !is_special(s.p[i]))
			i++;
		*n = i;
		return TOKEN_WORD;
	}
	if (!is_blank(s.p[0]))
		return TOKEN_SIGN;
	while (i < s.n && is_blank(s.p[i]))
		i++;
	*n = i;
	return TOKEN_BLANK;
}

/* A run of words that may be an address. */
struct run {
	size_t begin; /* its first octet that counts */
	size_t end;   /* behind its last; == begin: nothing yet */
	bool word;    /* the last token was a word */
	bool at;      /* there is an @ */
	bool good;    /* nothing in it that no address has */
};

static void
run_add(struct run *run, enum token token, char first, size_t at, size_t n)
{
	bool word = token == TOKEN_WORD || token == TOKEN_LITERAL;

	if (run->begin == run->end) {
		run->begin = at;
		run->good = true;
	}
	if (word && run->word)
		run->good = false; /* two words side by side */
	if (token == TOKEN_SIGN && first != '@' && first != '.')
		run->good = false;
	if (token == TOKEN_SIGN && first == '@')
		run->at = true;
	run->word = word;
	run->end = at + n;
}

static struct span
run_span(const struct run *run, struct span in)
{
	if (!run->good)
		return (struct span){ in.p + run->begin, 0 };
	return (struct span){ in.p + run->begin, run->end - run->begin };
}

/* Reads what stands between angle brackets, from behind the <, and returns
 * how much it and the > take. A source route in front is not the address. */
static size_t
read_angle(struct span in, struct span *spec)
{
	struct run run = { 0 };
	size_t at = 0;

	*spec = span_head(in, 0);
	for (;;) {
		struct span rest = span_from(in, at);
		size_t n;
		enum token token = scan(rest, &n);

		if (token == TOKEN_END)
			return at; /* never closed: no address */
		if (token == TOKEN_SIGN && rest.p[0] == '>') {
			*spec = run_span(&run, in);
			return at + 1;
		}
		if (token == TOKEN_SIGN && rest.p[0] == ':' && run.at &&
			in.p[run.begin] == '@')
			run = (struct run){ 0 };
		else if (token == TOKEN_SIGN && rest.p[0] == ',' && run.at &&
			 in.p[run.begin] == '@')
			run.word = false;
		else if (token != TOKEN_BLANK)
			run_add(&run, token, rest.p[0], at, n);
		at += n;
	}
}

static bool
is_end(enum token token, char first)
{
	return token == TOKEN_END ||
	       (token == TOKEN_SIGN &&
		       (first == ',' || first == ';' || first == ':'));
}

bool
addrlist_next(struct addrlist *list, struct addrlist_item *item)
{
	struct span in = list->rest;
	struct run run = { 0 };
	size_t at = 0;
	size_t n;

	if (!in.p)
		return false;
	*item = (struct addrlist_item){ .spec = span_head(in, 0),
		.group = list->group };
	for (;;) {
		struct span rest = span_from(in, at);
		enum token token = scan(rest, &n);

		if (is_end(token, rest.n ? rest.p[0] : '\0')) {
			item->end = rest.n ? rest.p[0] : '\0';
			break;
		}
		at += n;
		if (token == TOKEN_SIGN && rest.p[0] == '<' && !item->angle) {
			item->angle = true;
			at += read_angle(span_from(in, at), &item->spec);
		} else if (token != TOKEN_BLANK) {
			run_add(&run, token, rest.p[0], at - n, n);
		}
	}
	item->all = span_head(in, at);
	if (!item->angle && item->end != ':' && run.begin != run.end)
		item->spec = run_span(&run, in);
	if (item->end == ':' || item->end == ';')
		list->group = item->end == ':';
	list->rest =
		item->end ? span_from(in, at + 1) : (struct span){ NULL, 0 };
	return true;
}

/* Blanks in a domain literal mean nothing (RFC 5322 3.4.1). */
static void
put_literal(struct span literal, struct buf *out)
{
	for (size_t i = 0; i < literal.n; i++)
		if (!is_blank(literal.p[i]))
			buf_char(out, literal.p[i]);
}

void
addrlist_text(struct span spec, struct buf *out)
{
	size_t n;

	for (; spec.n; spec = span_from(spec, n))
		switch (scan(spec, &n)) {
		case TOKEN_BLANK:
			break;
		case TOKEN_LITERAL:
			put_literal(span_head(spec, n), out);
			break;
		default:
			buf_span(out, span_head(spec, n));
		}
}

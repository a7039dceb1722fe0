/* SPDX-License-Identifier: ISC */
#include "pure/rcptlist.h"

#include "pure/ascii.h"

/* Nobody nests comments deeper in good faith. */
enum { COMMENTS = 100 };

/* How far into =?charset?encoding?text?= the text has come. */
enum encoded {
	ENCODED_NOT = 0,
	ENCODED_EQUALS,
	ENCODED_CHARSET,
	ENCODED_ENCODING,
	ENCODED_TEXT,
	ENCODED_QUESTION, /* a ? in the text, maybe its last */
};

static enum rcptlist_verdict
bad(struct rcptlist *list, const char *why)
{
	list->why = why;
	return RCPTLIST_BAD;
}

/* Begins the next element of the list. */
static void
next_element(struct rcptlist *list)
{
	list->len = 0;
	list->gap = list->phrase = list->at = list->over = false;
	list->angle = list->closed = list->given = false;
	list->encoded = ENCODED_NOT;
}

static void
put(struct rcptlist *list, char c)
{
	if (list->len == sizeof list->text)
		list->over = true;
	else
		list->text[list->len++] = c;
}

static bool
joins(char c)
{
	return c == '.' || c == '@' || c == ',' || c == ':';
}

/* A character of a word; what a gap before it means. */
static enum rcptlist_verdict
put_word(struct rcptlist *list, char c)
{
	if (list->closed)
		return bad(list, "words behind a > without a comma");
	if (list->gap && list->len && !joins(c) &&
		!joins(list->text[list->len - 1]))
		list->phrase = true;
	list->gap = false;
	list->at |= c == '@';
	put(list, c);
	return RCPTLIST_MORE;
}

/* The element is complete. */
static enum rcptlist_verdict
finish_element(struct rcptlist *list)
{
	bool closed = list->closed;
	bool phrase = list->phrase;

	if (list->angle)
		return bad(list, "a < without its >");
	list->given = true;
	if (!closed && !list->len && !list->over)
		return RCPTLIST_MORE;
	if (phrase)
		return bad(list, closed ? "words between < and >"
					: "several words without < and >");
	if (list->over)
		return bad(list, "an address of over 1000 octets");
	if (!list->len)
		return bad(list, "nothing between < and >");
	return RCPTLIST_MAILBOX;
}

/* The name of a group ends in a colon, a route inside < > too. */
static enum rcptlist_verdict
take_colon(struct rcptlist *list)
{
	if (list->angle)
		return put_word(list, ':');
	if (list->group || list->closed || list->at || !list->len)
		return bad(list, "a colon that ends no group's name");
	next_element(list);
	list->group = true;
	return RCPTLIST_MORE;
}

static enum rcptlist_verdict
take_comma(struct rcptlist *list)
{
	if (!list->angle)
		return finish_element(list);
	if (list->len && list->text[0] == '@')
		return put_word(list, ',');
	return bad(list, "a comma between < and >");
}

static enum rcptlist_verdict
open_angle(struct rcptlist *list)
{
	if (list->angle || list->closed)
		return bad(list, "a second <");
	next_element(list);
	list->angle = true;
	return RCPTLIST_MORE;
}

static enum rcptlist_verdict
close_angle(struct rcptlist *list)
{
	if (!list->angle)
		return bad(list, "a > without its <");
	list->angle = false;
	list->closed = true;
	list->gap = false;
	return RCPTLIST_MORE;
}

/* A character outside of quotes, comments and brackets. */
static enum rcptlist_verdict
take_plain(struct rcptlist *list, char c)
{
	switch (c) {
	case ' ':
	case '\t':
	case '\r':
	case '\n':
		list->gap = true;
		return RCPTLIST_MORE;
	case '(':
		list->comment = 1;
		list->gap = true;
		return RCPTLIST_MORE;
	case '"':
		list->quoted = true;
		return put_word(list, c);
	case '[':
		list->literal = true;
		return put_word(list, c);
	case '<':
		return open_angle(list);
	case '>':
		return close_angle(list);
	case ',':
		return take_comma(list);
	case ':':
		return take_colon(list);
	case ';':
		list->group = false;
		return finish_element(list);
	case ')':
		return bad(list, "a ) without its (");
	case ']':
		return bad(list, "a ] without its [");
	case '\\':
		return bad(list, "a backslash outside of quotes");
	default:
		return put_word(list, c);
	}
}

static enum rcptlist_verdict
take_comment(struct rcptlist *list, char c)
{
	if (c == '\\')
		list->escaped = true;
	else if (c == ')')
		list->comment--;
	else if (c == '(' && ++list->comment > COMMENTS)
		return bad(list, "comments nested over 100 deep");
	return RCPTLIST_MORE;
}

static enum rcptlist_verdict
take_quoted(struct rcptlist *list, char c)
{
	if (c == '\r' || c == '\n') /* folded */
		return RCPTLIST_MORE;
	list->escaped = c == '\\';
	list->quoted = c != '"';
	put(list, c);
	return RCPTLIST_MORE;
}

static enum rcptlist_verdict
take_literal(struct rcptlist *list, char c)
{
	if (c == '[' || c == '\\')
		return bad(list, "a [ in brackets");
	list->literal = c != ']';
	if (c != ' ' && c != '\t' && c != '\r' && c != '\n')
		put(list, c);
	return RCPTLIST_MORE;
}

static enum rcptlist_verdict
take_escaped(struct rcptlist *list, char c)
{
	if (c == '\r' || c == '\n')
		return bad(list, "a backslash at the end of a line");
	list->escaped = false;
	if (!list->comment)
		put(list, c);
	return RCPTLIST_MORE;
}

/* Follows an encoded word. True: c is text in one, whatever it looks like to
 * who wrote it without care. An encoded word is never part of an address
 * (RFC 2047 5). */
static bool
in_encoded(struct rcptlist *list, char c)
{
	bool blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';

	switch ((enum encoded)list->encoded) {
	case ENCODED_NOT:
		if (c == '=' && !list->angle && (list->gap || !list->len))
			list->encoded = ENCODED_EQUALS;
		return false;
	case ENCODED_EQUALS:
		list->encoded = c == '?' ? ENCODED_CHARSET : ENCODED_NOT;
		return false;
	case ENCODED_CHARSET:
	case ENCODED_ENCODING:
		if (c == '?')
			list->encoded++;
		else if (!ascii_alnum(c) && !memchr("-_*", c, 3))
			list->encoded = ENCODED_NOT;
		list->phrase |= list->encoded == ENCODED_TEXT;
		return false;
	case ENCODED_TEXT:
	case ENCODED_QUESTION:
		break;
	}
	if (blank || (c == '=' && list->encoded == ENCODED_QUESTION)) {
		list->encoded = ENCODED_NOT;
		list->gap = blank;
	} else {
		list->encoded = c == '?' ? ENCODED_QUESTION : ENCODED_TEXT;
	}
	return true;
}

static enum rcptlist_verdict
step(struct rcptlist *list, char c)
{
	if (list->given)
		next_element(list);
	if (ascii_control(c) && c != '\t' && c != '\r' && c != '\n')
		return bad(list, "a control character");
	if (list->escaped)
		return take_escaped(list, c);
	if (list->comment)
		return take_comment(list, c);
	if (list->quoted)
		return take_quoted(list, c);
	if (list->literal)
		return take_literal(list, c);
	if (in_encoded(list, c))
		return RCPTLIST_MORE;
	return take_plain(list, c);
}

enum rcptlist_verdict
rcptlist_feed(struct rcptlist *list, struct span *in)
{
	enum rcptlist_verdict verdict = RCPTLIST_MORE;

	if (list->why)
		return RCPTLIST_BAD;
	while (in->n && verdict == RCPTLIST_MORE) {
		verdict = step(list, in->p[0]);
		*in = span_from(*in, 1);
	}
	return verdict;
}

enum rcptlist_verdict
rcptlist_end(struct rcptlist *list)
{
	enum rcptlist_verdict verdict = RCPTLIST_MORE;

	if (list->why)
		return RCPTLIST_BAD;
	if (list->comment)
		return bad(list, "a ( without its )");
	if (list->quoted)
		return bad(list, "a quote that nothing ends");
	if (list->literal)
		return bad(list, "a [ without its ]");
	if (!list->given)
		verdict = finish_element(list);
	if (verdict == RCPTLIST_MORE)
		*list = (struct rcptlist){ .len = 0 };
	return verdict;
}

enum address_verdict
rcptlist_address(const struct rcptlist *list, const struct address_rules *rules,
	struct address *out)
{
	char text[LIMIT_ADDRESS + 2];
	struct buf path = BUF(text);
	size_t used;
	enum address_verdict verdict;

	buf_char(&path, '<');
	buf_span(&path, (struct span){ list->text, list->len });
	buf_char(&path, '>');
	verdict = address_path(buf_text(&path), rules, out, &used);
	/* brackets of its own inside, or a bare route */
	return verdict == ADDRESS_OK && used != path.len ? ADDRESS_SYNTAX
							 : verdict;
}

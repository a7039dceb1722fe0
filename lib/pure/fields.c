/* SPDX-License-Identifier: ISC */
#include "pure/fields.h"

#include "pure/ascii.h"

/* The word that s begins with, up to a space. */
static struct span
word_of(struct span s)
{
	return span_head(s, span_find(s, ' '));
}

static struct span
skip_spaces(struct span s)
{
	while (s.n && s.p[0] == ' ')
		s = span_from(s, 1);
	return s;
}

/* Takes one character off the end of s when it is that one. */
static bool
drop_last(struct span *s, char c)
{
	if (s->n == 0 || s->p[s->n - 1] != c)
		return false;
	s->n--;
	return true;
}

static bool
is_name(struct span s)
{
	if (s.n == 0 || !ascii_alpha(s.p[0]))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_alnum(s.p[i]) && s.p[i] != '-')
			return false;
	return true;
}

/* `postern-NAME`, with [pid] and a colon or without. */
static bool
read_program(struct fields *f, struct span word)
{
	bool colon = drop_last(&word, ':');
	struct span name = word;
	uint64_t pid = 0;

	if (drop_last(&word, ']')) {
		size_t at = span_find(word, '[');

		if (span_number(span_from(word, at + 1), &pid) != 0)
			return false;
		name = span_head(word, at);
	} else if (!colon) {
		return false;
	}
	if (!is_name(name) || !span_begins_nocase(name, SPAN("postern")))
		return false;
	f->program = name;
	f->pid = pid;
	return true;
}

/* Finds the program's name among the words in front of the first field. What
 * a stranger sent stands behind a = in our lines; in those of others it stands
 * behind a tag (`sshd[7]: Invalid user ...`), where only the next word can be
 * ours. */
static struct span
skip_prefix(struct fields *f, struct span line)
{
	struct span s = line;
	bool others = false;

	while (s.n) {
		struct span word = word_of(s);

		if (span_find(word, '=') != word.n)
			break;
		if (read_program(f, word)) {
			f->before = span_trim(
				span_head(line, (size_t)(s.p - line.p)));
			return skip_spaces(span_from(s, word.n));
		}
		if (others)
			return SPAN("");
		others = word.n && word.p[word.n - 1] == ':';
		s = skip_spaces(span_from(s, word.n));
	}
	return line;
}

/* <6> as journald is told the level, at the head of what the program wrote. */
static struct span
skip_level(struct span s)
{
	if (s.n >= 3 && s.p[0] == '<' && ascii_digit(s.p[1]) && s.p[2] == '>')
		return span_from(s, 3);
	return s;
}

bool
fields_begin(struct fields *f, struct span line)
{
	*f = (struct fields){ .torn = false };
	drop_last(&line, '\n');
	line = skip_prefix(f, skip_level(line));
	line = skip_level(line);
	f->event = word_of(line);
	f->rest = span_from(line, f->event.n);
	return is_name(f->event);
}

/* Where the quote ends that s begins behind, or s.n. */
static size_t
closing_quote(struct span s)
{
	size_t i = 0;

	while (i < s.n && s.p[i] != '"')
		i += s.p[i] == '\\' ? 2 : 1;
	return i < s.n ? i : s.n;
}

bool
fields_next(struct fields *f, struct span *key, struct span *value)
{
	for (;;) {
		struct span s = f->rest = skip_spaces(f->rest);
		struct span word = word_of(s);
		size_t equal = span_find(word, '=');

		if (s.n == 0)
			return false;
		*key = span_head(s, equal);
		*value = span_from(word, equal + 1);
		f->rest = span_from(s, word.n);
		if (equal == word.n || equal == 0) {
			f->torn = true;
			continue;
		}
		if (value->n == 0 || value->p[0] != '"')
			return true;
		*value = span_from(s, equal + 2);
		value->n = closing_quote(*value);
		f->rest = span_from(s, equal + 2 + value->n);
		f->torn |= f->rest.n == 0;
		f->rest = span_from(f->rest, 1);
		return true;
	}
}

bool
fields_find(const struct fields *f, struct span key, struct span *value)
{
	struct fields copy = *f;
	struct span name;

	while (fields_next(&copy, &name, value))
		if (span_eq(name, key))
			return true;
	*value = SPAN("");
	return false;
}

/* The octet of the \xHH that s begins with, or -1. */
static int
hex_escape(struct span s)
{
	int high;
	int low;

	if (s.n < 4 || s.p[1] != 'x')
		return -1;
	high = ascii_hex(s.p[2]);
	low = ascii_hex(s.p[3]);
	return high == -1 || low == -1 ? -1 : high * 16 + low;
}

void
fields_plain(struct buf *out, struct span value)
{
	while (value.n) {
		bool escape = value.p[0] == '\\' && value.n > 1;
		int octet = escape ? hex_escape(value) : -1;

		if (octet != -1)
			buf_char(out, (char)octet);
		else
			buf_char(out, value.p[escape ? 1 : 0]);
		value = span_from(value, octet != -1 ? 4 : escape ? 2 : 1);
	}
}

void
fields_text(const struct fields *f, struct span key, char *out, size_t room)
{
	struct span value = SPAN("");
	struct buf b = { out, room - 1, 0, false };

	fields_find(f, key, &value);
	fields_plain(&b, value);
	out[b.len] = '\0';
}

int
fields_number(const struct fields *f, struct span key, uint64_t *out)
{
	struct span value;

	if (!fields_find(f, key, &value))
		return -1;
	return span_number(value, out) == 0 ? 0 : -1;
}

/* SPDX-License-Identifier: ISC */
#include "net/hosts.h"

enum { LINE = 1024 };

/* Takes the next word off the line. */
static struct span
next_word(struct span *line)
{
	static const char blank[] = " \t\r\n";
	struct span word;
	size_t skip = 0;
	size_t n = 0;

	while (skip < line->n && strchr(blank, line->p[skip]))
		skip++;
	*line = span_from(*line, skip);
	while (n < line->n && !strchr(blank, line->p[n]))
		n++;
	word = span_head(*line, n);
	*line = span_from(*line, n);
	return word;
}

static bool
line_names(struct span line, struct span name)
{
	struct span word;

	while ((word = next_word(&line)).n)
		if (span_eq_nocase(word, name))
			return true;
	return false;
}

/* Reads one line without its comment. False at the end of the file. */
static bool
next_line(FILE *f, char *text, struct span *line)
{
	size_t n;

	if (!fgets(text, LINE, f))
		return false;
	n = strlen(text);
	*line = span_head((struct span){ text, n },
		span_find((struct span){ text, n }, '#'));
	if (n && text[n - 1] != '\n' && !feof(f)) {
		line->n = 0;
		for (int c = 0; c != '\n' && c != EOF;)
			c = getc(f);
	}
	return true;
}

size_t
hosts_find(FILE *f, struct span name, struct ip *out, size_t max)
{
	char text[LINE];
	struct span line;
	size_t n = 0;

	if (!f)
		return 0;
	rewind(f);
	while (n < max && next_line(f, text, &line))
		if (ip_parse(next_word(&line), &out[n]) == 0 &&
			line_names(line, name))
			n++;
	return n;
}

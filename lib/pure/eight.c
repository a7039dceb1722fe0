/* SPDX-License-Identifier: ISC */
#include "pure/eight.h"

/* Eight octets at a time: most text is looked through in vain. */
static bool
has_high(struct span s)
{
	const uint64_t mask = 0x8080808080808080U;
	uint64_t seen = 0;
	size_t i = 0;

	while (s.n - i >= 32) {
		uint64_t word[4];

		memcpy(word, s.p + i, sizeof word);
		if ((word[0] | word[1] | word[2] | word[3]) & mask)
			return true;
		i += sizeof word;
	}
	while (i < s.n)
		seen |= (unsigned char)s.p[i++];
	return seen & 0x80;
}

/* Takes header lines off the piece until an empty one. A line of CRs alone
 * counts as empty: a mistake here only makes the header longer or shorter. */
static struct span
header_skip(struct eight *e, struct span piece)
{
	while (piece.n && !e->header_done) {
		size_t n = span_find(piece, '\n');
		struct span line = span_head(piece, n);

		e->header = e->header || has_high(line);
		while (line.n && *line.p == '\r')
			line = span_from(line, 1);
		e->inside = e->inside || line.n;
		if (n < piece.n) {
			e->header_done = !e->inside;
			e->inside = false;
		}
		piece = span_from(piece, n + 1);
	}
	return piece;
}

void
eight_feed(struct eight *e, struct span piece)
{
	piece = header_skip(e, piece);
	e->body = e->body || has_high(piece);
}

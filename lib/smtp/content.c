/* SPDX-License-Identifier: ISC */
#include "smtp/content.h"

#include <errno.h>
#include <unistd.h>

void
content_begin(struct content *c, int fd, uint64_t offset, uint64_t size)
{
	c->fd = fd;
	c->offset = offset;
	c->size = size;
	c->at = 0;
	c->held = 0;
	c->looked = false;
	c->eight_bit = (struct eight){ .header = false };
}

/* Reads exactly n octets of the text from octet `at` into the piece. */
static int
piece_read(struct content *c, uint64_t at, size_t n)
{
	size_t have = 0;

	c->held = 0;
	while (have < n) {
		ssize_t got = pread(c->fd, c->piece + have, n - have,
			(off_t)(c->offset + at + have));

		if (got == -1 && errno == EINTR)
			continue;
		if (got == 0)
			errno = EIO;
		if (got <= 0)
			return -1;
		have += (size_t)got;
	}
	if (at == 0)
		c->held = n;
	return 0;
}

int
content_next(struct content *c, struct span *piece)
{
	uint64_t left = c->size - c->at;
	size_t n = left < CONTENT_PIECE ? (size_t)left : CONTENT_PIECE;

	if (n == 0)
		return 0;
	if ((c->at || c->held != n) && piece_read(c, c->at, n) == -1)
		return -1;
	c->at += n;
	*piece = (struct span){ c->piece, n };
	return 1;
}

void
content_rewind(struct content *c)
{
	c->at = 0;
}

int
content_look(struct content *c)
{
	struct span piece;
	int more = 0;

	if (c->looked)
		return 0;
	content_rewind(c);
	while ((more = content_next(c, &piece)) == 1)
		eight_feed(&c->eight_bit, piece);
	content_rewind(c);
	c->looked = more == 0;
	return more;
}

/* SPDX-License-Identifier: ISC
 *
 * to7bit: convert the message on fd 0 with pure/mime7, to fd 1.
 *
 *	to7bit [-p OCTETS]	feed it in pieces of that size
 *
 * Exit 0, or 2 when the message cannot be converted (nothing is written). */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "pure/mime7.h"

static struct mime7 m;
static char text[64 << 20];

static int
write_out(void *ctx, const char *bytes, size_t n)
{
	return fwrite(bytes, 1, n, ctx) == n ? 0 : -1;
}

static int
feed_all(size_t n, size_t piece)
{
	int result = 0;

	for (size_t at = 0; at < n && result == 0; at += piece)
		result = mime7_feed(
			&m, text + at, n - at < piece ? n - at : piece);
	return result ? result : mime7_end(&m);
}

int
main(int argc, char **argv)
{
	size_t piece = sizeof text;
	size_t n;

	if (argc == 3 && strcmp(argv[1], "-p") == 0)
		piece = strtoul(argv[2], NULL, 10);
	n = fread(text, 1, sizeof text, stdin);
	if (piece == 0 || ferror(stdin))
		return 1;
	mime7_scan(&m);
	if (feed_all(n, piece) != 0)
		return 2;
	mime7_convert(&m, write_out, stdout);
	return feed_all(n, piece) == 0 && fflush(stdout) == 0 ? 0 : 1;
}

/* SPDX-License-Identifier: ISC */
#include "admin/jsonout.h"

#include <inttypes.h>
#include <stdio.h>

#include "pure/json.h"

/* Octets of text that are escaped at once. */
enum { PIECE = 1024 };

static bool comma; /* something stands before in the same bracket */

static void
begin(const char *name)
{
	if (comma)
		putchar(',');
	if (name)
		printf("\"%s\":", name);
	comma = true;
}

void
jsonout_open(const char *name, char bracket)
{
	begin(name);
	putchar(bracket);
	comma = false;
}

void
jsonout_close(char bracket)
{
	putchar(bracket);
	comma = true;
}

/* At the head of text, as much as fits and ends with a character. */
static struct span
piece_of(struct span text)
{
	size_t n = text.n < PIECE ? text.n : PIECE;

	while (n < text.n && n > PIECE - 4 &&
		((unsigned char)text.p[n] & 0xc0) == 0x80)
		n--;
	return span_head(text, n);
}

void
jsonout_text(const char *name, struct span text)
{
	begin(name);
	putchar('"');
	while (text.n) {
		char escaped[6 * PIECE + 2];
		struct buf out = BUF(escaped);
		struct span piece = piece_of(text);

		json_string(&out, piece);
		fwrite(escaped + 1, 1, out.len - 2, stdout);
		text = span_from(text, piece.n);
	}
	putchar('"');
}

void
jsonout_number(const char *name, int64_t number)
{
	begin(name);
	printf("%" PRId64, number);
}

void
jsonout_bool(const char *name, bool value)
{
	begin(name);
	fputs(value ? "true" : "false", stdout);
}

void
jsonout_null(const char *name)
{
	begin(name);
	fputs("null", stdout);
}

void
jsonout_line(void)
{
	putchar('\n');
}

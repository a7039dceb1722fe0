/* SPDX-License-Identifier: ISC */
#include "sys/screen.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "pure/age.h"
#include "pure/buf.h"
#include "pure/clean.h"
#include "pure/limits.h"
#include "sys/clock.h"

/* How long nothing is said about a wait. */
enum { PATIENCE_MS = 2000 };

static struct {
	bool terminal; /* fd 1 is one */
	bool colours;
	bool talk; /* fd 2 is a terminal */
	bool shown;
	unsigned column;
	int64_t since; /* the first screen_wait(); 0: none */
} screen;

void
screen_begin(void)
{
	const char *term = getenv("TERM");

	screen.terminal = isatty(STDOUT_FILENO);
	screen.talk = isatty(STDERR_FILENO);
	screen.colours = screen.terminal && !getenv("NO_COLOR") && term &&
			 strcmp(term, "dumb") != 0;
}

void
screen_columns(void)
{
	screen.terminal = true;
}

bool
screen_terminal(void)
{
	return screen.terminal;
}

unsigned
screen_width(void)
{
	struct winsize size;

	if (screen.terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 &&
		size.ws_col)
		return size.ws_col;
	return 80;
}

void
screen_ink(enum screen_ink ink)
{
	static const char *const codes[] = {
		[INK_PLAIN] = "0",
		[INK_BOLD] = "1",
		[INK_DIM] = "2",
		[INK_GOOD] = "32",
		[INK_WARN] = "33",
		[INK_BAD] = "31",
	};

	if (screen.colours)
		printf("\033[%sm", codes[ink]);
}

/* Characters, not octets: the second and later ones of UTF-8 do not count. */
static void
put(struct span text)
{
	fwrite(text.p, 1, text.n, stdout);
	for (size_t i = 0; i < text.n; i++)
		screen.column += ((unsigned char)text.p[i] & 0xc0) != 0x80;
}

void
screen_str(const char *ours)
{
	put(span_of(ours));
}

void
screen_text(struct span text)
{
	while (text.n) {
		char clean[4 * 256 + 16];
		struct buf out = BUF(clean);
		size_t n = text.n < 256 ? text.n : 256;

		/* never between the octets of one character */
		while (n < text.n && n < 260 &&
			((unsigned char)text.p[n] & 0xc0) == 0x80)
			n++;
		clean_text(&out, span_head(text, n));
		put(buf_text(&out));
		text = span_from(text, n);
	}
}

void
screen_number(uint64_t n)
{
	char text[20];
	struct buf out = BUF(text);

	buf_number(&out, n);
	put(buf_text(&out));
}

void
screen_age(int64_t seconds)
{
	char text[40];
	struct buf out = BUF(text);

	age_print(&out, seconds);
	put(buf_text(&out));
}

void
screen_field(unsigned column)
{
	if (!screen.terminal) {
		putchar('\t');
		return;
	}
	do {
		putchar(' ');
		screen.column++;
	} while (screen.column < column);
}

void
screen_line(void)
{
	putchar('\n');
	screen.column = 0;
}

void
screen_done(void)
{
	if (screen.shown)
		fputs("\r\033[K", stderr);
	screen.shown = false;
}

void
screen_wait(const char *what, struct span detail)
{
	char text[200];
	struct buf out = BUF(text);

	if (!screen.talk)
		return;
	if (screen.since == 0)
		screen.since = clock_ms();
	if (clock_ms() - screen.since < PATIENCE_MS)
		return;
	clean_text(&out, detail);
	fflush(stdout);
	fprintf(stderr, "\r\033[K%s %.*s ...", what, (int)out.len, text);
	screen.shown = true;
}

void
screen_flush(void)
{
	fflush(stdout);
}

int
screen_end(void)
{
	screen_done();
	return fflush(stdout) == EOF || ferror(stdout) ? -1 : 0;
}

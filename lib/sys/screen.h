/* SPDX-License-Identifier: ISC
 *
 * screen: what an admin's command prints on fd 1. On a terminal it may have
 * colours and columns; elsewhere it is plain text, and where there are fields
 * a tab stands between them, for other programs. Whatever comes from outside
 * goes through screen_text(). */
#ifndef SYS_SCREEN_H
#define SYS_SCREEN_H

#include <stdint.h>

#include "pure/span.h"

enum screen_ink {
	INK_PLAIN,
	INK_BOLD,
	INK_DIM,
	INK_GOOD,
	INK_WARN,
	INK_BAD,
};

/* Looks at what fd 1 is. Colours need a terminal, no NO_COLOR in the
 * environment, and a TERM that is not "dumb". Call once. */
void screen_begin(void);

/* What goes to fd 1 is shown on a terminal elsewhere: columns, no colours. */
void screen_columns(void);

bool screen_terminal(void);

/* Columns of the terminal; 80 when it does not say. */
unsigned screen_width(void);

/* What follows has that colour; INK_PLAIN ends it. */
void screen_ink(enum screen_ink ink);

/* Prints text of ours; text of anybody, made harmless (pure/clean.h). */
void screen_str(const char *ours);
void screen_text(struct span text);
void screen_number(uint64_t n);
/* Seconds as "4h 5m" (pure/age.h). */
void screen_age(int64_t seconds);

/* The end of a field: on a terminal spaces up to `column`, counted from the
 * start of the line, at least one; elsewhere a tab. */
void screen_field(unsigned column);

void screen_line(void);

/* Says on fd 2, when that is a terminal, what is being waited for; the line is
 * taken away by screen_done(), or by the next one. Nothing is shown before
 * two seconds have passed since the first. */
void screen_wait(const char *what, struct span detail);
void screen_done(void);

/* Shows what was printed so far. */
void screen_flush(void);

/* Ends the output. Returns 0, or -1 with errno: not all could be written. */
int screen_end(void);

#endif

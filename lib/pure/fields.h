/* SPDX-License-Identifier: ISC
 *
 * fields: reads back what sys/log wrote: `event key=value key="quoted \xHH"`,
 * alone, behind <level> or `postern-NAME[pid] `, or behind what a syslog or
 * journalctl puts in front of it (a time, a host, `postern-NAME[pid]: `).
 *
 *	struct fields line;
 *	struct span key, value;
 *
 *	if (fields_begin(&line, text))
 *		while (fields_next(&line, &key, &value))
 *			...
 */
#ifndef PURE_FIELDS_H
#define PURE_FIELDS_H

#include "pure/buf.h"
#include "pure/span.h"

/* Spans point into the line. */
struct fields {
	struct span before;  /* what stood in front of the program's name */
	struct span program; /* "postern-send", or empty */
	uint64_t pid;        /* 0: not said */
	struct span event;
	struct span rest; /* fields not read yet */
	bool torn;        /* the line was cut: its last value may be, too */
};

/* Takes a line, with or without its LF. False when it is not one of ours: no
 * word of letters, digits and dashes that begins with a letter stands where
 * the event should. */
bool fields_begin(struct fields *f, struct span line);

/* The next field in order. The value is still escaped, without its quotes. A
 * word without = is passed over and sets `torn`; so does a quote without its
 * end. False when no field is left. */
bool fields_next(struct fields *f, struct span *key, struct span *value);

/* The value of the first field that is not read yet and has that key, still
 * escaped; reads nothing off f. False when there is none. */
bool fields_find(const struct fields *f, struct span key, struct span *value);

/* Appends the octets that an escaped value stands for: \" \\ \xHH undone. They
 * may be a stranger's: show them through an escape of your own. */
void fields_plain(struct buf *out, struct span value);

/* The octets of the field with that key as a C string, cut at room - 1; "" when
 * there is none. */
void fields_text(
	const struct fields *f, struct span key, char *out, size_t room);

/* fields_find() and span_number(): 0, or -1 when there is no such number. */
int fields_number(const struct fields *f, struct span key, uint64_t *out);

#endif

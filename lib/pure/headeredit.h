/* SPDX-License-Identifier: ISC
 *
 * headeredit: put other addresses into From, Sender, Reply-To, To and Cc of a
 * message that streams by. Only the octets of an address that changes are
 * replaced; names, comments, folding, every other field and the body stay as
 * they are, byte by byte. A line that would pass 998 octets by it is folded
 * behind a comma. Lines may end in CR LF or in LF.
 *
 * Memory is constant: a field of any length is edited address by address. One
 * that has no comma in HEADEREDIT_HELD octets holds no addresses from there to
 * its end.
 *
 *	headeredit_begin(&e, kinds, address, sink, ctx);
 *	... headeredit_feed(&e, text) ...
 *	headeredit_end(&e); */
#ifndef PURE_HEADEREDIT_H
#define PURE_HEADEREDIT_H

#include "pure/buf.h"
#include "pure/limits.h"

enum {
	HEADEREDIT_HELD = 65536, /* octets of a value that are seen at once */
	HEADEREDIT_NAME = 16,    /* octets of a field's name that are kept */
	HEADEREDIT_LINE = 998,   /* RFC 5322 2.1.1 */
};

/* Who a field speaks of; bits of `kinds`. */
enum headeredit_kind {
	HEADEREDIT_FROM = 1, /* From, Sender, Reply-To */
	HEADEREDIT_TO = 2,   /* To, Cc */
};

/* Where the text goes. Returns 0, or -1 to stop. */
typedef int headeredit_sink(void *ctx, struct span text);

/* Asked of every address, without its comments and white space. Returns 1 and
 * appends another, 0 to leave it, -1 to stop. */
typedef int headeredit_address(void *ctx, enum headeredit_kind kind,
	struct span address, struct buf *out);

enum headeredit_state {
	HEADEREDIT_START = 0, /* of a line */
	HEADEREDIT_IN_NAME,
	HEADEREDIT_BLANK,     /* between name and colon */
	HEADEREDIT_FIELD,     /* in a field that stays as it is */
	HEADEREDIT_VALUE,     /* in one that is edited */
	HEADEREDIT_VALUE_END, /* behind a line of one: it may go on */
	HEADEREDIT_BODY,
};

/* The members are headeredit.c's own. Large; keep one, static. */
struct headeredit {
	unsigned kinds;
	headeredit_address *address;
	headeredit_sink *sink;
	void *ctx;
	enum headeredit_state state;
	enum headeredit_kind kind; /* of the field at hand */
	bool group;                /* in a group of its addresses */
	bool grown;                /* its current line is not what it was */
	size_t column;             /* octets of that line so far */
	size_t name_len;
	size_t held_len;
	char name[HEADEREDIT_NAME];
	char held[HEADEREDIT_HELD];
};

void headeredit_begin(struct headeredit *e, unsigned kinds,
	headeredit_address *address, headeredit_sink *sink, void *ctx);

/* Takes the next piece of the message; how it is cut does not matter. Returns
 * 0, or -1 when one of the two functions said -1. */
int headeredit_feed(struct headeredit *e, struct span text);

/* The message has ended. Returns as headeredit_feed. */
int headeredit_end(struct headeredit *e);

#endif

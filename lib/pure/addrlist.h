/* SPDX-License-Identifier: ISC
 *
 * addrlist: the addresses in the value of a header field such as From, To or
 * Cc (RFC 5322 3.4 and 4.4): groups, comments, quoted strings, folding and the
 * source routes of old are understood; what is none of these is passed over,
 * never guessed at. Nothing is copied: spans lie in the value.
 *
 *	struct addrlist list = addrlist_of(value);
 *	struct addrlist_item item;
 *
 *	while (addrlist_next(&list, &item))
 *		if (item.spec.n) ... */
#ifndef PURE_ADDRLIST_H
#define PURE_ADDRLIST_H

#include "pure/buf.h"

/* Where in a value we are. */
struct addrlist {
	struct span rest;
	bool group; /* the next item stands in a group */
};

/* What stands between two separators. */
struct addrlist_item {
	struct span all;  /* the item with all white space and comments,
			   * without its separator */
	struct span spec; /* the address in it, from its first octet that is
			   * no white space or comment to its last: user@host,
			   * or a bare name. Empty: there is none, or the item
			   * is more than one address */
	bool angle;       /* it stood in angle brackets */
	bool group;       /* in a group */
	char end;         /* the separator: ',' ';', ':' behind the name of a
			   * group, or 0: the value ended */
};

static inline struct addrlist
addrlist_of(struct span value)
{
	return (struct addrlist){ value, false };
}

/* Takes the next item, maybe an empty one. False at the end. The item behind
 * the last separator comes with end 0, whatever stands there. */
bool addrlist_next(struct addrlist *list, struct addrlist_item *item);

/* Appends an address as one writes it: without comments and white space. What
 * comes out is not judged; pure/address.h can do that. */
void addrlist_text(struct span spec, struct buf *out);

#endif

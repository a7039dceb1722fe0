/* SPDX-License-Identifier: ISC
 *
 * people: the recipients of a message, each once, in the order in which they
 * were named. */
#ifndef PURE_PEOPLE_H
#define PURE_PEOPLE_H

#include "pure/buf.h"

enum {
	PEOPLE_TEXT = 8 << 20,  /* octets of all addresses */
	PEOPLE_SLOTS = 1 << 19, /* twice as many as there can be people */
	PEOPLE_MAX = PEOPLE_SLOTS / 2,
};

/* All zero is nobody. */
struct people {
	size_t count;
	size_t len;
	uint32_t slot[PEOPLE_SLOTS]; /* where an address stands, plus 1 */
	char text[PEOPLE_TEXT];      /* each with a NUL behind it */
};

/* Adds one; who is in it already stays once. Local parts are compared as they
 * are, domains without case. Returns 0, or -1 when there is no room. */
int people_add(struct people *p, struct span address);

/* Forgets those who came after the first `len` octets of text. */
void people_cut(struct people *p, size_t len);

/* The next one; *at is 0 before the first. False at the end. */
bool people_next(const struct people *p, size_t *at, struct span *address);

#endif

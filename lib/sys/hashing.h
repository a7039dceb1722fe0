/* SPDX-License-Identifier: ISC
 *
 * hashing: crypt(3), libcrypt's. */
#ifndef SYS_HASHING_H
#define SYS_HASHING_H

#include "pure/buf.h"

enum {
	HASHING_PHRASE = 512, /* octets of what is hashed */
	HASHING_MAX = 1024,   /* octets of a hash */
};

/* Does crypt(3) here know the method of that hash? */
bool hashing_known(struct span hash);

/* Appends the hash of the phrase by the method, cost and salt of `setting`,
 * another hash of it or what hashing_setting() made. Wipes what it used.
 * Returns 0, or -1 with errno: a method that is not known, no memory. */
int hashing_make(struct buf *out, struct span phrase, struct span setting);

/* Appends a setting by the best method, with a new salt. Returns 0 or -1. */
int hashing_setting(struct buf *out);

#endif

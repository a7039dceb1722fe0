/* SPDX-License-Identifier: ISC
 *
 * buf: text built in memory of fixed size. A piece that does not fit is left
 * out whole and `over` stays set: the builder checks once, at the end. */
#ifndef PURE_BUF_H
#define PURE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pure/span.h"

struct buf {
	char *p;
	size_t cap;
	size_t len;
	bool over;
};

/* An empty buf over an array. */
#define BUF(array) ((struct buf){ (array), sizeof(array), 0, false })

void buf_span(struct buf *b, struct span s);
void buf_str(struct buf *b, const char *s);
void buf_char(struct buf *b, char c);
void buf_number(struct buf *b, uint64_t n);

/* Appends n in lower-case hex, `digits` wide with leading zeros. */
void buf_hex(struct buf *b, uint64_t n, unsigned digits);

/* Puts a NUL behind the text without counting it; sets `over` when there is
 * no room. Returns b->p, for the calls that want a C string of our own. */
const char *buf_cstr(struct buf *b);

static inline struct span
buf_text(const struct buf *b)
{
	return (struct span){ b->p, b->len };
}

#endif

/* SPDX-License-Identifier: ISC
 *
 * record: a letter, a value, a NUL; packets between our programs are rows of
 * them. Values hold no NUL. */
#ifndef PURE_RECORD_H
#define PURE_RECORD_H

#include "pure/buf.h"

/* Appends a record, whole or not at all (then out->over is set); the caller
 * knows that the value has no NUL. */
void record_put(struct buf *out, char letter, struct span value);

/* The same, but nothing for an empty value. */
void record_put_given(struct buf *out, char letter, struct span value);

/* Takes the next record off the packet; *value points into it. Returns 1, 0 at
 * the end of the packet, -1 when what is there is no whole record. */
int record_next(struct span *packet, char *letter, struct span *value);

/* What the value of a record may be made of. */
enum record_kind {
	RECORD_TEXT, /* printable ASCII */
	RECORD_HEX,  /* hex digits */
	RECORD_FLAG, /* nothing: the record is there or not */
	RECORD_LINE, /* any octet: who reads it judges it */
};

/* A record of a packet that is a struct of spans here. A record that is not
 * there is an empty span; a flag that is there is the span of its letter. */
struct record_field {
	char letter;
	enum record_kind kind;
	size_t at; /* offset of its span */
};

/* Appends the records of `base` that are there, in the table's order. */
void record_print(struct buf *out, const struct record_field *fields, size_t n,
	const void *base);

/* Reads a whole packet into the spans of `base`, which are all empty. Returns
 * 0, or -1: not whole, a letter that is not in the table or comes twice, a
 * value that is empty or of another kind. */
int record_parse(struct span packet, const struct record_field *fields,
	size_t n, void *base);

#endif

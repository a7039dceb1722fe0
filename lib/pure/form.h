/* SPDX-License-Identifier: ISC
 *
 * form: names and values as application/x-www-form-urlencoded, the way
 * requests to token servers are written (RFC 6749 appendix B). */
#ifndef PURE_FORM_H
#define PURE_FORM_H

#include "pure/buf.h"

/* Appends name=value, with & in front of it when out is not empty and does
 * not end in `?`. The name is ours and needs no escape. */
void form_field(struct buf *out, const char *name, struct span value);

/* Appends value so that it can stand in a form. */
void form_escape(struct buf *out, struct span value);

/* Appends the value of the field `name`. False, with nothing appended, when
 * there is none or a second one, when its escapes are wrong, when it has a
 * control character, or when there is no room. */
bool form_find(struct span form, struct span name, struct buf *out);

#endif

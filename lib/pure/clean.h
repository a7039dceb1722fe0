/* SPDX-License-Identifier: ISC
 *
 * clean: text of strangers made fit for an admin's eyes and terminal. */
#ifndef PURE_CLEAN_H
#define PURE_CLEAN_H

#include "pure/buf.h"

/* Appends text with every octet as \xHH that is a control, is no part of
 * well-formed UTF-8, or belongs to a character that turns the direction of
 * writing or cannot be seen (U+0080 to U+009F, U+200B to U+200F, U+2028 to
 * U+202E, U+2060 to U+206F, U+FEFF). Backslashes stay as they are: this is for
 * reading, not for reading back. At most 4 octets for one. */
void clean_text(struct buf *out, struct span text);

#endif

/* SPDX-License-Identifier: ISC
 *
 * secret: passwords and keys, read from where a control file says they are:
 *
 *	file:/path        the first line of a file
 *	credential:NAME   the same of $CREDENTIALS_DIRECTORY/NAME
 *
 * A file that everybody may read is refused. */
#ifndef SYS_SECRET_H
#define SYS_SECRET_H

#include "pure/buf.h"

/* Appends the secret's first line, without its end. Returns 0, or -1 with what
 * is wrong and the remedy in `why`. Callers wipe out->p. */
int secret_read(struct span where, struct buf *out, char why[256]);

#endif

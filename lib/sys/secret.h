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
#include "pure/limits.h"

/* The file's path. Returns 0, or -1 with what is wrong in `why`. */
int secret_path(struct span where, char path[LIMIT_PATH], char why[256]);

/* Appends the secret's first line, without its end. Returns 0, or -1 with what
 * is wrong and the remedy in `why`. Callers wipe out->p. */
int secret_read(struct span where, struct buf *out, char why[256]);

#endif

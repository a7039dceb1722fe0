/* SPDX-License-Identifier: ISC
 *
 * entry: how an admin's command gets to the queue, and what it says when it
 * does not. */
#ifndef ADMIN_ENTRY_H
#define ADMIN_ENTRY_H

#include "queue/spool.h"

/* Opens the queue for a look (visit_open). Returns 0; else the words are on
 * fd 2, and the exit code is returned. `verb` is the command's. */
int entry_open(struct spool *s, const char *verb);

/* Says on fd 2 why the queue could not be read (errno) and returns the exit
 * code. */
int entry_failed(const char *verb);

/* Says on fd 2 what is wrong with the call, and how it is meant. Returns the
 * exit code. */
int entry_misused(const char *verb, const char *why);

#endif

/* SPDX-License-Identifier: ISC
 *
 * senders: as whom a login may send (RFC 6409 6.1). control/senders (text) and
 * senders.cdb hold lines
 *
 *	identity: PATTERN PATTERN ...
 *
 * with blanks or commas between; a login may have several lines in the text. A
 * pattern is an address, @domain, or * for any sender. A login that has no
 * line may send as itself: as the address that equals its name, or, for a name
 * without @, as that name in the domains me, defaulthost and those of locals.
 * Case does not count. */
#ifndef CONTROL_SENDERS_H
#define CONTROL_SENDERS_H

#include "control/control.h"

/* Hears of every pattern that a login has. `file` and `line` say where it
 * stands (0: a .cdb, a file of one value); the span is good during the call.
 * Returns 0, or 1 to stop. */
typedef int senders_tell(
	void *ctx, struct span pattern, const char *file, unsigned line);

/* Tells all patterns of a login. Returns 1 when `tell` stopped it, 0, or -1
 * with the control error set. */
int senders_list(
	struct control *c, struct span identity, senders_tell *tell, void *ctx);

/* May the login send as this address? Returns 1, 0, or -1 with the control
 * error set. */
int senders_allow(struct control *c, struct span identity, struct span sender);

/* Reads every line, to find mistakes. Returns 0, or -1 with the error set. */
int senders_check(struct control *c);

/* Splits a line. Returns NULL, or what is wrong with it. */
const char *senders_entry(
	struct span line, struct span *identity, struct span *patterns);

#endif

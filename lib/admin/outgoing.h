/* SPDX-License-Identifier: ISC
 *
 * outgoing: the header of a message as it would leave, edited by the module
 * that edits it at work (pure/headeredit.h). */
#ifndef ADMIN_OUTGOING_H
#define ADMIN_OUTGOING_H

#include "control/rewrite.h"

/* Prints the header of the message on fd, what strangers wrote made harmless.
 * `rules` may be NULL; those of a bounce (`null_sender`) do not count. `tell`
 * hears of every decision, before the field that it changes is printed.
 * Returns 0, or -1: errno, or 0 there and the control error is set. */
int outgoing_header(
	int fd, struct rewrite *rules, bool null_sender, rewrite_tell *tell);

#endif

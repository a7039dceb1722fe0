/* SPDX-License-Identifier: ISC
 *
 * showing: one message in full, for the eye. Nothing of a stranger's reaches
 * the terminal but what can be seen (pure/clean.h). */
#ifndef ADMIN_SHOWING_H
#define ADMIN_SHOWING_H

#include "admin/story.h"

/* State, ages, sender, where it came from, recipients. */
void showing_envelope(
	const struct message *m, const struct story *story, int64_t now);

/* What was tried, when, and what was said. Returns 0 or -1 with errno. */
int showing_history(const struct message *m);

/* The header of the text, or all of it. Returns 0, or -1 with errno: it could
 * not be read. */
int showing_text(const struct message *m, bool body);

#endif

/* SPDX-License-Identifier: ISC
 *
 * sentence: a line of the log as a sentence for an admin. */
#ifndef PURE_SENTENCE_H
#define PURE_SENTENCE_H

#include "pure/fields.h"

/* How an admin should take it. */
enum sentence_mood {
	SENTENCE_QUIET, /* happens around mail: connections, starts, ends */
	SENTENCE_PLAIN,
	SENTENCE_GOOD,
	SENTENCE_LATER,
	SENTENCE_BAD,
};

/* Appends the sentence; strangers' octets in it are made harmless
 * (pure/clean.h). An event that is not known is told as it stands. */
enum sentence_mood sentence_print(struct buf *out, const struct fields *line);

#endif

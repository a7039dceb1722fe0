/* SPDX-License-Identifier: ISC
 *
 * rewriter: one message through postern-rewrite: text from fd 0, envelope from
 * fd 1, both to the next program in the same way.
 *
 * Where only the envelope changes, the next program is started at once and
 * reads the text itself. Where the header does, the text waits (queue/spill.h)
 * until the envelope has said whose message it is. */
#ifndef SMTP_REWRITER_H
#define SMTP_REWRITER_H

#include "control/rewrite.h"
#include "queue/store.h"

/* Does it all. `next` is the program that follows and its arguments, `id` what
 * the log calls the message (maybe empty). Returns the exit code: that of the
 * next program, or of what kept the message from it; then nothing is queued.
 * In a `submission` names in the header get their domain, and Date and
 * Message-ID are added at its end where they are missing (RFC 6409 8). */
enum queue_exit rewriter_run(struct rewrite *rules, struct control *c,
	char *const next[], struct span id, bool submission);

#endif

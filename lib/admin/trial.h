/* SPDX-License-Identifier: ISC
 *
 * trial: `postern check -t`: a test message through the real programs, and
 * its way until it is delivered, put off, or failed. */
#ifndef ADMIN_TRIAL_H
#define ADMIN_TRIAL_H

#include "control/control.h"

/* Sends a short message from the postmaster to `address` and follows it for a
 * minute. Run by root, this process becomes the queue's owner first, for
 * good. Returns 0 when it was delivered, else the exit code of what was said
 * (admin/step.h). */
int trial_send(struct control *c, const char *address);

#endif

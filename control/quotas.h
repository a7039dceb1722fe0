/* SPDX-License-Identifier: ISC
 *
 * quotas: how much each mailbox may hold, from control/quota:
 *
 *	name:QUOTA        names as in control/mailboxes, and found like them
 *
 * QUOTA is as in pure/quota.h: 1G, 500M,20000C, or none. control/overquota
 * says what becomes of mail that does not fit: later (it waits) or fail. */
#ifndef CONTROL_QUOTAS_H
#define CONTROL_QUOTAS_H

#include "control/mailboxes.h"
#include "pure/quota.h"

struct quotas; /* opaque */

/* Reads and checks both files. Returns NULL with the control error set. */
struct quotas *quotas_open(struct control *c);
void quotas_close(struct quotas *q);

/* The quota of an address, and the line that decided (0: none did, and the
 * quota is all zero). */
unsigned quotas_find(const struct quotas *q, const struct mailboxes *m,
	struct span address, struct quota *out);

/* Whether mail that does not fit fails for good. */
bool quotas_final(const struct quotas *q);

#endif

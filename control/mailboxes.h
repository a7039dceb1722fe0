/* SPDX-License-Identifier: ISC
 *
 * mailboxes: which Maildir a local recipient has. control/locals names the
 * local domains; control/mailboxes (text) and mailboxes.cdb map
 *
 *	name:PATH            in every local domain
 *	name@domain:PATH     in that domain
 *	@domain:PATH         whatever else that domain is sent
 *	*:PATH               whatever else any local domain is sent
 *
 * The most exact wins: name@domain, name, then both again without the
 * subaddress (+ext, see control/subaddress), then @domain, then *. Text goes
 * before cdb at each step. Domains and names are compared without case. */
#ifndef CONTROL_MAILBOXES_H
#define CONTROL_MAILBOXES_H

#include "control/control.h"

struct mailboxes; /* what was read; opaque */

/* Reads locals, mailboxes, mailboxes.cdb, subaddress, postmaster. Returns the
 * tables, or NULL with the control error set. */
struct mailboxes *mailboxes_open(struct control *c);
void mailboxes_close(struct mailboxes *m);

/* True when domain is one of control/locals. */
bool mailboxes_local(const struct mailboxes *m, struct span domain);

/* Finds the Maildir of an address whose domain is local. Returns 1 and the
 * path as a C string, 0 when there is no such mailbox, -1 with the control
 * error set. */
int mailboxes_find(struct mailboxes *m, struct span address, char *path,
	size_t cap);

#endif

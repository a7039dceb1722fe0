/* SPDX-License-Identifier: ISC
 *
 * maildirsize: the account of a Maildir with a quota, as Maildir++ keeps it
 * and Courier and Dovecot read it: a file of that name in the Maildir, to which
 * everybody who adds or removes messages appends a line (pure/quota.h). It is
 * counted anew from the Maildir and its folders (.NAME, but .Trash) when it is
 * missing, for another quota or over 5120 octets, and before a message is
 * refused, unless it was counted a short while ago and nothing came since. */
#ifndef DELIVER_MAILDIRSIZE_H
#define DELIVER_MAILDIRSIZE_H

#include "pure/quota.h"

enum { MAILDIRSIZE_FRESH = 900 }; /* seconds (Maildir++) */

/* Asks whether one more message of so many octets fits into the Maildir `dir`,
 * whose tmp is `tmp`. Returns 1; 0: it does not, *sum is what is there; or -1
 * with errno. */
int maildirsize_fits(int dir, int tmp, const struct quota *quota,
	uint64_t octets, struct quota_sum *sum);

/* Notes that a message of so many octets was added. Returns 0 or -1 with
 * errno: the account is short of it until it is counted anew. */
int maildirsize_add(int dir, uint64_t octets);

#endif

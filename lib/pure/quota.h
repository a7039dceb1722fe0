/* SPDX-License-Identifier: ISC
 *
 * quota: how much a mailbox may hold, and the file maildirsize that Maildir++
 * keeps account in:
 *
 *	1073741824S,10000C      the quota: octets and messages, either or both
 *	1234 5                  what was there when it was counted
 *	567 1                   what came since, or (negative) went
 *
 * The sum of all lines is what the mailbox holds. */
#ifndef PURE_QUOTA_H
#define PURE_QUOTA_H

#include "pure/buf.h"

enum {
	QUOTA_FILE = 5120, /* octets; a longer maildirsize is counted anew */
};

struct quota {
	uint64_t octets;   /* 0: any number */
	uint64_t messages; /* 0: any number */
};

struct quota_sum {
	int64_t octets;
	int64_t messages;
	unsigned lines; /* behind the first */
};

/* Reads a quota as admins and maildirsize write it: parts with commas between,
 * each a number and a letter: S octets, K, M, G 1024, 1024^2, 1024^3 octets, C
 * messages; or the word none. Returns 0, or -1 when it is none of that. */
int quota_parse(struct span text, struct quota *out);

/* Prints it as the first line of maildirsize has it, without the line end. */
void quota_print(struct buf *out, const struct quota *quota);

/* Adds up a maildirsize. Returns 0, or -1: it is for another quota, too long,
 * or no maildirsize, and must be counted anew. */
int quota_read(
	struct span text, const struct quota *quota, struct quota_sum *out);

/* True when one more message of so many octets fits. */
bool quota_fits(const struct quota *quota, const struct quota_sum *sum,
	uint64_t octets);

/* What a message counts by its file's name in cur or new: 1 and its size from
 * `,S=octets`; 0: the name holds no size; -1: it does not count, being marked
 * as trash (`:2,...T`). */
int quota_name(struct span name, uint64_t *octets);

#endif

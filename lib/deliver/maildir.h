/* SPDX-License-Identifier: ISC
 *
 * maildir: store one message in a Maildir, whole or not at all, durably. The
 * order is: write tmp/NAME, fsync it, rename it into new/ without overwriting
 * anything, fsync new/; only then is it done (CONFORMANCE L-001). Whatever
 * fails on the way takes away what it made.
 *
 * A Maildir is cur, new and tmp in one directory. All four are opened without
 * following a symbolic link, and must belong to the uid that delivers and not
 * be writable by everybody; else the message waits (L-004). What is missing
 * is made, mode 0700, when the directory above the Maildir exists.
 *
 * With a quota the file's name ends in `,S=octets`, as Maildir++ has it, and
 * the account is kept (deliver/maildirsize.h). Whether the message fits is
 * asked when all of it is written to tmp and its size is known.
 *
 * Text is stored with LF line ends, behind `Return-Path: <sender>` and
 * `Delivered-To: recipient`; see pure/final.h. */
#ifndef DELIVER_MAILDIR_H
#define DELIVER_MAILDIR_H

#include "pure/limits.h"
#include "pure/quota.h"

struct maildir_message {
	int fd;          /* read with pread: its own position stays */
	uint64_t offset; /* where the text lies, octets */
	uint64_t size;
	struct span sender; /* as pure/address.h stores it; empty: null */
	struct span recipient;
	struct quota quota; /* of the mailbox; all zero: none */
};

enum maildir_verdict {
	MAILDIR_STORED,
	MAILDIR_LOOP,  /* it was delivered to this recipient before (S-218) */
	MAILDIR_OVER,  /* the mailbox is full, or would be */
	MAILDIR_LATER, /* a fault of ours: quota, space, rights, I/O (L-003) */
};

struct maildir_result {
	enum maildir_verdict verdict;
	char name[200];        /* MAILDIR_STORED: the file's name in new/ */
	struct quota_sum held; /* MAILDIR_OVER: what is in the mailbox */
	const char *step;      /* MAILDIR_LATER: what could not be done ... */
	int error; /* ... and its errno; 0: the words say it all. With
		    * MAILDIR_STORED: what the account could not be told */
};

/* Delivers message into the Maildir `path`. Not for two threads at once. */
struct maildir_result maildir_deliver(
	const char *path, const struct maildir_message *message);

/* Writes a new file name: seconds, M and microseconds, R and 64 random bits,
 * and the host's name with / and : spelt in octal, as Maildirs ask. */
void maildir_name(
	char out[160], int64_t time_us, uint64_t chance, struct span host);

#endif

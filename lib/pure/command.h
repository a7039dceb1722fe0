/* SPDX-License-Identifier: ISC
 *
 * command: the command lines that the client side sends (RFC 5321 4.1.1). The
 * only place where they are made: a value with a control character in it,
 * CR and LF among them, never becomes part of one (THREATS.md R1).
 *
 * Each appends one line with its CR LF and returns 0, or appends nothing and
 * returns -1: a value that may not stand in a line, or no room in out. */
#ifndef PURE_COMMAND_H
#define PURE_COMMAND_H

#include "pure/buf.h"
#include "pure/ehlo.h"
#include "pure/job.h"

/* A verb, and its argument unless that is empty. */
int command_verb(struct buf *out, const char *verb, struct span argument);

/* MAIL for a job, with the parameters that the server offers: SIZE=size,
 * BODY=8BITMIME when `eight_bit`, SMTPUTF8 when `utf8`, RET and ENVID as they
 * were given (RFC 1870, 6152, 6531, 3461). */
int command_mail(struct buf *out, const struct job *job,
	const struct ehlo *offers, uint64_t size, bool eight_bit, bool utf8);

/* Appends <address>, its local part quoted where it must be and is not
 * (C-018). It may hold anything but NUL: the commands above and below check
 * their lines as a whole. */
void command_path(struct buf *out, struct span address);

/* RCPT, with NOTIFY and ORCPT as they were given when the server offers DSN. */
int command_rcpt(struct buf *out, const struct job_rcpt *rcpt,
	const struct ehlo *offers);

#endif

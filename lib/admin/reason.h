/* SPDX-License-Identifier: ISC
 *
 * reason: what postern would do with a message, and which line of which
 * control file decides it. Every question goes to the module that answers it
 * at work. Prints rows of three fields: what is asked, the answer, where it
 * stands. Strangers' octets are made harmless. */
#ifndef ADMIN_REASON_H
#define ADMIN_REASON_H

#include "control/control.h"

/* Reads all control files. `client` is the address of who would send it, or
 * NULL: this machine and a stranger are told apart. Returns 0, or an exit code:
 * the words are on fd 2. */
int reason_begin(struct control *c, const char *client);

/* Instead of these clients: one who has logged in. Tells as whom it may send,
 * and whether as `sender` (NULL: not asked). Returns 0 or an exit code. */
int reason_login(const char *identity, const char *sender);

/* The sender: would it be taken, and what becomes of it. */
int reason_sender(const char *sender);

/* A recipient from RCPT to the next hop. Returns 0, 100 when no client would
 * be let through, or another exit code. */
int reason_rcpt(const char *rcpt);

/* An address of a queued message: its next hop or its Maildir. */
int reason_route(struct span sender, struct span rcpt);

/* The header of the message on fd as it would leave, behind reason_sender().
 * Returns 0 or an exit code. */
int reason_header(int fd);

/* The limits that hold for every message. */
void reason_limits(void);

/* A row of one's own; `why` may be NULL. */
void reason_row(const char *topic, struct span answer, const char *why);

#endif

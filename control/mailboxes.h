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
 * before cdb at each step; of two equal lines the first counts. Domains and
 * names are compared without ASCII case, names without the quotes of
 * RFC 5321 4.1.2. PATH is absolute; in a private world (sys/home.h) it may
 * also be relative to POSTERN_HOME.
 *
 * Local domains without a single mailbox, and without aliases, are an error,
 * not an empty table: a forgotten file must not refuse everybody's mail. */
#ifndef CONTROL_MAILBOXES_H
#define CONTROL_MAILBOXES_H

#include "control/control.h"

struct mailboxes; /* what was read; opaque */

/* Reads locals, mailboxes, mailboxes.cdb, subaddress, postmaster, me, and
 * checks every line. Returns the tables, or NULL with the control error set.
 * c must stay until mailboxes_close; it may be control_close'd before. */
struct mailboxes *mailboxes_open(struct control *c);
void mailboxes_close(struct mailboxes *m);

/* The sign that begins a subaddress; NUL: there are none. */
char mailboxes_separator(const struct mailboxes *m);

/* The Maildir of the next line of the text, as a C string; false behind the
 * last. */
bool mailboxes_next(struct mailboxes *m, char path[LIMIT_PATH]);

/* There is a mailboxes.cdb, which may name any Maildir. */
bool mailboxes_open_ended(const struct mailboxes *m);

/* True when domain is one of control/locals. */
bool mailboxes_local(const struct mailboxes *m, struct span domain);

/* Finds the Maildir of an address (as pure/address.h stores it) whose domain
 * is local. Returns 1 and the path as a C string, 0 when there is no such
 * mailbox, -1 with the control error set. */
int mailboxes_find(
	struct mailboxes *m, struct span address, char *path, size_t cap);

/* The line of control/locals that has the domain; 0: none does. */
unsigned mailboxes_local_line(const struct mailboxes *m, struct span domain);

/* Which line of mailboxes the last mailboxes_find() that said 1 has found; 0:
 * mailboxes.cdb. */
unsigned mailboxes_found_line(const struct mailboxes *m);

/* True for postmaster, in any case, without a domain or in a local one. */
bool mailboxes_is_postmaster(const struct mailboxes *m, struct span address);

/* The address that takes postmaster's mail: control/postmaster; else
 * postmaster in the first local domain that has a mailbox for it, unless me
 * is local; else postmaster@me. Returns 0 and the address (it lives as long as
 * m), or -1 with the control error set: there is no name to put behind the @,
 * or the address is local and has no mailbox, so mail would find no end. */
int mailboxes_postmaster(struct mailboxes *m, struct span *address);

/* What smtpd asks at RCPT of an address in a local domain, or of the bare
 * word postmaster (S-053, S-054). Returns
 *	1   take it; *as is the address for the envelope: the one given, or
 *	    that of mailboxes_postmaster for a bare postmaster and for a
 *	    postmaster@local that has no mailbox and no catch-all. It may be
 *	    in a domain that is not local; rcpthosts is not asked again.
 *	0   nobody here has that name: 550 5.1.1
 *	-1  the control error is set: 451 4.3.0 */
int mailboxes_recipient(
	struct mailboxes *m, struct span address, struct span *as);

/* Finds the best line for an address in a table of another file with keys like
 * these. Returns its number, 0 when there is none. Lines without a colon are
 * passed over. */
unsigned mailboxes_match(const struct mailboxes *m,
	const struct control_list *table, struct span address,
	struct span *value);

/* Splits a line of such a table: only its key is judged. Returns NULL, or what
 * is wrong with it. */
const char *mailboxes_key(
	struct span line, struct span *key, struct span *value);

/* Splits one line of the table. Returns NULL, or what is wrong with it. */
const char *mailboxes_entry(
	struct span line, struct span *key, struct span *path);

#endif

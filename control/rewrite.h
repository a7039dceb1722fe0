/* SPDX-License-Identifier: ISC
 *
 * rewrite: what becomes of the addresses of a message, by the files aliases,
 * sender, recipients, defaulthost, allowrecipients, otherrecipients,
 * redirectall and copyall.
 * postern-rewrite does it, smtpd asks it at RCPT, and postern-explain prints
 * it; all three go through the functions here, so they cannot differ.
 *
 * A recipient of the envelope goes through these, in this order:
 *
 *	defaulthost      a name without a domain gets this one (default: me)
 *	recipients       the first rule that matches names another address
 *	aliases          a name becomes others, again and again, 20 deep
 *	allowrecipients  one that no entry matches is refused, or becomes
 *	                 otherrecipients, who has a mailbox here
 *	redirectall      every one becomes this address
 *	copyall          this address is one more recipient, unless the message
 *	                 is a bounce or has it already
 *
 * The sender, and the header's From, Sender, Reply-To: defaulthost, then the
 * first rule of sender that matches. The header's To and Cc: defaulthost and
 * recipients, no aliases.
 *
 * Our own names are those in a domain of control/locals, in defaulthost, and
 * in me. */
#ifndef CONTROL_REWRITE_H
#define CONTROL_REWRITE_H

#include "control/control.h"
#include "control/mailboxes.h"

/* How deep aliases may stand in aliases, and how many addresses one recipient
 * may come to. */
enum { REWRITE_DEPTH = 20, REWRITE_MANY = 10000 };

struct rewrite; /* what was read; opaque */

/* One decision: this line of this file made `to` of `from`. */
struct rewrite_step {
	const char *file; /* as in control/: "aliases", "aliases.cdb", ... */
	unsigned line;    /* 0: a .cdb, a file of one value, or a default */
	struct span from;
	struct span to; /* an address, or what the line of an alias says;
			 * empty: `from` is refused */
};

/* Hears of every decision while one of the functions below works. The spans
 * are good during the call. */
typedef void rewrite_tell(void *ctx, const struct rewrite_step *step);

/* True when one of the files is there: only then is there anything to do. It
 * asks the system nothing. */
bool rewrite_wanted(const struct control *c);

/* Reads and checks the files. c and m must stay until rewrite_close, c open
 * for as long as aliases.cdb may be asked. Returns NULL with the control error
 * set. */
struct rewrite *rewrite_open(struct control *c, struct mailboxes *m);
void rewrite_close(struct rewrite *r);

/* From now on `tell` hears of every decision; NULL: nobody does. */
void rewrite_listen(struct rewrite *r, rewrite_tell *tell, void *ctx);

/* Is there something that may change the header: sender, recipients or
 * defaulthost? */
bool rewrite_edits(const struct rewrite *r);

/* What becomes of the envelope's sender, or of an address in From, Sender,
 * Reply-To. The caller leaves the null sender, and headers below it, alone.
 * Returns 1 and appends the address, 0 when it stays as it is, -1 with the
 * control error set. */
int rewrite_sender(struct rewrite *r, struct span address, struct buf *out);

/* The same for an address in To or Cc. */
int rewrite_to(struct rewrite *r, struct span address, struct buf *out);

/* Takes what a recipient of the envelope has come to; -1 stops. */
typedef int rewrite_each(void *ctx, struct span address);

/* What becomes of a recipient of the envelope: `each` gets every address, maybe
 * one twice, copyall's not among them. Returns
 *	1   done
 *	0   refused: allowrecipients does not have it (or one it became), and
 *	    there is no otherrecipients; what `each` got does not count
 *	-1  the control error is set, or `each` said -1 */
int rewrite_rcpt(
	struct rewrite *r, struct span address, rewrite_each *each, void *ctx);

/* What smtpd asks at RCPT of one of our own names (see above), with or without
 * a domain. Returns
 *	1   take it; *as is the address for the envelope, with a domain; it
 *	    lives until the next call
 *	0   neither an alias nor a mailbox has that name: 550 5.1.1
 *	-1  the control error is set */
int rewrite_recipient(struct rewrite *r, struct span address, struct span *as);

/* True for a name without a domain, and for one in a domain of ours. */
bool rewrite_ours(const struct rewrite *r, struct span address);

/* Writes address with the domain of defaulthost when it has none. Returns 0,
 * or -1 with the control error set: there is no such domain, or the address
 * gets too long. */
int rewrite_complete(struct rewrite *r, struct span address, struct buf *out);

/* Is there something that takes recipients away from a message, so that they
 * have to be kept in it: redirectall or otherrecipients? */
bool rewrite_replaces(const struct rewrite *r);

/* The one recipient of everything, and the additional one; empty: none. */
struct span rewrite_redirectall(const struct rewrite *r);
struct span rewrite_copyall(const struct rewrite *r);

/* Splits and judges a line of aliases. Returns NULL, or what is wrong. */
const char *rewrite_alias(
	struct span line, struct span *key, struct span *targets);

#endif

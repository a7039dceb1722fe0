/* SPDX-License-Identifier: ISC
 *
 * envelope: the records that travel with a message into the queue. A record
 * is a letter and a value. On the wire to postern-queue each ends with a NUL
 * and one more NUL ends the envelope (qmail-queue's interface with letters
 * added); in the queue file each is a netstring.
 *
 *	F sender            once, first; empty for the null reverse-path
 *	  then, at most once each, in any order:
 *	B 7BIT | 8BITMIME   BODY= as the client gave it (RFC 6152)
 *	U                   SMTPUTF8 was asked for (RFC 6531)
 *	E xtext             ENVID= as received (RFC 3461 4.4)
 *	R FULL | HDRS       RET= (RFC 3461 4.3)
 *	Q                   REQUIRETLS (RFC 8689)
 *	P protocol          arrival protocol: SMTP, ESMTP, UTF8SMTP ...
 *	C client            address of the client as logged
 *	H name              what the client said in HELO or EHLO
 *	A identity          authenticated identity
 *	D report | double   a report of ours: to a sender, or to the admin about
 *	                    mail whose sender cannot be told; postern-bounce
 *	                    alone writes it, and none causes one of its kind
 *	  then, once or more:
 *	T recipient         never empty
 *	  each followed, at most once each, by its own
 *	N list              NOTIFY= as received (RFC 3461 4.1)
 *	O type;xtext        ORCPT= as received (RFC 3461 4.2)
 *
 * Values hold no NUL, CR or LF (THREATS.md R7): checked in envelope_check,
 * which every writer and every reader calls. */
#ifndef PURE_ENVELOPE_H
#define PURE_ENVELOPE_H

#include "pure/buf.h"

/* Says what is wrong with an envelope, in the order in which it is seen. */
enum envelope_verdict {
	ENVELOPE_OK = 0,
	ENVELOPE_BYTES,  /* NUL, CR or LF inside a value */
	ENVELOPE_LONG,   /* value over LIMIT_RECORD - 2, or all over
			    LIMIT_ENVELOPE */
	ENVELOPE_LETTER, /* no such record */
	ENVELOPE_ORDER,  /* a record where it may not stand, or twice */
	ENVELOPE_VALUE,  /* empty recipient, a word that B, R do not know, a
			  * value behind U or Q, an E, N or O that no client
			  * could have sent (pure/param.h) */
	ENVELOPE_EMPTY,  /* the end came without a sender or a recipient */
};

/* All zero is an envelope of which nothing was seen. */
struct envelope_state {
	uint64_t bytes;
	uint64_t recipients;
	unsigned seen;  /* message-level letters, one bit each */
	unsigned after; /* letters of the recipient last seen */
};

/* Judges the next record. After anything but OK the envelope is refused. */
enum envelope_verdict envelope_check(
	struct envelope_state *state, char letter, struct span value);

/* Judges the end of the envelope. */
enum envelope_verdict envelope_end(const struct envelope_state *state);

/* The verdict in words, for a log line. */
const char *envelope_why(enum envelope_verdict verdict);

/* Appends a record as it goes to postern-queue: letter, value, NUL. The
 * caller has checked it. */
void envelope_put(struct buf *out, char letter, struct span value);

#endif

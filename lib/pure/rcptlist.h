/* SPDX-License-Identifier: ISC
 *
 * rcptlist: the mailboxes of an address list as it stands in To, Cc and their
 * like (RFC 5322 3.4, 4.4): display names, encoded words (RFC 2047) and
 * comments are passed over, groups give their members, lines may be folded,
 * quotes hold what they hold. The text comes in any pieces and nothing of it
 * is kept but the mailbox at hand.
 *
 * Bent where everybody bends: empty elements, a `;` that ends no group, a
 * group that nothing ends. Two words without brackets are no mailbox, and
 * neither is anything that could be read in two ways. */
#ifndef PURE_RCPTLIST_H
#define PURE_RCPTLIST_H

#include "pure/address.h"

enum rcptlist_verdict {
	RCPTLIST_MORE = 0, /* all octets are used, no mailbox is complete */
	RCPTLIST_MAILBOX,  /* text and len are one, until the next call */
	RCPTLIST_BAD,      /* no address list, for good; `why` says it */
};

/* All zero is a list of which nothing was fed. */
struct rcptlist {
	char text[LIMIT_ADDRESS]; /* local part, or local part @ domain */
	size_t len;
	const char *why;  /* RCPTLIST_BAD: what is wrong, a constant */
	unsigned comment; /* depth in ( ) */
	unsigned encoded; /* how far into an encoded word */
	bool quoted;      /* in " " */
	bool literal;     /* in [ ] */
	bool escaped;     /* behind a backslash */
	bool angle;       /* in < > */
	bool closed;      /* behind > */
	bool group;       /* behind the name of a group */
	bool gap;         /* white space or a comment before what comes */
	bool phrase;      /* words that are no mailbox by themselves */
	bool at;          /* an @ that is not quoted */
	bool over;        /* longer than an address can be */
	bool given; /* the mailbox was given; the next octet starts anew */
};

/* Takes text off *in until a mailbox is complete. */
enum rcptlist_verdict rcptlist_feed(struct rcptlist *list, struct span *in);

/* The text is over: its last mailbox, or RCPTLIST_MORE when there is none
 * left. Call it until then; the list is all zero afterwards. */
enum rcptlist_verdict rcptlist_end(struct rcptlist *list);

/* The mailbox at hand, judged and in the form in which addresses are stored.
 * A name without a domain gives at == len. */
enum address_verdict rcptlist_address(const struct rcptlist *list,
	const struct address_rules *rules, struct address *out);

#endif

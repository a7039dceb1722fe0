/* SPDX-License-Identifier: ISC
 *
 * mailhead: the header section of a message that a program hands in: which
 * fields it has, whom it names, and what of it leaves. Lines end in CR LF
 * (pure/stuff.h makes them so) and may be of any length and number; nothing
 * is kept but the name of the field at hand.
 *
 * What leaves is what came, but for: Bcc and Resent-Bcc, which are nobody's
 * business, Return-Path, which is for the end of the way (RFC 5321 4.4), and
 * a leading `From ` line of an mbox. The first line that is no field begins
 * the body, and is given the empty line that it lacks. */
#ifndef PURE_MAILHEAD_H
#define PURE_MAILHEAD_H

#include "pure/rcptlist.h"

/* Fields that were seen, in mailhead->seen. */
enum {
	MAILHEAD_DATE = 1,
	MAILHEAD_FROM = 2,
	MAILHEAD_ID = 4,
	MAILHEAD_RESENT = 8, /* Resent-To, Resent-Cc or Resent-Bcc */
};

enum {
	MAILHEAD_NAME = 998, /* of a field; a line of RFC 5322 2.1.1 */
	/* Room that out must have beside the octets fed. */
	MAILHEAD_ROOM = MAILHEAD_NAME + 8,
};

enum mailhead_verdict {
	MAILHEAD_MORE = 0, /* all octets are used */
	MAILHEAD_MAILBOX,  /* head->list names one; head->resent: by Resent- */
	MAILHEAD_END,      /* the body begins at what *in holds now */
	MAILHEAD_BAD,      /* a recipient field that cannot be read, for good:
			    * its name is in head->name, head->list says why */
};

enum mailhead_place {
	MAILHEAD_START = 0, /* of a line */
	MAILHEAD_IN_NAME,
	MAILHEAD_BLANK, /* between name and colon */
	MAILHEAD_IN_VALUE,
	MAILHEAD_IN_MBOX, /* a line that is dropped */
	MAILHEAD_EMPTY,   /* behind the CR of the empty line */
	MAILHEAD_OVER,
};

struct mailhead_field;

/* All zero, but for `extract`, is a header of which nothing was fed. */
struct mailhead {
	bool extract; /* give the recipients, too */
	bool resent;
	unsigned seen;
	enum mailhead_place place;
	uint64_t lines;
	const struct mailhead_field *field; /* a known one, or NULL */
	struct rcptlist list;
	char name[MAILHEAD_NAME];
	size_t name_len;
};

/* Takes text off *in and appends what leaves to out. */
enum mailhead_verdict mailhead_feed(
	struct mailhead *head, struct span *in, struct buf *out);

/* The text ended in its header: MAILHEAD_MAILBOX as long as there is one,
 * then MAILHEAD_END, or MAILHEAD_BAD. */
enum mailhead_verdict mailhead_end(struct mailhead *head, struct buf *out);

#endif

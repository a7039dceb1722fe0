/* SPDX-License-Identifier: ISC
 *
 * draft: a message as a program hands it in: read to its end, its lines made
 * those of SMTP, its header looked through (pure/mailhead.h), kept in a file
 * without a name until somebody takes it. Nothing of it stays in memory. */
#ifndef SMTP_DRAFT_H
#define SMTP_DRAFT_H

#include "pure/eight.h"
#include "pure/mailhead.h"
#include "pure/people.h"
#include "smtp/content.h"
#include "sys/scratch.h"

enum { DRAFT_TOP = 8192 }; /* octets that draft_top may put in front */

enum draft_verdict {
	DRAFT_READY = 0,
	DRAFT_READ,    /* it could not be read to its end; errno */
	DRAFT_STORE,   /* it could not be kept; errno */
	DRAFT_FIELD,   /* a recipient field cannot be read; see draft->head */
	DRAFT_ADDRESS, /* a recipient that is no address; draft->head.list */
	DRAFT_CROWD,   /* more recipients than `people` takes */
};

/* What is wanted of it. */
struct draft_wish {
	bool extract; /* the recipients of the header, too */
	bool dots;    /* a dot alone on a line ends it */
};

struct draft {
	struct mailhead head; /* what was seen of the header */
	struct eight eight;
	struct scratch file;
	uint64_t size; /* octets of text, without what is put in front */
};

/* Reads the message from fd. Recipients that its header names are added to
 * `to`: those of Resent- fields, if there is one, instead of the others. */
enum draft_verdict draft_read(struct draft *d, int fd,
	const struct draft_wish *wish, struct people *to);

/* Puts fields in front of the text, once. Returns 0, or -1 with errno. */
int draft_top(struct draft *d, struct span fields);

/* The whole message, to be sent. */
void draft_content(const struct draft *d, struct content *c);

#endif

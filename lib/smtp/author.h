/* SPDX-License-Identifier: ISC
 *
 * author: who writes a message of this machine, and what the message gets
 * from that: the envelope's sender, and From, Date and Message-ID where they
 * are missing. */
#ifndef SMTP_AUTHOR_H
#define SMTP_AUTHOR_H

#include "smtp/draft.h"

/* What the caller said about it. All zero: nothing. */
struct author {
	struct span name; /* to be shown; empty: as the system knows it */
	bool given;       /* `sender` was given; empty: the null sender */
	struct address sender;

	/* What author_learn has found. */
	const struct passwd *user;   /* NULL: nobody knows his name */
	char host[LIMIT_DOMAIN + 1]; /* of control/defaulthost, or empty */
};

/* What came of it. */
struct signature {
	char host[LIMIT_DOMAIN + 1]; /* of names that have no domain */
	char sender[LIMIT_ADDRESS + LIMIT_DOMAIN + 2];
};

/* Asks the system who the user is, and control/defaulthost, where that can be
 * read: who is wrong about the settings hears it from the service, which reads
 * them too. */
void author_learn(struct author *a);

/* Completes the draft and the sender. `service` is the name of the service
 * that takes the message; names get it as their domain, where there is no
 * other. Opens nothing.
 * Returns 0, or -1 with errno. */
int author_sign(const struct author *a, struct span service,
	struct draft *draft, struct signature *out);

#endif

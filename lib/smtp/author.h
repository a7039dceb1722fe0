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
};

/* What came of it. */
struct signature {
	char host[LIMIT_DOMAIN + 1]; /* of names that have no domain */
	char sender[LIMIT_ADDRESS + LIMIT_DOMAIN + 2];
};

/* Completes the draft and the sender. `service` is the name of the service
 * that takes the message; names get it as their domain, unless
 * control/defaulthost can be read and has another. Who is wrong about the
 * settings hears it from the service, which reads them too.
 * Returns 0, or -1 with errno. */
int author_sign(const struct author *a, struct span service,
	struct draft *draft, struct signature *out);

#endif

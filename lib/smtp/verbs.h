/* SPDX-License-Identifier: ISC
 *
 * verbs: the whole of our protocol as one table. What is not in it is
 * answered with 500. */
#ifndef SMTP_VERBS_H
#define SMTP_VERBS_H

#include "smtp/reply.h"
#include "smtp/session.h"

/* What may stand behind the verb. */
enum verb_argument {
	ARG_NONE, /* nothing: 501 */
	ARG_MAY,  /* anything in ASCII */
	ARG_MUST, /* something in ASCII */
	ARG_PATH, /* something; the handler judges 8-bit bytes itself */
	ARG_RAW,  /* anything; the handler judges it */
	ARG_HOST, /* as ARG_MUST; the handler says 501 itself, without an
		   * enhanced code (RFC 2034 4) */
};

struct verb {
	struct span word;
	unsigned legal; /* states; anywhere else 503 */
	enum verb_argument argument;
	bool ends_group; /* nothing may be sent behind it before the reply
			  * (RFC 2920 3.1; P5) */
	bool junk;       /* brings a session no further */
	enum event (*handle)(struct session *s, struct span argument);
	enum event event; /* the answer when there is no handler */
};

/* The row of a word in any case, or NULL. */
const struct verb *verb_find(struct span word);

#endif

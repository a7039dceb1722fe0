/* SPDX-License-Identifier: ISC
 *
 * sasl: one exchange with postern-auth (pure/authtalk.h): the service at
 * home_ask("auth"), or, where nobody listens, a postern-auth of our own. What
 * passes through here is not understood; it is wiped when the exchange ends.
 * What goes wrong on our side is logged here (event "auth"). */
#ifndef SMTP_SASL_H
#define SMTP_SASL_H

#include "pure/authtalk.h"
#include "sys/ask.h"

enum {
	SASL_READY_WAIT = 5000, /* milliseconds for the mechanisms */
	SASL_WAIT = 60000,      /* for an answer: a program may be behind it */
};

/* All zero, but for ask.fd, which is -1: none. Large; keep one, static. */
struct sasl {
	struct ask ask;
	struct authtalk talk; /* what was heard last; points into packet */
	char packet[AUTHTALK_MAX];
};

/* Connects, and hears what it can do: talk.mechanisms. Returns 0 or -1. */
int sasl_open(struct sasl *a);

/* Says something and hears the answer. Returns 0, or -1: there is none. */
int sasl_ask(struct sasl *a, const struct authtalk *say);

/* Ends the exchange, whatever it came to. */
void sasl_close(struct sasl *a);

#endif

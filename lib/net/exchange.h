/* SPDX-License-Identifier: ISC
 *
 * exchange: one SASL exchange (RFC 4422) with postern-smtpd, in the words of
 * pure/authtalk: PLAIN (RFC 4616), LOGIN, SCRAM-SHA-256 and -PLUS (RFC 5802,
 * 7677), EXTERNAL (RFC 4422 A, by the fingerprint of a certificate's key). Or
 * the question whether a login may send to so many recipients. */
#ifndef NET_EXCHANGE_H
#define NET_EXCHANGE_H

#include "control/control.h"

enum {
	EXCHANGE_MECHANISMS = 128, /* octets of their names */
	EXCHANGE_SECONDS = 180,    /* for all of it */
};

/* Appends the mechanisms that can be done now, with spaces between them.
 * Returns 1; 0 when there are none, with the reason as the control error; or
 * -1 with the control error set. */
int exchange_mechanisms(struct control *c, struct buf *out);

/* Tells smtpd the mechanisms, or why there are none. Returns 0, or -1 when
 * smtpd is gone, or waits in vain. */
int exchange_greet(int fd, const struct control *c, int can, struct span names);

/* Talks until there is a result. `keeper` is the end of net/keeper's socket,
 * -1: nothing is remembered. `before` (may be NULL) is called once, when
 * smtpd's first words are here and the control files are read, and before a
 * word of the client is looked at: no file is opened behind it, and a program
 * started only when `programs` is true. Nothing is returned: smtpd knows the
 * result, and nobody else needs to. */
typedef void exchange_before(bool programs);
void exchange_run(int fd, int keeper, exchange_before *before);

#endif

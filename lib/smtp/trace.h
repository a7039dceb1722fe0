/* SPDX-License-Identifier: ISC
 *
 * trace: the Received: field of RFC 5321 4.4. */
#ifndef SMTP_TRACE_H
#define SMTP_TRACE_H

#include "pure/buf.h"
#include "sys/peer.h"

/* Octets of a field at most. */
enum { TRACE_MAX = 2048 };

struct trace {
	const struct peer *peer;
	struct span helo;  /* as the client said it */
	struct span by;    /* our name */
	struct span proto; /* SMTP, ESMTP, UTF8SMTP ... (RFC 3848, 6531 4.3) */
	struct span tls;   /* version, empty outside TLS (RFC 8314 4.3) */
	struct span cipher;
	struct span identity; /* who has logged in, if it is to be shown */
	struct span id;
	struct span rcpt; /* the only recipient, or empty (S-213) */
	int64_t seconds;  /* since 1970 */
	bool hidden;      /* say nothing of the client (control/hidereceived) */
};

/* Appends the whole field, folded, with its CR LF. What a client said shows
 * as letters, digits and . : _ [ ] -, the rest as '?' (S-215). A recipient
 * that would make a line too long is left out. A hidden client leaves a field
 * without its `from` part: it still counts as a hop. */
void trace_print(struct buf *out, const struct trace *trace);

#endif

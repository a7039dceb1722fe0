/* SPDX-License-Identifier: ISC
 *
 * wire: the two directions of a session. Replies gather until something has
 * to be read, so that a group of commands costs one write (RFC 2920 3.2);
 * every wait has an end. */
#ifndef SMTP_WIRE_H
#define SMTP_WIRE_H

#include <signal.h>

#include "pure/buf.h"

enum {
	WIRE_IN = 65536,
	WIRE_OUT = 8192,
	WIRE_LINGER = 2000, /* milliseconds */
};

enum wire_verdict {
	WIRE_OK = 0,
	WIRE_END,     /* the client ended its side */
	WIRE_LOST,    /* the connection broke, or replies are not taken */
	WIRE_TIMEOUT, /* nothing came in time */
	WIRE_STOP,    /* a signal asks us to leave */
};

struct wire {
	int in_fd;
	int out_fd;
	int64_t timeout; /* milliseconds of one wait */
	int64_t end;     /* of the session, on the monotonic clock */
	struct span in;  /* what came and was not used yet */
	struct buf out;  /* what was not sent yet */
	char out_text[WIRE_OUT];
	char in_text[WIRE_IN];
};

void wire_begin(struct wire *w, int in_fd, int out_fd);

/* Sends what has gathered. WIRE_OK or WIRE_LOST. */
enum wire_verdict wire_flush(struct wire *w);

/* Makes room for one more reply. WIRE_OK or WIRE_LOST. */
enum wire_verdict wire_room(struct wire *w, size_t octets);

/* Sends what has gathered and reads more; w->in must be used up. Waits no
 * longer than `until`, the timeout and the session's end. `stop` (may be
 * NULL) is the flag of a signal. */
enum wire_verdict wire_fill(
	struct wire *w, int64_t until, const volatile sig_atomic_t *stop);

/* True when the client has sent more than was used. */
bool wire_waiting(const struct wire *w);

/* True when it is certain that the client has sent nothing more. */
bool wire_empty(const struct wire *w);

/* Sends what has gathered and says that it is all, then lets what the client
 * is still sending run out for a moment: unread, it would make the kernel
 * reset the connection and the last reply could be lost. */
void wire_end(struct wire *w);

#endif

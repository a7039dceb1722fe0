/* SPDX-License-Identifier: ISC
 *
 * link: the client's end of an SMTP connection: lines out, replies in, each
 * with a deadline (sys/clock.h). While it writes it reads as well, so that a
 * server that answers before it reads on never leaves both sides waiting
 * (RFC 2920 3.1). */
#ifndef SMTP_LINK_H
#define SMTP_LINK_H

#include "pure/reply.h"
#include "sys/stream.h"

enum {
	LINK_IN = 16384, /* octets read at once */
	LINK_TICK_MS =
		30000, /* a read that waits looks at the clock so often */
};

enum link_verdict {
	LINK_OK,    /* all was written; or: nothing to read yet */
	LINK_LINE,  /* a line of a reply that goes on (reply_line) */
	LINK_REPLY, /* a complete reply, in link->reply */
	LINK_INPUT, /* not all was written: the server sent something first */
	LINK_LATE,  /* the deadline passed */
	LINK_LOST,  /* the connection is closed or broken */
	LINK_BAD,   /* what came is no SMTP reply */
};

struct link {
	int fd;                /* -1: no connection */
	struct stream *stream; /* over it; NULL: clear text */
	int64_t tick;
	size_t at; /* in[at..len) was read and is not used yet */
	size_t len;
	struct reply reply;
	char in[LINK_IN]; /* from its beginning the octets of the last read */
};

/* Takes over a connected socket. `cap` is the longest deadline that will be
 * asked for, in milliseconds, 0: any. */
void link_begin(struct link *w, int fd, int64_t cap);

/* From now on the connection goes through `stream`, which is closed with it.
 * What was read in clear text must have been used. */
void link_cover(struct link *w, struct stream *stream);

/* Closes the connection if there is one. */
void link_close(struct link *w);

/* The next line or reply of those that were read, without waiting for more:
 * LINK_LINE, LINK_REPLY, LINK_OK (no complete line), LINK_BAD. */
enum link_verdict link_take(struct link *w);

/* The next reply: LINK_LINE, LINK_REPLY, LINK_LATE, LINK_LOST, LINK_BAD. */
enum link_verdict link_reply(struct link *w, int64_t deadline);

/* Writes what *out holds and takes what was written off it. Returns LINK_OK
 * when all is written; LINK_INPUT when the server does not take it and wants
 * to be read first: use link_take until it gives LINK_OK, then come again;
 * LINK_LATE; LINK_LOST. */
enum link_verdict link_write(
	struct link *w, struct span *out, int64_t deadline);

/* True when nothing that the server sent is waiting: neither read nor unread.
 * A closed connection is not quiet. */
bool link_quiet(struct link *w);

#endif

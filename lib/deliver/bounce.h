/* SPDX-License-Identifier: ISC
 *
 * bounce: the report about one queue file: who is to be told what, and the
 * text of it. What it has to say stands in the file's journal (the capital
 * letters of queue/format.h). */
#ifndef DELIVER_BOUNCE_H
#define DELIVER_BOUNCE_H

#include "control/control.h"
#include "deliver/message.h"
#include "pure/dsn.h"

enum {
	/* The original is returned when it is not larger, of a larger one the
	 * header; and of a header no more than this. */
	BOUNCE_KEEP = 65536,
	BOUNCE_BOUNDARY = 48,
};

/* Where the text goes. */
typedef void bounce_sink(void *ctx, struct span text);

enum bounce_verdict {
	BOUNCE_READY = 0,
	BOUNCE_NOTHING, /* the journal has nothing to tell */
	BOUNCE_NOBODY,  /* there is nobody who may be told */
	BOUNCE_FAULT,   /* errno; the file is damaged: EBADMSG */
	BOUNCE_CONTROL, /* control_error() */
};

struct bounce {
	struct message message;
	struct queue_record *last; /* of each recipient */
	struct dsn dsn;
	struct span to; /* recipient of the report */
	bool requiretls;
	struct span kept; /* what is returned of the original */
	enum dsn_original what;
	bool kept_high; /* it has octets over 7F; in its header */
	bool kept_header_high;
	char host[LIMIT_DOMAIN + 1];
	char from[LIMIT_RECORD + LIMIT_DOMAIN];
	char admin[LIMIT_RECORD + LIMIT_DOMAIN];
	char bouncesender[LIMIT_ADDRESS + 1];
	char boundary[BOUNCE_BOUNDARY + 1];
	char text[BOUNCE_KEEP];
};

/* Finds out what to tell about the queue file `fd`, which it takes over, in a
 * report with that id. Large: keep one, static. */
enum bounce_verdict bounce_begin(struct bounce *b, struct control *c, int fd,
	const char id[QUEUE_ID], int64_t now);

/* Writes the report's text. */
void bounce_write(const struct bounce *b, bounce_sink *sink, void *ctx);

/* Appends the report's envelope, as postern-queue reads it from fd 1. */
void bounce_envelope(const struct bounce *b, struct buf *out);

void bounce_end(struct bounce *b);

#endif

/* SPDX-License-Identifier: ISC
 *
 * service: messages that are handed over at a socket, so that no program has to
 * be started for each. A few processes take them, each one at a time; there
 * is always one that waits.
 *
 * A connection (SOCK_STREAM) is one message: QUEUE_ID octets, the id it is to
 * have, with the read end of a pipe beside them, which brings the text to its
 * end; then the envelope to its final NUL, both as postern-queue takes them.
 * The answer is one octet, postern-queue's exit code. */
#ifndef QUEUE_SERVICE_H
#define QUEUE_SERVICE_H

#include "queue/store.h"

enum {
	SERVICE_WORKERS = 250, /* messages at once; more wait to be accepted */
	SERVICE_SPARE = 8,     /* processes that stay when nothing comes */
};

/* What a worker does with one message. */
typedef enum queue_exit service_take(
	int text_fd, int envelope_fd, struct span id);

/* Serves a listening socket (sys/local.h) until SIGTERM or SIGINT; messages
 * under way are then taken to their end. Each process calls `before` in front
 * of its first message, and takes no other when `take` has failed for now.
 * Returns 0, or -1 with errno. */
int service_run(int listener, void (*before)(void), service_take *take);

#endif

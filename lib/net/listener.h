/* SPDX-License-Identifier: ISC
 *
 * listener: a socket that connections come in by, made here or handed over by
 * a supervisor, and what is known of a connection without asking a name
 * server. */
#ifndef NET_LISTENER_H
#define NET_LISTENER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "pure/ip.h"
#include "pure/limits.h"

enum {
	LISTENER_MAX = 32,   /* of them in one process */
	LISTENER_TEXT = 128, /* listener_print writes at most that much */
};

struct listener {
	int fd;
	bool any;        /* bound to every address of this machine */
	struct end here; /* IP_NONE: a unix socket */
	char path[108];  /* of the unix socket, "" without a name */
	bool made;       /* the path is ours to remove */
};

/* Binds and listens. `where` is 192.0.2.1:25, [2001:db8::1]:25 or
 * unix:/run/name; an IPv6 socket takes IPv6 alone. A unix socket that nobody
 * listens on any more is replaced; `mode` says who may connect to the new one.
 * Returns 0, or -1 with errno; EINVAL: `where` is none of the three. */
int listener_open(
	struct listener *l, struct span where, int backlog, mode_t mode);

/* Takes a listening socket that somebody else has made. Returns 0, or -1 with
 * errno: ENOTSOCK, or EINVAL when it is not a listening stream socket. */
int listener_take(struct listener *l, int fd);

/* Takes the next connection, close-on-exec and blocking. `there` is the
 * client; `here` is our end of it. Returns the descriptor, or -1 with errno;
 * EAGAIN: nobody waits. */
int listener_accept(
	const struct listener *l, struct end *there, struct end *here);

/* Stops listening and removes a unix socket that listener_open made. */
void listener_close(struct listener *l);

/* Appends the socket's name in the form that listener_open reads. */
void listener_print(struct buf *out, const struct listener *l);

#endif

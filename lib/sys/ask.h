/* SPDX-License-Identifier: ISC
 *
 * ask: a connection to the program NAME (tls, auth) that holds what we must
 * not hold: by the socket where its service listens (home_ask), or, where
 * nobody does, to a child of ours, `postern-NAME -c`, whose fd 0 and 1 are the
 * other end. */
#ifndef SYS_ASK_H
#define SYS_ASK_H

#include <stdbool.h>
#include <sys/types.h>

struct ask {
	int fd;    /* -1: none */
	pid_t pid; /* of the child; 0: there is none */
};

/* Connects to the service alone, with a socket of that type (SOCK_STREAM,
 * SOCK_SEQPACKET). Returns 1, 0 when nobody listens, -1 with errno as
 * ask_open. */
int ask_service(
	struct ask *ask, const char *name, int type, const char **program);

/* Does somebody hold the socket of the service? Asks nothing of it. */
bool ask_there(const char *name);

/* Connects, with a socket of that type (SOCK_STREAM, SOCK_SEQPACKET). Waits no
 * longer than 5 seconds. Returns 0, or -1 with errno: then *program says what
 * could not be reached or started; it lives until the next call. */
int ask_open(struct ask *ask, const char *name, int type, const char **program);

/* Closes the connection; a child that does not leave then is ended. */
void ask_close(struct ask *ask);

#endif

/* SPDX-License-Identifier: ISC
 *
 * local: listening sockets of this machine alone (unix(7)). */
#ifndef SYS_LOCAL_H
#define SYS_LOCAL_H

/* Binds a socket of that type (SOCK_STREAM, SOCK_SEQPACKET) at the path, in
 * place of one that nobody listens on any more, and listens; owner and group
 * may connect. Returns the descriptor, or -1 with errno; EADDRINUSE: somebody
 * listens there. */
int local_listen(const char *path, int type, int backlog);

/* Is fd a listening socket of that type? Returns 0, or -1 with errno. */
int local_check(int fd, int type);

#endif

/* SPDX-License-Identifier: ISC
 *
 * unixsock: connect to a unix socket that has a path. */
#ifndef SYS_UNIXSOCK_H
#define SYS_UNIXSOCK_H

#include <stdint.h>

#include "pure/span.h"

/* Connects, with a socket of that type (SOCK_STREAM, SOCK_SEQPACKET). Waits no
 * longer than that for a service that does not accept, nor for it to take what
 * is written later. Returns the socket, or -1 with errno: EAGAIN when the time
 * was over, ENAMETOOLONG when no socket can have that path. */
int unixsock_connect(struct span path, int type, int64_t timeout_ms);

#endif

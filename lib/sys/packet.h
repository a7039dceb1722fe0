/* SPDX-License-Identifier: ISC
 *
 * packet: whole packets over a SOCK_SEQPACKET pair, each with at most one
 * descriptor beside it. */
#ifndef SYS_PACKET_H
#define SYS_PACKET_H

#include <stddef.h>
#include <sys/types.h>

#include "pure/span.h"

/* Sends one packet (never empty), with a copy of fd unless fd is -1. Never
 * raises SIGPIPE. Returns 0, or -1 with errno: EPIPE and ECONNRESET when the
 * other side is gone, EAGAIN when there is no room and `wait` is false,
 * EMSGSIZE. */
int packet_send(int to, struct span packet, int fd, bool wait);

/* Receives one packet into buf and the descriptor that came with it into *fd
 * (close-on-exec; -1: none). fd may be NULL: what comes is then closed.
 * Returns the length, 0 when the other side has closed, or -1 with errno:
 * EMSGSIZE when the packet is longer than n (it is lost, its descriptor is
 * closed), EAGAIN when there is none and `wait` is false, EINTR. */
ssize_t packet_receive(int from, void *buf, size_t n, int *fd, bool wait);

#endif

/* SPDX-License-Identifier: ISC
 *
 * stream: what may lie between a protocol and its socket, such as TLS. Who
 * speaks the protocol calls these and needs none of the libraries behind them.
 */
#ifndef SYS_STREAM_H
#define SYS_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct stream {
	/* Reads at least one octet. `wait`: it may wait once, as long as the
	 * socket's receive timeout lets it. Returns the count, 0 at an end that
	 * the peer declared, or -1 with errno: EAGAIN when nothing is there,
	 * and `events` says what to wait for; else the connection is broken. */
	ssize_t (*read)(struct stream *s, void *to, size_t n, bool wait);

	/* Writes some of it without waiting: at least one octet. Returns as
	 * above; after EAGAIN the same octets, or more, must come again. */
	ssize_t (*write)(struct stream *s, const void *from, size_t n);

	/* Says farewell to the peer if that can be done without waiting, and
	 * forgets the connection. The socket stays the caller's. */
	void (*close)(struct stream *s);

	short events; /* of poll(2), after EAGAIN */
};

#endif

/* SPDX-License-Identifier: ISC
 *
 * peer: who is on the other side of a descriptor. POSTERN_LOCAL says that
 * whoever started this process speaks there itself (postern-sendmail), with
 * the rights that it had. Then the supervisor's variables come, because a
 * supervisor may stand in front of a pipe: TCPREMOTEIP and TCPREMOTEPORT
 * (listen, tcpserver, s6, tcpsvd), then REMOTE_ADDR and REMOTE_PORT (systemd),
 * then the socket itself. */
#ifndef SYS_PEER_H
#define SYS_PEER_H

#include <sys/types.h>

#include "pure/ip.h"
#include "sys/log.h"

enum peer_kind {
	PEER_UNKNOWN, /* a pipe, a terminal, an unnamed or abstract socket, or
		       * a variable that holds no address: trust nothing */
	PEER_INET,    /* `ip` is the client */
	PEER_LOCAL,   /* came in by a unix socket with a path, or started us;
		       * `uid` is who */
};

struct peer {
	enum peer_kind kind;
	bool socket;     /* the descriptor is one */
	bool supervised; /* TCPREMOTEIP was set */
	struct ip ip;    /* PEER_INET */
	uint16_t port;   /* 0: not known */
	struct ip local; /* our own address, IP_NONE when not known */
	uid_t uid;       /* PEER_LOCAL (SO_PEERCRED, or our own) */
};

/* Finds out. Returns 0, or -1 with errno EBADF when fd is closed. */
int peer_of(struct peer *peer, int fd);

/* Appends the peer for logs and envelopes: an address, "uid N", "unknown". */
void peer_print(struct buf *out, const struct peer *peer);

/* Adds the field `client` to a log line. */
void peer_log(struct log *log, const struct peer *peer);

#endif

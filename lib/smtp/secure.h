/* SPDX-License-Identifier: ISC
 *
 * secure: TLS for a session (RFC 3207), without key and without crypto here.
 * postern-tls shakes hands with the client on the client's own socket, which
 * it is handed; from then on the session speaks clear text with postern-tls
 * (pure/handover.h). What was read before that cannot be heard after it: it
 * came on another socket.
 *
 * Asked is the service at home_ask("tls"), or, where nobody listens, a
 * postern-tls that is started for this session. What goes wrong on our side
 * is logged here (event "tls"). */
#ifndef SMTP_SECURE_H
#define SMTP_SECURE_H

#include <signal.h>

#include "control/control.h"
#include "pure/handover.h"
#include "sys/ask.h"
#include "sys/peer.h"

enum {
	SECURE_READY_WAIT = 5000, /* milliseconds for the word "ready" */
	SECURE_SHAKE_WAIT = (HANDOVER_SECONDS + 5) * 1000,
};

/* All zero, but for ask.fd, which is -1: none. Does not move while `word` is
 * used. */
struct secure {
	bool on;              /* the session is inside TLS */
	struct ask ask;       /* postern-tls, which is ready */
	struct handover word; /* what came of the handshake */
	char text[HANDOVER_MAX];
};

/* Can the client's socket be handed over at all: are both descriptors the
 * same one? */
bool secure_possible(int in_fd, int out_fd);

/* Would a handshake succeed now, as far as we know? A connection to the
 * service is kept for it. Where nobody listens, postern-tls and the files of
 * tlscert and tlskey must be there. */
bool secure_ready(struct secure *s, struct control *c);

/* Makes sure of a postern-tls that is ready. Returns 0 or -1. */
int secure_open(struct secure *s);

/* Hands the client over and waits for the end of the handshake, not beyond
 * `until`. Descriptors in_fd and out_fd are the connection to postern-tls
 * then. Returns 0, and `on` and `word` say the rest, or -1: the client is out
 * of our hands, and the session over; *why says why for the log. `service` is
 * the name that tickets count under. */
int secure_shake(struct secure *s, const struct peer *peer, const char *service,
	int in_fd, int out_fd, int64_t until, const volatile sig_atomic_t *stop,
	struct span *why);

/* At the end of a session, when all is said on out_fd: lets a child say
 * goodbye to the client. */
void secure_end(struct secure *s, int out_fd);

#endif

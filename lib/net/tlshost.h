/* SPDX-License-Identifier: ISC
 *
 * tlshost: the long-lived side of postern-tls. It says whether it can serve,
 * takes requests, and forks a process for each session. It reads nothing that
 * a client of SMTP sends and waits for nobody. */
#ifndef NET_TLSHOST_H
#define NET_TLSHOST_H

#include "net/listener.h"
#include "net/tlsstore.h"
#include "net/tlsticket.h"
#include "sys/clients.h"
#include "sys/gate.h"

/* Somebody who may hand a client over, and has not yet. */
struct tlshost_asker {
	int fd;
	int64_t since; /* clock_ms */
};

struct tlshost {
	struct listener listener;
	size_t limit;    /* sessions, and as many who wait for theirs */
	int64_t idle_ms; /* leave after so long with nobody; 0: never */

	/* The loop's own. */
	struct tlsstore store;
	struct tlsticket ticket;
	struct clients sessions;
	struct tlshost_asker *asker; /* who waits, the longest first */
	size_t waiting;
	size_t room; /* how many may wait */
	struct gate trouble;
	int events;
	int signals;
	bool leaving;
	int64_t looked;   /* clock_ms of the last look at the files */
	int64_t warned;   /* clock_ms of the last look at the dates */
	int64_t deserted; /* clock_ms since when nobody is here */
};

/* What became of a session's process, or of the host itself. */
enum tlshost_end {
	TLSHOST_LEFT,    /* the host has nothing to do any more */
	TLSHOST_SESSION, /* this is a session's process, and it is over */
	TLSHOST_BROKEN   /* errno says why the host cannot go on */
};

/* Serves until SIGTERM, SIGINT, or nobody has come for idle_ms. Returns in the
 * host and in each process it has forked. Sessions outlive the host. */
enum tlshost_end tlshost_run(struct tlshost *h);

#endif

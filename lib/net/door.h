/* SPDX-License-Identifier: ISC
 *
 * door: lets connections in, each to a program of its own, as long as there
 * is room. One process, one loop; nothing in it waits for a client. */
#ifndef NET_DOOR_H
#define NET_DOOR_H

#include "control/networks.h"
#include "net/porch.h"
#include "net/starter.h"
#include "sys/clients.h"
#include "sys/gate.h"

struct door {
	struct listener listener[LISTENER_MAX];
	size_t listeners;
	struct clients clients;
	struct starter starter;
	int64_t grace_ms; /* how long sessions may go on after SIGTERM */

	/* NULL, or who may connect: everybody else is turned away, and every
	 * connection must begin with a header of the PROXY protocol. */
	const struct networks *proxies;

	/* The loop's own. */
	int signals;
	bool leaving;
	bool hurried; /* a second SIGTERM */
	int64_t rest_until;
	int64_t rest_ms;
	int64_t status_at;
	size_t status_count;
	struct porch porch;
	struct gate refused;
	struct gate strange;
	struct gate troubled;
};

/* Blocks the signals that the door reads in its loop, and SIGPIPE. Call it
 * before anything is started. Returns 0, or -1 with errno. */
int door_open(struct door *d);

/* Accepts until SIGTERM or SIGINT, then closes the listeners and waits until
 * every session has ended: after grace_ms, or a second signal, they get
 * SIGTERM, five seconds later SIGKILL. */
void door_run(struct door *d);

#endif

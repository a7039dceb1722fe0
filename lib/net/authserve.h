/* SPDX-License-Identifier: ISC
 *
 * authserve: the parent of postern-auth: takes connections, says what can be
 * done, and starts a process for each exchange. It reads no word that comes
 * from a client: a connection is handed on when there is something to read. */
#ifndef NET_AUTHSERVE_H
#define NET_AUTHSERVE_H

#include "net/exchange.h"
#include "net/keeper.h"

enum {
	AUTHSERVE_GUESTS = 960, /* connections; silent ones give way */
	AUTHSERVE_WORK = 256,   /* exchanges at once */
};

/* Serves until SIGTERM or SIGINT, or until nobody was there for idle_ms (-1:
 * never) and nothing is remembered that counts. Exchanges that are under way
 * go on by themselves. Returns 0, or -1 with errno. */
int authserve_run(int listener, struct keeper *keeper, int64_t idle_ms,
	exchange_before *before);

#endif

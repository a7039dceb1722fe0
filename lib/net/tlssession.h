/* SPDX-License-Identifier: ISC
 *
 * tlssession: one client's TLS, from its first octet to its last, in a process
 * that does nothing else. */
#ifndef NET_TLSSESSION_H
#define NET_TLSSESSION_H

#include "net/tlsstore.h"
#include "net/tlsticket.h"
#include "pure/handover.h"

struct tlssession {
	const struct tlsstore *store;
	struct tlsticket
		*ticket; /* narrowed to the service; wiped at the end */
	struct span service;
	struct span peer; /* the client's address, for the log */
	int inside;       /* the session that speaks clear text */
	int client;
};

/* Gives up what no session needs (sys/jail.h), and says so where the kernel
 * cannot help: from here on nothing can be opened or started. */
void tlssession_confine(void);

/* Shakes hands, says what came of it to `inside`, and passes octets until both
 * sides have ended. Returns 0, or -1 when hands were not shaken. */
int tlssession_run(struct tlssession *s);

#endif

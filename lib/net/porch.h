/* SPDX-License-Identifier: ISC
 *
 * porch: connections of proxies that have not yet said who their client is
 * (pure/proxy). They wait here, a few of them and for a short time, and nobody
 * waits for them. */
#ifndef NET_PORCH_H
#define NET_PORCH_H

#include "net/listener.h"
#include "pure/proxy.h"

enum {
	PORCH_MAX = 256,
	PORCH_MS = 5000, /* for the whole header */
};

struct porch_guest {
	int fd;
	int64_t deadline;
	struct end there; /* the proxy */
	struct end here;
	struct proxy header;
};

struct porch {
	size_t count;
	struct porch_guest guest[PORCH_MAX];
};

/* Reads what is there of the header, and not one octet behind it. Never waits.
 * A connection that has ended is PROXY_BAD. */
enum proxy_verdict porch_read(struct porch_guest *guest);

/* Lets somebody wait. There must be room. */
void porch_enter(struct porch *porch, const struct porch_guest *guest);

/* Takes guest i out; the last one gets its number. The descriptor stays open.
 */
struct porch_guest porch_leave(struct porch *porch, size_t i);

/* When the first of them has waited too long, or CLOCK_NEVER. */
int64_t porch_deadline(const struct porch *porch);

/* Closes all. */
void porch_close(struct porch *porch);

#endif

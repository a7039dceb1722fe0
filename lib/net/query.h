/* SPDX-License-Identifier: ISC
 *
 * query: one question to the name servers of control/nameservers, or of
 * /etc/resolv.conf. Each question has its own socket (the kernel picks the
 * port at random), a random id and random upper and lower case. UDP with EDNS
 * first; without EDNS when the server does not know it, over TCP when the
 * answer was cut or came back in other case. */
#ifndef NET_QUERY_H
#define NET_QUERY_H

#include <sys/socket.h>

#include "control/control.h"
#include "pure/dnsmsg.h"

enum {
	QUERY_SERVERS = 8,      /* name servers that are asked */
	QUERY_TRIES = 2,        /* rounds over all of them */
	QUERY_MS = 3000,        /* for one server to answer */
	QUERY_TOTAL_MS = 20000, /* for one question in all */
};

struct query_server {
	struct sockaddr_storage address;
	socklen_t size;
	bool plain; /* it refused EDNS */
};

/* Large; keep one, static. */
struct query {
	struct query_server server[QUERY_SERVERS];
	size_t count;
	size_t good; /* the server that answered last is asked first */
	bool heard;  /* some server said something to the last question */
	char question[DNSMSG_QUERY];
	char answer[DNSMSG_MAX];
};

/* Learns the name servers. Lines of control/nameservers are ADDRESS,
 * ADDRESS:PORT, or [ADDRESS]:PORT. Without that file those of `resolv_conf`
 * count; when it is missing or names none, 127.0.0.1.
 * Returns 0, or -1 with the control error set. */
int query_begin(struct query *q, struct control *c, const char *resolv_conf);

/* Asks until a server knows, at most until `deadline`. On DNSMSG_DATA the
 * records are read from *answer until the next question. Other answers are
 * DNSMSG_NODATA, DNSMSG_NXDOMAIN, and DNSMSG_FAILED for everything that a
 * later question may answer. */
enum dnsmsg_fate query_ask(struct query *q, struct span name, uint16_t type,
	int64_t deadline, struct dnsmsg *answer);

#endif

/* SPDX-License-Identifier: ISC
 *
 * hop: the route of one message after the other: which of its next hops are
 * asked, in which order, which hosts of each, and what becomes of recipients
 * nobody takes (RFC 5321 5.1). The connection of one message is kept for the
 * next that goes the same way.
 *
 * The next hops of a route are asked in order, until nobody is left who has no
 * definite answer: the next one for those whom the one before could not be
 * asked for, or put off before the text was sent (C-079). */
#ifndef SMTP_HOP_H
#define SMTP_HOP_H

#include "control/authremote.h"
#include "control/nexthops.h"
#include "net/dns.h"
#include "smtp/starttls.h"
#include "smtp/transaction.h"

enum {
	HOP_CONNECTIONS = 20, /* tried in a row without an answer for anybody */
	HOP_PEER = LIMIT_DOMAIN + IP_TEXT + 16,
};

struct hop {
	struct client client;
	const char *own_name; /* control/me; "": none */
	struct span helo;     /* control/helohost, or own_name; may be empty */
	int64_t connect_ms;   /* control/timeoutconnect */
	const struct nexthops *nexthops; /* control/nexthops */
	struct nexthop here;             /* ... for the one that is asked */
	struct starttls tls;
	struct tlspolicy_choice policy;  /* ... for the one that is asked */
	const struct authremote *logins; /* control/authremote */
	const struct authremote_login
		*login; /* of the connection; NULL: none */
	char state;     /* as in a job's last answer: u, d, - ... */
	size_t at;      /* ... and which next hop is up */
	size_t peer_len;
	char peer[HOP_PEER]; /* who was asked last: name[address]:port */
	bool smarthost;      /* of the connection: where it goes ... */
	size_t to;           /* ... to which next hop of the route */
	size_t route_len;
	char route[LIMIT_ROUTE];
	size_t hosts;
	struct dns_host host[DNS_HOSTS];
};

/* Sends the mail of a job over the connection that is kept, if it goes there,
 * else over new ones. Every recipient has his answer when it returns. */
void hop_deliver(struct hop *h, struct mail *m);

/* Something has come while nothing was asked: the server closes, or says that
 * it will. Drops the connection; the next message makes a new one. */
void hop_woken(struct hop *h);

#endif

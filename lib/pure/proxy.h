/* SPDX-License-Identifier: ISC
 *
 * proxy: the header that a proxy writes in front of a connection to say who
 * its client is: the PROXY protocol, version 1 (a line) and 2 (binary), as
 * haproxy's proxy-protocol.txt has it. What follows the header is somebody
 * else's: TLS or SMTP. */
#ifndef PURE_PROXY_H
#define PURE_PROXY_H

#include "pure/ip.h"
#include "pure/limits.h"

enum { PROXY_HEAD = 16 }; /* of version 2: signature, kind and length */

enum proxy_verdict {
	PROXY_MORE,   /* the header goes on; all that was given is taken */
	PROXY_CLIENT, /* it is complete and names both ends */
	PROXY_SELF,   /* it is complete, and it is the proxy that speaks, or a
		       * client without an internet address: LOCAL, UNKNOWN,
		       * AF_UNSPEC, AF_UNIX */
	PROXY_BAD,    /* no header; `why` says what is wrong with it */
};

/* All zero is a header that has not begun. */
struct proxy {
	struct end there; /* the client */
	struct end here;  /* where it connected to */
	const char *why;
	size_t len;
	char head[PROXY_HEAD + LIMIT_PROXY];
};

/* Takes octets from the front of *in as long as they belong to the header, and
 * not one more. Wrong ones are found out as early as they can be: whoever
 * speaks something else is known by the first octet. Extensions are passed
 * over, but must end where the header ends, and a CRC-32C among them must be
 * right. After any verdict but PROXY_MORE the header is not to be fed again. */
enum proxy_verdict proxy_feed(struct proxy *p, struct span *in);

#endif

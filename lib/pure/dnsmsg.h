/* SPDX-License-Identifier: ISC
 *
 * dnsmsg: DNS questions and what their answers say (RFC 1035 4, RFC 6891).
 * Every length is checked before it is used; names are followed backwards
 * only; nothing outside the message is read, whatever it holds. */
#ifndef PURE_DNSMSG_H
#define PURE_DNSMSG_H

#include "pure/buf.h"
#include "pure/ip.h"
#include "pure/limits.h"

enum dnsmsg_type {
	DNSMSG_A = 1,
	DNSMSG_CNAME = 5,
	DNSMSG_MX = 15,
	DNSMSG_AAAA = 28, /* RFC 3596 2.1 */
};

enum {
	DNSMSG_WIRE = 255,  /* octets of a name (RFC 1035 2.3.4) */
	DNSMSG_TEXT = 1016, /* octets of a name as dnsmsg_print writes it */
	DNSMSG_LINKS = 16,  /* CNAMEs that are followed */
	DNSMSG_UDP = 1232,  /* octets we take over UDP (RFC 6891 6.2.5) */
	DNSMSG_QUERY = 12 + DNSMSG_WIRE + 4 + 11, /* octets of a question */
	DNSMSG_MAX = 65535, /* octets of an answer over TCP */
};

/* What an answer means. */
enum dnsmsg_fate {
	DNSMSG_DATA,      /* read the records with dnsmsg_next */
	DNSMSG_NODATA,    /* the name exists, but has no such record */
	DNSMSG_NXDOMAIN,  /* no such name */
	DNSMSG_FAILED,    /* SERVFAIL, REFUSED and all the others; malformed;
			   * a server that neither knows nor asks on */
	DNSMSG_FORMERR,   /* the server may not know EDNS; ask without it */
	DNSMSG_TRUNCATED, /* ask over TCP */
	DNSMSG_FOREIGN,   /* no answer to this question */
};

/* A name: its labels as octets, uncompressed, the root's zero included. */
struct dnsmsg_name {
	uint8_t wire[DNSMSG_WIRE];
	size_t n;
};

/* An answer that is being read. */
struct dnsmsg {
	const uint8_t *p;
	size_t n;
	unsigned rcode;          /* RFC 1035 4.1.1 */
	bool truncated;          /* TC */
	bool exact;              /* the question came back with our case */
	uint16_t type;           /* the type that was asked */
	struct dnsmsg_name name; /* who the records must belong to: the name
				  * asked, or what its CNAMEs lead to */
	unsigned links;          /* CNAMEs followed */
	size_t first;            /* where the answers begin */
	unsigned answers;        /* how many there are */
	size_t at;               /* the next record for dnsmsg_next */
	unsigned left;
};

struct dnsmsg_record {
	uint16_t preference;     /* MX */
	struct dnsmsg_name name; /* MX, CNAME */
	struct ip ip;            /* A, AAAA */
};

/* Appends a question for `name` (host text, no trailing dot, at most
 * LIMIT_DOMAIN), class IN, recursion desired. Letters change their case by
 * the bits of `mix`, which make forged answers harder (C-085): all zero leaves
 * them. `edns`: says that DNSMSG_UDP octets are welcome.
 * Returns 0, or -1 when name cannot be a DNS name. */
int dnsmsg_ask(struct buf *out, uint16_t id, struct span name, uint16_t type,
	uint64_t mix, bool edns);

/* Reads an answer to `question`, which dnsmsg_ask made. The message is
 * borrowed while m is used. */
enum dnsmsg_fate dnsmsg_open(
	struct dnsmsg *m, struct span message, struct span question);

/* The next record of the type and name asked. Returns true, or false at the
 * end. */
bool dnsmsg_next(struct dnsmsg *m, struct dnsmsg_record *out);

/* True for the root: the target of a null MX (RFC 7505 3). */
bool dnsmsg_root(const struct dnsmsg_name *name);

/* Writes a name that is like a host's (letters, digits, hyphens, underscores;
 * C-084) as a C string in lower case (our own mixed case comes back in it),
 * without the last dot. False when it is anything else; `out` (LIMIT_DOMAIN + 1
 * octets) is then "". */
bool dnsmsg_host(const struct dnsmsg_name *name, char *out);

/* Appends any name as RFC 1035 5.1 writes it: \. \\ and \DDD, the root as a
 * dot; at most DNSMSG_TEXT octets. */
void dnsmsg_print(struct buf *out, const struct dnsmsg_name *name);

#endif

/* SPDX-License-Identifier: ISC
 *
 * ehlo: what a server offers, out of the lines of its reply to EHLO (RFC 5321
 * 4.1.1.1). Unknown keywords and malformed parameters are passed over; a
 * keyword that comes again changes nothing, except that the last well-formed
 * number holds. */
#ifndef PURE_EHLO_H
#define PURE_EHLO_H

#include "pure/mechanism.h"
#include "pure/span.h"

/* All zero offers nothing: what HELO gives. */
struct ehlo {
	unsigned lines;           /* fed so far; the first holds no keyword */
	bool pipelining;          /* RFC 2920 */
	bool size;                /* RFC 1870 */
	bool eight_bit;           /* 8BITMIME, RFC 6152 */
	bool smtputf8;            /* RFC 6531 */
	bool dsn;                 /* RFC 3461 */
	bool enhanced;            /* ENHANCEDSTATUSCODES, RFC 2034 */
	bool auth;                /* RFC 4954, with whatever mechanisms */
	unsigned mechanisms;      /* of them those we know, as a set */
	bool starttls;            /* RFC 3207 */
	bool requiretls;          /* RFC 8689 */
	uint64_t size_max;        /* octets; 0: the server names no limit */
	uint64_t mail_max;        /* LIMITS, RFC 9422: transactions of one */
	uint64_t rcpt_max;        /* connection, recipients and recipients' */
	uint64_t rcpt_domain_max; /* domains of one transaction; 0: no limit */
};

/* Takes the words of the next line, behind code and separator. */
void ehlo_line(struct ehlo *offers, struct span words);

#endif

/* SPDX-License-Identifier: ISC
 *
 * param: the ESMTP parameters behind a path in MAIL and RCPT. */
#ifndef PURE_PARAM_H
#define PURE_PARAM_H

#include "pure/span.h"

enum param_verdict {
	PARAM_OK = 0,
	PARAM_SYNTAX,  /* 501 5.5.4: grammar, bad value, given twice */
	PARAM_UNKNOWN, /* 555 5.5.4: a keyword that is not offered */
	PARAM_TOO_BIG, /* 552 5.3.4: SIZE does not fit in 64 bits */
};

/* Parameters of MAIL. Spans point into the command; empty: not given. */
struct param_mail {
	bool has_size;
	uint64_t size;     /* RFC 1870 6 */
	struct span body;  /* "7BIT" or "8BITMIME", upper case of ours */
	bool smtputf8;     /* RFC 6531 3.4 */
	struct span envid; /* xtext (RFC 3461 4.4) */
	struct span ret;   /* "FULL" or "HDRS", upper case of ours */
	bool requiretls;   /* RFC 8689 2 */
	struct span auth;  /* "<>" or xtext (RFC 4954 5); parsed, unused */
};

/* Parameters of RCPT. */
struct param_rcpt {
	struct span notify; /* as received, checked (RFC 3461 4.1) */
	struct span orcpt;  /* type;xtext as received (RFC 3461 4.2) */
};

/* Reads what stands behind the path: nothing, or SP and parameters separated
 * by spaces; spaces and tabs at the end do not count. BODY=BINARYMIME is
 * unknown. Whether REQUIRETLS may be said now is the caller's to judge. */
enum param_verdict param_mail(struct span text, struct param_mail *out);
enum param_verdict param_rcpt(struct span text, struct param_rcpt *out);

/* Judge one value, as a parameter or an envelope record holds it: xtext of 1
 * to LIMIT_ENVID octets; NEVER or a list of SUCCESS, FAILURE, DELAY that fits
 * in a record; type;xtext of at most LIMIT_ORCPT octets. */
bool param_envid_valid(struct span value);
bool param_notify_valid(struct span value);
bool param_orcpt_valid(struct span value);

/* True when a valid NOTIFY list has that word, in whatever case. */
bool param_notify_has(struct span value, struct span word);

#endif

/* SPDX-License-Identifier: ISC
 *
 * authtalk: what postern-smtpd and postern-auth say to each other, one packet
 * (SOCK_SEQPACKET) of records (pure/record.h) a time. One exchange (RFC 4954 4)
 * a connection; smtpd passes on what client and server say, and understands
 * none of it.
 *
 *	auth, at once	A mechanisms	that it can do now, spaces between them
 *			t words		or: it can do nothing, and why
 *	smtpd		M mechanism	the client wants this one
 *			C client	its address
 *			S		inside TLS
 *			X P F hex	as in pure/handover.h
 *			I octets	the initial response as it was sent;
 *					none: there was none
 *	auth		c text		a challenge, in base64: 334; "=" is an
 *					empty one
 *	smtpd		R octets	the client's line; "=" when it was empty
 *	auth		k identity	235: the client is this one
 *			n words		535 5.7.8, and the log's reason
 *			b words		501 5.5.2: no base64, no message of the
 *					mechanism
 *			w words		534 5.7.9: this mechanism will not do
 *			t words		454 4.7.0: a fault of ours
 *			l words		421 4.7.0: too often from there
 *
 * Instead of M: U identity, N number: he sends to so many recipients;
 * answered by k, or l when that is more than control/userrate, or t. */
#ifndef PURE_AUTHTALK_H
#define PURE_AUTHTALK_H

#include "pure/buf.h"

enum {
	AUTHTALK_MAX = 20480,  /* octets of a packet */
	AUTHTALK_LINE = 12288, /* of a client's line (RFC 4954 4.5) */
};

/* Spans point into the packet; what is not there is empty. */
struct authtalk {
	struct span mechanisms; /* A */
	struct span mechanism;  /* M */
	struct span client;
	struct span tls; /* S: not empty inside TLS */
	struct span exporter;
	struct span endpoint;
	struct span fingerprint;
	struct span initial;
	struct span challenge;
	struct span response;
	struct span identity; /* k */
	struct span refused;  /* n */
	struct span broken;   /* b */
	struct span weak;     /* w */
	struct span later;    /* t */
	struct span limited;  /* l */
	struct span user;     /* U */
	struct span rcpts;    /* N */
};

/* Appends a packet; out->over when it does not fit. */
void authtalk_print(struct buf *out, const struct authtalk *talk);

/* Reads a packet. Returns 0, or -1 as record_parse. */
int authtalk_parse(struct span packet, struct authtalk *talk);

#endif

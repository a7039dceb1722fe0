/* SPDX-License-Identifier: ISC
 *
 * dsn: the text of a delivery status notification (RFC 3464 in RFC 6522's
 * multipart/report), piece by piece, so that it can be streamed:
 *
 *	dsn_head              header, and the first part: plain words
 *	dsn_words ...           one recipient after the other
 *	dsn_status            the second part: fields for machines
 *	dsn_group ...           one recipient after the other
 *	dsn_original          the third part: what it is about follows
 *	dsn_end
 *
 * What strangers said stays inside its field: anything but printable text
 * becomes '?', and long values are folded. A piece needs DSN_PIECE octets.
 *
 * Where the report itself travels as SMTPUTF8 the forms of RFC 6533 are used;
 * else an address with UTF-8 in it is spelt in ASCII (utf-8-addr-xtext). */
#ifndef PURE_DSN_H
#define PURE_DSN_H

#include "pure/buf.h"

enum {
	DSN_PIECE = 16384,
	DSN_LINE = 76,  /* octets after which a line is broken at a space */
	DSN_WORD = 900, /* and after which anywhere (RFC 5322 2.1.1: 998) */
};

/* Ordered by what weighs more for the subject. */
enum dsn_action { DSN_FAILED, DSN_DELAYED, DSN_RELAYED, DSN_DELIVERED };

/* What the third part holds. */
enum dsn_original { DSN_MESSAGE, DSN_HEADER };

struct dsn {
	struct span host; /* the reporting MTA, which speaks here */
	struct span from; /* address in From: */
	struct span to;   /* address in To: */
	struct span id; /* of the report, for Message-ID: with from's domain */
	struct span boundary;
	struct span envid; /* ENVID= as received (xtext); empty: none */
	int64_t now;       /* times in seconds since 1970 */
	int64_t arrival;
	int64_t until;    /* when it is given up */
	unsigned actions; /* bit 1 << action: somebody has it */
	bool to_admin;    /* the sender cannot be told */
	bool utf8;        /* the report is an SMTPUTF8 message */
	bool eight_bit;   /* some part of it is 8-bit */
};

struct dsn_rcpt {
	enum dsn_action action;
	struct span address;
	struct span orcpt;  /* ORCPT= as received; empty: none */
	struct span status; /* enhanced code; its class follows the action */
	struct span peer;   /* name[address]:port, or "-" */
	struct span text;   /* what the peer said, or we */
	int64_t time;       /* of the attempt */
};

void dsn_head(struct buf *out, const struct dsn *dsn);
void dsn_words(
	struct buf *out, const struct dsn *dsn, const struct dsn_rcpt *rcpt);
void dsn_status(struct buf *out, const struct dsn *dsn);
void dsn_group(
	struct buf *out, const struct dsn *dsn, const struct dsn_rcpt *rcpt);

/* What follows is the original or its header; `eight_bit`: with octets above
 * ASCII, `utf8_header`: some of them in its header. */
void dsn_original(struct buf *out, const struct dsn *dsn,
	enum dsn_original what, bool eight_bit, bool utf8_header);
void dsn_end(struct buf *out, const struct dsn *dsn);

#endif

/* SPDX-License-Identifier: ISC
 *
 * Every size postern sets, in one place. A number has a unit, a reason, and
 * where it is a protocol's, the section it comes from. Too long is always an
 * answer, never a cut. */
#ifndef PURE_LIMITS_H
#define PURE_LIMITS_H

enum {
	/* SMTP commands and replies, in octets including CRLF. */
	LIMIT_COMMAND = 2048,        /* RFC 5321 4.5.3.1.4 + every extension */
	LIMIT_COMMAND_FLOOD = 65536, /* an overlong line is read this far */
	LIMIT_AUTH = 12288,          /* a line of an exchange (RFC 4954 4) */
	LIMIT_REPLY = 512,           /* RFC 5321 4.5.3.1.5 */
	LIMIT_REPLY_QUOTE = 100,     /* client bytes shown in a reply */

	/* Replies that the client side reads. */
	LIMIT_REPLY_LINE = 4096,   /* the rest of a longer line is dropped */
	LIMIT_REPLY_LINES = 100,   /* more is a protocol error */
	LIMIT_REPLY_TOTAL = 65536, /* octets in one reply; more is an error */
	LIMIT_REPLY_KEPT = 512,    /* octets of reply text kept for the log */

	/* Addresses, in octets. RFC 5321 4.5.3.1.1-3 ask for 64, 255, 256. */
	LIMIT_LOCALPART = 900,
	LIMIT_DOMAIN = 255, /* RFC 1035 2.3.4 */
	LIMIT_LABEL = 63,   /* RFC 1035 2.3.4 */
	LIMIT_ADDRESS = 1000,

	/* Extension parameters. */
	LIMIT_ENVID = 100,     /* RFC 3461 4.4 */
	LIMIT_ORCPT = 500,     /* RFC 3461 4.2 */
	LIMIT_MAIL_AUTH = 500, /* RFC 4954 5 */
	LIMIT_HELO = 255,      /* RFC 5321 4.5.3.1.2 */
	LIMIT_IDENTITY = 255,  /* who AUTH or a certificate says it is */

	/* A session. */
	LIMIT_RCPT = 1000,    /* default of control/rcptmax; RFC asks for 100 */
	LIMIT_ERRORS = 20,    /* error replies before 421 */
	LIMIT_JUNK = 100,     /* commands without progress before 421 */
	LIMIT_RECEIVED = 100, /* hops; RFC 5321 6.3 */

	/* One envelope record: a letter, the value, a NUL. */
	LIMIT_RECORD = 1100,
	LIMIT_ENVELOPE = 1 << 28, /* octets of all records of one message */

	/* Control files. */
	LIMIT_CONTROL_FILE = 1 << 20, /* octets; larger tables are .cdb */
	LIMIT_CONTROL_LINE = 2048,
	LIMIT_ROUTE = 2048, /* all next hops of a route: a control line */

	LIMIT_URL = 1024, /* the address of an endpoint */

	/* OAuth: a token in octets, and a token file (pure/token.h). */
	LIMIT_TOKEN = 12288,
	LIMIT_TOKEN_FILE = 16384,

	/* The PROXY protocol (haproxy's proxy-protocol.txt, 2.1 and 2.2). */
	LIMIT_PROXY_LINE = 107, /* version 1, CRLF included */
	LIMIT_PROXY = 536,      /* version 2, behind its first 16 octets */

	LIMIT_LOG_LINE = 4096,
	LIMIT_PATH = 1024,
};

#endif

/* SPDX-License-Identifier: ISC
 *
 * mime7: turn an 8-bit message into a 7-bit one that means the same, in
 * constant memory: the body of each leaf part that holds 8-bit text becomes
 * quoted-printable (text) or base64 (all else), and its
 * Content-Transfer-Encoding says so (RFC 6152 3, RFC 2045 6). The containers
 * around it that were labelled 8bit or binary become 7bit. A message without
 * MIME gets MIME-Version, Content-Type: text/plain; charset=unknown-8bit
 * (RFC 1428) and its encoding. Everything else stays as it is, byte by byte.
 *
 * An encoding is named before the body that needs it, so the message is fed
 * twice: mime7_scan finds what must change and whether it may, mime7_convert
 * then writes. A conversion that is impossible is known before the first byte
 * goes out.
 *
 *	mime7_scan(&m);
 *	... mime7_feed(&m, bytes, n) ... mime7_end(&m)
 *	mime7_convert(&m, sink, ctx);
 *	... the same bytes again, and the end
 */
#ifndef PURE_MIME7_H
#define PURE_MIME7_H

#include "pure/buf.h"

enum {
	MIME7_DEPTH = 20,     /* multiparts and messages inside each other */
	MIME7_PARTS = 10000,  /* headers in one message */
	MIME7_BOUNDARY = 250, /* octets of a boundary; RFC 2046 5.1.1 has 70 */
	MIME7_FIELD = 16384,  /* octets of a Content-Type field, unfolded */
	MIME7_LINE = 1024,    /* octets of a line that are seen at once */
	MIME7_OUT = 4096,
};

/* Where converted bytes go. Returns 0, or -1 to stop. */
typedef int mime7_sink(void *ctx, const char *bytes, size_t n);

/* A header and what it says about the body below it. */
struct mime7_part {
	unsigned number;  /* which header of the message, from 0 */
	uint8_t kind;     /* enum kind of mime7.c */
	uint8_t encoding; /* enum encoding there */
	bool is_message;  /* not a part of a multipart */
	bool sealed;      /* in something signed or encrypted */
	bool is_digest;   /* its parts are messages (RFC 2046 5.1.5) */
	bool has_version;
	bool has_type;
	bool has_encoding;
	size_t boundary_len;
	char boundary[MIME7_BOUNDARY];
};

/* The members are mime7.c's own. Large; keep one, static. */
struct mime7 {
	mime7_sink *sink; /* NULL while scanning */
	void *ctx;
	int error;
	int state;
	unsigned parts;              /* headers begun */
	uint8_t change[MIME7_PARTS]; /* what mime7_scan decided for each */
	struct mime7_part part;      /* the one that is being read */
	size_t depth;
	struct mime7_part open[MIME7_DEPTH];
	bool in_line; /* the start of the line has been handed on */
	size_t line_len;
	char line[MIME7_LINE];
	int field; /* the header field that is being collected */
	bool drop; /* its lines are replaced */
	size_t field_len;
	char field_text[MIME7_FIELD];
	unsigned column; /* of the encoded line */
	char blank;      /* a space or tab that may end the line */
	bool line_end;   /* base64: a CR LF that may belong to a boundary */
	unsigned group_len;
	unsigned char group[3];
	size_t out_len;
	char out[MIME7_OUT];
};

/* Begins the first pass. */
void mime7_scan(struct mime7 *m);

/* Begins the second pass, after a first that ended with 0. */
void mime7_convert(struct mime7 *m, mime7_sink *sink, void *ctx);

/* Feeds message text in pieces of any size (CRLF line ends). Returns 0; -1
 * when the sink stopped; -2 when the message cannot be converted without
 * changing what it means: 8-bit header field; 8-bit text that is signed or
 * encrypted, outside of all parts, in a part that has another encoding already
 * or may not have one (message/partial and the like); Content-Type or
 * Content-Transfer-Encoding twice or over MIME7_FIELD; a multipart with 8-bit
 * text but no usable boundary; more nested or more parts than the limits. The
 * answer stays the same from then on. */
int mime7_feed(struct mime7 *m, const char *bytes, size_t n);

/* Ends the message. As mime7_feed. */
int mime7_end(struct mime7 *m);

#endif

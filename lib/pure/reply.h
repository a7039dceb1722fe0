/* SPDX-License-Identifier: ISC
 *
 * reply: the replies of an SMTP server out of the bytes of a connection, read
 * strictly (RFC 5321 4.2): every line is three digits, the first 2 to 5, then
 * SP, '-' or the line end; all lines of a reply have the same code; the line
 * without '-' is the last. Anything else is no reply, and what cannot be read
 * is never success (THREATS.md R6). A line may end in a bare LF. */
#ifndef PURE_REPLY_H
#define PURE_REPLY_H

#include "pure/limits.h"
#include "pure/span.h"

enum reply_verdict {
	REPLY_MORE,  /* all bytes are used, no line yet */
	REPLY_LINE,  /* a line, and the reply goes on */
	REPLY_READY, /* the last line: code, status and text are complete */
	REPLY_BAD,   /* not a reply, or over a limit; for good */
};

/* The longest enhanced status code: 5.123.456 */
enum { REPLY_STATUS = 9 };

/* All zero is a connection on which nothing was read. */
struct reply {
	int code;                  /* 200 to 599 */
	char status[REPLY_STATUS]; /* enhanced code (RFC 3463) of the last */
	size_t status_len;         /* line, if its class is the code's; or 0 */
	char text[LIMIT_REPLY_KEPT]; /* the code, a space, and the words of */
	size_t text_len;             /* all lines: printable ASCII, no line
				      * end; what is longer is left out */
	char line[LIMIT_REPLY_LINE]; /* the line as it came, rest dropped */
	size_t kept;                 /* octets of it in `line` */
	size_t seen;                 /* octets of it so far */
	size_t total;                /* octets of the reply so far */
	unsigned lines;              /* complete lines of the reply so far */
	bool line_done;              /* the next octet begins a line */
	bool done;                   /* the next octet begins a reply */
	bool bad;
};

/* Takes bytes off *in until a line is complete. The verdicts and what is read
 * do not depend on how the bytes are split. REPLY_BAD: over LIMIT_REPLY_LINES
 * or LIMIT_REPLY_TOTAL, or not as above; what *in holds then does not matter,
 * the connection cannot be used any more. */
enum reply_verdict reply_feed(struct reply *reply, struct span *in);

/* The words of the line that reply_feed gave last, behind code and separator,
 * as they came. */
struct span reply_line(const struct reply *reply);

static inline struct span
reply_text(const struct reply *reply)
{
	return (struct span){ reply->text, reply->text_len };
}

/* The enhanced code; empty when there is none. */
static inline struct span
reply_status(const struct reply *reply)
{
	return (struct span){ reply->status, reply->status_len };
}

#endif

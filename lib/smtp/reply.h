/* SPDX-License-Identifier: ISC
 *
 * reply: everything the receiver can say. A handler returns an event; the
 * event's row holds code, enhanced code (RFC 3463), words, and what comes of
 * it. */
#ifndef SMTP_REPLY_H
#define SMTP_REPLY_H

#include "pure/buf.h"

enum event {
	/* things went on */
	EVENT_HELO,
	EVENT_EHLO, /* the keyword lines are the session's */
	EVENT_MAIL,
	EVENT_RCPT,
	EVENT_DATA,
	EVENT_ACCEPTED,
	EVENT_RESET,
	EVENT_NOOP,
	EVENT_VRFY,
	EVENT_HELP,
	EVENT_QUIT,
	EVENT_STARTTLS,
	/* a command that is none, or not one for now */
	EVENT_UNKNOWN,
	EVENT_SYNTAX,
	EVENT_LONG,
	EVENT_CONTROL,
	EVENT_EIGHT_BIT,
	EVENT_BARE,
	EVENT_FLOOD,
	EVENT_FOREIGN,
	EVENT_NO_VERB,
	EVENT_BDAT,
	EVENT_ORDER,
	EVENT_HELO_ARGUMENT,
	EVENT_ARGUMENT,
	EVENT_NO_ARGUMENT,
	EVENT_PATH,
	EVENT_PARAM,
	EVENT_PARAM_UNKNOWN,
	EVENT_EARLY,
	EVENT_SYNC,
	EVENT_TLS_LACK,
	EVENT_TLS_NEEDED,
	/* an address that is not taken */
	EVENT_SENDER_SYNTAX,
	EVENT_RCPT_SYNTAX,
	EVENT_UTF8,
	EVENT_NO_DOMAIN,
	EVENT_BAD_SENDER,
	EVENT_RELAY,
	EVENT_ROUTED,
	EVENT_NO_USER,
	EVENT_NOT_ALLOWED, /* control/allowrecipients */
	EVENT_RCPT_MANY,
	EVENT_MAIL_MANY,
	/* a message that is not taken */
	EVENT_TOO_BIG,
	EVENT_NO_SPACE,
	EVENT_TEXT_BARE,
	EVENT_TEXT_NUL,
	EVENT_TEXT_LINE,
	EVENT_LOOP,
	EVENT_HEADER, /* no message that may be submitted */
	EVENT_QUEUE,
	EVENT_QUEUE_CONFIG,
	EVENT_QUEUE_NETWORK,
	EVENT_QUEUE_ADDRESS,
	EVENT_QUEUE_REFUSED,
	/* who the client is (RFC 4954) */
	EVENT_AUTH, /* the exchange begins */
	EVENT_AUTH_OK,
	EVENT_AUTH_FAILED,
	EVENT_AUTH_BROKEN,
	EVENT_AUTH_LONG,
	EVENT_AUTH_CANCEL,
	EVENT_AUTH_LATER,
	EVENT_AUTH_WEAK,
	EVENT_AUTH_TLS,
	EVENT_AUTH_UNKNOWN,
	EVENT_AUTH_LIMITED,
	EVENT_AUTH_MANY,
	EVENT_AUTH_NEEDED,
	EVENT_NOT_YOURS, /* control/senders */
	EVENT_RATE,      /* control/userrate */
	/* the end of a session */
	EVENT_DENIED,
	EVENT_CONFIG,
	EVENT_LOOKUP,
	EVENT_TOO_MANY,
	EVENT_TIMEOUT,
	EVENT_SLOW,
	EVENT_SESSION,
	EVENT_SHUTDOWN,
	EVENT_TLS_FAILED, /* nobody heard it, either */
	EVENT_GONE,       /* nobody to say anything to */
	EVENT_COUNT
};

/* What the session does when it has replied. */
enum reply_then {
	THEN_GO_ON,
	THEN_TEXT,  /* read message text */
	THEN_LOGIN, /* hold the exchange of AUTH */
	THEN_TLS,   /* hand the client to postern-tls */
	THEN_CLOSE,
};

struct reply {
	unsigned code;        /* 0: say nothing */
	const char *enhanced; /* "" where RFC 2034 4 wants none */
	const char *text;
	enum reply_then then;
};

const struct reply *reply_of(enum event event);

/* Appends one line: code, enhanced code, text, and `detail` behind a space
 * unless it is empty. Bytes of detail that are not printable ASCII become
 * '?', and no line is longer than LIMIT_REPLY (S-034, S-194). `more` makes it
 * a line that others follow. */
void reply_print(struct buf *out, const struct reply *reply, struct span detail,
	bool more);

#endif

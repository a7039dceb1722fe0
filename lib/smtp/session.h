/* SPDX-License-Identifier: ISC
 *
 * session: one SMTP conversation. Handlers (smtp/verbs.h) judge commands and
 * return events; the loop here replies, counts, logs and ends; transaction
 * state has one reset. */
#ifndef SMTP_SESSION_H
#define SMTP_SESSION_H

#include "pure/dot.h"
#include "pure/envelope.h"
#include "pure/headcheck.h"
#include "pure/line.h"
#include "pure/param.h"
#include "smtp/secure.h"
#include "smtp/settings.h"
#include "smtp/wire.h"

/* What a session is in; the verb table names the states a verb is legal in. */
enum session_state {
	IN_START = 1,   /* no HELO or EHLO yet */
	IN_GREETED = 2, /* no transaction */
	IN_MAIL = 4,    /* a sender, no recipient */
	IN_RCPT = 8,    /* a recipient at least */
	IN_DENIED = 16, /* greeted with 554 (RFC 5321 3.1) */
	IN_CLEAR = 32,  /* control/tlsrequired: TLS must come first */
	IN_ANY = IN_START | IN_GREETED | IN_MAIL | IN_RCPT,
};

enum {
	/* Octets of recipients and their parameters in one transaction: room
	 * for 2,500 of the longest, 100,000 usual ones. */
	SESSION_RCPTS = 4 << 20,
	/* Octets of all other records of an envelope, and of those it is
	 * sent with in one write. */
	SESSION_HEAD = 32768,
	/* Octets of what a reply quotes. */
	SESSION_DETAIL = 2 * LIMIT_REPLY_QUOTE,
};

/* Lives as long as the connection. */
struct connection {
	bool denied;
	bool esmtp;                    /* EHLO, not HELO */
	bool starttls;                 /* offered in the last EHLO */
	char identity[LIMIT_IDENTITY]; /* who it is, by AUTH or a certificate */
	size_t identity_len;
	bool authenticated; /* by AUTH */
	char helo[LIMIT_HELO];
	size_t helo_len; /* 0: not said yet */
	unsigned errors; /* 5yz replies */
	unsigned junk;   /* commands without progress, and 4yz replies */
	uint64_t mails;  /* transactions begun */
	uint64_t messages;
	bool over;
	const char *why; /* it ended */
};

/* What AUTH needs while nobody has logged in. */
struct login {
	char offered[200]; /* mechanisms, spaces between */
	size_t offered_len;
	bool tried; /* AUTH was said: what follows may be a secret */
	unsigned failures;
	struct span mechanism; /* of the AUTH at hand, in `line` */
	struct span initial;
	char cause[2 * LIMIT_ADDRESS]; /* why not, for the log alone */
	size_t cause_len;
};

/* Lives from MAIL to the end of the message; all zero: none. */
struct transaction {
	bool open;
	char sender[LIMIT_ADDRESS + 1];
	size_t sender_len;
	bool smtputf8;
	bool requiretls;
	struct span body; /* of the program's constants: 7BIT, 8BITMIME */
	struct span ret;  /* of the program's constants */
	char envid[LIMIT_ENVID];
	size_t envid_len;
	uint64_t rcpts;
	bool many; /* 452 was logged */
	struct envelope_state check;
};

struct session {
	const struct peer *peer;
	struct settings *set;
	const volatile sig_atomic_t *stop; /* a signal asks us to leave */
	struct connection conn;
	struct login login;
	struct transaction mail;
	struct buf rcpts; /* T, N, O records, as they go to the queue */
	struct dot dot;
	struct headcheck head; /* of a message that is submitted */
	struct inject inject;
	struct buf detail;     /* what the next reply quotes */
	struct span last_rcpt; /* in `rcpts`; for the log */
	char id[QUEUE_ID];
	struct secure secure;
	/* from here on large, and rarely touched beyond the first page */
	struct line line;
	struct wire wire;
	char detail_text[SESSION_DETAIL];
	char text[2 * WIRE_IN + 4096]; /* message text on its way */
	char rcpts_text[SESSION_RCPTS];
};

/* Makes a session ready to run; `s` is all zero. Nothing is said yet. */
void session_begin(struct session *s, struct settings *set,
	const struct peer *peer, int in_fd, int out_fd,
	const volatile sig_atomic_t *stop);

/* Greets, holds the conversation, logs its end. */
void session_run(struct session *s);

/* Instead of session_run when the settings are wrong: says 421 and why in
 * the log. */
void session_refuse(struct session *s);

/* The state for the verb table. */
enum session_state session_state(const struct session *s);

/* Forgets the transaction: the only way out of one. */
void session_reset(struct session *s);

/* Can this client have TLS by STARTTLS at all: is it set up here, and the
 * client one whose socket can be handed over? */
bool session_tls_possible(const struct session *s);

/* Reads the next line that is no command. EVENT_NOOP: *line is it, until the
 * next one is read. */
enum event session_line(struct session *s, struct span *line);

/* Judges one command line; no input or output but the lookups of policy. The
 * caller acts on the event. */
enum event session_command(struct session *s, struct span line);

#endif

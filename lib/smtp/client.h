/* SPDX-License-Identifier: ISC
 *
 * client: an SMTP or LMTP connection to one server, seen from the side that
 * sends mail: greeting, EHLO, HELO or LHLO, single commands, QUIT, and the time
 * each of them may take (RFC 5321 3.1, 4.5.3.2; RFC 2033). Messages go over it
 * by smtp/transaction. */
#ifndef SMTP_CLIENT_H
#define SMTP_CLIENT_H

#include "pure/ehlo.h"
#include "smtp/mail.h"
#include "smtp/link.h"

enum client_verdict {
	CLIENT_DONE,    /* as asked; a reply, if one was read, is in the link */
	CLIENT_NEXT,    /* not to be had now; another server may be asked */
	CLIENT_REFUSED, /* the server takes no mail from us: a 5yz greeting */
	CLIENT_HELD,    /* a fault of our own */
};

/* What is waited for, each with its own patience. */
enum client_phase {
	PHASE_GREETING,
	PHASE_EHLO,
	PHASE_HELO,
	PHASE_STARTTLS,
	PHASE_TLS, /* the handshake */
	PHASE_AUTH,
	PHASE_RSET,
	PHASE_MAIL,
	PHASE_RCPT,
	PHASE_DATA,
	PHASE_TEXT, /* that the server takes a piece of text */
	PHASE_END,  /* the reply to the end of the text */
};

enum {
	CLIENT_SESSION_MS = 3600000, /* default of session_ms */
	CLIENT_SLOWEST = 1024,       /* octets a second, added for the text */
	CLIENT_QUIT_MS = 1000,       /* patience for the reply to QUIT */
};

struct client {
	struct link link;
	bool lmtp;     /* speak LMTP on the next connection, and on this one */
	bool within;   /* a unix socket: it does not leave this machine */
	bool tls;      /* the connection is covered by TLS ... */
	bool verified; /* ... and it is known who the server is */
	bool logged_in;
	struct ehlo offers;
	struct words words; /* why, after anything but CLIENT_DONE */
	bool dirty;         /* a transaction may be open: RSET comes first */
	uint64_t mails;     /* transactions on this connection */
	uint64_t most;      /* of them that we want to make; 0: any number */
	int64_t cap_ms;     /* most that any phase may take; 0: as RFC 5321 */
	int64_t session_ms; /* for a message, besides its size (C-016) */
	int64_t until;      /* when the message has had its time */
};

/* No connection; default times. */
void client_init(struct client *c);

/* Starts the clock of a message of so many octets: all that follows, over
 * whatever connections, has session_ms and a second for every CLIENT_SLOWEST
 * octets. */
void client_clock(struct client *c, uint64_t size);

/* Takes over a connected socket, and has said nothing yet. */
void client_begin(struct client *c, int fd);

/* Waits for the greeting, and goes on as client_hello. */
enum client_verdict client_greet(struct client *c, struct span helo);

/* Says EHLO, and HELO where EHLO is not understood; or LHLO, for which nothing
 * else will do. What was offered before is forgotten. `helo` is a name or a
 * literal; empty: the literal of the socket's own address (RFC 5321 4.1.4).
 * Returns CLIENT_DONE, or CLIENT_NEXT or CLIENT_REFUSED with the connection
 * closed; CLIENT_HELD: the name may not stand in a command. */
enum client_verdict client_hello(struct client *c, struct span helo);

/* client_begin and client_greet: a whole beginning in clear text. */
enum client_verdict client_open(struct client *c, int fd, struct span helo);

static inline bool
client_connected(const struct client *c)
{
	return c->link.fd != -1;
}

/* The connection may carry such a message (RFC 8689 4.2.1). */
static inline bool
client_suits(const struct client *c, bool requiretls)
{
	return !requiretls || c->within ||
	       (c->verified && c->offers.requiretls);
}

/* True while nothing has come that nobody asked for, and the server has not
 * closed. */
bool client_quiet(struct client *c);

/* Says one command and waits for its reply: CLIENT_DONE and it is in
 * c->link.reply; CLIENT_NEXT; CLIENT_HELD when the argument may not stand in a
 * command. */
enum client_verdict client_ask(struct client *c, enum client_phase phase,
	const char *verb, struct span argument);

/* Says QUIT, waits for the end a short while, closes. */
void client_quit(struct client *c);

/* When the phase that begins now must be over. */
int64_t client_deadline(const struct client *c, enum client_phase phase);

/* Reads a whole reply. CLIENT_DONE: any reply but 421 is in c->link.reply.
 * CLIENT_NEXT: 421, silence, a lost connection or no SMTP; it is closed. */
enum client_verdict client_reply(struct client *c, enum client_phase phase);

/* Judges what the link gave where a reply to `phase` was due, as above. */
enum client_verdict client_judge(
	struct client *c, enum link_verdict verdict, enum client_phase phase);

/* The server sent something before the command or text of `phase` was out:
 * reads what it is for c->words and closes. Returns CLIENT_NEXT. */
enum client_verdict client_unasked(struct client *c, enum client_phase phase);

/* A complete reply that makes no sense where it stands: closes. Returns
 * CLIENT_NEXT. */
enum client_verdict client_senseless(struct client *c, enum client_phase phase);

#endif

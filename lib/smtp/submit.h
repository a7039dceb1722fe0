/* SPDX-License-Identifier: ISC
 *
 * submit: hand a message of this machine to the service that queues it, by
 * its unix socket; where there is none, and the caller may write to the queue
 * itself, to a postern-smtpd started for the purpose, which does the same.
 *
 * A message is taken for everybody or for nobody: one recipient that is
 * refused ends it before its text is sent. Only where there are more of them
 * than a transaction takes it goes in several, and what went is counted. */
#ifndef SMTP_SUBMIT_H
#define SMTP_SUBMIT_H

#include <sysexits.h>

#include "pure/people.h"
#include "smtp/client.h"
#include "smtp/draft.h"

/* What is said of a message beside its recipients. */
struct submission {
	struct span sender; /* with a domain; empty: the null sender */
	struct span host;   /* the domain of recipients that have none */
	struct span notify; /* NOTIFY, empty: not given */
	struct span ret;    /* FULL, HDRS, or empty */
	struct span envid;  /* xtext, or empty */
	bool eight_bit;     /* declared; what is found counts as well */
};

struct submit {
	bool asked;             /* submit_starts has been */
	char queue[LIMIT_PATH]; /* ... to whose directory we would write */
	char smtpd[LIMIT_PATH]; /* ... and by what program */
	int barred;             /* errno why not, or 0 */
	struct client client;
	char **env;   /* for what has to be started */
	int pid;      /* of the postern-smtpd that was started, or 0 */
	size_t taken; /* recipients the message was queued for */
	int code;     /* EX_OK, or of <sysexits.h> what went wrong */
	char why[2 * LIMIT_REPLY_KEPT]; /* and in words */
	char host[LIMIT_DOMAIN + 1];    /* the name of the service */
};

/* Where there is no service, can one be started? Asked once: later calls, in a
 * jail, hold on to the answer. */
bool submit_starts(struct submit *s);

/* Connects and says EHLO. Returns 0, or -1 with code and why set. */
int submit_open(struct submit *s, char **env);

/* Sends the message to all of the people. Returns as above. */
int submit_send(struct submit *s, const struct submission *how,
	const struct people *to, const struct draft *draft);

/* The last thing the service said. */
struct span submit_reply(const struct submit *s);

/* Says QUIT and waits for what was started. */
void submit_close(struct submit *s);

/* Lets the caller's own SMTP client speak with the service, on in and out,
 * until it ends; may become postern-smtpd instead. Returns as above. */
int submit_through(struct submit *s, int in, int out, char **env);

#endif

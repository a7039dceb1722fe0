/* SPDX-License-Identifier: ISC
 *
 * jail: what a program gives up once it has opened what it needs: new
 * privileges, core dumps and debuggers, files, memory beyond its work, and
 * every system call that its row in jail.c does not name. One row for each
 * program; there is no way out. */
#ifndef SYS_JAIL_H
#define SYS_JAIL_H

#include <stdbool.h>
#include <stddef.h>

#include "sys/landlock.h"

/* One for every row of the table in jail.c. */
enum jail {
	JAIL_QUEUE,
	JAIL_QUEUE_SERVICE, /* a process of postern-queue -l */
	JAIL_REWRITE,       /* once the next program runs */
	JAIL_TLS,           /* a session of postern-tls */
	JAIL_AUTH,          /* an exchange of postern-auth */
	JAIL_SMTPD,         /* a session that starts no program */
	JAIL_SMTPD_COPIED,  /* the template of such sessions, and they */
	JAIL_SMTPD_QUEUE,   /* one that may start queue, through rewrite */
	JAIL_SMTPD_OTHERS,  /* one that may start filters, tls or auth */
	JAIL_LOCAL,         /* before the first job */
	JAIL_REMOTE,        /* the same */
	JAIL_SENDMAIL,      /* in front of the message, or of its sending */
	JAIL_SEND,          /* and all that it starts */
	JAIL_LISTEN,        /* and its sessions, where they are our smtpd's */
	JAIL_POSTERN,       /* and the verb that it becomes; sendmail, where
			       it starts others */
	JAIL_BOUNCE,        /* without filters: and rewrite, and queue */
	JAIL_COUNT
};

/* "queue" or "control" is that directory, "queue/NAME" is beneath it, "links"
 * are the directories that links in control/ lead to when the jail is closed,
 * "program/NAME" is postern-NAME, "named" is what the caller of jail_close
 * names; others begin with /. */
struct jail_place {
	const char *path;
	unsigned rights; /* sys/landlock.h */
};

struct jail_row {
	const char *program;
	const int *calls; /* allowed, beside those of every program */
	size_t calls_n;
	const int *denied; /* fail with EPERM; what is in no list kills */
	size_t denied_n;
	const struct jail_place *places;
	size_t places_n;
	bool connects;        /* to other hosts; else sockets are local ones */
	unsigned descriptors; /* the highest there may be; 0: as it is */
	size_t memory;        /* octets beyond what there is; 0: as it is */
	bool writes;          /* files, of any size */
	bool starts;          /* others, which inherit the jail: every call
				 but the denied ones */
	bool anywhere;        /* files are left to other walls */
	bool unnamed;         /* no files but new ones without a name */
};

/* The row of that jail. */
const struct jail_row *jail_row(enum jail jail);

/* Every call that it allows, of every program and its own; those that this
 * machine does not have are below 0. Returns how many. */
enum { JAIL_CALLS = 128 };
size_t jail_calls(enum jail jail, int calls[JAIL_CALLS]);

/* For the copy of a template whose row has clone(2): no process any more. */
void jail_alone(void);

/* Closes the jail around this process, for good. A forbidden call ends the
 * process (SIGSYS), but for those that the C library makes where it can do
 * without: they fail with EPERM. Descriptors stay as they are.
 * The log is made ready (sys/log.h). `named`, a list
 * with NULL at its end, or NULL: the paths that control files name.
 * Returns 0; or -1 with errno when the kernel takes no such filter: what else
 * there is is closed then. Landlock is used where the kernel has it. */
int jail_close(enum jail jail, const char *const named[]);

/* The same, and the log says so when the kernel has no filter or no Landlock;
 * but when whoever started us has said so (POSTERN_NO_JAIL). */
void jail_close_or_say(enum jail jail, const char *const named[]);

/* Says the same in front of many jails, of processes that begin here. */
void jail_look(void);

#endif

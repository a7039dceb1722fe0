/* SPDX-License-Identifier: ISC
 *
 * starter: starts the same program again and again, once for each connection,
 * with the environment that tcpserver gives. All that can be made ready is
 * made once; a start costs vfork and what the child does before its exec. A
 * program that knows how is started once, and copied (sys/template.h). */
#ifndef NET_STARTER_H
#define NET_STARTER_H

#include <sys/types.h>

#include "net/listener.h"

enum {
	STARTER_ENV = 24,
	STARTER_VAR = 64,
	STARTER_ARGS = 8,       /* of a program that is copied */
	STARTER_COPIES = 10000, /* of one template */
};

struct starter {
	char *const *argv;
	char *env[STARTER_ENV];
	size_t kept; /* of env: variables that came from outside */
	char proto[STARTER_VAR];
	char local_ip[STARTER_VAR];
	char local_port[STARTER_VAR];
	char remote_ip[STARTER_VAR];
	char remote_port[STARTER_VAR];

	char *template_argv[STARTER_ARGS + 2]; /* all NULL: never copied */
	int template;                          /* -1: none is running */
	unsigned copies;                       /* it has made */
	int64_t template_after;                /* clock_ms: not before */
};

/* argv[0] is a path. Of `env` only the variables on the list in the man page
 * are kept. Both must stay as they are. */
void starter_init(struct starter *s, char *const argv[], char *const env[]);

/* The program understands -k and is to be copied. False when it has too many
 * arguments for that. */
bool starter_copies(struct starter *s);

/* Lets the template go. The next start makes a new one: sessions that crash
 * must not be able to try one layout of addresses twice. */
void starter_renew(struct starter *s);

/* Starts the program with fd as its fd 0 and 1, no signal blocked, and
 *
 *	PROTO=TCP TCPLOCALIP TCPLOCALPORT TCPREMOTEIP TCPREMOTEPORT
 *
 * or PROTO=UNIX alone. Signals must be blocked and nothing ignored here: what
 * is ignored would stay so. Returns the pid, or -1 with errno, also when the
 * program cannot be executed. */
pid_t starter_start(struct starter *s, int fd, const struct end *there,
	const struct end *here);

#endif

/* SPDX-License-Identifier: ISC
 *
 * starter: starts the same program again and again, once for each connection,
 * with the environment that tcpserver gives. All that can be made ready is
 * made once; a start costs vfork and what the child does before its exec. */
#ifndef NET_STARTER_H
#define NET_STARTER_H

#include <sys/types.h>

#include "net/listener.h"

enum { STARTER_ENV = 24, STARTER_VAR = 64 };

struct starter {
	char *const *argv;
	char *env[STARTER_ENV];
	size_t kept; /* of env: variables that came from outside */
	char proto[STARTER_VAR];
	char local_ip[STARTER_VAR];
	char local_port[STARTER_VAR];
	char remote_ip[STARTER_VAR];
	char remote_port[STARTER_VAR];
};

/* argv[0] is a path. Of `env` only the variables on the list in the man page
 * are kept. Both must stay as they are. */
void starter_init(struct starter *s, char *const argv[], char *const env[]);

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

/* SPDX-License-Identifier: ISC */
#include "sys/ask.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pure/span.h"
#include "sys/child.h"
#include "sys/clock.h"
#include "sys/home.h"
#include "sys/unixsock.h"

enum {
	ASK_MS = 5000,     /* for a connection */
	ASK_END_MS = 2000, /* for a child to leave */
};

static char place[LIMIT_PATH];

/* Starts the child and takes our end of the pair. */
static int
start(struct ask *ask, int type)
{
	static char child[] = "-c";
	char *argv[] = { place, child, NULL };
	struct child_fd fds[2];
	int pair[2];

	if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, pair) == -1)
		return -1;
	/* our own fd 1 may be the client, who is not the child's */
	fds[0] = (struct child_fd){ pair[1], STDIN_FILENO };
	fds[1] = (struct child_fd){ pair[1], STDOUT_FILENO };
	ask->pid = child_start(argv, environ, fds, LEN(fds));
	close(pair[1]);
	if (ask->pid != -1) {
		ask->fd = pair[0];
		return 0;
	}
	ask->pid = 0;
	close(pair[0]);
	return -1;
}

int
ask_service(struct ask *ask, const char *name, int type, const char **program)
{
	*ask = (struct ask){ .fd = -1 };
	*program = place;
	if (!home_ask(place, name))
		return -1;
	ask->fd = unixsock_connect(span_of(place), type, ASK_MS);
	if (ask->fd != -1)
		return 1;
	return errno == ENOENT || errno == ECONNREFUSED ? 0 : -1;
}

bool
ask_there(const char *name)
{
	struct ask ask;
	const char *path;

	/* the service talks in another way, and hears nothing of this */
	return ask_service(&ask, name, SOCK_DGRAM, &path) == -1 &&
	       errno == EPROTOTYPE;
}

int
ask_open(struct ask *ask, const char *name, int type, const char **program)
{
	int found = ask_service(ask, name, type, program);

	if (found != 0)
		return found == 1 ? 0 : -1;
	return home_program(place, name) ? start(ask, type) : -1;
}

void
ask_close(struct ask *ask)
{
	if (ask->fd != -1)
		close(ask->fd);
	if (ask->pid)
		(void)child_wait_until(ask->pid, clock_ms() + ASK_END_MS);
	*ask = (struct ask){ .fd = -1 };
}

/* SPDX-License-Identifier: ISC */
#include "sys/local.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static int
bind_at(const struct sockaddr_un *name, int type)
{
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	mode_t mask;
	int result;
	int saved;

	if (fd == -1)
		return -1;
	mask = umask(0117);
	result = bind(fd, (const struct sockaddr *)name, sizeof *name);
	saved = errno;
	umask(mask);
	if (result == 0)
		return fd;
	close(fd);
	errno = saved;
	return -1;
}

/* Does nobody listen there any more? */
static bool
is_stale(const struct sockaddr_un *name, int type)
{
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	bool stale = fd != -1 &&
		     connect(fd, (const struct sockaddr *)name, sizeof *name) ==
			     -1 &&
		     errno == ECONNREFUSED;

	if (fd != -1)
		close(fd);
	return stale;
}

int
local_listen(const char *path, int type, int backlog)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof name.sun_path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(name.sun_path, path, strlen(path) + 1);
	fd = bind_at(&name, type);
	if (fd == -1 && errno == EADDRINUSE) {
		if (is_stale(&name, type) && unlink(path) == 0)
			fd = bind_at(&name, type);
		else
			errno = EADDRINUSE;
	}
	if (fd != -1 && listen(fd, backlog) == -1) {
		close(fd);
		return -1;
	}
	return fd;
}

int
local_check(int fd, int type)
{
	int is = 0;
	int listens = 0;
	socklen_t n = sizeof is;

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &is, &n) == -1 ||
		getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &n) == -1)
		return -1;
	if (is == type && listens)
		return 0;
	errno = EINVAL;
	return -1;
}

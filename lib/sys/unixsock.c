/* SPDX-License-Identifier: ISC */
#include "sys/unixsock.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

int
unixsock_connect(struct span path, int type, int64_t timeout_ms)
{
	/* connect waits as long as this for a full backlog (unix(7)) */
	const struct timeval wait = { .tv_sec = (time_t)(timeout_ms / 1000),
		.tv_usec = (suseconds_t)(timeout_ms % 1000 * 1000) };
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd;
	int saved;

	if (path.n >= sizeof to.sun_path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(to.sun_path, path.p, path.n);
	fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait) == 0 &&
		connect(fd, (struct sockaddr *)&to, sizeof to) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

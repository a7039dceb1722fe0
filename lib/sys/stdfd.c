/* SPDX-License-Identifier: ISC */
#include "sys/stdfd.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Not in musl's headers; see close_range(2). */
#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC 4
#endif

int
stdfd_fill(void)
{
	struct pollfd fds[3] = { { .fd = 0 }, { .fd = 1 }, { .fd = 2 } };

	while (poll(fds, 3, 0) == -1)
		if (errno != EINTR)
			return -1;
	if (fds[0].revents & POLLNVAL) {
		errno = EBADF;
		return -1;
	}
	/* The lowest free descriptor is taken, so they fill in order. These
	 * three are meant to be inherited. */
	for (int i = 1; i < 3; i++)
		if (fds[i].revents & POLLNVAL && open("/dev/null", O_RDWR) != i)
			return -1;
	return 0;
}

void
stdfd_close_others(bool later)
{
	/* A kernel without it (before 5.11) leaves them as they are: they are
	 * a supervisor's oversight, not ours. */
	(void)syscall(
		SYS_close_range, 3, UINT_MAX, later ? CLOSE_RANGE_CLOEXEC : 0);
}

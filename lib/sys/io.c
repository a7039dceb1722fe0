/* SPDX-License-Identifier: ISC */
#include "sys/io.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "sys/clock.h"

/* Milliseconds until the deadline as poll wants them. */
static int
time_left(int64_t deadline)
{
	int64_t left;

	if (deadline == CLOCK_NEVER)
		return -1;
	left = deadline - clock_ms();
	return left < 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

/* Waits once, with all signals let in: one that came since *stop was looked
 * at ends the wait at once. */
static int
wait_open(struct pollfd *p, int timeout)
{
	struct timespec left = { timeout / 1000, timeout % 1000 * 1000000L };
	sigset_t none;

	sigemptyset(&none);
	return ppoll(p, 1, timeout < 0 ? NULL : &left, &none);
}

static int
io_wait(int fd, short events, int64_t deadline,
	const volatile sig_atomic_t *stop)
{
	struct pollfd p = { .fd = fd, .events = events };

	for (;;) {
		int timeout = time_left(deadline);

		if (stop && *stop) {
			errno = EINTR;
			return -1;
		}
		switch (stop ? wait_open(&p, timeout) : poll(&p, 1, timeout)) {
		case 1:
			return 0;
		case 0:
			errno = ETIMEDOUT;
			return -1;
		default:
			if (errno != EINTR)
				return -1;
		}
	}
}

int
io_wait_read(int fd, int64_t deadline, const volatile sig_atomic_t *stop)
{
	return io_wait(fd, POLLIN, deadline, stop);
}

int
io_wait_write(int fd, int64_t deadline)
{
	return io_wait(fd, POLLOUT, deadline, NULL);
}

ssize_t
io_read(int fd, void *to, size_t n, int64_t deadline,
	const volatile sig_atomic_t *stop)
{
	ssize_t got;

	do {
		if (io_wait_read(fd, deadline, stop) == -1)
			return -1;
		got = read(fd, to, n);
	} while (got == -1 && (errno == EINTR || errno == EAGAIN));
	return got;
}

/* Writes what goes without waiting. A socket is asked so; what is none takes
 * a page when it can be written (pipe(7)), and more might block. */
static ssize_t
write_some(int fd, const char *from, size_t n, int flags, int64_t deadline)
{
	ssize_t put = send(fd, from, n, flags | MSG_DONTWAIT | MSG_NOSIGNAL);

	if (put != -1 || errno != ENOTSOCK)
		return put;
	if (io_wait_write(fd, deadline) == -1)
		return -1;
	return write(fd, from, n < PIPE_BUF ? n : PIPE_BUF);
}

static int
write_all(int fd, const char *p, size_t n, int flags, int64_t deadline)
{
	while (n) {
		ssize_t put = write_some(fd, p, n, flags, deadline);

		if (put == -1 && errno == EAGAIN &&
			io_wait_write(fd, deadline) == -1)
			return -1;
		if (put == -1 && errno != EINTR && errno != EAGAIN)
			return -1;
		if (put > 0) {
			p += put;
			n -= (size_t)put;
		}
	}
	return 0;
}

int
io_write(int fd, const void *from, size_t n, int64_t deadline)
{
	return write_all(fd, from, n, 0, deadline);
}

int
io_write_last(int fd, const void *from, size_t n, int64_t deadline)
{
	return write_all(fd, from, n, MSG_MORE, deadline);
}

int
io_write_at(int fd, const void *from, size_t n, uint64_t at)
{
	const char *p = from;

	while (n) {
		ssize_t put = pwrite(fd, p, n, (off_t)at);

		if (put == -1 && errno == EINTR)
			continue;
		if (put == -1)
			return -1;
		p += put;
		n -= (size_t)put;
		at += (uint64_t)put;
	}
	return 0;
}

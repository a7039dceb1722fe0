/* SPDX-License-Identifier: ISC
 *
 * io: reads and writes that end: every call has a deadline on the monotonic
 * clock (sys/clock.h). EINTR is retried. Descriptors may be blocking. */
#ifndef SYS_IO_H
#define SYS_IO_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Waits until fd can be read (written). Returns 0, or -1 with errno:
 * ETIMEDOUT at the deadline, EINTR when *stop (may be NULL) became non-zero.
 * Who gives a stop keeps its signals blocked elsewhere: they are let in only
 * while this waits, so none comes between the look and the wait. */
int io_wait_read(int fd, int64_t deadline, const volatile sig_atomic_t *stop);
int io_wait_write(int fd, int64_t deadline);

/* Reads what is there, at least one byte. Returns the count, 0 at the end of
 * the stream, or -1 with errno (ETIMEDOUT, or EINTR for *stop as above). */
ssize_t io_read(int fd, void *to, size_t n, int64_t deadline,
	const volatile sig_atomic_t *stop);

/* Writes everything. Returns 0, or -1 with errno (ETIMEDOUT: the reader did
 * not take it in time). SIGPIPE must be ignored by the caller. */
int io_write(int fd, const void *from, size_t n, int64_t deadline);

/* The same for the last words before the descriptor is closed: a socket may
 * keep them until then, and send them together with the end. */
int io_write_last(int fd, const void *from, size_t n, int64_t deadline);

/* Writes everything to a file at an offset, without a deadline: a disk has
 * none. Returns 0, or -1 with errno. */
int io_write_at(int fd, const void *from, size_t n, uint64_t at);

#endif

/* SPDX-License-Identifier: ISC */
#include "sys/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include "sys/io.h"

/* A file on a disk that never has a name; -1: nowhere. */
static int
open_on_disk(void)
{
	const char *dirs[] = { getenv("TMPDIR"), "/var/tmp", "/tmp" };

	for (size_t i = 0; i < LEN(dirs); i++) {
		int fd = -1;

		if (dirs[i] && *dirs[i] == '/')
			fd = openat(AT_FDCWD, dirs[i],
				O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
		if (fd != -1)
			return fd;
	}
	return -1;
}

int
scratch_open(struct scratch *s)
{
	*s = (struct scratch){ .fd = memfd_create("mail", MFD_CLOEXEC) };
	if (s->fd == -1) {
		s->fd = open_on_disk();
		s->moved = true;
	}
	return s->fd == -1 ? -1 : 0;
}

static int
copy(int to, int from, uint64_t size)
{
	off_t at = 0;

	while ((uint64_t)at < size) {
		ssize_t n = sendfile(to, from, &at, (size_t)size - (size_t)at);

		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
	}
	return 0;
}

/* A disk that cannot take it leaves it where it is. */
static void
move(struct scratch *s)
{
	int fd = open_on_disk();

	s->moved = true;
	if (fd == -1)
		return;
	if (copy(fd, s->fd, s->size) == -1) {
		close(fd);
		return;
	}
	close(s->fd);
	s->fd = fd;
}

int
scratch_write(struct scratch *s, struct span text)
{
	if (!s->moved && s->size + text.n > SCRATCH_MEMORY)
		move(s);
	if (io_write_at(s->fd, text.p, text.n, s->size) == -1)
		return -1;
	s->size += text.n;
	return 0;
}

int
scratch_write_at(struct scratch *s, struct span text, uint64_t at)
{
	return io_write_at(s->fd, text.p, text.n, at);
}

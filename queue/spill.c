/* SPDX-License-Identifier: ISC */
#include "queue/spill.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

#include "queue/format.h"
#include "sys/clock.h"
#include "sys/home.h"
#include "sys/io.h"

#define SPILL_MODE 0600

/* A file whose name goes at once, where there is no O_TMPFILE. */
static int
open_named(struct buf *path)
{
	char id[QUEUE_ID];
	uint64_t chance;
	int fd;

	if (getrandom(&chance, sizeof chance, 0) != sizeof chance)
		return -1;
	queue_id_print(id, clock_wall_us(), chance);
	buf_char(path, '/');
	buf_span(path, (struct span){ id, sizeof id });
	fd = open(buf_cstr(path),
		O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, SPILL_MODE);
	if (fd != -1)
		unlink(path->p);
	return fd;
}

static int
open_file(void)
{
	char queue[LIMIT_PATH];
	char text[LIMIT_PATH + QUEUE_ID + 8];
	struct buf path = BUF(text);
	int fd;

	if (!home_queue(queue))
		return -1;
	buf_str(&path, queue);
	buf_str(&path, "/tmp");
	fd = open(buf_cstr(&path), O_RDWR | O_TMPFILE | O_CLOEXEC, SPILL_MODE);
	if (fd != -1 ||
		(errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
		return fd;
	return open_named(&path);
}

static int
flush(struct spill *s)
{
	if (!s->fd) {
		int fd = open_file();

		if (fd == -1)
			return -1;
		s->fd = fd;
	}
	if (io_write_at(s->fd, s->buffer, s->held, s->written) == -1)
		return -1;
	s->written += s->held;
	s->held = 0;
	return 0;
}

enum spill_verdict
spill_take(struct spill *s, int from, int64_t deadline)
{
	for (;;) {
		ssize_t n;

		if (s->held == sizeof s->buffer && flush(s) == -1)
			return SPILL_WRITE;
		n = io_read(from, s->buffer + s->held,
			sizeof s->buffer - s->held, deadline, NULL);
		if (n == -1)
			return SPILL_READ;
		if (n == 0)
			break;
		s->held += (size_t)n;
	}
	/* the buffer is for reading from now on */
	return s->fd && s->held && flush(s) == -1 ? SPILL_WRITE : SPILL_DONE;
}

enum spill_verdict
spill_give(struct spill *s, spill_sink *sink, void *ctx)
{
	uint64_t at = 0;

	if (s->held && sink(ctx, (struct span){ s->buffer, s->held }) == -1)
		return SPILL_STOP;
	while (at < s->written) {
		ssize_t n =
			pread(s->fd, s->buffer, sizeof s->buffer, (off_t)at);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == 0)
			errno = EIO; /* it was there */
		if (n <= 0)
			return SPILL_WRITE;
		if (sink(ctx, (struct span){ s->buffer, (size_t)n }) == -1)
			return SPILL_STOP;
		at += (uint64_t)n;
	}
	return SPILL_DONE;
}

void
spill_close(struct spill *s)
{
	if (s->fd)
		close(s->fd);
	s->fd = 0;
	s->held = 0;
	s->written = 0;
}

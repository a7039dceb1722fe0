/* SPDX-License-Identifier: ISC */
#include "smtp/wire.h"

#include <errno.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "sys/clock.h"
#include "sys/io.h"

void
wire_begin(struct wire *w, int in_fd, int out_fd)
{
	w->in_fd = in_fd;
	w->out_fd = out_fd;
	w->timeout = 0;
	w->end = CLOCK_NEVER;
	w->in = (struct span){ w->in_text, 0 };
	w->out = BUF(w->out_text);
}

static int64_t
sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Sends what has gathered. A session that is over may still say so: it gets
 * the timeout from now, whatever its end. */
static enum wire_verdict
flush(struct wire *w, int (*write)(int, const void *, size_t, int64_t))
{
	if (!w->out.len)
		return WIRE_OK;
	if (write(w->out_fd, w->out.p, w->out.len, clock_ms() + w->timeout) ==
		-1)
		return WIRE_LOST;
	w->out.len = 0;
	return WIRE_OK;
}

enum wire_verdict
wire_flush(struct wire *w)
{
	return flush(w, io_write);
}

enum wire_verdict
wire_room(struct wire *w, size_t octets)
{
	return w->out.cap - w->out.len < octets ? wire_flush(w) : WIRE_OK;
}

enum wire_verdict
wire_fill(struct wire *w, int64_t until, const volatile sig_atomic_t *stop)
{
	enum wire_verdict flushed = wire_flush(w);
	ssize_t n;

	if (flushed != WIRE_OK)
		return flushed;
	until = sooner(sooner(until, w->end), clock_ms() + w->timeout);
	n = io_read(w->in_fd, w->in_text, sizeof w->in_text, until, stop);
	if (n > 0) {
		w->in = (struct span){ w->in_text, (size_t)n };
		return WIRE_OK;
	}
	if (n == 0)
		return WIRE_END;
	switch (errno) {
	case ETIMEDOUT:
		return WIRE_TIMEOUT;
	case EINTR:
		return WIRE_STOP;
	default:
		return WIRE_LOST;
	}
}

bool
wire_waiting(const struct wire *w)
{
	int n;

	if (w->in.n)
		return true;
	return ioctl(w->in_fd, FIONREAD, &n) == 0 && n > 0;
}

bool
wire_empty(const struct wire *w)
{
	int n;

	return w->in.n == 0 && ioctl(w->in_fd, FIONREAD, &n) == 0 && n == 0;
}

void
wire_end(struct wire *w)
{
	int64_t until = clock_ms() + WIRE_LINGER;
	size_t left = 16 * sizeof w->in_text;
	ssize_t n;

	if (!wire_waiting(w)) {
		(void)flush(w, io_write_last);
		return;
	}
	if (wire_flush(w) != WIRE_OK)
		return;
	/* not a socket: then there is nothing to reset either */
	if (shutdown(w->out_fd, SHUT_WR) == -1)
		return;
	do
		n = io_read(
			w->in_fd, w->in_text, sizeof w->in_text, until, NULL);
	while (n > 0 && (left -= (size_t)n) > sizeof w->in_text);
}

/* SPDX-License-Identifier: ISC */
#include "smtp/link.h"

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "sys/clock.h"

void
link_begin(struct link *w, int fd, int64_t cap)
{
	struct timeval tv;
	int on = 1;

	w->fd = fd;
	w->stream = NULL;
	w->at = w->len = 0;
	w->in[0] = '\0';
	memset(&w->reply, 0, sizeof w->reply);
	w->tick = LINK_TICK_MS;
	if (cap > 0 && cap / 2 < w->tick)
		w->tick = cap / 2 + 1;
	tv.tv_sec = (time_t)(w->tick / 1000);
	tv.tv_usec = (suseconds_t)(w->tick % 1000 * 1000);
	/* Without the receive timeout each read is preceded by a poll. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv) == -1)
		w->tick = INT64_MAX;
	/* Fails on what is not TCP, and costs only time where it fails. */
	if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == -1)
		return;
}

void
link_cover(struct link *w, struct stream *stream)
{
	w->stream = stream;
}

void
link_close(struct link *w)
{
	if (w->stream)
		w->stream->close(w->stream);
	w->stream = NULL;
	if (w->fd != -1)
		close(w->fd);
	w->fd = -1;
	w->at = w->len = 0;
}

enum link_verdict
link_take(struct link *w)
{
	struct span in = { w->in + w->at, w->len - w->at };
	enum reply_verdict verdict = reply_feed(&w->reply, &in);

	w->at = w->len - in.n;
	switch (verdict) {
	case REPLY_MORE:
		return LINK_OK;
	case REPLY_LINE:
		return LINK_LINE;
	case REPLY_READY:
		return LINK_REPLY;
	default:
		return LINK_BAD;
	}
}

/* Waits for one of the events. LINK_OK, LINK_LATE or LINK_LOST. */
static enum link_verdict
wait_for(struct link *w, short events, int64_t deadline, short *seen)
{
	struct pollfd p = { .fd = w->fd, .events = events };
	int n;

	do {
		int64_t left = deadline - clock_ms();

		if (left <= 0)
			return LINK_LATE;
		n = poll(&p, 1, left > INT_MAX ? INT_MAX : (int)left);
	} while (n == 0 || (n == -1 && errno == EINTR));
	*seen = p.revents;
	return n == -1 ? LINK_LOST : LINK_OK;
}

static ssize_t
get(struct link *w, bool wait)
{
	if (w->stream)
		return w->stream->read(w->stream, w->in, sizeof w->in, wait);
	return recv(w->fd, w->in, sizeof w->in, wait ? 0 : MSG_DONTWAIT);
}

static ssize_t
put(struct link *w, struct span out)
{
	if (w->stream)
		return w->stream->write(w->stream, out.p, out.n);
	return send(w->fd, out.p, out.n, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* Reads into the empty buffer. LINK_OK also when nothing came in time. */
static enum link_verdict
fill(struct link *w, bool wait)
{
	ssize_t got = get(w, wait);

	w->at = w->len = 0;
	if (got > 0)
		w->len = (size_t)got;
	else if (got == 0 || (errno != EAGAIN && errno != EINTR))
		return LINK_LOST;
	return LINK_OK;
}

/* The same for a reply that is due. */
static enum link_verdict
fill_due(struct link *w, int64_t deadline)
{
	/* The socket's own timeout saves a call where it is sure to end in
	 * time. */
	bool wait = deadline - clock_ms() >= w->tick;
	enum link_verdict verdict = LINK_OK;
	short seen;

	if (!wait && w->stream) {
		/* it may hold what poll does not see any more */
		verdict = fill(w, false);
		if (verdict != LINK_OK || w->len)
			return verdict;
	}
	if (!wait)
		verdict = wait_for(w, w->stream ? w->stream->events : POLLIN,
			deadline, &seen);
	return verdict == LINK_OK ? fill(w, true) : verdict;
}

enum link_verdict
link_reply(struct link *w, int64_t deadline)
{
	enum link_verdict verdict;

	while ((verdict = link_take(w)) == LINK_OK) {
		verdict = fill_due(w, deadline);
		if (verdict != LINK_OK)
			return verdict;
	}
	return verdict;
}

enum link_verdict
link_write(struct link *w, struct span *out, int64_t deadline)
{
	while (out->n) {
		ssize_t n = put(w, *out);
		enum link_verdict verdict;
		short seen;

		if (n >= 0) {
			*out = span_from(*out, (size_t)n);
			continue;
		}
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN)
			return LINK_LOST;
		if (w->at < w->len)
			return LINK_INPUT;
		verdict = wait_for(w, POLLIN | POLLOUT, deadline, &seen);
		if (verdict != LINK_OK)
			return verdict;
		if (!(seen & POLLIN))
			continue;
		verdict = fill(w, false);
		if (verdict != LINK_OK)
			return verdict;
		if (w->len)
			return LINK_INPUT;
	}
	return LINK_OK;
}

bool
link_quiet(struct link *w)
{
	char byte;
	ssize_t got;

	if (w->at < w->len || (w->reply.seen && !w->reply.done))
		return false;
	if (w->stream)
		return fill(w, false) == LINK_OK && w->len == 0;
	got = recv(w->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
	return got == -1 && (errno == EAGAIN || errno == EINTR);
}

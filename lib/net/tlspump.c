/* SPDX-License-Identifier: ISC */
#include "net/tlspump.h"

#include <errno.h>
#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>

#include "pure/span.h"
#include "sys/clock.h"
#include "sys/io.h"

enum {
	LANE = 16384, /* octets on the way: a record of TLS */
	FLUSH = 5000, /* milliseconds for what is on its way when the session
		       * ends, and for the close_notify */
	LINGER = 2000,
	LINGER_OCTETS = 65536,
};

/* One direction. */
struct lane {
	char text[LANE];
	size_t at;  /* of the first octet on its way */
	size_t end; /* behind the last */
	bool over;  /* nothing more comes in */
	short wait; /* what TLS waits for, POLLIN or POLLOUT */
};

struct pump {
	SSL *ssl;
	struct tlswire *wire;
	int inside;
	bool told;     /* `inside` knows that the client has ended */
	bool broken;   /* nothing goes out to the client any more */
	int64_t until; /* CLOCK_NEVER while the session lives */
	struct lane in;
	struct lane out;
};

static struct pump pump;

static bool
is_empty(const struct lane *lane)
{
	return lane->at == lane->end;
}

/* What a call of TLS that did nothing waits for; 0: it will not do anything
 * any more. */
static short
waits_for(const SSL *ssl, int result)
{
	switch (SSL_get_error(ssl, result)) {
	case SSL_ERROR_WANT_READ:
		return POLLIN;
	case SSL_ERROR_WANT_WRITE:
		return POLLOUT;
	default:
		return 0;
	}
}

/* Client to lane. True when something has happened. */
static bool
take_client(struct pump *p)
{
	struct lane *in = &p->in;
	size_t got = 0;
	int result;

	in->wait = 0;
	if (in->over || !is_empty(in))
		return false;
	ERR_clear_error();
	result = SSL_read_ex(p->ssl, in->text, sizeof in->text, &got);
	if (result == 1) {
		in->at = 0;
		in->end = got;
		tlswire_useful(p->wire);
		return true;
	}
	in->wait = waits_for(p->ssl, result);
	if (in->wait)
		return false;
	in->over = true;
	/* but for a close_notify, TLS cannot be written to, either */
	p->broken |= !(SSL_get_shutdown(p->ssl) & SSL_RECEIVED_SHUTDOWN);
	return true;
}

/* Lane to the session inside. */
static bool
give_inside(struct pump *p)
{
	struct lane *in = &p->in;
	ssize_t put;

	if (is_empty(in)) {
		if (!in->over || p->told)
			return false;
		p->told = true;
		shutdown(p->inside, SHUT_WR);
		return true;
	}
	put = send(p->inside, in->text + in->at, in->end - in->at,
		MSG_DONTWAIT | MSG_NOSIGNAL);
	if (put > 0) {
		in->at += (size_t)put;
		return true;
	}
	if (errno == EAGAIN || errno == EINTR)
		return false;
	/* it reads no more: what the client says is for nobody */
	in->at = in->end;
	in->over = true;
	return true;
}

static bool
take_inside(struct pump *p)
{
	struct lane *out = &p->out;
	ssize_t got;

	if (out->over || !is_empty(out))
		return false;
	got = recv(p->inside, out->text, sizeof out->text, MSG_DONTWAIT);
	if (got == -1 && (errno == EAGAIN || errno == EINTR))
		return false;
	out->at = 0;
	out->end = got > 0 ? (size_t)got : 0;
	out->over = got <= 0;
	return true;
}

static bool
give_client(struct pump *p)
{
	struct lane *out = &p->out;
	size_t put = 0;
	int result;

	out->wait = 0;
	if (is_empty(out))
		return false;
	if (p->broken) {
		out->at = out->end;
		return true;
	}
	ERR_clear_error();
	result = SSL_write_ex(
		p->ssl, out->text + out->at, out->end - out->at, &put);
	if (result == 1) {
		out->at += put;
		return true;
	}
	out->wait = waits_for(p->ssl, result);
	p->broken |= !out->wait;
	return !out->wait;
}

/* Waits for what the lanes wait for. A client that reads nothing must not keep
 * us when the session has ended. */
static void
rest(struct pump *p)
{
	struct pollfd fds[] = {
		{.fd = p->wire->fd, .events = p->in.wait | p->out.wait},
		{ .fd = p->inside,  .events = 0                       },
	};
	int64_t left = p->until - clock_ms();

	if (left <= 0) {
		p->broken = true;
		return;
	}
	if (p->until == CLOCK_NEVER)
		fds[1].events |= POLLRDHUP;
	if (!is_empty(&p->in))
		fds[1].events |= POLLOUT;
	if (!p->out.over && is_empty(&p->out))
		fds[1].events |= POLLIN;
	/* a socket that nothing is wanted of would wake us all the same */
	for (size_t i = 0; i < LEN(fds); i++)
		if (!fds[i].events)
			fds[i].fd = -1;
	poll(fds, LEN(fds), p->until == CLOCK_NEVER ? -1 : (int)left);
	if (p->until == CLOCK_NEVER && fds[1].revents & (POLLRDHUP | POLLHUP))
		p->until = clock_ms() + FLUSH;
}

/* The last word of TLS. */
static void
say_end(const struct pump *p)
{
	int64_t deadline = clock_ms() + FLUSH;
	int result;

	if (p->broken)
		return;
	ERR_clear_error();
	while ((result = SSL_shutdown(p->ssl)) < 0)
		if (waits_for(p->ssl, result) != POLLOUT ||
			io_wait_write(p->wire->fd, deadline) == -1)
			return;
}

void
tlspump_run(SSL *ssl, struct tlswire *wire, int inside)
{
	struct pump *p = &pump;

	p->ssl = ssl;
	p->wire = wire;
	p->inside = inside;
	p->until = CLOCK_NEVER;
	while (!p->out.over || !is_empty(&p->out)) {
		bool moved = take_client(p);

		moved |= give_inside(p);
		moved |= take_inside(p);
		moved |= give_client(p);
		if (!moved)
			rest(p);
	}
	say_end(p);
	tlspump_linger(wire->fd);
}

void
tlspump_linger(int fd)
{
	int64_t deadline = clock_ms() + LINGER;
	char text[4096];
	ssize_t got = 1;

	shutdown(fd, SHUT_WR);
	for (size_t all = 0; got > 0 && all < LINGER_OCTETS; all += (size_t)got)
		got = io_read(fd, text, sizeof text, deadline, NULL);
}

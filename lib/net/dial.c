/* SPDX-License-Identifier: ISC */
#include "net/dial.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sys/clock.h"

/* How long an address may be silent before the next one is asked as well
 * (RFC 8305 5 recommends 250 ms). */
enum { STAGGER_MS = 300 };

/* The attempts under way. An fd of -1 is one that has ended. */
struct dial {
	struct pollfd poll[DNS_ADDRESSES];
	int64_t deadline[DNS_ADDRESSES];
	size_t started;
	size_t alive;
	int64_t next; /* when to start the next address */
	int error;    /* of the last failure */
	bool unbound; /* a source address could not be used: `error` */
};

static socklen_t
socket_address(struct sockaddr_storage *out, const struct ip *ip, uint16_t port)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET,
		.sin_port = htons(port) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6,
		.sin6_port = htons(port) };

	if (ip->family == IP_V4) {
		memcpy(&v4.sin_addr, ip->byte, sizeof v4.sin_addr);
		memcpy(out, &v4, sizeof v4);
		return sizeof v4;
	}
	memcpy(&v6.sin6_addr, ip->byte, sizeof v6.sin6_addr);
	memcpy(out, &v6, sizeof v6);
	return sizeof v6;
}

static void
dial_drop(struct dial *d, size_t i, int error)
{
	close(d->poll[i].fd);
	d->poll[i].fd = -1;
	d->alive--;
	d->error = error;
	d->next = 0;
}

/* Our end of the connection, when it is to be a certain one. The port is
 * chosen when the connection is made (ip(7)). */
static int
bind_source(int fd, const struct ip *source)
{
	struct sockaddr_storage from;
	socklen_t size;
	int on = 1;

	if (!source || !source->family)
		return 0;
	size = socket_address(&from, source, 0);
	setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
	return bind(fd, (struct sockaddr *)&from, size);
}

/* Begins a connection that poll will report on. */
static void
dial_start(struct dial *d, const struct ip *ip, uint16_t port,
	const struct ip *source, int64_t timeout)
{
	struct sockaddr_storage to;
	socklen_t size = socket_address(&to, ip, port);
	size_t i = d->started++;
	int64_t now = clock_ms();
	int fd = socket(
		to.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	d->poll[i] = (struct pollfd){ .fd = fd, .events = POLLOUT };
	d->deadline[i] = now + timeout;
	d->next = now + STAGGER_MS;
	if (fd == -1) {
		d->error = errno;
		d->next = 0;
		return;
	}
	d->alive++;
	if (bind_source(fd, source) == -1) {
		d->unbound = true;
		dial_drop(d, i, errno);
	} else if (connect(fd, (struct sockaddr *)&to, size) == -1 &&
		   errno != EINPROGRESS && errno != EINTR)
		dial_drop(d, i, errno);
}

/* Waits for news, a deadline, or the time of the next start. */
static void
dial_wait(struct dial *d, bool more)
{
	int64_t until = more ? d->next : CLOCK_NEVER;
	int64_t left;

	for (size_t i = 0; i < d->started; i++)
		if (d->poll[i].fd != -1 && d->deadline[i] < until)
			until = d->deadline[i];
	left = until - clock_ms();
	if (left < 0)
		left = 0;
	if (poll(d->poll, d->started, left > INT_MAX ? INT_MAX : (int)left) <=
		0)
		for (size_t i = 0; i < d->started; i++)
			d->poll[i].revents = 0;
}

/* Which attempt has a connection, or -1. The failed and the late are gone. */
static int
dial_winner(struct dial *d)
{
	int64_t now = clock_ms();

	for (size_t i = 0; i < d->started; i++) {
		int error = 0;
		socklen_t size = sizeof error;

		if (d->poll[i].fd == -1)
			continue;
		if (d->poll[i].revents) {
			if (getsockopt(d->poll[i].fd, SOL_SOCKET, SO_ERROR,
				    &error, &size) == -1)
				error = errno;
			if (!error)
				return (int)i;
			dial_drop(d, i, error);
		} else if (now >= d->deadline[i]) {
			dial_drop(d, i, ETIMEDOUT);
		}
	}
	return -1;
}

/* The winner alone stays open, as a blocking socket. */
static int
dial_finish(struct dial *d, int winner)
{
	int fd = -1;

	for (size_t i = 0; i < d->started; i++)
		if (d->poll[i].fd != -1 && (int)i == winner)
			fd = d->poll[i].fd;
		else if (d->poll[i].fd != -1)
			close(d->poll[i].fd);
	if (fd != -1 && fcntl(fd, F_SETFL, 0) == -1) {
		d->error = errno;
		close(fd);
		fd = -1;
	}
	if (fd == -1)
		errno = d->error;
	return fd;
}

/* The addresses of the host that may be asked from there. */
static size_t
choose_addresses(struct ip out[DNS_ADDRESSES], const struct dns_host *host,
	const struct ip source[2])
{
	bool any = !source || (!source[0].family && !source[1].family);
	size_t n = 0;

	for (size_t i = 0; i < host->addresses && n < DNS_ADDRESSES; i++)
		if (any || source[host->address[i].family == IP_V6].family)
			out[n++] = host->address[i];
	return n;
}

int
dial_host(const struct dns_host *host, uint16_t port, const struct ip source[2],
	int64_t timeout_ms, struct ip *reached)
{
	struct dial d = { .error = EHOSTUNREACH };
	struct ip address[DNS_ADDRESSES];
	size_t n = choose_addresses(address, host, source);
	int winner = -1;
	int fd;

	if (n == 0 && host->addresses) {
		errno = EAFNOSUPPORT;
		return -2;
	}
	while (winner == -1 && (d.alive || d.started < n)) {
		if (d.started < n && clock_ms() >= d.next) {
			const struct ip *ip = &address[d.started];

			dial_start(&d, ip, port,
				source ? &source[ip->family == IP_V6] : NULL,
				timeout_ms);
			continue;
		}
		dial_wait(&d, d.started < n);
		winner = dial_winner(&d);
	}
	if (winner != -1)
		*reached = address[winner];
	fd = dial_finish(&d, winner);
	return fd == -1 && d.unbound ? -2 : fd;
}

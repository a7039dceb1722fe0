/* SPDX-License-Identifier: ISC */
#include "sys/packet.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

/* Room for one descriptor, aligned as the kernel wants it. */
union control_room {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(sizeof(int))];
};

/* Ancillary data that carries fd. */
static void
attach(struct msghdr *m, union control_room *room, int fd)
{
	struct cmsghdr *c;

	memset(room, 0, sizeof *room);
	m->msg_control = room->bytes;
	m->msg_controllen = sizeof room->bytes;
	c = CMSG_FIRSTHDR(m);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof fd);
	memcpy(CMSG_DATA(c), &fd, sizeof fd);
}

int
packet_send(int to, struct span packet, int fd, bool wait)
{
	struct iovec part = { .iov_base = (void *)(uintptr_t)packet.p,
		.iov_len = packet.n };
	struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1 };
	union control_room room;
	ssize_t n;

	if (fd != -1)
		attach(&m, &room, fd);
	do
		n = sendmsg(to, &m, MSG_NOSIGNAL | (wait ? 0 : MSG_DONTWAIT));
	while (n == -1 && errno == EINTR);
	return n == -1 ? -1 : 0;
}

/* The one descriptor that came with m, or -1. The room has a place for two, for
 * alignment's sake: whoever sends more than one has none taken. */
static int
attached(struct msghdr *m)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(m);
	int fd[2];
	size_t n;

	if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
		return -1;
	n = (c->cmsg_len - CMSG_LEN(0)) / sizeof fd[0];
	if (n > LEN(fd))
		n = LEN(fd);
	memcpy(fd, CMSG_DATA(c), n * sizeof fd[0]);
	if (n == 1)
		return fd[0];
	while (n)
		close(fd[--n]);
	return -1;
}

ssize_t
packet_receive(int from, void *buf, size_t n, int *fd, bool wait)
{
	struct iovec part = { .iov_base = buf, .iov_len = n };
	union control_room room;
	struct msghdr m = { .msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = room.bytes,
		.msg_controllen = sizeof room.bytes };
	ssize_t got;
	int came;

	if (fd)
		*fd = -1;
	got = recvmsg(from, &m, MSG_CMSG_CLOEXEC | (wait ? 0 : MSG_DONTWAIT));
	if (got <= 0)
		return got;
	came = attached(&m);
	if (came != -1 && (!fd || m.msg_flags & MSG_TRUNC))
		close(came);
	else if (fd)
		*fd = came;
	if (m.msg_flags & MSG_TRUNC) {
		errno = EMSGSIZE;
		return -1;
	}
	return got;
}

/* SPDX-License-Identifier: ISC */
#include "admin/own.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sys/clock.h"
#include "sys/home.h"
#include "sys/io.h"
#include "sys/peer.h"
#include "sys/unixsock.h"

enum { PATIENCE_MS = 60000 };

/* Reads the request to its end. Returns its length, or -1 with errno. */
static ssize_t
read_request(char *request)
{
	int64_t deadline = clock_ms() + PATIENCE_MS;
	size_t held = 0;

	for (;;) {
		ssize_t n = io_read(STDIN_FILENO, request + held,
			OWN_REQUEST - held, deadline, NULL);

		if (n == -1)
			return -1;
		if (n == 0)
			return (ssize_t)held;
		held += (size_t)n;
		if (held == OWN_REQUEST) {
			errno = E2BIG;
			return -1;
		}
	}
}

int
own_take(char client[32], char *argv[OWN_ARGUMENTS + 2])
{
	static char request[OWN_REQUEST];
	struct peer peer;
	struct buf name = { client, 32, 0, false };
	ssize_t n;
	int argc = 1;

	if (peer_of(&peer, STDIN_FILENO) == -1)
		return -1;
	if (!peer.socket || peer.kind != PEER_LOCAL) {
		errno = ENOTSOCK;
		return -1;
	}
	if (peer.uid != 0 && peer.uid != geteuid())
		peer_print(&name, &peer);
	buf_cstr(&name);
	n = read_request(request);
	if (n == -1)
		return -1;
	for (char *at = request; at < request + n; at += strlen(at) + 1) {
		if (argc > OWN_ARGUMENTS || request[n - 1] != '\0') {
			errno = EINVAL;
			return -1;
		}
		argv[argc++] = at;
	}
	argv[argc] = NULL;
	return argc;
}

static int
dial(void)
{
	char path[LIMIT_PATH];

	return home_mailq(path) ? unixsock_connect(span_of(path), SOCK_STREAM,
					  PATIENCE_MS)
				: -1;
}

static int
send_arguments(int fd, char **argv, int64_t deadline)
{
	for (; *argv; argv++)
		if (io_write(fd, *argv, strlen(*argv) + 1, deadline) == -1)
			return -1;
	return shutdown(fd, SHUT_WR);
}

static int
copy_list(int fd, int64_t deadline)
{
	char text[8192];
	ssize_t n;

	while ((n = io_read(fd, text, sizeof text, deadline, NULL)) > 0)
		if (io_write(STDOUT_FILENO, text, (size_t)n, deadline) == -1)
			return -1;
	return (int)n;
}

int
own_ask(char **argv)
{
	int64_t deadline = clock_ms() + PATIENCE_MS;
	int fd = dial();
	int result;

	if (fd == -1)
		return -1;
	result = send_arguments(fd, argv + 1, deadline);
	if (result == 0)
		result = copy_list(fd, deadline);
	close(fd);
	return result;
}

/* SPDX-License-Identifier: ISC */
#include "sys/template.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "sys/child.h"
#include "sys/packet.h"

enum {
	ANSWER_SECONDS = 5,
	VARIABLES = 512, /* octets of one connection's */
	ENVIRONMENT = 48,
};

int
template_start(char *const argv[], char *const env[])
{
	static const struct timeval patience = { .tv_sec = ANSWER_SECONDS };
	int pair[2];
	int error;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == -1)
		return -1;
	if (setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &patience,
		    sizeof patience) == 0 &&
		child_start(argv, env,
			&(struct child_fd){ pair[1], STDIN_FILENO }, 1) != -1) {
		close(pair[1]);
		return pair[0];
	}
	error = errno;
	close(pair[0]);
	close(pair[1]);
	errno = error;
	return -1;
}

pid_t
template_copy(int template, struct span variables, int fd)
{
	int answer;
	ssize_t n;

	if (packet_send(template, variables, fd, true) == -1)
		return -1;
	n = packet_receive(template, &answer, sizeof answer, NULL, true);
	if (n == (ssize_t)sizeof answer && answer > 0)
		return answer;
	if (n == (ssize_t)sizeof answer && answer < 0)
		errno = -answer;
	else if (n != -1)
		errno = EPIPE;
	else if (errno == EAGAIN)
		errno = ETIMEDOUT;
	return -1;
}

/* The environment of the template, and behind it a connection's. Copies find it
 * made: what they need not write stays a page that they share. */
static char *variables[ENVIRONMENT];

static size_t
keep_own(void)
{
	size_t own = 0;

	while (environ[own] && own < LEN(variables) - 1) {
		variables[own] = environ[own];
		own++;
	}
	environ = variables;
	return own;
}

static void
add(size_t used, char *text, size_t n)
{
	for (char *p = text; p < text + n && used < LEN(variables) - 1;
		p += strlen(p) + 1)
		variables[used++] = p;
	variables[used] = NULL;
}

static int
become(int fd)
{
	if (dup2(fd, STDIN_FILENO) == -1 || dup2(fd, STDOUT_FILENO) == -1)
		_exit(111);
	close(fd);
	return 0;
}

int
template_serve(int from, bool (*fit)(void))
{
	static char text[VARIABLES + 1];
	size_t own = keep_own();

	for (;;) {
		int fd;
		int answer = -EINVAL;
		ssize_t n = packet_receive(from, text, VARIABLES, &fd, true);

		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0 || errno == ECONNRESET ? 1 : -1;
		if (fit && !fit()) {
			close(fd);
			return 1;
		}
		/* nor may a copy see who came before */
		memset(text + n, 0, sizeof text - (size_t)n);
		add(own, text, (size_t)n);
		if (fd != -1) {
			/* our parent's child, as if it had started it */
			answer = (int)syscall(
				SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
			if (answer == 0)
				return become(fd);
			if (answer == -1)
				answer = -errno;
			close(fd);
		}
		if (packet_send(from,
			    (struct span){ (char *)&answer, sizeof answer }, -1,
			    true) == -1)
			return 1;
	}
}

/* SPDX-License-Identifier: ISC */
#include "sys/checkpassword.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "pure/buf.h"
#include "pure/limits.h"
#include "sys/child.h"
#include "sys/clock.h"
#include "sys/io.h"

enum {
	ARGUMENTS = 32, /* of the program, with itself */
	ABOVE = 10,     /* no descriptor of ours lies where one of its does */
	SECRET = 1024,
};

/* Cuts the command into words, in place. Returns how many, 0: too many. */
static size_t
split(char *command, char *argv[ARGUMENTS])
{
	size_t n = 0;

	while (*command) {
		command += strspn(command, " \t");
		if (!*command)
			break;
		if (n == ARGUMENTS)
			return 0;
		argv[n++] = command;
		command += strcspn(command, " \t");
		if (*command)
			*command++ = '\0';
	}
	return n;
}

static int
above(int fd)
{
	int high = fcntl(fd, F_DUPFD_CLOEXEC, ABOVE);
	int saved = errno;

	close(fd);
	errno = saved;
	return high;
}

/* Returns the process, and the end of the pipe to write to. */
static pid_t
start(struct span command, int *to)
{
	static char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:"
			     "/usr/bin:/sbin:/bin";
	static char content[] = "/bin/true";
	char *env[] = { path, NULL };
	char text[LIMIT_CONTROL_LINE + 1];
	char *argv[ARGUMENTS + 2];
	struct child_fd fds[3];
	int pair[2] = { -1, -1 };
	int null = -1;
	pid_t pid = -1;
	size_t n;

	if (command.n >= sizeof text) {
		errno = E2BIG;
		return -1;
	}
	memcpy(text, command.p, command.n);
	text[command.n] = '\0';
	n = split(text, argv);
	if (n == 0 || *argv[0] != '/') {
		errno = EINVAL;
		return -1;
	}
	argv[n] = content;
	argv[n + 1] = NULL;
	if (pipe2(pair, O_CLOEXEC) == -1)
		return -1;
	pair[0] = above(pair[0]);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null != -1)
		null = above(null);
	if (pair[0] != -1 && null != -1) {
		fds[0] = (struct child_fd){ null, STDIN_FILENO };
		fds[1] = (struct child_fd){ null, STDOUT_FILENO };
		fds[2] = (struct child_fd){ pair[0], 3 };
		pid = child_start(argv, env, fds, LEN(fds));
	}
	if (pair[0] != -1)
		close(pair[0]);
	if (null != -1)
		close(null);
	if (pid == -1)
		close(pair[1]);
	else
		*to = pair[1];
	return pid;
}

enum checkpassword_answer
checkpassword_ask(struct span command, struct span name, struct span password,
	int64_t deadline, int *code)
{
	char secret[SECRET];
	struct buf text = BUF(secret);
	int to;
	pid_t pid = start(command, &to);

	*code = -1;
	if (pid == -1)
		return CHECKPASSWORD_LATER;
	buf_span(&text, name);
	buf_char(&text, '\0');
	buf_span(&text, password);
	buf_char(&text, '\0');
	buf_number(&text, (uint64_t)clock_wall_us() / 1000000);
	buf_char(&text, '\0');
	/* One that ends without reading has its own reasons. */
	if (!text.over)
		(void)io_write(to, secret, text.len, deadline);
	explicit_bzero(secret, sizeof secret);
	close(to);
	*code = child_wait_until(pid, deadline);
	return text.over    ? CHECKPASSWORD_LATER
	       : *code == 0 ? CHECKPASSWORD_GOOD
	       : *code == 1 ? CHECKPASSWORD_BAD
			    : CHECKPASSWORD_LATER;
}

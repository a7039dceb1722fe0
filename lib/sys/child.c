/* SPDX-License-Identifier: ISC */
#include "sys/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/io.h"
#include "sys/log.h"

/* What programs of ours handle, and what those who start them are known to
 * ignore. All 64 would cost a system call each. */
static const int changed[] = { SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGALRM,
	SIGTERM, SIGCHLD, SIGTSTP, SIGTTIN, SIGTTOU, SIGXFSZ };

static void
default_signals(void)
{
	static const sigset_t none;

	for (size_t i = 0; i < LEN(changed); i++)
		(void)signal(changed[i], SIG_DFL);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* A descriptor that stays where it is only has to stay open. */
static int
place_fds(const struct child_fd *fds, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (fds[i].fd == fds[i].as ? fcntl(fds[i].fd, F_SETFD, 0) == -1
					   : dup2(fds[i].fd, fds[i].as) == -1)
			return -1;
	return 0;
}

/* The child shares our memory and we stand still until its exec: it may set
 * *error, and must neither return nor run a handler of ours, so that signals
 * are blocked until none of ours is left. musl's posix_spawn needs a pipe
 * and six more system calls for the same. */
static pid_t
start(char *const argv[], char *const env[], const struct child_fd *fds,
	size_t n, volatile int *error)
{
	pid_t pid = vfork();

	if (pid != 0)
		return pid;
	default_signals();
	if (place_fds(fds, n) == 0)
		execve(argv[0], argv, env);
	*error = errno;
	_exit(111);
}

pid_t
child_start(char *const argv[], char *const env[], const struct child_fd *fds,
	size_t n)
{
	volatile int error = 0;
	sigset_t all;
	sigset_t before;
	pid_t pid;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	pid = start(argv, env, fds, n, &error);
	if (pid == -1)
		error = errno;
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (error == 0)
		return pid;
	if (pid != -1)
		child_wait(pid);
	errno = error;
	return -1;
}

int
child_wait(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int
child_wait_until(pid_t pid, int64_t deadline)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	if (fd != -1) {
		if (io_wait_read(fd, deadline, NULL) == -1)
			kill(pid, SIGKILL);
		close(fd);
	}
	return child_wait(pid);
}

void
child_log_end(struct span program, pid_t pid, int status)
{
	struct log line;

	if (status == 0)
		return;
	log_begin(&line,
		WIFSIGNALED(status) ? LOG_LEVEL_ERROR : LOG_LEVEL_WARNING,
		"worker");
	if (program.n)
		log_text(&line, "program", program);
	log_number(&line, "pid", (uint64_t)pid);
	if (WIFSIGNALED(status))
		log_number(&line, "signal", (uint64_t)WTERMSIG(status));
	else
		log_number(&line, "exit", (uint64_t)WEXITSTATUS(status));
	log_write(&line);
}

/* SPDX-License-Identifier: ISC */
#include "sys/child.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

static int
add_fds(posix_spawn_file_actions_t *actions, const struct child_fd *fds,
	size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int e = posix_spawn_file_actions_adddup2(
			actions, fds[i].fd, fds[i].as);

		if (e)
			return e;
	}
	return 0;
}

/* What programs or those who start them are known to ignore; caught signals
 * are reset by exec itself. All 64 would cost a system call each. */
static const int ignored[] = { SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGALRM,
	SIGTERM, SIGCHLD, SIGTSTP, SIGTTIN, SIGTTOU, SIGXFSZ };

static int
default_signals(posix_spawnattr_t *attr)
{
	sigset_t reset;
	sigset_t none;

	sigemptyset(&reset);
	for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
		sigaddset(&reset, ignored[i]);
	sigemptyset(&none);
	posix_spawnattr_setsigdefault(attr, &reset);
	posix_spawnattr_setsigmask(attr, &none);
	return posix_spawnattr_setflags(
		attr, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
}

pid_t
child_start(char *const argv[], char *const env[], const struct child_fd *fds,
	size_t n)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	pid_t pid = -1;
	int e;

	e = posix_spawn_file_actions_init(&actions);
	if (e) {
		errno = e;
		return -1;
	}
	e = posix_spawnattr_init(&attr);
	if (e)
		goto out;
	e = default_signals(&attr);
	if (e == 0)
		e = add_fds(&actions, fds, n);
	if (e == 0)
		e = posix_spawn(&pid, argv[0], &actions, &attr, argv, env);
	posix_spawnattr_destroy(&attr);
out:
	posix_spawn_file_actions_destroy(&actions);
	if (e == 0)
		return pid;
	errno = e;
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

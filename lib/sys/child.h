/* SPDX-License-Identifier: ISC
 *
 * child: start another program with an explicit list of descriptors, without
 * a shell and without copying this process (posix_spawn). */
#ifndef SYS_CHILD_H
#define SYS_CHILD_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "pure/span.h"

/* In the child, descriptor `as` is what is `fd` here. */
struct child_fd {
	int fd;
	int as;
};

/* Starts argv[0], a path (never looked up in PATH), with argv and env as they
 * stand, the fds of the list, and nothing else that was opened O_CLOEXEC, as
 * everything here is. Signals that may have been ignored are back to their
 * defaults, none is blocked.
 * An fd of the list must not be the `as` of a later entry.
 * Returns the pid, or -1 with errno. */
pid_t child_start(char *const argv[], char *const env[],
	const struct child_fd *fds, size_t n);

/* Waits for pid. Returns its exit code, 128 + signal when it was killed, or
 * -1 with errno. */
int child_wait(pid_t pid);

/* The same, but not for ever: at the deadline (sys/clock.h) it is killed. */
int child_wait_until(pid_t pid, int64_t deadline);

/* Logs how a process ended, by its status of waitpid(2), unless that is exit 0.
 * `program` may be empty. */
void child_log_end(struct span program, pid_t pid, int status);

#endif

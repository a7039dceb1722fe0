/* SPDX-License-Identifier: ISC
 *
 * seccomp: the system calls that this process may make from now on, and all
 * that it starts (seccomp(2)). */
#ifndef SYS_SECCOMP_H
#define SYS_SECCOMP_H

#include <stddef.h>

/* Room for the calls of one list. */
enum { SECCOMP_CALLS = 160 };

enum seccomp_verdict {
	SECCOMP_ALLOW,
	SECCOMP_DENY,   /* fails with EPERM */
	SECCOMP_MEMORY, /* allowed, unless memory is to become code */
	SECCOMP_LOCAL,  /* of socket(2): fails with EPERM, but for AF_UNIX */
	SECCOMP_HOSTS,  /* the same, but for internet sockets, not raw */
	SECCOMP_COUNT,  /* of ioctl(2): the same, but for FIONREAD */
	SECCOMP_SELF,   /* of prlimit64(2): the same, but of this process */
	SECCOMP_NEW,    /* of openat(2): the same, but files without a name */
	SECCOMP_COPY,   /* of clone(2): the same, but as sys/template.c calls it
			 */
	SECCOMP_KILL,   /* ends the process */
};

struct seccomp_call {
	int number; /* below 0: this machine has no such call */
	enum seccomp_verdict verdict;
};

/* `others` is the verdict on what is not listed.
 * Sorts the list and closes the filter around this process, which must have
 * no new privileges. Calls of another architecture (x32, i386) end the
 * process. Where a call is listed twice the lower verdict holds.
 * Returns 0, or -1 with errno: ENOSYS where postern has no filter for this
 * machine. Under the sanitizers, which make calls of their own, it does
 * nothing. */
int seccomp_close(
	struct seccomp_call *calls, size_t n, enum seccomp_verdict others);

/* Would it? Returns 0, or -1 with errno. */
int seccomp_check(void);

#endif

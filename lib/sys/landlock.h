/* SPDX-License-Identifier: ISC
 *
 * landlock: the only files and networks that this process may use from now on,
 * and all that it starts (landlock(7)). What is open stays open. */
#ifndef SYS_LANDLOCK_H
#define SYS_LANDLOCK_H

#include <stdbool.h>
#include <stddef.h>

/* What may be done with a file, or with all beneath a directory. */
enum {
	LANDLOCK_READ = 1,   /* open for reading */
	LANDLOCK_WRITE = 2,  /* open for writing, cut */
	LANDLOCK_MAKE = 4,   /* make, name and remove files */
	LANDLOCK_FOLDER = 8, /* make and remove directories */
	LANDLOCK_EXEC = 16,  /* run programs */
	LANDLOCK_LIST = 32,  /* open directories */
};

struct landlock_rule {
	const char *path;
	unsigned rights;
};

/* The version of the kernel's interface; 0: it has none, errno says why. */
int landlock_version(void);

/* Forbids all but the rules: of a path that is not there nothing is needed.
 * TCP is forbidden where the kernel knows how, but with `connect` for
 * connecting, from any address and a port that the kernel chooses; so are
 * signals to processes outside, and sockets without a path that belong to them.
 * An old kernel forbids what it can; one that cannot move files between
 * directories (version 1) leaves files alone when a rule allows to make some.
 * The process must have no new privileges. Returns 0, or -1 with errno; ENOSYS,
 * too, where the kernel has none. */
int landlock_close(const struct landlock_rule *rules, size_t n, bool connect);

#endif

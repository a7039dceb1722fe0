/* SPDX-License-Identifier: ISC
 *
 * jail: what a program gives up once it has opened what it needs: new
 * privileges, core dumps and debuggers, files, memory beyond its work, and
 * every system call that its row in jail.c does not name. One row for each
 * program; there is no way out. */
#ifndef SYS_JAIL_H
#define SYS_JAIL_H

#include <stdbool.h>

/* One for every row of the table in jail.c. */
enum jail {
	JAIL_TLS,  /* a session of postern-tls */
	JAIL_AUTH, /* an exchange of postern-auth */
	JAIL_COUNT
};

/* Closes the jail around this process, for good. A forbidden call ends the
 * process (SIGSYS), but for those that the C library makes where it can do
 * without: they fail with EPERM. Descriptors stay as they are.
 * Returns 0; or -1 with errno when the kernel takes no such filter: what else
 * there is is closed then. Landlock is used where the kernel has it. */
int jail_close(enum jail jail);

/* Has the kernel Landlock? */
bool jail_landlock(void);

#endif

/* SPDX-License-Identifier: ISC
 *
 * user: stop being root, for good. */
#ifndef SYS_USER_H
#define SYS_USER_H

#include <sys/types.h>

/* Becomes the user (name) with the group (name) and no other, or (NULL) with
 * all the groups that the user is in, and makes sure that there is no way back.
 * Returns 0, or -1 with errno: ENOENT when there is no such user or group,
 * EPERM when this process may not, or when root could be had again. */
int user_become(const char *user, const char *group);

/* The same with numbers, when this process is root and the user is not; else
 * nothing happens. */
int user_become_id(uid_t uid, gid_t gid);

#endif

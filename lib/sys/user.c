/* SPDX-License-Identifier: ISC */
#include "sys/user.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

static int
fail(int error)
{
	errno = error;
	return -1;
}

static int
become(uid_t uid, gid_t gid)
{
	if (setresgid(gid, gid, gid) == -1 || setresuid(uid, uid, uid) == -1)
		return -1;
	if (uid != 0 && (setuid(0) == 0 || seteuid(0) == 0))
		return fail(EPERM);
	return 0;
}

int
user_become(const char *user, const char *group)
{
	const struct passwd *pw = getpwnam(user);
	uid_t uid;
	gid_t gid;

	if (!pw)
		return fail(ENOENT);
	uid = pw->pw_uid;
	gid = pw->pw_gid;
	if (group) {
		const struct group *gr = getgrnam(group);

		if (!gr)
			return fail(ENOENT);
		gid = gr->gr_gid;
	}
	if ((group ? setgroups(1, &gid) : initgroups(user, gid)) == -1)
		return -1;
	return become(uid, gid);
}

int
user_become_id(uid_t uid, gid_t gid)
{
	if (geteuid() != 0 || uid == 0)
		return 0;
	if (setgroups(1, &gid) == -1)
		return -1;
	return become(uid, gid);
}

/* SPDX-License-Identifier: ISC */
#include "admin/entry.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/stat.h>

#include "queue/visit.h"
#include "sys/home.h"
#include "sys/log.h"

/* Who may look, and where those may who may not. */
static void
explain_permission(const char *verb, const char *path)
{
	struct stat st;
	const struct passwd *owner =
		stat(path, &st) == 0 ? getpwuid(st.st_uid) : NULL;
	const char *name = owner ? owner->pw_name : "postern";

	fprintf(stderr,
		"postern %s: %s may be read by root and by the user %s alone, "
		"for it holds everybody's mail: sudo postern %s\n",
		verb, path, name, verb);
	fputs("What happened to your own mail is in the log: `postern log`, "
	      "for members of the groups systemd-journal and adm.\n",
		stderr);
}

int
entry_failed(const char *verb)
{
	char path[LIMIT_PATH];
	int error = errno;

	if (!home_queue(path))
		path[0] = '\0';
	if (error == EACCES || error == EPERM) {
		explain_permission(verb, path);
		return DIE_SETUP;
	}
	fprintf(stderr, "postern %s: cannot read the queue %s: %s\n", verb,
		path, strerror(error));
	if (error != ENOENT)
		return DIE_LATER;
	fputs("postern-send makes it when it starts; see INSTALL, step 4.\n",
		stderr);
	return DIE_SETUP;
}

int
entry_open(struct spool *s, const char *verb)
{
	return visit_open(s) == 0 ? 0 : entry_failed(verb);
}

int
entry_misused(const char *verb, const char *why)
{
	fprintf(stderr,
		"postern %s: %s; `postern %s --help` has the arguments\n", verb,
		why, verb);
	return DIE_SETUP;
}

/* SPDX-License-Identifier: ISC
 *
 * logsource: lines of a log, one after the other, out of files or out of the
 * journal (journalctl is started, without a shell). Takes any length. */
#ifndef ADMIN_LOGSOURCE_H
#define ADMIN_LOGSOURCE_H

#include <sys/types.h>

#include "pure/limits.h"
#include "pure/span.h"

enum { LOGSOURCE_FILES = 64 };

/* All zero, but for fd: nothing is open. */
struct logsource {
	const char *file[LOGSOURCE_FILES]; /* "-": fd 0 */
	int fd[LOGSOURCE_FILES];
	size_t files;
	size_t at; /* the one that is read */
	bool follow;
	pid_t journal; /* 0: files are read */
	size_t start;  /* text[start..end) is not used yet */
	size_t end;
	bool skip; /* the rest of a line that was too long */
	char text[4 * LIMIT_LOG_LINE];
};

/* Opens the files. Returns NULL, or the name of the one that cannot be opened,
 * with errno. */
const char *logsource_open(struct logsource *s);

/* Starts journalctl for the lines of postern's programs, from `since` to
 * `until` (seconds since 1970; -1: no bound). Returns 0, or -1 with errno:
 * ENOENT, there is no journalctl. */
int logsource_journal(struct logsource *s, int64_t since, int64_t until);

/* The next line, without its LF. True; false at the end, or with errno set
 * when a read failed. With `follow` the end of the last file is waited at, and
 * a new file under its name is taken up. */
bool logsource_next(struct logsource *s, struct span *line);

/* Ends it. Returns the exit code of journalctl, or 0. */
int logsource_close(struct logsource *s);

#endif

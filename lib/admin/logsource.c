/* SPDX-License-Identifier: ISC */
#include "admin/logsource.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/child.h"

extern char **environ;

enum { FOLLOW_MS = 250 };

/* Every program of postern that logs. */
static const char *const programs[] = { "postern-smtpd", "postern-listen",
	"postern-queue", "postern-rewrite", "postern-send", "postern-remote",
	"postern-local", "postern-bounce", "postern-sendmail", "postern-hold",
	"postern-release", "postern-remove", "postern-retry" };

static int
open_file(const char *name)
{
	if (strcmp(name, "-") == 0)
		return STDIN_FILENO;
	return open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
}

const char *
logsource_open(struct logsource *s)
{
	for (size_t i = 0; i < s->files; i++) {
		s->fd[i] = open_file(s->file[i]);
		if (s->fd[i] == -1)
			return s->file[i];
	}
	return NULL;
}

/* journalctl lies in one of two places. */
static const char *
find_journalctl(void)
{
	static const char *const paths[] = { "/usr/bin/journalctl",
		"/bin/journalctl" };
	struct stat st;

	for (size_t i = 0; i < LEN(paths); i++)
		if (stat(paths[i], &st) == 0)
			return paths[i];
	return NULL;
}

int
logsource_journal(struct logsource *s, int64_t since, int64_t until)
{
	const char *path = find_journalctl();
	char from[48];
	char to[48];
	char *argv[16 + 2 * LEN(programs)];
	size_t n = 0;
	int pipe[2];

	if (!path)
		return -1;
	argv[n++] = (char *)path;
	argv[n++] = "--quiet";
	argv[n++] = "--no-pager";
	argv[n++] = "--output=short-unix";
	for (size_t i = 0; i < LEN(programs); i++) {
		argv[n++] = "-t";
		argv[n++] = (char *)programs[i];
	}
	snprintf(from, sizeof from, "--since=@%lld", (long long)since);
	snprintf(to, sizeof to, "--until=@%lld", (long long)until);
	if (since != -1)
		argv[n++] = from;
	if (until != -1)
		argv[n++] = to;
	if (s->follow) {
		argv[n++] = "--follow";
		argv[n++] = "--no-tail";
	}
	argv[n] = NULL;
	if (pipe2(pipe, O_CLOEXEC) == -1)
		return -1;
	s->journal = child_start(
		argv, environ, &(struct child_fd){ pipe[1], STDOUT_FILENO }, 1);
	close(pipe[1]);
	s->fd[0] = pipe[0];
	s->files = 1;
	return s->journal == -1 ? -1 : 0;
}

/* The file that was read to its end lies there no more: takes up the new one.
 * True when it did. */
static bool
rotated(struct logsource *s)
{
	struct stat old;
	struct stat now;
	int fd;

	if (strcmp(s->file[s->at], "-") == 0 || fstat(s->fd[s->at], &old) ||
		stat(s->file[s->at], &now) ||
		(old.st_ino == now.st_ino && old.st_dev == now.st_dev))
		return false;
	fd = open_file(s->file[s->at]);
	if (fd == -1)
		return false;
	close(s->fd[s->at]);
	s->fd[s->at] = fd;
	return true;
}

/* Reads more behind what is there. 1, 0 at the end of all, -1. */
static int
fill(struct logsource *s)
{
	ssize_t n;

	if (s->start) {
		memmove(s->text, s->text + s->start, s->end - s->start);
		s->end -= s->start;
		s->start = 0;
	}
	while (s->at < s->files) {
		n = read(s->fd[s->at], s->text + s->end,
			sizeof s->text - s->end);
		if (n > 0) {
			s->end += (size_t)n;
			return 1;
		}
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		if (s->at + 1 == s->files && s->follow && !s->journal) {
			if (!rotated(s))
				poll(NULL, 0, FOLLOW_MS);
			continue;
		}
		s->at++;
	}
	return 0;
}

/* A line of what is there; with `all` the end of the log ends one, too. */
static bool
take(struct logsource *s, bool all, struct span *line)
{
	struct span rest = { s->text + s->start, s->end - s->start };
	size_t end = span_find(rest, '\n');
	bool skipped = s->skip;

	if (end == rest.n && !all)
		return false;
	if (rest.n == 0)
		return false;
	*line = span_head(rest, end);
	s->start += end < rest.n ? end + 1 : rest.n;
	s->skip = false;
	return !skipped || take(s, all, line);
}

bool
logsource_next(struct logsource *s, struct span *line)
{
	int more;

	while (!take(s, false, line)) {
		/* over all bounds: its head counts as the line */
		if (s->start == 0 && s->end == sizeof s->text) {
			bool skipped = s->skip;

			*line = (struct span){ s->text, s->end };
			s->end = 0;
			s->skip = true;
			if (!skipped)
				return true;
		}
		errno = 0;
		more = fill(s);
		if (more == -1)
			return false;
		if (more == 0)
			return take(s, true, line);
	}
	return true;
}

int
logsource_close(struct logsource *s)
{
	for (size_t i = 0; i < s->files; i++)
		if (s->fd[i] > STDERR_FILENO)
			close(s->fd[i]);
	if (s->journal <= 0)
		return 0;
	return child_wait(s->journal);
}

/* SPDX-License-Identifier: ISC */
#include "queue/room.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pure/ascii.h"

#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE 1
#endif

const char *
room_path(struct room_path *path, const char id[QUEUE_ID], int64_t due)
{
	struct buf b = BUF(path->path);

	if (due > 0) {
		char digits[ROOM_DUE_DIGITS];
		int64_t left = due;

		for (int i = ROOM_DUE_DIGITS; i--; left /= 10)
			digits[i] = (char)('0' + left % 10);
		buf_str(&b, "cur/");
		buf_span(&b, (struct span){ digits, ROOM_DUE_DIGITS });
		buf_char(&b, '.');
	} else {
		buf_str(&b, due == SPOOL_NEW    ? "new/"
			    : due == SPOOL_HELD ? "hold/"
						: "failed/");
	}
	buf_span(&b, (struct span){ id, QUEUE_ID });
	if (due < SPOOL_FAILED) {
		buf_char(&b, '-');
		buf_number(&b, (uint64_t)(SPOOL_FAILED - due));
	}
	return buf_cstr(&b);
}

/* Takes DUE. off a name of cur/. */
static bool
take_due(struct span *name, int64_t *due)
{
	uint64_t seconds;

	if (name->n < ROOM_DUE_DIGITS + 1 || name->p[ROOM_DUE_DIGITS] != '.' ||
		span_number(span_head(*name, ROOM_DUE_DIGITS), &seconds) != 0 ||
		seconds == 0)
		return false;
	*due = (int64_t)seconds;
	*name = span_from(*name, ROOM_DUE_DIGITS + 1);
	return true;
}

/* Takes -1 to -9 off a name of failed/. */
static void
take_copy(struct span *name, int64_t *due)
{
	if (name->n != QUEUE_ID + 2 || name->p[QUEUE_ID] != '-' ||
		!ascii_digit(name->p[QUEUE_ID + 1]) ||
		name->p[QUEUE_ID + 1] == '0')
		return;
	*due = SPOOL_FAILED - (name->p[QUEUE_ID + 1] - '0');
	name->n = QUEUE_ID;
}

bool
room_name(struct span name, int64_t place, const char **id, int64_t *due)
{
	*due = place;
	if (place > 0 && !take_due(&name, due))
		return false;
	if (place == SPOOL_FAILED)
		take_copy(&name, due);
	*id = name.p;
	return queue_id_valid(name);
}

int
room_open(int at, const char *name)
{
	return openat(
		at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

int
room_walk(int at, const char *name, room_visit *visit, void *ctx)
{
	int fd = room_open(at, name);
	DIR *dir = fd == -1 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	int error;

	if (!dir) {
		error = errno;
		if (fd != -1)
			close(fd);
		errno = error;
		return -1;
	}
	while (errno = 0, (entry = readdir(dir)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 &&
			strcmp(entry->d_name, "..") != 0)
			visit(ctx, fd, entry->d_name);
	error = errno;
	closedir(dir);
	errno = error;
	return error ? -1 : 0;
}

int
room_rename(int at, const char *from, const char *to)
{
	struct stat st;

	if (syscall(SYS_renameat2, at, from, at, to, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	if (fstatat(at, to, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		errno = EEXIST;
		return -1;
	}
	return errno == ENOENT ? renameat(at, from, at, to) : -1;
}

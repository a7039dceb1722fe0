/* SPDX-License-Identifier: ISC */
#include "queue/visit.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "queue/room.h"
#include "sys/home.h"
#include "sys/user.h"

/* The directories, and how a place is asked for. */
static const struct {
	int64_t place;
	const char *name;
} places[] = {
	{SPOOL_NEW,     "new"   },
	{ SPOOL_TRIED,  "cur"   },
	{ SPOOL_HELD,   "hold"  },
	{ SPOOL_FAILED, "failed"},
};

static int
open_places(struct spool *s)
{
	char path[LIMIT_PATH];
	struct stat st;

	if (!home_queue(path))
		return -1;
	s->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->dir == -1 || fstat(s->dir, &st) == -1 ||
		user_become_id(st.st_uid, st.st_gid) == -1)
		return -1;
	s->new_dir = room_open(s->dir, "new");
	if (s->new_dir == -1)
		return -1;
	s->cur_dir = room_open(s->dir, "cur");
	return s->cur_dir == -1 ? -1 : 0;
}

int
visit_open(struct spool *s)
{
	int error;

	*s = (struct spool){ -1, -1, -1, -1 };
	if (open_places(s) == 0)
		return 0;
	error = errno;
	spool_close(s);
	errno = error;
	return -1;
}

struct visit {
	int64_t place;
	spool_each *each;
	void *ctx;
};

static void
visit_entry(void *ctx, int dir, const char *name)
{
	const struct visit *visit = ctx;
	const char *id;
	int64_t due;

	(void)dir;
	if (room_name(span_of(name), visit->place, &id, &due))
		visit->each(visit->ctx, id, due);
}

int
visit_place(struct spool *s, int64_t place, spool_each *each, void *ctx)
{
	struct visit visit = { place, each, ctx };
	size_t i = 0;

	while (places[i].place != place)
		i++;
	return room_walk(s->dir, places[i].name, visit_entry, &visit);
}

struct wanted {
	const char *id;
	int64_t due;
	bool found;
};

static void
compare(void *ctx, const char id[QUEUE_ID], int64_t due)
{
	struct wanted *wanted = ctx;

	if (memcmp(id, wanted->id, QUEUE_ID) != 0)
		return;
	wanted->due = due;
	wanted->found = true;
}

/* A message goes from new/ to cur/ by itself, so new/ comes first, and again
 * at the end: an admin may have brought it back. */
int
visit_find(struct spool *s, const char id[QUEUE_ID], int64_t *due)
{
	static const int64_t order[] = { SPOOL_NEW, SPOOL_TRIED, SPOOL_HELD,
		SPOOL_NEW, SPOOL_FAILED };
	struct room_path path;
	struct stat st;

	for (size_t i = 0; i < LEN(order); i++) {
		struct wanted wanted = { id, order[i], false };

		if (order[i] == SPOOL_NEW || order[i] == SPOOL_HELD)
			wanted.found =
				fstatat(s->dir, room_path(&path, id, order[i]),
					&st, AT_SYMLINK_NOFOLLOW) == 0;
		else if (visit_place(s, order[i], compare, &wanted) == -1)
			return -1;
		*due = wanted.due;
		if (wanted.found)
			return 0;
	}
	errno = ENOENT;
	return -1;
}

int
visit_move(struct spool *s, const char id[QUEUE_ID], int64_t due, int64_t to)
{
	struct room_path old;
	struct room_path new;

	room_path(&old, id, due);
	return room_rename(s->dir, old.path, room_path(&new, id, to));
}

int
visit_remove(struct spool *s, const char id[QUEUE_ID], int64_t due)
{
	struct room_path path;

	return unlinkat(s->dir, room_path(&path, id, due), 0);
}

int
visit_sync(struct spool *s)
{
	int result = 0;

	for (size_t i = 0; i < LEN(places); i++) {
		int fd = room_open(s->dir, places[i].name);

		if (fd == -1 || fsync(fd) == -1)
			result = -1;
		if (fd != -1)
			close(fd);
	}
	return result;
}

/* A shared lock for a moment: a runner that starts just then tries again. */
int
visit_runner(struct spool *s)
{
	int fd = openat(
		s->dir, "lock", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	int result;

	if (fd == -1)
		return errno == ENOENT ? 0 : -1;
	result = flock(fd, LOCK_SH | LOCK_NB);
	if (result == -1)
		result = errno == EWOULDBLOCK ? 1 : -1;
	close(fd);
	return result;
}

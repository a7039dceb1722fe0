/* SPDX-License-Identifier: ISC */
#include "sys/watch.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* What tells one state of a file from another; all zero: not there. */
struct watch_state {
	dev_t dev;
	ino_t ino;
	off_t size;
	struct timespec mtime;
	struct timespec ctime;
};

struct watch_file {
	char *path;
	struct watch_state state;
};

static bool
same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static bool
same(const struct watch_state *a, const struct watch_state *b)
{
	return a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
	       same_time(&a->mtime, &b->mtime) &&
	       same_time(&a->ctime, &b->ctime);
}

static struct watch_state
state_of(const char *path)
{
	struct stat st;

	if (stat(path, &st) == -1)
		return (struct watch_state){ 0 };
	return (struct watch_state){ .dev = st.st_dev,
		.ino = st.st_ino,
		.size = st.st_size,
		.mtime = st.st_mtim,
		.ctime = st.st_ctim };
}

static int
make_room(struct watch *w)
{
	size_t room = w->room ? 2 * w->room : 16;
	struct watch_file *file;

	if (w->count < w->room)
		return 0;
	file = realloc(w->file, room * sizeof *file);
	if (!file)
		return -1;
	w->file = file;
	w->room = room;
	return 0;
}

int
watch_add(struct watch *w, const char *path)
{
	struct watch_file *file;

	if (make_room(w) == -1)
		return -1;
	file = &w->file[w->count];
	file->path = strdup(path);
	if (!file->path)
		return -1;
	file->state = state_of(path);
	w->count++;
	return 0;
}

bool
watch_changed(const struct watch *w)
{
	for (size_t i = 0; i < w->count; i++) {
		struct watch_state now = state_of(w->file[i].path);

		if (!same(&now, &w->file[i].state))
			return true;
	}
	return false;
}

void
watch_free(struct watch *w)
{
	for (size_t i = 0; i < w->count; i++)
		free(w->file[i].path);
	free(w->file);
	*w = (struct watch){ 0 };
}

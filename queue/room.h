/* SPDX-License-Identifier: ISC
 *
 * room: the names below the queue directory and the directories that hold
 * them. For the code of this room of the tree alone. */
#ifndef QUEUE_ROOM_H
#define QUEUE_ROOM_H

#include "queue/spool.h"

enum { ROOM_DUE_DIGITS = 10 };

/* A path below the queue directory: cur/DUE.ID is the longest. */
struct room_path {
	char path[sizeof "failed/" + ROOM_DUE_DIGITS + 1 + QUEUE_ID];
};

/* Writes the path of a message that lies where `due` says (spool.h), and
 * returns it as a C string. */
const char *room_path(
	struct room_path *path, const char id[QUEUE_ID], int64_t due);

/* Reads the name of an entry of the directory `place` (0: new/, 1: cur/,
 * SPOOL_HELD, SPOOL_FAILED). False when it is none of ours. */
bool room_name(struct span name, int64_t place, const char **id, int64_t *due);

/* Opens a directory. -1 with errno. */
int room_open(int at, const char *name);

/* Calls `visit` with every name of a room but . and .. Returns 0, or -1 with
 * errno. */
typedef void room_visit(void *ctx, int dir, const char *name);
int room_walk(int at, const char *name, room_visit *visit, void *ctx);

/* Renames without replacing. Where the file system cannot promise that, a
 * look before will do: ids are never used twice. 0, or -1 with errno. */
int room_rename(int at, const char *from, const char *to);

#endif

/* SPDX-License-Identifier: ISC
 *
 * place: what the queue directory lies on and who may do what there, for the
 * admin's commands. Looks, and changes nothing. */
#ifndef QUEUE_PLACE_H
#define QUEUE_PLACE_H

#include <sys/types.h>

#include "pure/limits.h"
#include "pure/span.h"

enum { PLACE_ROOMS = 6 };

struct place_room {
	const char *name; /* ".", "tmp", "new", "cur", "hold", "failed" */
	int error;        /* errno of the look; 0: the rest is set */
	bool session;     /* a session makes files here */
	uid_t uid;
	gid_t gid;
	mode_t mode;
};

struct place {
	char path[LIMIT_PATH];
	struct place_room room[PLACE_ROOMS];
	const char *fs;  /* "ext4", "xfs", ... "0x..." when it has no name */
	bool one_sync;   /* known to keep a name with one sync (queue/README) */
	bool network;    /* its locks may not hold */
	bool read_only;  /* nothing can be written */
	uint64_t octets; /* free for us; UINT64_MAX: it does not say */
	uint64_t files;
	char fs_text[24];
};

/* Looks at the queue directory of this world. Returns 0, or -1 with errno:
 * there is no such directory, or it cannot be entered. */
int place_look(struct place *p);

#endif

/* SPDX-License-Identifier: ISC
 *
 * world: a private world under /tmp for one test: POSTERN_HOME points there,
 * its control directory is empty. */
#ifndef TESTS_WORLD_H
#define TESTS_WORLD_H

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char world_dir[64];

static inline void
world_stop(const char *what)
{
	perror(what);
	abort();
}

/* The path of a control file. */
static inline const char *
world_path(const char *name)
{
	static char path[200];

	snprintf(path, sizeof path, "%s/control/%s", world_dir, name);
	return path;
}

/* For cmocka: a fresh world before a test. */
static inline int
world_begin(void **state)
{
	(void)state;
	strcpy(world_dir, "/tmp/postern-unit-XXXXXX");
	if (!mkdtemp(world_dir) || setenv("POSTERN_HOME", world_dir, 1) == -1 ||
		mkdir(world_path(""), 0700) == -1)
		world_stop("make a private world");
	return 0;
}

/* For cmocka: the world is removed behind it. */
static inline int
world_end(void **state)
{
	char command[100];

	(void)state;
	snprintf(command, sizeof command, "rm -rf '%s'", world_dir);
	return system(command);
}

/* Writes a control file of n octets. */
static inline void
world_bytes(const char *name, const void *bytes, size_t n)
{
	int fd = open(world_path(name),
		O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd == -1 || write(fd, bytes, n) != (ssize_t)n || close(fd) == -1)
		world_stop(name);
}

static inline void
world_file(const char *name, const char *text)
{
	world_bytes(name, text, strlen(text));
}

#endif

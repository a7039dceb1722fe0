/* SPDX-License-Identifier: ISC
 *
 * places: a list of paths that a jail is to leave open (sys/jail.h). Where
 * memory is short a path is missing from it: what is missing is not reached. */
#ifndef SYS_PLACES_H
#define SYS_PLACES_H

#include <stddef.h>

/* All zero: empty. */
struct places {
	char **path; /* NULL, or with a NULL at the end */
	size_t n;
};

/* Adds the path. */
void places_add(struct places *p, const char *path);

/* Adds the directory that the path is in. */
void places_add_above(struct places *p, const char *path);

/* Adds the directory that the path, a link, leads into, once; for a file in
 * "/" the file. Not the file alone: editors put another in its place. */
void places_add_target(struct places *p, const char *path);

/* The same of every link in that directory. */
void places_add_links(struct places *p, const char *directory);

/* Adds what is needed to read the file, or the files of the directory, with
 * that name, now and when they are replaced: directories, but never "/". */
void places_add_readable(struct places *p, const char *path);

void places_free(struct places *p);

#endif

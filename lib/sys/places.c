/* SPDX-License-Identifier: ISC */
#include "sys/places.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "pure/buf.h"
#include "pure/limits.h"

void
places_add(struct places *p, const char *path)
{
	char **more = realloc(p->path, (p->n + 2) * sizeof *more);

	if (!more)
		return;
	p->path = more;
	more[p->n] = strdup(path);
	if (more[p->n])
		more[++p->n] = NULL;
}

/* Cuts the last name off. */
static void
cut(char *path)
{
	size_t n = strlen(path);

	while (n > 1 && path[n - 1] == '/')
		n--;
	while (n > 0 && path[n - 1] != '/')
		n--;
	while (n > 1 && path[n - 1] == '/')
		n--;
	path[n] = '\0';
}

void
places_add_above(struct places *p, const char *path)
{
	char *above = strdup(path);

	if (!above)
		return;
	cut(above);
	places_add(p, *above ? above : ".");
	free(above);
}

void
places_add_target(struct places *p, const char *path)
{
	char *to = realpath(path, NULL);
	bool known = !to;

	if (to && strrchr(to, '/') != to)
		cut(to);
	for (size_t i = 0; i < p->n && !known; i++)
		known = strcmp(p->path[i], to) == 0;
	if (!known)
		places_add(p, to);
	free(to);
}

void
places_add_links(struct places *p, const char *directory)
{
	DIR *dir = opendir(directory);
	const struct dirent *entry;
	char text[2 * LIMIT_PATH];

	while (dir && (entry = readdir(dir)) != NULL) {
		struct buf path = BUF(text);

		if (entry->d_type != DT_LNK && entry->d_type != DT_UNKNOWN)
			continue;
		buf_str(&path, directory);
		buf_char(&path, '/');
		buf_str(&path, entry->d_name);
		places_add_target(p, buf_cstr(&path));
	}
	if (dir)
		closedir(dir);
}

void
places_add_readable(struct places *p, const char *path)
{
	struct stat st;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
		places_add(p, path);
		places_add_links(p, path);
		return;
	}
	if (strrchr(path, '/') == path) {
		places_add(p, path);
		return;
	}
	places_add_above(p, path);
	places_add_target(p, path);
}

void
places_free(struct places *p)
{
	while (p->n)
		free(p->path[--p->n]);
	free(p->path);
	p->path = NULL;
}

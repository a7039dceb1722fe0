/* SPDX-License-Identifier: ISC
 *
 * sections: an input of a fuzz target as several control files. A line "=NAME"
 * begins one; what stands before the first of them is passed over. A sign
 * behind the name says what is there in place of a text:
 *
 *	=NAME/      a directory
 *	=NAME@      a link that leads nowhere
 *	=NAME*      a text that everybody may read
 *	=NAME.cdb+  a database of the lines "KEY VALUE"
 *	=NAME?      each line of the text, one after the other */
#ifndef TESTS_FUZZ_SECTIONS_H
#define TESTS_FUZZ_SECTIONS_H

#include <cdb.h>

#include "tests/fuzz/fuzz.h"
#include "tests/unit/world.h"

enum { SECTIONS = 12 };

struct section {
	char name[24];
	char kind; /* the sign, or NUL */
	struct span text;
};

struct sections {
	size_t count;
	struct section at[SECTIONS];
};

/* Is it a line "=NAME"? Names that could be a path are none. */
static inline bool
section_begins(struct section *s, struct span line)
{
	struct span name = span_from(line, 1);

	s->kind = '\0';
	if (name.n && memchr("/@*+?", name.p[name.n - 1], 5))
		s->kind = name.p[--name.n];
	if (name.n == 0 || name.n >= sizeof s->name || line.p[0] != '=')
		return false;
	for (size_t i = 0; i < name.n; i++)
		if (!(name.p[i] >= 'a' && name.p[i] <= 'z') &&
			!(name.p[i] >= '0' && name.p[i] <= '9') &&
			(name.p[i] != '.' || i == 0))
			return false;
	memcpy(s->name, name.p, name.n);
	s->name[name.n] = '\0';
	return true;
}

static inline struct section *
section_find(struct sections *all, const char *name)
{
	for (size_t i = 0; i < all->count; i++)
		if (strcmp(all->at[i].name, name) == 0)
			return &all->at[i];
	return NULL;
}

/* Takes the input apart; of two sections of one name the second is left out. */
static inline void
sections_split(struct sections *all, struct span in)
{
	struct section *last = NULL;
	struct section next;

	all->count = 0;
	while (in.n) {
		struct span line = span_head(in, span_find(in, '\n'));

		in = span_from(in, line.n + 1);
		if (!section_begins(&next, line)) {
			if (last)
				last->text.n = (size_t)(in.p - last->text.p);
			continue;
		}
		last = NULL;
		if (all->count == SECTIONS || section_find(all, next.name))
			continue;
		last = &all->at[all->count++];
		*last = next;
		last->text = (struct span){ in.p, 0 };
	}
}

static inline struct section *
section_of_kind(struct sections *all, char kind)
{
	for (size_t i = 0; i < all->count; i++)
		if (all->at[i].kind == kind)
			return &all->at[i];
	return NULL;
}

static inline void
section_database(const char *path, struct span lines)
{
	struct cdb_make make;
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	MUST(fd != -1 && cdb_make_start(&make, fd) == 0);
	while (lines.n) {
		struct span line = span_head(lines, span_find(lines, '\n'));
		struct span key = span_head(line, span_find(line, ' '));
		struct span value = span_from(line, key.n + 1);

		MUST(cdb_make_add(&make, key.p, (unsigned)key.n, value.p,
			     (unsigned)value.n) == 0);
		lines = span_from(lines, line.n + 1);
	}
	MUST(cdb_make_finish(&make) == 0 && close(fd) == 0);
}

static inline void
section_write(const struct section *s)
{
	const char *path = world_path(s->name);

	if (s->kind == '/')
		MUST(mkdir(path, 0700) == 0);
	else if (s->kind == '@')
		MUST(symlink("nowhere", path) == 0);
	else if (s->kind == '+')
		section_database(path, s->text);
	else
		world_bytes(s->name, s->text.p, s->text.n);
	if (s->kind == '*')
		MUST(chmod(path, 0644) == 0);
}

/* Writes the files into a world that the first of all inputs makes. */
static inline void
sections_write(const struct sections *all)
{
	if (!world_dir[0])
		world_begin(NULL);
	for (size_t i = 0; i < all->count; i++)
		section_write(&all->at[i]);
}

static inline void
sections_remove(const struct sections *all)
{
	for (size_t i = 0; i < all->count; i++)
		MUST(remove(world_path(all->at[i].name)) == 0);
}

#endif

/* SPDX-License-Identifier: ISC
 *
 * sections: an input of a fuzz target as several control files. A line "=NAME"
 * begins one; what stands before the first of them is passed over. */
#ifndef TESTS_FUZZ_SECTIONS_H
#define TESTS_FUZZ_SECTIONS_H

#include "tests/fuzz/fuzz.h"
#include "tests/unit/world.h"

enum { SECTIONS = 8 };

struct section {
	char name[24];
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

/* Writes the files into a world that the first of all inputs makes. */
static inline void
sections_write(const struct sections *all)
{
	if (!world_dir[0])
		world_begin(NULL);
	for (size_t i = 0; i < all->count; i++)
		world_bytes(
			all->at[i].name, all->at[i].text.p, all->at[i].text.n);
}

static inline void
sections_remove(const struct sections *all)
{
	for (size_t i = 0; i < all->count; i++)
		unlink(world_path(all->at[i].name));
}

#endif

/* SPDX-License-Identifier: ISC */
#include "control/map.h"

#include <cdb.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

struct map {
	struct cdb cdb;
	int fd;
	char name[64];
};

static int
fail(struct control *c, struct map *map, const char *why)
{
	control_fail(c, map->name, 0, why);
	map_close(map);
	return -1;
}

#define DAMAGED "damaged; make it anew with postern-cdb"

/* The head of a cdb says where its 256 tables lie. They fill the file to its
 * end, so a file that was cut, or is no cdb at all, is known before a key
 * seems to be missing from it. */
static bool
is_whole(const struct cdb *cdb)
{
	const unsigned char *head = cdb->cdb_mem;
	uint64_t end = 0;

	for (size_t i = 0; i < 256; i++) {
		uint64_t at = cdb_unpack(head + 8 * i);
		uint64_t slots = cdb_unpack(head + 8 * i + 4);

		if (at < 2048 || at + 8 * slots > cdb->cdb_fsize)
			return false;
		if (at + 8 * slots > end)
			end = at + 8 * slots;
	}
	return end == cdb->cdb_fsize;
}

int
map_open(struct control *c, enum control_id id, struct map **out)
{
	struct map *map;
	struct buf name;

	*out = NULL;
	if (!c->cdb[id])
		return 0;
	map = malloc(sizeof *map);
	if (!map)
		return control_fail(
			c, control_file(id)->name, 0, strerror(errno));
	name = BUF(map->name);
	buf_str(&name, control_file(id)->name);
	buf_str(&name, ".cdb");
	buf_cstr(&name);
	map->fd = openat(c->dir, map->name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (map->fd == -1) {
		control_fail(c, map->name, 0, strerror(errno));
		free(map);
		return -1;
	}
	if (cdb_init(&map->cdb, map->fd) != 0) {
		close(map->fd);
		map->fd = -1;
		return fail(c, map, DAMAGED);
	}
	if (!is_whole(&map->cdb))
		return fail(c, map, DAMAGED);
	*out = map;
	return 1;
}

int
map_find(struct control *c, struct map *map, struct span key, char *value,
	size_t cap, size_t *len)
{
	int found;

	*len = 0;
	if (!map)
		return 0;
	found = cdb_find(&map->cdb, key.p, (unsigned)key.n);
	if (found < 0)
		return control_fail(c, map->name, 0, DAMAGED);
	if (found == 0)
		return 0;
	*len = cdb_datalen(&map->cdb);
	if (*len > cap)
		return control_fail(c, map->name, 0, "a value is too long");
	if (*len && cdb_read(&map->cdb, value, (unsigned)*len,
			    cdb_datapos(&map->cdb)) != 0)
		return control_fail(c, map->name, 0, DAMAGED);
	return 1;
}

int
map_each(struct control *c, struct map *map, map_pair *each, void *ctx)
{
	unsigned at;
	int more = 0;

	if (!map)
		return 0;
	cdb_seqinit(&at, &map->cdb);
	while ((more = cdb_seqnext(&at, &map->cdb)) > 0) {
		unsigned keys = cdb_keylen(&map->cdb);
		unsigned values = cdb_datalen(&map->cdb);
		const void *key =
			cdb_get(&map->cdb, keys, cdb_keypos(&map->cdb));
		const void *value =
			cdb_get(&map->cdb, values, cdb_datapos(&map->cdb));

		if (!key || !value)
			return control_fail(c, map->name, 0, DAMAGED);
		if (each(ctx, (struct span){ key, keys },
			    (struct span){ value, values }) == -1)
			return -1;
	}
	return more < 0 ? control_fail(c, map->name, 0, DAMAGED) : 0;
}

void
map_close(struct map *map)
{
	if (!map)
		return;
	if (map->fd != -1) {
		cdb_free(&map->cdb);
		close(map->fd);
	}
	free(map);
}

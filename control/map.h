/* SPDX-License-Identifier: ISC
 *
 * map: look a key up in a constant database (cdb), the compiled form of a
 * control table. tinycdb appears here and in bin/cdb.c only. Keys are
 * compared as bytes: the caller lower-cases what is case-insensitive. */
#ifndef CONTROL_MAP_H
#define CONTROL_MAP_H

#include "control/control.h"

struct map; /* opaque; NULL stands for a missing database: every key misses */

/* Opens NAME.cdb of a TABLE or CDB file. Returns 1 and the map, 0 and NULL
 * when there is none, -1 with the control error set (unreadable, damaged). */
int map_open(struct control *c, enum control_id id, struct map **out);

/* Looks key up. Returns 1 and copies the value (at most cap octets, length in
 * *len), 0 when the key is not there, -1 with the control error set (damaged
 * database, value too long): a doubt, never a miss. */
int map_find(struct control *c, struct map *map, struct span key, char *value,
	size_t cap, size_t *len);

/* Calls `each` for every pair until it returns -1, which it does with the
 * control error set. Spans live as long as the map. Returns 0, or -1. */
typedef int map_pair(void *ctx, struct span key, struct span value);
int map_each(struct control *c, struct map *map, map_pair *each, void *ctx);

void map_close(struct map *map);

#endif

/* SPDX-License-Identifier: ISC
 *
 * map: any octets as a database are refused, or answer what stands in them:
 * a value that is found is a whole record of the file under that very key, a
 * doubt names the file, and the same file less its last octet is refused
 * (L-020). */
#include "tests/fuzz/fuzz.h"

#include "control/map.h"
#include "tests/unit/world.h"

enum { VALUE = 64 };

static uint32_t
number_at(const char *p)
{
	const unsigned char *u = (const unsigned char *)p;

	return (uint32_t)u[0] | (uint32_t)u[1] << 8 | (uint32_t)u[2] << 16 |
	       (uint32_t)u[3] << 24;
}

/* True when the file holds the record key, value somewhere behind its head. */
static bool
has_record(struct span file, struct span key, struct span value)
{
	for (size_t at = 2048; at + 8 + key.n + value.n <= file.n; at++) {
		const char *p = file.p + at;

		if (number_at(p) == key.n && number_at(p + 4) == value.n &&
			memcmp(p + 8, key.p, key.n) == 0 &&
			memcmp(p + 8 + key.n, value.p, value.n) == 0)
			return true;
	}
	return false;
}

static void
must_explain(const struct control *c)
{
	MUST(strncmp(control_error(c), "control/mailboxes.cdb: ", 23) == 0);
}

static void
try_key(struct control *c, struct map *map, struct span file, struct span key)
{
	char value[VALUE + 1];
	size_t len = 0;
	int found;

	value[VALUE] = '#';
	found = map_find(c, map, key, value, VALUE, &len);
	MUST(value[VALUE] == '#');
	if (found == -1)
		must_explain(c);
	else if (found == 1)
		MUST(len <= VALUE &&
			has_record(file, key, (struct span){ value, len }));
	else
		MUST(found == 0);
}

/* Opens the file; looks up keys that it may hold. Returns false when it was
 * refused. */
static bool
try_file(struct span file)
{
	struct control c;
	struct map *map;
	bool good;

	world_bytes("mailboxes.cdb", file.p, file.n);
	MUST(control_open(&c) == 0);
	good = map_open(&c, CONTROL_MAILBOXES, &map) == 1;
	MUST(good == (map != NULL));
	if (!good)
		must_explain(&c);
	for (size_t at = 2048; good && at + 8 < file.n; at += 7) {
		struct span rest = span_from(file, at + 8);

		try_key(&c, map, file, span_head(rest, rest.p[0] & 15));
	}
	if (good) {
		try_key(&c, map, file, SPAN("app"));
		try_key(&c, map, file, SPAN("*"));
	}
	map_close(map);
	control_close(&c);
	unlink(world_path("mailboxes.cdb"));
	return good;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct span file = fuzz_input(data, n);

	if (!world_dir[0])
		world_begin(NULL);
	if (n > 8192)
		return 0;
	if (try_file(file))
		MUST(!try_file(span_head(file, n - 1)));
	return 0;
}

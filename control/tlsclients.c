/* SPDX-License-Identifier: ISC */
#include "control/tlsclients.h"

#include "control/map.h"
#include "pure/ascii.h"

bool
tlsclients_fingerprint(struct span text)
{
	size_t n = 0;

	while (n < text.n && ascii_hex(text.p[n]) != -1)
		n++;
	return n == text.n && n == TLSCLIENTS_DIGITS;
}

static bool
identity_valid(struct span identity)
{
	for (size_t i = 0; i < identity.n; i++)
		if (!ascii_visible(identity.p[i]))
			return false;
	return identity.n > 0 && identity.n <= LIMIT_IDENTITY;
}

const char *
tlsclients_entry(struct span entry, struct span *key, struct span *identity)
{
	if (!control_split(entry, key, identity))
		return "no colon; write FINGERPRINT: IDENTITY";
	if (!tlsclients_fingerprint(*key))
		return "not a fingerprint: SHA-256 of the public key, in 64 "
		       "hex digits";
	if (!identity_valid(*identity))
		return "not an identity: a name without blanks, in ASCII";
	return NULL;
}

/* Reads the list to its end, so that a bad line is found wherever it stands.
 * Returns as tlsclients_find. */
static int
find_text(struct control *c, struct span fingerprint, struct buf *identity,
	unsigned *line)
{
	struct control_list list;
	struct span entry;
	int found = 0;

	if (control_list(c, CONTROL_TLSCLIENTS, &list) == -1)
		return -1;
	while (found != -1 && control_next(&list, &entry)) {
		struct span key;
		struct span name;
		const char *why = tlsclients_entry(entry, &key, &name);

		if (why) {
			found = control_fail(c, list.name, list.line, why);
		} else if (!found && span_eq_nocase(key, fingerprint)) {
			buf_span(identity, name);
			*line = list.line;
			found = 1;
		}
	}
	control_list_free(&list);
	return found;
}

static int
find_map(struct control *c, struct span fingerprint, struct buf *identity)
{
	char lower[TLSCLIENTS_DIGITS];
	char value[LIMIT_IDENTITY];
	struct map *map;
	size_t len;
	int found;

	for (size_t i = 0; i < sizeof lower; i++)
		lower[i] = ascii_lower(fingerprint.p[i]);
	if (map_open(c, CONTROL_TLSCLIENTS, &map) == -1)
		return -1;
	found = map_find(c, map, (struct span){ lower, sizeof lower }, value,
		sizeof value, &len);
	map_close(map);
	if (found != 1)
		return found;
	if (!identity_valid((struct span){ value, len }))
		return control_fail(
			c, "tlsclients.cdb", 0, "holds what is no identity");
	buf_span(identity, (struct span){ value, len });
	return 1;
}

int
tlsclients_find(struct control *c, struct span fingerprint,
	struct buf *identity, unsigned *line)
{
	int found;

	*line = 0;
	if (!tlsclients_fingerprint(fingerprint))
		return 0;
	found = find_text(c, fingerprint, identity, line);
	return found ? found : find_map(c, fingerprint, identity);
}

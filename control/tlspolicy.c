/* SPDX-License-Identifier: ISC */
#include "control/tlspolicy.h"

#include <errno.h>
#include <stdlib.h>

#include "pure/address.h"
#include "pure/ascii.h"
#include "pure/route.h"

#define FORM                                                                   \
	"write NEXTHOP: none, may, encrypt, verify, or fingerprint "           \
	"SHA256:HEX"

/* How exactly a line names a next hop; a .domain counts by its length. */
enum {
	RANK_NONE,
	RANK_ALL,
	RANK_DOMAIN,
	RANK_HOST = RANK_DOMAIN + LIMIT_DOMAIN + 2, /* and 1: its brackets */
	RANK_PORT = RANK_HOST + 2,                  /* and 1: its brackets */
	RANK_SAME = RANK_PORT + 2
};

struct entry {
	struct span key;
	struct route route; /* of a key that is a next hop */
	struct tlspolicy_choice says;
};

struct tlspolicy {
	struct control_list list;
	struct entry *entry;
	size_t count;
};

static const char *const levels[TLSPOLICY_LEVELS] = {
	[TLSPOLICY_NONE] = "none",
	[TLSPOLICY_MAY] = "may",
	[TLSPOLICY_ENCRYPT] = "encrypt",
	[TLSPOLICY_VERIFY] = "verify",
	[TLSPOLICY_FINGERPRINT] = "fingerprint",
};

const char *
tlspolicy_word(enum tlspolicy_level level)
{
	return levels[level];
}

int
tlspolicy_fingerprint(struct span word, unsigned char digest[TLSPOLICY_DIGEST])
{
	static const struct span prefix = SPAN_INIT("SHA256:");

	if (!span_begins_nocase(word, prefix))
		return -1;
	word = span_from(word, prefix.n);
	for (size_t i = 0; i < TLSPOLICY_DIGEST; i++) {
		if (i && word.n && word.p[0] == ':')
			word = span_from(word, 1);
		if (word.n < 2 || ascii_hex(word.p[0]) == -1 ||
			ascii_hex(word.p[1]) == -1)
			return -1;
		digest[i] = (unsigned char)(ascii_hex(word.p[0]) << 4 |
					    ascii_hex(word.p[1]));
		word = span_from(word, 2);
	}
	return word.n ? -1 : 0;
}

/* --- a line --- */

static const char *
words_wrong(enum tlspolicy_level level, struct span words)
{
	unsigned char digest[TLSPOLICY_DIGEST];
	struct span word;

	if (level == TLSPOLICY_FINGERPRINT && words.n == 0)
		return "no fingerprint; write SHA256: and the 64 hex digits of "
		       "the public key's SHA-256";
	while (route_next(&words, &word)) { /* they have blanks between, too */
		if (level == TLSPOLICY_FINGERPRINT) {
			if (tlspolicy_fingerprint(word, digest) == -1)
				return "not a fingerprint; write SHA256: and "
				       "the 64 hex digits of the public key's "
				       "SHA-256";
			continue;
		}
		if (level != TLSPOLICY_VERIFY)
			return "words behind none, may or encrypt, which take "
			       "none";
		if (word.p[0] == '.')
			word = span_from(word, 1);
		if (!address_domain_valid(word, true))
			return "not a name behind verify; write one like "
			       "mail.example.org";
	}
	return NULL;
}

static const char *
read_line(struct span line, unsigned number, struct entry *e)
{
	struct span word = SPAN("");
	int level = 0;

	*e = (struct entry){ .says = { .line = number } };
	route_next(&line, &e->key);
	route_next(&line, &word);
	if (e->key.n < 2 || e->key.p[e->key.n - 1] != ':')
		return "no colon and blank behind the next hop; " FORM;
	e->key.n--;
	if (!route_key(e->key, &e->route))
		return "not a next hop before the colon; write it as in "
		       "smtproutes, or .domain, or *";
	while (level < TLSPOLICY_LEVELS &&
		!span_eq(word, span_of(levels[level])))
		level++;
	if (level == TLSPOLICY_LEVELS)
		return "not a policy; " FORM;
	e->says.level = (enum tlspolicy_level)level;
	e->says.words = span_trim(line);
	return words_wrong(e->says.level, e->says.words);
}

static bool
is_known(const struct tlspolicy *p, struct span key)
{
	for (size_t i = 0; i < p->count; i++)
		if (span_eq_nocase(p->entry[i].key, key))
			return true;
	return false;
}

static int
read_entries(struct control *c, struct tlspolicy *p)
{
	struct span line;

	while (control_next(&p->list, &line)) {
		struct entry *e = &p->entry[p->count];
		const char *why = read_line(line, p->list.line, e);

		if (!why && is_known(p, e->key))
			why = "a second line for the same next hop; keep one";
		if (why)
			return control_fail(c, p->list.name, p->list.line, why);
		p->count++;
	}
	return 0;
}

struct tlspolicy *
tlspolicy_open(struct control *c)
{
	const char *name = control_file(CONTROL_TLSPOLICY)->name;
	struct tlspolicy *p = calloc(1, sizeof *p);

	if (!p) {
		control_fail(c, name, 0, strerror(errno));
		return NULL;
	}
	if (control_list(c, CONTROL_TLSPOLICY, &p->list) == -1)
		goto fail;
	p->entry = calloc(control_count(&p->list) + 1, sizeof *p->entry);
	if (!p->entry) {
		control_fail(c, name, 0, strerror(errno));
		goto fail;
	}
	if (read_entries(c, p) == 0)
		return p;
fail:
	tlspolicy_close(p);
	return NULL;
}

void
tlspolicy_close(struct tlspolicy *p)
{
	if (!p)
		return;
	control_list_free(&p->list);
	free(p->entry);
	free(p);
}

/* --- a next hop --- */

static unsigned
rank_of(const struct entry *e, struct span hop, const struct route *route)
{
	unsigned brackets = e->route.use_mx == route->use_mx;

	if (span_eq(e->key, SPAN("*")))
		return RANK_ALL;
	if (e->key.p[0] == '.')
		return span_ends_nocase(route->name, e->key)
			       ? RANK_DOMAIN + (unsigned)e->key.n
			       : RANK_NONE;
	if (span_eq_nocase(e->key, hop))
		return RANK_SAME;
	if (!route_names(&e->route, route))
		return RANK_NONE;
	if (span_eq(route_host(e->key), e->key) && !e->route.lmtp)
		return RANK_HOST + brackets;
	return e->route.port == route->port ? RANK_PORT + brackets : RANK_NONE;
}

void
tlspolicy_find(const struct tlspolicy *p, struct span hop, bool credentials,
	struct tlspolicy_choice *out)
{
	struct route route;
	unsigned best = RANK_NONE;

	*out = (struct tlspolicy_choice){
		.level = credentials ? TLSPOLICY_VERIFY : TLSPOLICY_MAY
	};
	if (route_parse(hop, &route) == -1)
		return;
	for (size_t i = 0; i < p->count; i++) {
		unsigned rank = rank_of(&p->entry[i], hop, &route);

		if (rank > best) {
			best = rank;
			*out = p->entry[i].says;
		}
	}
}

/* SPDX-License-Identifier: ISC */
#include "control/mailboxes.h"

#include <errno.h>
#include <stdlib.h>

#include "control/map.h"
#include "pure/address.h"
#include "pure/ascii.h"
#include "sys/home.h"

#define NO_MAILBOX                                                             \
	"no mailbox for postmaster; add `postmaster:PATH` to "                 \
	"control/mailboxes or an address to control/postmaster"

struct mailboxes {
	struct control *control;
	struct control_list locals;
	struct control_list text;
	struct map *map;
	char separator; /* NUL: subaddresses are off */
	char postmaster[LIMIT_ADDRESS + 1];
	size_t postmaster_len;
	bool postmaster_given; /* by control/postmaster */
	unsigned found_line;   /* of mailboxes, by the last search */
};

/* The keys an address is looked up by, the most exact first. */
enum {
	KEY_FULL_DOMAIN,
	KEY_FULL,
	KEY_BASE_DOMAIN,
	KEY_BASE,
	KEY_DOMAIN,
	KEY_ANY,
	KEY_COUNT
};

struct keys {
	struct span key[KEY_COUNT]; /* empty: not to be asked */
	char full[LIMIT_ADDRESS];   /* name@domain, lower case */
	char base[LIMIT_ADDRESS];   /* the same without the subaddress */
};

static bool
domain_valid(struct span domain)
{
	if (domain.n > 2 && domain.p[0] == '[' && domain.p[domain.n - 1] == ']')
		return true;
	return address_domain_valid(domain, true);
}

/* The domain behind the last @, or all of s when it has none. */
static struct span
after_at(struct span s)
{
	size_t at = s.n;

	while (at > 0 && s.p[at - 1] != '@')
		at--;
	return span_from(s, at);
}

static const char *
path_wrong(struct span path)
{
	char out[LIMIT_PATH];

	if (path.n == 0)
		return "no path behind the colon";
	for (size_t i = 0; i < path.n; i++)
		if (ascii_control(path.p[i]))
			return "control byte in the path";
	if (home_path(out, path))
		return NULL;
	return errno == ENAMETOOLONG ? "the path is too long"
				     : "the path must be absolute, from / on";
}

const char *
mailboxes_key(struct span line, struct span *key, struct span *value)
{
	struct span domain;

	if (!control_split(line, key, value))
		return "no colon; a line reads name:VALUE";
	if (key->n == 0)
		return "no name before the colon";
	if (key->n > LIMIT_ADDRESS)
		return "the name is too long";
	for (size_t i = 0; i < key->n; i++)
		if (ascii_control(key->p[i]))
			return "control byte in the name";
	domain = after_at(*key);
	if (domain.n < key->n && !domain_valid(domain))
		return "not a domain behind the @";
	return NULL;
}

const char *
mailboxes_entry(struct span line, struct span *key, struct span *path)
{
	const char *why = control_split(line, key, path)
				  ? mailboxes_key(line, key, path)
				  : "no colon; a line reads name:PATH";

	return why ? why : path_wrong(*path);
}

static int
check_locals(struct mailboxes *m)
{
	struct span entry;

	while (control_next(&m->locals, &entry))
		if (!domain_valid(entry))
			return control_fail(m->control, m->locals.name,
				m->locals.line, "not a domain");
	control_rewind(&m->locals);
	return 0;
}

/* Every line is judged when the file is read: a mistake shows at once, not
 * when the first letter for that name comes. */
static int
check_text(struct mailboxes *m)
{
	const struct control *c = m->control;
	bool none = !m->map && !c->text[CONTROL_ALIASES] &&
		    !c->cdb[CONTROL_ALIASES];
	struct span entry;
	struct span key;
	struct span path;

	while (control_next(&m->text, &entry)) {
		const char *why = mailboxes_entry(entry, &key, &path);

		if (why)
			return control_fail(
				m->control, m->text.name, m->text.line, why);
		none = false;
	}
	control_rewind(&m->text);
	if (none && control_next(&m->locals, &entry))
		return control_fail(m->control, m->text.name, 0,
			"no mailbox for the domains of control/locals; "
			"add `postmaster:PATH` and more of that kind");
	control_rewind(&m->locals);
	return 0;
}

static int
read_separator(struct mailboxes *m)
{
	char text[8];
	int found =
		control_line(m->control, CONTROL_SUBADDRESS, text, sizeof text);

	m->separator = '+';
	if (found != 1)
		return found;
	m->separator = text[0];
	if (strcmp(text, "none") == 0)
		m->separator = '\0';
	else if (text[1] || !ascii_visible(text[0]) || ascii_alnum(text[0]) ||
		 strchr("@:\"\\*", text[0]))
		return control_fail(m->control,
			control_file(CONTROL_SUBADDRESS)->name, 0,
			"write one sign such as + or -, or the word none");
	return 0;
}

/* postmaster@me stays empty when this host has no name: an error only for
 * those who ask. */
static int
read_postmaster(struct mailboxes *m)
{
	const struct address_rules rules = { .utf8 = true, .loose_dots = true };
	struct address parsed;
	struct buf out = BUF(m->postmaster);
	char me[LIMIT_DOMAIN + 1];
	int found = control_line(m->control, CONTROL_POSTMASTER, m->postmaster,
		sizeof m->postmaster);

	if (found == -1 || (found == 0 && control_me(m->control, me) == -1))
		return -1;
	if (found == 0 && *me) {
		buf_str(&out, "postmaster@");
		buf_str(&out, me);
		buf_cstr(&out);
	}
	m->postmaster_len = strlen(m->postmaster);
	m->postmaster_given = found == 1;
	if (found == 0)
		return 0;
	if (address_mailbox(span_of(m->postmaster), &rules, &parsed) !=
		ADDRESS_OK)
		return control_fail(m->control,
			control_file(CONTROL_POSTMASTER)->name, 0,
			"not an address; write one such as admin@example.org");
	return 0;
}

static int
read_tables(struct mailboxes *m)
{
	struct control *c = m->control;

	if (control_list(c, CONTROL_LOCALS, &m->locals) == -1 ||
		control_list(c, CONTROL_MAILBOXES, &m->text) == -1 ||
		map_open(c, CONTROL_MAILBOXES, &m->map) == -1)
		return -1;
	if (check_locals(m) == -1 || check_text(m) == -1)
		return -1;
	if (read_separator(m) == -1)
		return -1;
	return read_postmaster(m);
}

struct mailboxes *
mailboxes_open(struct control *c)
{
	struct mailboxes *m = calloc(1, sizeof *m);

	if (!m) {
		control_fail(c, "mailboxes", 0, strerror(errno));
		return NULL;
	}
	m->control = c;
	if (read_tables(m) == 0)
		return m;
	mailboxes_close(m);
	return NULL;
}

void
mailboxes_close(struct mailboxes *m)
{
	if (!m)
		return;
	control_list_free(&m->locals);
	control_list_free(&m->text);
	map_close(m->map);
	free(m);
}

bool
mailboxes_next(struct mailboxes *m, char path[LIMIT_PATH])
{
	struct span entry;
	struct span key;
	struct span value;

	while (control_next(&m->text, &entry))
		if (!mailboxes_entry(entry, &key, &value) &&
			home_path(path, value))
			return true;
	control_rewind(&m->text);
	return false;
}

bool
mailboxes_open_ended(const struct mailboxes *m)
{
	return m->map != NULL;
}

char
mailboxes_separator(const struct mailboxes *m)
{
	return m->separator;
}

unsigned
mailboxes_local_line(const struct mailboxes *m, struct span domain)
{
	struct control_list locals = m->locals;
	struct span entry;

	while (control_next(&locals, &entry))
		if (span_eq_nocase(entry, domain))
			return locals.line;
	return 0;
}

bool
mailboxes_local(const struct mailboxes *m, struct span domain)
{
	return mailboxes_local_line(m, domain) != 0;
}

unsigned
mailboxes_found_line(const struct mailboxes *m)
{
	return m->found_line;
}

/* Only a plain name is asked for by itself: a quoted local part that holds an
 * @ or is a lone * must not pass for another kind of line. */
static bool
is_plain(struct span name)
{
	return name.n && span_find(name, '@') == name.n &&
	       !span_eq(name, SPAN("*"));
}

/* Writes name@domain in lower case. Returns 0, or -1 when it is too long. */
static int
key_print(char *out, size_t cap, struct span name, struct span domain)
{
	struct buf key = { out, cap, 0, false };

	buf_span(&key, name);
	buf_char(&key, '@');
	buf_span(&key, domain);
	for (size_t i = 0; i < key.len; i++)
		out[i] = ascii_lower(out[i]);
	return key.over ? -1 : 0;
}

/* Fills in the keys of an address. Returns 0, or -1: no address at all. */
static int
keys_of(const struct mailboxes *m, struct span address, struct keys *keys)
{
	struct span domain = after_at(address);
	char unquoted[LIMIT_ADDRESS];
	struct buf name = BUF(unquoted);
	size_t base = 0;

	memset(keys->key, 0, sizeof keys->key);
	if (domain.n == 0 || domain.n == address.n)
		return -1;
	address_unquote(span_head(address, address.n - domain.n - 1), &name);
	if (name.over || key_print(keys->full, sizeof keys->full,
				 buf_text(&name), domain) == -1)
		return -1;
	keys->key[KEY_DOMAIN] =
		(struct span){ keys->full + name.len, domain.n + 1 };
	keys->key[KEY_ANY] = SPAN("*");
	if (!is_plain(buf_text(&name)))
		return 0;
	keys->key[KEY_FULL_DOMAIN] =
		(struct span){ keys->full, name.len + 1 + domain.n };
	keys->key[KEY_FULL] = (struct span){ keys->full, name.len };
	if (m->separator)
		base = span_find(keys->key[KEY_FULL], m->separator);
	if (base == 0 || base == name.len)
		return 0;
	if (key_print(keys->base, sizeof keys->base,
		    span_head(buf_text(&name), base), domain) == -1)
		return -1;
	keys->key[KEY_BASE_DOMAIN] =
		(struct span){ keys->base, base + 1 + domain.n };
	keys->key[KEY_BASE] = (struct span){ keys->base, base };
	return 0;
}

/* The best key that a text has, or KEY_COUNT; what is behind it goes to *value,
 * its line's number to *line. */
static size_t
find_text(const struct control_list *table, const struct keys *keys,
	struct span *value, unsigned *line)
{
	struct control_list text = *table;
	size_t best = KEY_COUNT;
	struct span entry;
	struct span name;
	struct span behind;

	control_rewind(&text);
	while (best > 0 && control_next(&text, &entry)) {
		if (!control_split(entry, &name, &behind))
			continue; /* cannot be: check_text read it */
		for (size_t i = 0; i < best; i++)
			if (keys->key[i].n &&
				span_eq_nocase(name, keys->key[i])) {
				*value = behind;
				*line = text.line;
				best = i;
			}
	}
	return best;
}

/* Asks the database for the keys that are better than `best`. */
static int
find_map(struct mailboxes *m, const struct keys *keys, size_t best,
	char value[LIMIT_PATH], struct span *path)
{
	size_t len;

	for (size_t i = 0; i < best; i++) {
		const char *why;
		int found;

		if (keys->key[i].n == 0)
			continue;
		found = map_find(m->control, m->map, keys->key[i], value,
			LIMIT_PATH, &len);
		if (found == 0)
			continue;
		if (found == -1)
			return -1;
		m->found_line = 0;
		*path = (struct span){ value, len };
		why = path_wrong(*path);
		if (why)
			return control_fail(
				m->control, "mailboxes.cdb", 0, why);
		return 1;
	}
	return 0;
}

int
mailboxes_find(struct mailboxes *m, struct span address, char *path, size_t cap)
{
	char value[LIMIT_PATH];
	char full[LIMIT_PATH];
	struct buf out = { path, cap, 0, false };
	struct span found = { NULL, 0 };
	struct keys keys;
	size_t best;

	if (keys_of(m, address, &keys) == -1)
		return 0;
	best = find_text(&m->text, &keys, &found, &m->found_line);
	if (m->map && find_map(m, &keys, best, value, &found) == -1)
		return -1;
	if (found.n == 0)
		return 0;
	if (!home_path(full, found))
		return control_fail(
			m->control, m->text.name, 0, strerror(errno));
	buf_str(&out, full);
	buf_cstr(&out);
	if (out.over)
		return control_fail(
			m->control, m->text.name, 0, "a path is too long");
	return 1;
}

unsigned
mailboxes_match(const struct mailboxes *m, const struct control_list *table,
	struct span address, struct span *value)
{
	struct keys keys;
	unsigned line = 0;

	if (keys_of(m, address, &keys) == -1)
		return 0;
	find_text(table, &keys, value, &line);
	return line;
}

bool
mailboxes_is_postmaster(const struct mailboxes *m, struct span address)
{
	struct span domain = after_at(address);

	if (span_eq_nocase(address, SPAN("postmaster")))
		return true;
	return span_begins_nocase(address, SPAN("postmaster@")) &&
	       domain.n + sizeof "postmaster" == address.n &&
	       mailboxes_local(m, domain);
}

/* Where this host's own name is no local domain, the first local domain that
 * has a mailbox for postmaster is a better guess than a message to ourselves.
 * Returns 0 or -1. */
static int
guess_postmaster(struct mailboxes *m)
{
	struct control_list locals = m->locals;
	char path[LIMIT_PATH];
	struct span domain;

	while (control_next(&locals, &domain)) {
		char text[sizeof m->postmaster];
		struct buf guess = BUF(text);
		int found;

		buf_str(&guess, "postmaster@");
		buf_span(&guess, domain);
		if (guess.over)
			continue;
		found = mailboxes_find(m, buf_text(&guess), path, sizeof path);
		if (found == 0)
			continue;
		memcpy(m->postmaster, text, guess.len);
		m->postmaster_len = guess.len;
		return found == 1 ? 0 : -1;
	}
	return 0;
}

int
mailboxes_postmaster(struct mailboxes *m, struct span *address)
{
	const char *file = control_file(CONTROL_POSTMASTER)->name;
	char path[LIMIT_PATH];
	int found;

	*address = (struct span){ m->postmaster, m->postmaster_len };
	if (!m->postmaster_given && !mailboxes_local(m, after_at(*address)) &&
		guess_postmaster(m) == -1)
		return -1;
	*address = (struct span){ m->postmaster, m->postmaster_len };
	if (address->n == 0)
		return control_fail(m->control, file, 0,
			"postmaster has no address; write one here, or the "
			"name of this host to control/me");
	if (!mailboxes_local(m, after_at(*address)))
		return 0;
	found = mailboxes_find(m, *address, path, sizeof path);
	if (found == 0)
		return control_fail(m->control, file, 0, NO_MAILBOX);
	return found == 1 ? 0 : -1;
}

int
mailboxes_recipient(struct mailboxes *m, struct span address, struct span *as)
{
	char path[LIMIT_PATH];
	int found = 0;

	*as = address;
	if (span_find(address, '@') < address.n)
		found = mailboxes_find(m, address, path, sizeof path);
	if (found != 0 || !mailboxes_is_postmaster(m, address))
		return found;
	return mailboxes_postmaster(m, as) == 0 ? 1 : -1;
}

/* SPDX-License-Identifier: ISC */
#include "control/rewrite.h"

#include <errno.h>
#include <stdlib.h>

#include "control/map.h"
#include "pure/address.h"
#include "pure/ascii.h"

/* A file that holds one address. */
struct single {
	char text[LIMIT_ADDRESS + 1];
	size_t len;
};

struct rewrite {
	struct control *control;
	struct mailboxes *mailboxes;
	struct control_list aliases;
	struct map *aliases_cdb;
	struct control_list sender;
	struct control_list recipients;
	struct control_list allow;
	bool allow_given; /* an empty list allows nobody */
	bool default_given;
	char me[LIMIT_DOMAIN + 1];
	char defaulthost[LIMIT_DOMAIN + 1];
	struct single other;
	struct single redirect;
	struct single copy;
	rewrite_tell *tell;
	void *ctx;
	char as[LIMIT_ADDRESS + 1]; /* what rewrite_recipient gave last */
};

static const enum control_id files[] = { CONTROL_ALIASES,
	CONTROL_ALLOWRECIPIENTS, CONTROL_COPYALL, CONTROL_DEFAULTHOST,
	CONTROL_OTHERRECIPIENTS, CONTROL_RECIPIENTS, CONTROL_REDIRECTALL,
	CONTROL_SENDER };

bool
rewrite_wanted(const struct control *c)
{
	for (size_t i = 0; i < LEN(files); i++)
		if (c->text[files[i]] || c->cdb[files[i]])
			return true;
	return false;
}

/* --- lines ---------------------------------------------------------------- */

/* An address taken apart. */
struct parts {
	struct span name;   /* with the quotes it may have */
	struct span domain; /* empty: none */
};

static struct parts
parts_of(struct span address)
{
	struct span domain = address_domain_of(address);

	if (domain.n)
		return (struct parts){
			span_head(address, address.n - domain.n - 1), domain
		};
	return (struct parts){ address, domain };
}

static bool
domain_valid(struct span domain)
{
	if (domain.n > 2 && domain.p[0] == '[' && domain.p[domain.n - 1] == ']')
		return true;
	return address_domain_valid(domain, true);
}

static bool
address_valid(struct span text)
{
	static const struct address_rules rules = { .utf8 = true };
	struct address address;

	return address_mailbox(text, &rules, &address) == ADDRESS_OK;
}

/* A name without a domain, as address_mailbox would take it with one. */
static bool
name_valid(struct span name)
{
	char text[LIMIT_ADDRESS];
	struct buf full = BUF(text);

	buf_span(&full, name);
	buf_str(&full, "@x");
	return !full.over && address_domain_of(name).n == 0 &&
	       address_valid(buf_text(&full));
}

/* What the files have in front of the colon, and allowrecipients alone on a
 * line: name, name@domain, @domain, @.domain, *. Returns NULL, or what is
 * wrong. */
static const char *
pattern_wrong(struct span pattern)
{
	if (pattern.n == 0)
		return "nothing before the colon; write name, name@domain, "
		       "@domain, @.domain or *";
	if (span_eq(pattern, SPAN("*")))
		return NULL;
	if (pattern.p[0] == '@') {
		struct span domain = span_from(pattern, 1);

		if (domain.n && domain.p[0] == '.')
			domain = span_from(domain, 1);
		return domain_valid(domain) ? NULL
					    : "not a domain behind the @";
	}
	if (address_domain_of(pattern).n ? address_valid(pattern)
					 : name_valid(pattern))
		return NULL;
	return "not a pattern; write name, name@domain, @domain, @.domain or *";
}

/* A rule's right side: an address, or @domain, which keeps the name. */
static const char *
rule_wrong(struct span line, struct span *pattern, struct span *value)
{
	const char *why;

	if (!control_split(line, pattern, value))
		return "no colon; a line reads pattern:address";
	why = pattern_wrong(*pattern);
	if (why)
		return why;
	if (value->n && value->p[0] == '@')
		return domain_valid(span_from(*value, 1))
			       ? NULL
			       : "not a domain behind the @";
	return address_valid(*value)
		       ? NULL
		       : "not an address behind the colon; write "
			 "name@domain, or @domain to keep the name";
}

/* Where the target at the front of a list ends: at a comma outside quotes. */
static size_t
target_end(struct span list)
{
	bool quoted = false;

	for (size_t i = 0; i < list.n; i++) {
		if (list.p[i] == '\\' && quoted)
			i++;
		else if (list.p[i] == '"')
			quoted = !quoted;
		else if (list.p[i] == ',' && !quoted)
			return i;
	}
	return list.n;
}

/* Takes the next target off a list of them. */
static bool
next_target(struct span *list, struct span *target)
{
	size_t end = target_end(*list);

	if (list->n == 0)
		return false;
	*target = span_trim(span_head(*list, end));
	*list = span_from(*list, end + 1);
	return true;
}

static const char *
target_wrong(struct span target)
{
	if (target.n == 0)
		return "no address behind the colon, or an empty one between "
		       "commas";
	if (span_begins_nocase(target, SPAN(":include:")))
		return "`:include:` is not known here; write the addresses, or "
		       "compile a longer list with postern-cdb";
	if (target.p[0] == '/' || span_begins_nocase(target, SPAN("\"/")))
		return "a file cannot be an alias; give the name a Maildir in "
		       "control/mailboxes";
	if (target.p[0] == '|' || span_begins_nocase(target, SPAN("\"|")))
		return "a program cannot be an alias; let it read a Maildir of "
		       "control/mailboxes";
	if (target.p[0] == '\\')
		return "no backslash is needed: an alias may name itself";
	if (address_domain_of(target).n ? address_valid(target)
					: name_valid(target))
		return NULL;
	return "not an address or a name behind the colon; write "
	       "name:address, another";
}

const char *
rewrite_alias(struct span line, struct span *key, struct span *targets)
{
	struct span rest;
	struct span target;
	const char *why;

	if (!control_split(line, key, targets))
		return "no colon; a line reads name:address, address";
	why = pattern_wrong(*key);
	if (why)
		return why;
	if (span_begins_nocase(*key, SPAN("@.")))
		return "aliases take no @.domain; write @domain";
	if (key->n > LIMIT_ADDRESS)
		return "the name is too long";
	if (targets->n == 0)
		return target_wrong(*targets);
	rest = *targets;
	while (next_target(&rest, &target)) {
		why = target_wrong(target);
		if (why)
			return why;
	}
	/* a comma with nothing behind it */
	return targets->p[targets->n - 1] == ',' ? target_wrong(SPAN(""))
						 : NULL;
}

/* --- reading -------------------------------------------------------------- */

static const char *
allow_wrong(struct span line, struct span *pattern, struct span *value)
{
	*pattern = line;
	*value = SPAN("");
	if (span_eq(line, SPAN("*")))
		return "everybody is no list; remove the file to allow all";
	return pattern_wrong(line);
}

/* Loads a list and judges every line of it: a mistake shows at once, not when
 * the first message for that line comes. */
static int
read_list(struct control *c, enum control_id id, struct control_list *list,
	const char *wrong(struct span, struct span *, struct span *))
{
	struct span entry;
	struct span key;
	struct span value;

	if (control_list(c, id, list) == -1)
		return -1;
	while (control_next(list, &entry)) {
		const char *why = wrong(entry, &key, &value);

		if (why)
			return control_fail(c, list->name, list->line, why);
	}
	control_rewind(list);
	return 0;
}

static int
read_single(struct control *c, enum control_id id, struct single *single)
{
	int found = control_line(c, id, single->text, sizeof single->text);

	if (found == -1)
		return -1;
	single->len = strlen(single->text);
	if (found == 1 && !address_valid(span_of(single->text)))
		return control_fail(c, control_file(id)->name, 0,
			"not an address; write one such as admin@example.org");
	return 0;
}

static int
read_names(struct rewrite *r)
{
	int found = control_line(r->control, CONTROL_DEFAULTHOST,
		r->defaulthost, sizeof r->defaulthost);

	if (found == -1 || control_me(r->control, r->me) == -1)
		return -1;
	r->default_given = found == 1;
	if (found == 0)
		memcpy(r->defaulthost, r->me, sizeof r->me);
	if (found == 1 && !domain_valid(span_of(r->defaulthost)))
		return control_fail(r->control, "defaulthost", 0,
			"not a domain; write one such as example.org");
	return 0;
}

/* What may not leave must have a place to stay. */
static int
check_other(struct rewrite *r)
{
	struct span other = { r->other.text, r->other.len };
	char path[LIMIT_PATH];
	int found = 0;

	if (other.n == 0)
		return 0;
	if (mailboxes_local(r->mailboxes, address_domain_of(other)))
		found = mailboxes_find(r->mailboxes, other, path, sizeof path);
	if (found == 0)
		return control_fail(r->control, "otherrecipients", 0,
			"not an address of control/mailboxes in a domain of "
			"control/locals");
	return found == 1 ? 0 : -1;
}

struct rewrite *
rewrite_open(struct control *c, struct mailboxes *m)
{
	struct rewrite *r = calloc(1, sizeof *r);

	if (!r) {
		control_fail(c, "aliases", 0, strerror(errno));
		return NULL;
	}
	r->control = c;
	r->mailboxes = m;
	r->allow_given = c->text[CONTROL_ALLOWRECIPIENTS];
	if (read_list(c, CONTROL_ALIASES, &r->aliases, rewrite_alias) == 0 &&
		map_open(c, CONTROL_ALIASES, &r->aliases_cdb) != -1 &&
		read_list(c, CONTROL_SENDER, &r->sender, rule_wrong) == 0 &&
		read_list(c, CONTROL_RECIPIENTS, &r->recipients, rule_wrong) ==
			0 &&
		read_list(c, CONTROL_ALLOWRECIPIENTS, &r->allow, allow_wrong) ==
			0 &&
		read_single(c, CONTROL_OTHERRECIPIENTS, &r->other) == 0 &&
		read_single(c, CONTROL_REDIRECTALL, &r->redirect) == 0 &&
		read_single(c, CONTROL_COPYALL, &r->copy) == 0 &&
		read_names(r) == 0 && check_other(r) == 0)
		return r;
	rewrite_close(r);
	return NULL;
}

void
rewrite_close(struct rewrite *r)
{
	if (!r)
		return;
	control_list_free(&r->aliases);
	control_list_free(&r->sender);
	control_list_free(&r->recipients);
	control_list_free(&r->allow);
	map_close(r->aliases_cdb);
	free(r);
}

void
rewrite_listen(struct rewrite *r, rewrite_tell *tell, void *ctx)
{
	r->tell = tell;
	r->ctx = ctx;
}

bool
rewrite_edits(const struct rewrite *r)
{
	return r->sender.text || r->recipients.text || r->default_given;
}

bool
rewrite_replaces(const struct rewrite *r)
{
	return r->redirect.len || (r->allow_given && r->other.len);
}

struct span
rewrite_redirectall(const struct rewrite *r)
{
	return (struct span){ r->redirect.text, r->redirect.len };
}

struct span
rewrite_copyall(const struct rewrite *r)
{
	return (struct span){ r->copy.text, r->copy.len };
}

static void
tell(const struct rewrite *r, const char *file, unsigned line, struct span from,
	struct span to)
{
	const struct rewrite_step step = { file, line, from, to };

	if (r->tell)
		r->tell(r->ctx, &step);
}

/* --- rules ---------------------------------------------------------------- */

static bool
domain_ours(const struct rewrite *r, struct span domain)
{
	return span_eq_nocase(domain, span_of(r->defaulthost)) ||
	       span_eq_nocase(domain, span_of(r->me)) ||
	       mailboxes_local(r->mailboxes, domain);
}

bool
rewrite_ours(const struct rewrite *r, struct span address)
{
	struct span domain = parts_of(address).domain;

	return domain.n == 0 || domain_ours(r, domain);
}

/* Names are one whatever their case and needless quotes (S-061). */
static bool
name_eq(struct span a, struct span b)
{
	char plain_a[LIMIT_ADDRESS];
	char plain_b[LIMIT_ADDRESS];
	struct buf x = BUF(plain_a);
	struct buf y = BUF(plain_b);

	if (span_eq_nocase(a, b))
		return true;
	address_unquote(a, &x);
	address_unquote(b, &y);
	return !x.over && !y.over && span_eq_nocase(buf_text(&x), buf_text(&y));
}

static bool
address_eq(struct span a, struct span b)
{
	struct parts x = parts_of(a);
	struct parts y = parts_of(b);

	return span_eq_nocase(x.domain, y.domain) && name_eq(x.name, y.name);
}

static bool
pattern_matches(
	const struct rewrite *r, struct span pattern, struct span address)
{
	struct parts want = parts_of(pattern);
	struct parts have = parts_of(address);

	if (span_eq(pattern, SPAN("*")))
		return true;
	if (want.name.n == 0 && want.domain.p[0] == '.')
		return have.domain.n > want.domain.n &&
		       span_ends_nocase(have.domain, want.domain);
	if (want.name.n == 0)
		return span_eq_nocase(have.domain, want.domain);
	if (!name_eq(want.name, have.name))
		return false;
	if (want.domain.n == 0)
		return rewrite_ours(r, address);
	return span_eq_nocase(have.domain, want.domain);
}

/* Writes what a rule says of an address. */
static void
print_value(struct buf *out, struct span value, struct span address)
{
	if (value.p[0] == '@')
		buf_span(out, parts_of(address).name);
	buf_span(out, value);
}

/* Appends what the first rule that matches makes of the address. Returns 1, 0
 * when none does, -1 with the control error set. */
static int
apply_rules(struct rewrite *r, const struct control_list *rules,
	struct span address, struct buf *out)
{
	struct control_list list = *rules;
	size_t begin = out->len;
	struct span entry;
	struct span pattern;
	struct span value;

	while (control_next(&list, &entry)) {
		if (!control_split(entry, &pattern, &value) ||
			!pattern_matches(r, pattern, address))
			continue;
		print_value(out, value, address);
		if (out->over || out->len - begin > LIMIT_ADDRESS)
			return control_fail(r->control, list.name, list.line,
				"makes an address too long");
		tell(r, list.name, list.line, address,
			span_from(buf_text(out), begin));
		return 1;
	}
	return 0;
}

int
rewrite_complete(struct rewrite *r, struct span address, struct buf *out)
{
	size_t begin = out->len;

	buf_span(out, address);
	if (parts_of(address).domain.n == 0) {
		if (!*r->defaulthost)
			return control_fail(r->control, "defaulthost", 0,
				"a name without a domain, and this host has "
				"none; write one here");
		buf_char(out, '@');
		buf_str(out, r->defaulthost);
	}
	if (out->over || out->len - begin > LIMIT_ADDRESS)
		return control_fail(r->control, "defaulthost", 0,
			"makes an address too long");
	return 0;
}

/* The same where it can be done; a rule or an alias may know a name that has
 * no domain. */
static int
try_complete(struct rewrite *r, struct span address, struct buf *out)
{
	if (*r->defaulthost || parts_of(address).domain.n)
		return rewrite_complete(r, address, out);
	buf_span(out, address);
	return 0;
}

/* The same, and the listener hears of it. */
static int
complete(struct rewrite *r, struct span address, struct buf *out)
{
	size_t begin = out->len;

	if (try_complete(r, address, out) == -1)
		return -1;
	if (*r->defaulthost && parts_of(address).domain.n == 0)
		tell(r, r->default_given ? "defaulthost" : "me", 0, address,
			span_from(buf_text(out), begin));
	return 0;
}

/* Completes the address and applies rules to it: what is done to both ends. */
static int
apply(struct rewrite *r, const struct control_list *rules, struct span address,
	struct buf *out)
{
	char text[LIMIT_ADDRESS + 1];
	struct buf full = BUF(text);
	int found;

	if (complete(r, address, &full) == -1)
		return -1;
	found = apply_rules(r, rules, buf_text(&full), out);
	if (found == 0)
		buf_span(out, buf_text(&full));
	return found == -1 ? -1 : 0;
}

static int
rewrite_one(struct rewrite *r, const struct control_list *rules,
	struct span address, struct buf *out)
{
	size_t begin = out->len;

	if (address.n > LIMIT_ADDRESS)
		return 0; /* no address, whatever it is */
	if (apply(r, rules, address, out) == -1)
		return -1;
	if (!span_eq(span_from(buf_text(out), begin), address))
		return 1;
	out->len = begin;
	return 0;
}

int
rewrite_sender(struct rewrite *r, struct span address, struct buf *out)
{
	return rewrite_one(r, &r->sender, address, out);
}

int
rewrite_to(struct rewrite *r, struct span address, struct buf *out)
{
	return rewrite_one(r, &r->recipients, address, out);
}

/* --- aliases -------------------------------------------------------------- */

/* The keys an address is looked up by, the most exact first. */
enum {
	KEY_FULL, /* name@domain */
	KEY_NAME, /* name, where the domain is ours */
	KEY_BASE, /* both without the subaddress */
	KEY_BASE_NAME,
	KEY_DOMAIN, /* @domain */
	KEY_ANY,    /* *, where the domain is ours */
	KEY_COUNT
};

struct keys {
	struct span key[KEY_COUNT]; /* empty: not to be asked */
	char full[LIMIT_ADDRESS + 1];
	char base[LIMIT_ADDRESS + 1];
};

/* What an alias says. */
struct alias {
	const char *file;
	unsigned line;
	size_t len;
	char targets[LIMIT_CONTROL_LINE];
};

/* Writes name@domain in lower case; name_n octets of it are the name. */
static size_t
print_key(char *to, struct span name, struct span domain)
{
	struct buf out = { to, LIMIT_ADDRESS + 1, 0, false };

	buf_span(&out, name);
	buf_char(&out, '@');
	buf_span(&out, domain);
	for (size_t i = 0; i < out.len; i++)
		to[i] = ascii_lower(to[i]);
	return out.over ? 0 : out.len;
}

/* Fills in two keys of a name. */
static void
name_keys(struct span full, size_t name_n, bool ours, struct span key[2])
{
	key[0] = full;
	if (ours)
		key[1] = span_head(full, name_n);
}

static void
keys_of(const struct rewrite *r, struct span address, struct keys *keys)
{
	struct parts parts = parts_of(address);
	bool ours = rewrite_ours(r, address);
	char plain[LIMIT_ADDRESS];
	struct buf unquoted = BUF(plain);
	struct span name;
	size_t base;
	size_t n;

	memset(keys->key, 0, sizeof keys->key);
	address_unquote(parts.name, &unquoted);
	name = buf_text(&unquoted);
	n = print_key(keys->full, name, parts.domain);
	if (unquoted.over || n == 0)
		return;
	if (parts.domain.n)
		keys->key[KEY_DOMAIN] =
			(struct span){ keys->full + name.n, n - name.n };
	if (ours)
		keys->key[KEY_ANY] = SPAN("*");
	/* a quoted local part must not pass for another kind of line */
	if (name.n == 0 || span_find(name, '@') < name.n ||
		span_eq(name, SPAN("*")))
		return;
	name_keys((struct span){ keys->full, n }, name.n, ours,
		&keys->key[KEY_FULL]);
	base = span_find(name, mailboxes_separator(r->mailboxes));
	if (base == 0 || base == name.n)
		return;
	n = print_key(keys->base, span_head(name, base), parts.domain);
	name_keys((struct span){ keys->base, n }, base, ours,
		&keys->key[KEY_BASE]);
}

/* A key of the text file, unquoted as keys_of does it. */
static bool
key_eq(struct span line_key, struct span key)
{
	struct parts parts = parts_of(line_key);
	char plain[LIMIT_ADDRESS];
	struct buf out = BUF(plain);

	if (span_eq_nocase(line_key, key))
		return true;
	if (line_key.p[0] != '"')
		return false;
	address_unquote(parts.name, &out);
	if (parts.domain.n) {
		buf_char(&out, '@');
		buf_span(&out, parts.domain);
	}
	return !out.over && span_eq_nocase(buf_text(&out), key);
}

static void
set_alias(struct alias *out, const char *file, unsigned line, struct span value)
{
	out->file = file;
	out->line = line;
	out->len = value.n;
	memcpy(out->targets, value.p, value.n);
}

/* Looks for the best of the keys from `first` to `last` in the text. Returns
 * it, or last + 1 when none is there. A name that has two lines has one too
 * many: neither is taken for good. */
static int
find_text(const struct rewrite *r, const struct keys *keys, int first, int last,
	struct alias *out)
{
	struct control_list list = r->aliases;
	int best = last + 1;
	struct span entry;
	struct span key;
	struct span value;

	while (control_next(&list, &entry)) {
		if (!control_split(entry, &key, &value))
			continue;
		for (int i = first; i <= last && i <= best; i++) {
			if (keys->key[i].n == 0 || !key_eq(key, keys->key[i]))
				continue;
			if (i == best)
				return control_fail(r->control, list.name,
					list.line,
					"a second line for the same name; "
					"write one, with commas");
			best = i;
			set_alias(out, list.name, list.line, value);
		}
	}
	return best;
}

/* Asks the database for the keys better than `best`. Returns 1, 0 or -1. */
static int
find_map(const struct rewrite *r, const struct keys *keys, int first, int best,
	struct alias *out)
{
	char value[LIMIT_CONTROL_LINE];
	size_t len;

	for (int i = first; i < best; i++) {
		char line[2 * LIMIT_CONTROL_LINE];
		struct buf text = BUF(line);
		struct span key;
		struct span targets;
		const char *why;
		int found = 0;

		if (keys->key[i].n)
			found = map_find(r->control, r->aliases_cdb,
				keys->key[i], value, sizeof value, &len);
		if (found == 0)
			continue;
		if (found == -1)
			return -1;
		buf_str(&text, "x:");
		buf_span(&text, (struct span){ value, len });
		why = rewrite_alias(buf_text(&text), &key, &targets);
		if (why)
			return control_fail(r->control, "aliases.cdb", 0, why);
		set_alias(out, "aliases.cdb", 0, (struct span){ value, len });
		return 1;
	}
	return 0;
}

/* Finds the alias of an address by the keys from `first` to `last`; text goes
 * before cdb at each of them. Returns 1, 0 or -1 with the control error set. */
static int
find_alias(const struct rewrite *r, const struct keys *keys, int first,
	int last, struct alias *out)
{
	int best = find_text(r, keys, first, last, out);
	int found;

	if (best == -1)
		return -1;
	found = find_map(r, keys, first, best, out);
	return found != 0 ? found : best <= last;
}

/* What is behind an address. */
enum behind {
	BEHIND_BROKEN = -1,
	BEHIND_NOTHING, /* it stays as it is: foreign, or unknown here */
	BEHIND_MAILBOX,
	BEHIND_ALIAS,
	BEHIND_POSTMASTER, /* control/postmaster and its defaults */
};

static bool
is_postmaster(const struct rewrite *r, struct span address)
{
	return name_eq(parts_of(address).name, SPAN("postmaster")) &&
	       rewrite_ours(r, address);
}

/* An alias by name, a mailbox, control/postmaster, an alias that catches all,
 * what else postmaster may have. */
static enum behind
look_behind(struct rewrite *r, struct span address, struct alias *alias)
{
	bool local = mailboxes_local(r->mailboxes, parts_of(address).domain);
	bool postmaster = is_postmaster(r, address);
	char path[LIMIT_PATH];
	struct keys keys;
	int found;

	keys_of(r, address, &keys);
	found = find_alias(r, &keys, KEY_FULL, KEY_BASE_NAME, alias);
	if (found != 0)
		return found == 1 ? BEHIND_ALIAS : BEHIND_BROKEN;
	if (local)
		found = mailboxes_find(
			r->mailboxes, address, path, sizeof path);
	if (found != 0)
		return found == 1 ? BEHIND_MAILBOX : BEHIND_BROKEN;
	if (postmaster && r->control->text[CONTROL_POSTMASTER])
		return BEHIND_POSTMASTER;
	found = find_alias(r, &keys, KEY_DOMAIN, KEY_ANY, alias);
	if (found != 0)
		return found == 1 ? BEHIND_ALIAS : BEHIND_BROKEN;
	return postmaster ? BEHIND_POSTMASTER : BEHIND_NOTHING;
}

int
rewrite_recipient(struct rewrite *r, struct span address, struct span *as)
{
	struct buf full = { r->as, sizeof r->as, 0, false };
	struct alias alias;

	if (complete(r, address, &full) == -1)
		return -1;
	*as = buf_text(&full);
	switch (look_behind(r, *as, &alias)) {
	case BEHIND_BROKEN:
		return -1;
	case BEHIND_NOTHING:
		return 0;
	case BEHIND_POSTMASTER:
		return mailboxes_postmaster(r->mailboxes, as) == 0 ? 1 : -1;
	default:
		return 1;
	}
}

/* --- recipients ----------------------------------------------------------- */

/* One recipient on its way; what it came from is a chain to the first. */
struct from {
	const struct from *parent;
	struct span address;
};

struct walk {
	struct rewrite *r;
	rewrite_each *each;
	void *ctx;
	unsigned many; /* addresses looked at */
};

static bool
is_allowed(const struct rewrite *r, struct span address)
{
	struct control_list list = r->allow;
	struct span entry;

	while (control_next(&list, &entry))
		if (pattern_matches(r, entry, address))
			return true;
	return !r->allow_given;
}

/* An address that nothing rewrites any more. */
static int
finish(struct walk *walk, struct span address)
{
	struct rewrite *r = walk->r;
	struct span redirect = rewrite_redirectall(r);
	struct span other = { r->other.text, r->other.len };
	struct buf none = { NULL, 0, 0, false };

	if (parts_of(address).domain.n == 0)
		return rewrite_complete(r, address, &none);
	if (!is_allowed(r, address)) {
		if (!r->other.len) {
			tell(r, r->allow.name, 0, address, SPAN(""));
			return 0;
		}
		tell(r, "otherrecipients", 0, address, other);
		address = other;
	}
	if (redirect.n) {
		tell(r, "redirectall", 0, address, redirect);
		address = redirect;
	}
	return walk->each(walk->ctx, address) == -1 ? -1 : 1;
}

/* A name in an alias is one of the same local domain, else of defaulthost. */
static int
complete_target(struct rewrite *r, struct span target, struct span from,
	struct buf *out)
{
	struct span domain = parts_of(from).domain;

	if (parts_of(target).domain.n || !mailboxes_local(r->mailboxes, domain))
		return try_complete(r, target, out);
	buf_span(out, target);
	buf_char(out, '@');
	buf_span(out, domain);
	if (!out->over && out->len <= LIMIT_ADDRESS)
		return 0;
	return control_fail(
		r->control, r->aliases.name, 0, "makes an address too long");
}

/* Is the address one of those that it came from? */
static bool
in_circle(const struct from *from, struct span address)
{
	for (; from; from = from->parent)
		if (address_eq(from->address, address))
			return true;
	return false;
}

static unsigned
depth_of(const struct from *from)
{
	unsigned depth = 0;

	for (; from; from = from->parent)
		depth++;
	return depth;
}

static int expand(struct walk *walk, const struct from *from);

static int
expand_target(struct walk *walk, const struct from *from,
	const struct alias *alias, struct span target)
{
	struct rewrite *r = walk->r;
	char text[LIMIT_ADDRESS + 1];
	struct buf full = BUF(text);
	struct from next = { .parent = from };

	if (complete_target(r, target, from->address, &full) == -1)
		return -1;
	next.address = buf_text(&full);
	if (address_eq(next.address, from->address))
		return finish(walk, from->address); /* it may name itself */
	if (in_circle(from, next.address))
		return control_fail(r->control, alias->file, alias->line,
			"leads back to a name that led here: a loop; take one "
			"of these lines out");
	if (depth_of(&next) > REWRITE_DEPTH)
		return control_fail(r->control, alias->file, alias->line,
			"aliases in aliases, over 20 deep; name the addresses");
	if (++walk->many > REWRITE_MANY)
		return control_fail(r->control, alias->file, alias->line,
			"one recipient would become over 10000");
	return expand(walk, &next);
}

static int
expand_alias(
	struct walk *walk, const struct from *from, const struct alias *alias)
{
	struct span rest = { alias->targets, alias->len };
	struct span target;
	int result = 1;

	tell(walk->r, alias->file, alias->line, from->address, rest);
	while (result == 1 && next_target(&rest, &target))
		result = expand_target(walk, from, alias, target);
	return result;
}

static int
expand_postmaster(struct walk *walk, const struct from *from)
{
	static const struct alias alias = { .file = "postmaster" };
	struct span as;

	if (mailboxes_postmaster(walk->r->mailboxes, &as) == -1)
		return -1;
	tell(walk->r, alias.file, 0, from->address, as);
	return expand_target(walk, from, &alias, as);
}

/* Follows an address to its ends. Returns as rewrite_rcpt. */
static int
expand(struct walk *walk, const struct from *from)
{
	struct alias alias;

	switch (look_behind(walk->r, from->address, &alias)) {
	case BEHIND_BROKEN:
		return -1;
	case BEHIND_ALIAS:
		return expand_alias(walk, from, &alias);
	case BEHIND_POSTMASTER:
		return expand_postmaster(walk, from);
	default:
		return finish(walk, from->address);
	}
}

int
rewrite_rcpt(
	struct rewrite *r, struct span address, rewrite_each *each, void *ctx)
{
	struct walk walk = { r, each, ctx, 0 };
	char first[LIMIT_ADDRESS + 1];
	struct buf start = BUF(first);
	struct from from = { .parent = NULL };

	if (apply(r, &r->recipients, address, &start) == -1)
		return -1;
	from.address = buf_text(&start);
	return expand(&walk, &from);
}

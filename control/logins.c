/* SPDX-License-Identifier: ISC */
#include "control/logins.h"

#include <errno.h>
#include <sys/stat.h>

#include "pure/ascii.h"

/* A walk over all of them. */
struct walk {
	struct control *control;
	struct logins *out;
	struct span name;
	uint64_t best; /* how near `other` is */
};

void
login_verifier(const struct login *login, struct verifier *out)
{
	(void)verifier_parse((struct span){ login->text, login->length }, out);
}

static void
keep(struct login *login, struct span name, struct span text)
{
	login->there = true;
	for (size_t i = 0; i < name.n; i++)
		login->name[i] = ascii_lower(name.p[i]);
	login->name[name.n] = '\0';
	memcpy(login->text, text.p, text.n);
	login->length = text.n;
}

static uint64_t
mix(uint64_t sum, struct span text)
{
	for (size_t i = 0; i < text.n; i++) {
		sum ^= (unsigned char)ascii_lower(text.p[i]);
		sum *= 0x9e3779b97f4a7c15;
		sum ^= sum >> 29;
	}
	return sum;
}

/* A stranger's name stands for the login that is nearest to it by a hash of
 * both, so that it asks for the same kind of work every time. The verifiers
 * are what nobody outside can know of it. */
static void
note(struct walk *w, struct span name, struct span text)
{
	struct logins *out = w->out;
	struct verifier verifier;
	uint64_t far = mix(mix(1, text), w->name);

	(void)verifier_parse(text, &verifier);
	out->scram = (out->count == 0 || out->scram) && verifier.scram;
	if (out->count++ == 0)
		keep(&out->first, name, text);
	if (out->count == 1 || far < w->best) {
		w->best = far;
		keep(&out->other, name, text);
	}
	if (!out->found.there && span_eq_nocase(name, w->name))
		keep(&out->found, name, text);
}

/* A secret is no secret when everybody may read it. */
static int
judge_mode(struct control *c, const char *file)
{
	struct stat st;

	if (fstatat(c->dir, file, &st, 0) == -1)
		return control_fail(c, file, 0, strerror(errno));
	if (st.st_mode & 07)
		return control_fail(c, file, 0,
			"everybody may read it; chmod 640 it, and chgrp it "
			"to postern-auth");
	return 0;
}

static int
take_pair(void *ctx, struct span name, struct span text)
{
	struct walk *w = ctx;
	struct verifier verifier;

	if (!verifier_name(name) || verifier_parse(text, &verifier))
		return control_fail(w->control, "logins.cdb", 0,
			"holds what is no login; make it anew with "
			"postern-cdb");
	note(w, name, text);
	return 0;
}

int
logins_open(struct control *c, struct logins_table *table)
{
	const char *file = control_file(CONTROL_LOGINS)->name;

	*table = (struct logins_table){ .map = NULL };
	if ((c->text[CONTROL_LOGINS] && judge_mode(c, file) == -1) ||
		(c->cdb[CONTROL_LOGINS] && judge_mode(c, "logins.cdb") == -1))
		return -1;
	if (control_list(c, CONTROL_LOGINS, &table->list) != -1 &&
		map_open(c, CONTROL_LOGINS, &table->map) != -1)
		return 0;
	logins_close(table);
	return -1;
}

int
logins_find(struct control *c, struct logins_table *table, struct span name,
	struct logins *out)
{
	struct walk walk = { .control = c, .out = out, .name = name };
	struct span entry;

	*out = (struct logins){ .count = 0 };
	control_rewind(&table->list);
	while (control_next(&table->list, &entry)) {
		struct span login;
		struct span text;
		const char *why = verifier_entry(entry, &login, &text);

		if (why)
			return control_fail(
				c, table->list.name, table->list.line, why);
		note(&walk, login, text);
	}
	return map_each(c, table->map, take_pair, &walk);
}

void
logins_close(struct logins_table *table)
{
	if (table->list.text)
		explicit_bzero(table->list.text, table->list.len);
	control_list_free(&table->list);
	map_close(table->map);
	table->map = NULL;
}

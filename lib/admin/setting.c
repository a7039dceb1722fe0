/* SPDX-License-Identifier: ISC */
#include "admin/setting.h"

#include "control/mailboxes.h"
#include "pure/ascii.h"

bool
setting_given(const struct control *c, enum control_id id)
{
	return c->text[id] || c->cdb[id];
}

/* A default in words: the word me in it stands for the value of me. */
static void
fill_in(struct buf *out, struct span preset, const char *me)
{
	while (preset.n) {
		size_t n = 0;

		while (n < preset.n && ascii_alpha(preset.p[n]))
			n++;
		if (n == 2 && span_eq(span_head(preset, 2), SPAN("me")))
			buf_str(out, *me ? me : "(no name)");
		else
			buf_span(out, span_head(preset, n ? n : 1));
		preset = span_from(preset, n ? n : 1);
	}
}

/* The postmaster's default depends on what is local. */
static int
postmaster(struct control *c, setting_each *each, void *ctx)
{
	struct mailboxes *m = mailboxes_open(c);
	struct span to;

	if (!m)
		return -1;
	if (mailboxes_postmaster(m, &to) == -1)
		to = SPAN("nobody");
	each(ctx, to, SPAN("default"));
	mailboxes_close(m);
	return 0;
}

static int
preset(struct control *c, enum control_id id, setting_each *each, void *ctx)
{
	const struct control_file *file = control_file(id);
	char text[LIMIT_CONTROL_LINE];
	char me[LIMIT_DOMAIN + 1];
	struct buf out = BUF(text);

	if (id == CONTROL_POSTMASTER)
		return postmaster(c, each, ctx);
	if (control_me(c, me) == -1)
		return -1;
	if (id == CONTROL_ME) {
		each(ctx, *me ? span_of(me) : SPAN("none"),
			SPAN("default: the kernel's host name, if it has a "
			     "dot"));
		return 0;
	}
	if (file->kind != CONTROL_LINE)
		buf_str(&out, *file->preset ? file->preset : "none");
	else
		fill_in(&out, span_of(file->preset), me);
	each(ctx, buf_text(&out), SPAN("default"));
	return 0;
}

static void
give_entry(const struct control_list *list, struct span entry,
	setting_each *each, void *ctx)
{
	char text[64];
	struct buf source = BUF(text);

	buf_str(&source, list->name);
	if (list->line) {
		buf_char(&source, ':');
		buf_number(&source, list->line);
	}
	each(ctx, entry, buf_text(&source));
}

/* The logins: who, and never what is known of him. */
static void
give_login(const struct control_list *list, struct span entry,
	setting_each *each, void *ctx)
{
	char text[LIMIT_CONTROL_LINE + 16];
	struct buf shown = BUF(text);
	struct span value;
	struct span name;

	(void)control_split(entry, &name, &value);
	buf_span(&shown, name);
	buf_str(&shown,
		value.n && value.p[0] == '!' ? ": (locked)" : ": (a secret)");
	give_entry(list, buf_text(&shown), each, ctx);
}

int
setting_values(
	struct control *c, enum control_id id, setting_each *each, void *ctx)
{
	struct control_list list;
	struct span entry;
	char text[64];
	struct buf name = BUF(text);
	int given = control_list(c, id, &list);

	if (given == -1 && id == CONTROL_LOGINS) {
		each(ctx, SPAN("(a secret)"), SPAN("logins"));
		return 0;
	}
	if (given == -1)
		return -1;
	if (!setting_given(c, id))
		return preset(c, id, each, ctx);
	if (given == 1 && !control_next(&list, &entry))
		give_entry(&list, SPAN("none"), each, ctx);
	control_rewind(&list);
	while (control_next(&list, &entry))
		(id == CONTROL_LOGINS ? give_login : give_entry)(
			&list, entry, each, ctx);
	control_list_free(&list);
	if (c->cdb[id]) {
		buf_str(&name, control_file(id)->name);
		buf_str(&name, ".cdb");
		each(ctx, SPAN("(a database)"), buf_text(&name));
	}
	return 0;
}

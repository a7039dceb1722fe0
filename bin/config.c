/* SPDX-License-Identifier: ISC
 *
 * postern-config: every setting that holds now, and the line that decided it.
 *
 *	fd 1    name, value, source; a tab between them where it is no terminal
 *	fd 2    what is wrong, and what may not be meant
 *	reads   every control file
 *	starts  nothing
 *	exit    0; 100 a control file is wrong, or the call is; 111 not written
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "admin/audit.h"
#include "admin/setting.h"
#include "sys/home.h"
#include "sys/log.h"
#include "sys/screen.h"

enum { VALUE_COLUMN = 21, SOURCE_COLUMN = 52 };

/* The file that is being shown. */
struct row {
	const char *name;
	bool given;
	bool again; /* a value of it was shown */
};

static struct control control;

static int
usage(FILE *to)
{
	fputs("usage: postern config [-s] [NAME]...\n"
	      "  -s  only what a file says, no defaults\n",
		to);
	return to == stdout ? 0 : DIE_SETUP;
}

static void
show_value(void *ctx, struct span value, struct span source)
{
	struct row *row = ctx;

	screen_ink(row->given ? INK_BOLD : INK_DIM);
	if (!row->again || !screen_terminal())
		screen_str(row->name);
	screen_field(VALUE_COLUMN);
	screen_text(value);
	screen_ink(INK_PLAIN);
	screen_field(SOURCE_COLUMN);
	screen_ink(INK_DIM);
	screen_text(source);
	screen_ink(INK_PLAIN);
	screen_line();
	row->again = true;
}

static void
show_file(enum control_id id)
{
	struct row row = { .name = control_file(id)->name,
		.given = setting_given(&control, id) };

	/* a file that cannot be read was reported already */
	if (setting_values(&control, id, show_value, &row) == -1 && !row.again)
		show_value(&row, SPAN("(wrong, see below)"),
			span_of(control_file(id)->name));
}

static void
show_all(bool given_alone)
{
	char path[LIMIT_PATH];

	if (screen_terminal() && home_control(path)) {
		screen_str("The control directory is ");
		screen_text(span_of(path));
		screen_line();
	}
	for (int i = 0; i < CONTROL_COUNT; i++)
		if (!given_alone || setting_given(&control, (enum control_id)i))
			show_file((enum control_id)i);
}

/* Returns 0 or an exit code. */
static int
show_named(const char *name)
{
	const char *nearest = control_nearest(span_of(name));

	for (int i = 0; i < CONTROL_COUNT; i++)
		if (strcmp(name, control_file((enum control_id)i)->name) == 0) {
			show_file((enum control_id)i);
			return 0;
		}
	fprintf(stderr, "postern config: no control file has that name%s%s\n",
		nearest ? "; did you mean " : "", nearest ? nearest : "");
	return DIE_SETUP;
}

/* Findings of the audit are kept until the settings were shown. */
struct findings {
	const char *grade;
	char text[64][512];
	size_t count;
	size_t more;
};

static void
keep(void *ctx, const char *text)
{
	struct findings *f = ctx;

	if (f->count == LEN(f->text))
		f->more++;
	else
		snprintf(f->text[f->count++], sizeof f->text[0], "%s", text);
}

static void
show_findings(const struct findings *f)
{
	for (size_t i = 0; i < f->count; i++)
		fprintf(stderr, "%s: %s\n", f->grade, f->text[i]);
	if (f->more)
		fprintf(stderr, "%s: %zu more\n", f->grade, f->more);
}

int
main(int argc, char **argv)
{
	static struct findings faults = { .grade = "error" };
	static struct findings advice = { .grade = "warning" };
	bool given_alone = false;
	int code = 0;
	int c;

	/* Learn. */
	log_program("postern-config");
	screen_begin();
	opterr = 0;
	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	while ((c = getopt(argc, argv, "s")) != -1) {
		if (c != 's')
			return usage(stderr);
		given_alone = true;
	}
	audit_control(&control, keep, &faults);
	if (faults.count == 0)
		audit_advice(&control, keep, &advice);

	/* Work. */
	if (optind == argc)
		show_all(given_alone);
	for (int i = optind; i < argc && code == 0; i++)
		code = show_named(argv[i]);
	if (screen_end() == -1)
		die_errno(DIE_LATER, "write the settings");
	show_findings(&faults);
	show_findings(&advice);

	/* Leave. */
	return faults.count ? DIE_SETUP : code;
}

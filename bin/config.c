/* SPDX-License-Identifier: ISC
 *
 * postern-config: every setting that holds now, and the line that decided it.
 *
 *	fd 1    name, value, source; a tab between them where it is no terminal;
 *	        or a JSON array
 *	fd 2    what is wrong, and what may not be meant
 *	reads   every control file
 *	starts  nothing
 *	exit    0; 100 a control file is wrong, or the call is; 111 not written
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <unistd.h>

#include "admin/audit.h"
#include "admin/jsonout.h"
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
static bool given_alone; /* no defaults */
static bool json;

static int
usage(FILE *to)
{
	fputs("usage: postern config [-s] [--json] [NAME]...\n"
	      "  -s      only what a file says, no defaults\n"
	      "  --json  for other programs\n",
		to);
	return to == stdout ? 0 : DIE_SETUP;
}

static void
json_value(void *ctx, struct span value, struct span source)
{
	struct row *row = ctx;

	jsonout_open(NULL, '{');
	jsonout_text("name", span_of(row->name));
	jsonout_text("value", value);
	jsonout_text("source", source);
	jsonout_bool("default", !row->given);
	jsonout_close('}');
	jsonout_line();
	row->again = true;
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

	setting_each *show = json ? json_value : show_value;

	/* a file that cannot be read was reported already */
	if (setting_values(&control, id, show, &row) == -1 && !row.again)
		show(&row, SPAN("(wrong, see below)"),
			span_of(control_file(id)->name));
}

static void
show_all(void)
{
	char path[LIMIT_PATH];

	if (!json && screen_terminal() && home_control(path)) {
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

/* Returns -1, or an exit code. */
static int
read_options(int argc, char **argv)
{
	static const struct option options[] = {
		{"json", no_argument, NULL, 'j' },
		{ "help",  no_argument, NULL, 'h' },
		{ 0    },
	};
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "s", options, NULL)) != -1) {
		if (c == 'h')
			return usage(stdout);
		if (c == '?')
			return usage(stderr);
		given_alone |= c == 's';
		json |= c == 'j';
	}
	return -1;
}

static int
show_settings(char **names)
{
	int code = 0;

	if (json)
		jsonout_open(NULL, '[');
	if (!*names)
		show_all();
	for (; *names && code == 0; names++)
		code = show_named(*names);
	if (json) {
		jsonout_close(']');
		jsonout_line();
	}
	return code;
}

int
main(int argc, char **argv)
{
	static struct findings faults = { .grade = "error" };
	static struct findings advice = { .grade = "warning" };
	int code;

	/* Learn. */
	log_program("postern-config");
	screen_begin();
	code = read_options(argc, argv);
	if (code != -1)
		return code;
	audit_control(&control, keep, &faults);
	if (faults.count == 0)
		audit_advice(&control, keep, &advice);

	/* Work. */
	code = show_settings(argv + optind);
	if (screen_end() == -1)
		die_errno(DIE_LATER, "write the settings");
	show_findings(&faults);
	show_findings(&advice);

	/* Leave. */
	return faults.count ? DIE_SETUP : code;
}

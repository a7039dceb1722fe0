/* SPDX-License-Identifier: ISC
 *
 * postern-change: hold, release, remove and retry; which of them is the name
 * it is started under. Messages are moved or removed by name; a runner that
 * has one in hand finds out.
 *
 *	fd 0    the answer, when it is a terminal
 *	fd 1    what will be done, and what was
 *	fd 2    what is wrong; log lines, too, when it is no terminal
 *	reads   the queue directory, as its owner when root starts it
 *	writes  the names there; the system's log
 *	starts  nothing
 *	exit    0 done, or there was nothing to do; 1 the answer was no; 100
 *		the call is wrong; 111 not all could be done */
#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "admin/deed.h"
#include "admin/entry.h"
#include "pure/age.h"
#include "queue/visit.h"
#include "sys/clock.h"
#include "sys/log.h"
#include "sys/screen.h"

enum {
	OPTION_YES = 'y',
	OPTION_DRY = 'n',
	OPTION_HELP = 1,
	SHOWN = 10, /* messages that are shown before the question */
	ID_COLUMN = QUEUE_ID + 1,
	AGE_COLUMN = ID_COLUMN + 9,
	NO = 1, /* the exit code when the answer is no */
};

static const struct deed *deed;
static struct spool spool;
static struct catalogue catalogue = { .spool = &spool };
static struct choice choice = { .states = STATE_ALL };
static bool yes;
static bool dry;

static void
print_usage(void)
{
	printf("usage: postern %s [-n | -y] CHOICE...\n"
	       "Messages for which all of these hold %s:\n" CHOICE_USAGE
	       "  -n                  only say which\n"
	       "  -y                  do not ask\n",
		deed->verb, deed->will);
}

/* Returns -1, or the exit code. */
static int
read_options(int argc, char **argv)
{
	static const struct option options[] = {
		CHOICE_OPTIONS,
		{"help", no_argument, NULL, OPTION_HELP },
		{ 0 },
	};
	const char *why = NULL;
	int c;

	opterr = 0;
	while (!why &&
		(c = getopt_long(argc, argv, "ny", options, NULL)) != -1) {
		if (c == OPTION_HELP) {
			print_usage();
			return 0;
		}
		if (c == OPTION_YES)
			yes = true;
		else if (c == OPTION_DRY)
			dry = true;
		else if (c == '?')
			why = "there is no such option, or it needs a word";
		else
			why = choice_option(&choice, c, optarg);
	}
	if (!why)
		why = choice_ids(
			&choice, argv + optind, (size_t)(argc - optind));
	if (!why && choice_empty(&choice))
		why = "say which messages, or --all";
	return why ? entry_misused(deed->verb, why) : -1;
}

/* An id that is not whole must mean one message. False: the words are said. */
static bool
ids_are_clear(void)
{
	bool clear = true;

	for (size_t i = 0; i < choice.id_count; i++) {
		size_t n = strlen(choice.ids[i]);
		size_t found = 0;

		for (size_t k = 0; k < catalogue.count; k++)
			found += memcmp(catalogue.items[k].id, choice.ids[i],
					 n) == 0;
		if (found == 1 || (found && n == QUEUE_ID))
			continue;
		clear = false;
		if (found)
			fprintf(stderr,
				"postern %s: %zu ids begin with %s; say more "
				"of it\n",
				deed->verb, found, choice.ids[i]);
		else
			fprintf(stderr,
				"postern %s: no message has the id %s\n",
				deed->verb, choice.ids[i]);
	}
	return clear;
}

/* Says why something that was asked for by its id is left alone. */
static void
say_refused(const struct item *item)
{
	fprintf(stderr, "postern %s: %.*s stays as it is: it is %s\n",
		deed->verb, QUEUE_ID, item->id, deed_refusal(deed, item->due));
}

/* Is the message meant, and can it be done? A damaged one is meant by its
 * name alone. */
static bool
is_meant(struct item *item)
{
	struct message m;
	bool meant = true;

	if (choice_asks(&choice)) {
		if (catalogue_open(&catalogue, item, &m) != 0)
			return false;
		meant = choice_message(&choice, &m);
		message_close(&m);
	}
	if (meant && deed_refusal(deed, item->due)) {
		if (choice.id_count)
			say_refused(item);
		meant = false;
	}
	return meant;
}

/* Leaves in the catalogue what it will be done to. */
static void
sift(void)
{
	size_t kept = 0;

	for (size_t i = 0; i < catalogue.count; i++) {
		if (i % 256 == 255)
			screen_wait("reading the queue", SPAN(""));
		if (is_meant(&catalogue.items[i]))
			catalogue.items[kept++] = catalogue.items[i];
	}
	catalogue.count = kept;
	screen_done();
}

static void
show_envelope(const struct message *m)
{
	struct job_rcpt to = { .address = SPAN("") };
	uint32_t i = 0;

	while (i + 1 < m->rcpts && m->open && m->rcpt[i].state == RCPT_DONE)
		i++;
	message_rcpt(m, i, &to);
	screen_text(m->sender.n ? m->sender : SPAN("<>"));
	screen_str(" to ");
	screen_text(to.address);
	if (m->open > 1)
		screen_str(" and others");
}

static void
show_item(struct item *item)
{
	char text[40];
	struct buf age = BUF(text);
	struct message m;

	age_print(&age, catalogue.now - queue_id_time(item->id) / 1000000);
	screen_str("  ");
	screen_text((struct span){ item->id, QUEUE_ID });
	screen_field(ID_COLUMN);
	screen_text(buf_text(&age));
	screen_field(AGE_COLUMN);
	if (catalogue_open(&catalogue, item, &m) == 0) {
		show_envelope(&m);
		message_close(&m);
	} else {
		screen_str("(cannot be read)");
	}
	screen_line();
}

static void
show_plan(void)
{
	size_t shown = catalogue.count < SHOWN ? catalogue.count : SHOWN;

	printf("%zu message%s %s%s\n", catalogue.count,
		catalogue.count == 1 ? "" : "s", deed->will,
		catalogue.count ? ":" : ".");
	for (size_t i = 0; i < shown; i++)
		show_item(&catalogue.items[i]);
	if (shown < catalogue.count)
		printf("  and %zu more\n", catalogue.count - shown);
}

/* Asks on the terminal. Returns -1 to go on, or the exit code. */
static int
ask(void)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;

	if (yes)
		return -1;
	if (!isatty(STDIN_FILENO)) {
		fprintf(stderr,
			"postern %s: nobody to ask on fd 0; say -y to do it\n",
			deed->verb);
		return DIE_SETUP;
	}
	fputs("Go on? [y/N] ", stdout);
	fflush(stdout);
	n = getline(&line, &cap, stdin);
	yes = n > 0 && (line[0] == 'y' || line[0] == 'Y');
	free(line);
	if (yes)
		return -1;
	puts("Nothing was changed.");
	return NO;
}

/* Returns the exit code. */
static int
work(const char *user)
{
	size_t done = 0;
	int code = 0;

	for (size_t i = 0; i < catalogue.count; i++) {
		struct item *item = &catalogue.items[i];
		int result = deed_do(deed, &catalogue, item, user);

		if (i % 256 == 255)
			screen_wait("working", SPAN(""));
		done += result == 1;
		if (result != -1)
			continue;
		fprintf(stderr, "postern %s: %.*s: %s\n", deed->verb, QUEUE_ID,
			item->id, strerror(errno));
		code = DIE_LATER;
	}
	screen_done();
	if (visit_sync(&spool) == -1) {
		fprintf(stderr, "postern %s: cannot sync the queue: %s\n",
			deed->verb, strerror(errno));
		code = DIE_LATER;
	}
	printf("%s: %zu message%s", deed->verb, done, done == 1 ? "" : "s");
	if (done < catalogue.count && code == 0)
		printf("; %zu left or moved meanwhile", catalogue.count - done);
	putchar('\n');
	return code;
}

/* What the admin should know of the runner. */
static void
say_runner(void)
{
	int runner = visit_runner(&spool);

	bool to_new = !deed->remove && deed->to == SPOOL_NEW;

	if (runner == 1 && !to_new)
		puts("A delivery that is under way is not stopped.");
	if (runner == 0 && to_new)
		puts("postern-send is not running; its path unit starts it, "
		     "or you do.");
}

/* The user who asked, as the log shows it. */
static const char *
user_name(void)
{
	static char name[LOGIN_NAME_MAX];
	const struct passwd *user = getpwuid(getuid());
	const char *sudo = getenv("SUDO_USER");

	if (getuid() == 0 && sudo && *sudo)
		return sudo;
	if (!user)
		return "-";
	/* getpwnam for the queue's owner writes over it */
	snprintf(name, sizeof name, "%s", user->pw_name);
	return name;
}

/* The verb is the last word of the name. */
static const struct deed *
deed_of(const char *name)
{
	const char *dash = strrchr(name, '-');

	return deed_named(dash ? dash + 1 : name);
}

int
main(int argc, char **argv)
{
	const char *user = user_name();
	int code;

	/* Learn. */
	deed = argc ? deed_of(argv[0]) : NULL;
	if (!deed) {
		fputs("postern-change: start me as `postern hold`, release, "
		      "remove or retry\n",
			stderr);
		return DIE_SETUP;
	}
	log_program(deed->program);
	code = read_options(argc, argv);
	if (code != -1)
		return code;
	screen_begin();
	code = entry_open(&spool, deed->verb);
	if (code)
		return code;
	if (catalogue_read(&catalogue, &choice, clock_wall_us() / 1000000) ==
		-1)
		return entry_failed(deed->verb);
	if (!ids_are_clear())
		return DIE_SETUP;
	sift();

	/* Ask. */
	show_plan();
	if (dry || catalogue.count == 0)
		return 0;
	code = ask();
	if (code != -1)
		return code;

	/* Work. */
	log_to_system(!isatty(STDERR_FILENO));
	code = work(user);
	say_runner();
	return fflush(stdout) == EOF ? DIE_LATER : code;
}

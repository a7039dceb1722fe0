/* SPDX-License-Identifier: ISC
 *
 * postern-show: one queued message: envelope, history, header. It only reads,
 * and a runner may be at work meanwhile.
 *
 *	fd 1    the message
 *	fd 2    what is wrong
 *	reads   the queue directory, as its owner when root starts it
 *	starts  nothing
 *	exit    0; 100 the call is wrong, or no message has that id, or several;
 *		111 it could not be read */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>

#include "admin/catalogue.h"
#include "admin/entry.h"
#include "admin/showing.h"
#include "sys/clock.h"
#include "sys/log.h"
#include "sys/screen.h"

enum { OPTION_BODY = 1, OPTION_HELP };

static struct spool spool;
static struct catalogue catalogue = { .spool = &spool };
static struct choice choice = { .states = STATE_ALL };
static bool body;

/* Returns -1, or the exit code. */
static int
read_options(int argc, char **argv)
{
	static const struct option options[] = {
		{"body", no_argument, NULL, OPTION_BODY },
		{ "help",  no_argument, NULL, OPTION_HELP },
		{ 0    },
	};
	const char *why = NULL;
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == OPTION_HELP) {
			puts("usage: postern show [--body] ID\n"
			     "  --body  the text as well, not only its "
			     "header");
			return 0;
		}
		if (c == '?')
			why = "there is no such option";
		body = true;
	}
	if (!why && argc - optind != 1)
		why = "say the id of one message";
	if (!why)
		why = choice_ids(&choice, argv + optind, 1);
	return why ? entry_misused("show", why) : -1;
}

/* The one message that is meant, or NULL: the words are said. */
static struct item *
find(void)
{
	if (catalogue.count == 1)
		return &catalogue.items[0];
	if (catalogue.count == 0)
		fprintf(stderr, "postern show: no message has the id %s\n",
			choice.ids[0]);
	else
		fprintf(stderr,
			"postern show: %zu ids begin with %s; say more of it\n",
			catalogue.count, choice.ids[0]);
	return NULL;
}

static int
show(const struct message *m)
{
	struct story story;
	int result = 0;

	if (story_read(&story, m) == -1)
		return -1;
	showing_envelope(m, &story, catalogue.now);
	story_free(&story);
	if (showing_history(m) == -1 || showing_text(m, body) == -1)
		result = -1;
	return result;
}

static int
show_item(struct item *item)
{
	struct message m;
	int result = catalogue_open(&catalogue, item, &m);
	const char *why = result == -2 ? m.file.why : strerror(errno);

	if (result == 0) {
		result = show(&m);
		why = strerror(errno);
		message_close(&m);
	}
	if (result == 0)
		return 0;
	fprintf(stderr, "postern show: %.*s, %s: %s\n", QUEUE_ID, item->id,
		choice_state_name(item->due), why);
	return DIE_LATER;
}

int
main(int argc, char **argv)
{
	struct item *item;
	int code = read_options(argc, argv);

	if (code != -1)
		return code;
	code = entry_open(&spool, "show");
	if (code)
		return code;

	screen_begin();
	if (catalogue_read(&catalogue, &choice, clock_wall_us() / 1000000) ==
		-1)
		return entry_failed("show");
	item = find();
	if (!item)
		return DIE_SETUP;
	code = show_item(item);
	return screen_end() == -1 ? DIE_LATER : code;
}

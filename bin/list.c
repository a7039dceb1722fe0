/* SPDX-License-Identifier: ISC
 *
 * postern-list: what is in the queue. It only reads, and a runner may be at
 * work meanwhile.
 *
 *	fd 0    with --own: the socket of who asks; his arguments
 *	fd 1    the messages: rows on a terminal, else a line of fields each
 *	fd 2    what is wrong; progress, on a terminal
 *	reads   the queue directory, as its owner when root starts it
 *	starts  nothing
 *	exit    0; 100 the call is wrong, or no message has such an id; 111 the
 *		queue could not be read */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "admin/catalogue.h"
#include "admin/entry.h"
#include "admin/jsonout.h"
#include "admin/listing.h"
#include "admin/own.h"
#include "queue/visit.h"
#include "sys/clock.h"
#include "sys/log.h"
#include "sys/screen.h"

static const char usage[] =
	"usage: postern list [--json] [CHOICE]...\n"
	"Messages are listed for which all of these "
	"hold:\n" CHOICE_USAGE
	"  --json              all that is known, as JSON\n"
	"  --columns           columns, though this is no terminal\n";

enum { OPTION_JSON = 1, OPTION_COLUMNS, OPTION_OWN, OPTION_HELP };

static struct spool spool;
static struct catalogue catalogue = { .spool = &spool };
static struct choice choice = { .states = STATE_ALL };
static bool as_json;

static int
read_options(int argc, char **argv)
{
	static const struct option options[] = {
		CHOICE_OPTIONS, {"json",          no_argument, NULL, OPTION_JSON },
		{ "columns",           no_argument, NULL, OPTION_COLUMNS },
		{ "own",              no_argument, NULL, OPTION_OWN },
		{ "help",no_argument, NULL, OPTION_HELP },
                 { 0}
	};
	const char *why = NULL;
	int c;

	opterr = 0;
	while (!why && (c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == OPTION_HELP) {
			fputs(usage, stdout);
			return -1;
		}
		if (c == OPTION_JSON)
			as_json = true;
		else if (c == OPTION_COLUMNS)
			screen_columns();
		else if (c == OPTION_OWN)
			why = "--own stands alone";
		else if (c == '?')
			why = "there is no such option, or it needs a word";
		else
			why = choice_option(&choice, c, optarg);
	}
	if (!why)
		why = choice_ids(
			&choice, argv + optind, (size_t)(argc - optind));
	return why ? entry_misused("list", why) : 0;
}

/* What was listed. */
struct sum {
	size_t messages;
	uint64_t open;
	int result;
};

static void
show(struct sum *sum, const struct message *m)
{
	struct story story;

	if (!choice_message(&choice, m))
		return;
	if (story_read(&story, m) == -1) {
		sum->result = DIE_LATER;
		return;
	}
	if (as_json)
		listing_json(m, &story, catalogue.now);
	else
		listing_row(m, &story, catalogue.now);
	story_free(&story);
	sum->messages++;
	sum->open += m->open;
}

static void
show_damaged(struct sum *sum, const struct item *item, const char *why)
{
	if (choice_asks(&choice))
		return;
	if (as_json)
		listing_damaged_json(item->id, item->due, why, catalogue.now);
	else
		listing_damaged(item->id, item->due, why, catalogue.now);
	sum->messages++;
}

static void
show_item(struct sum *sum, struct item *item)
{
	struct message m;
	int result = catalogue_open(&catalogue, item, &m);

	if (result == 0) {
		show(sum, &m);
		message_close(&m);
	} else if (result == -2) {
		show_damaged(sum, item, m.file.why);
	} else if (errno != ENOENT) {
		show_damaged(sum, item, strerror(errno));
		sum->result = DIE_LATER;
	}
}

static void
show_all(struct sum *sum)
{
	char text[48];

	if (as_json)
		jsonout_open(NULL, '[');
	else if (catalogue.count)
		listing_head();
	for (size_t i = 0; i < catalogue.count; i++) {
		struct buf out = BUF(text);

		if (i % 256 == 255) {
			buf_number(&out, i + 1);
			buf_str(&out, " of ");
			buf_number(&out, catalogue.count);
			screen_wait("reading message", buf_text(&out));
		}
		show_item(sum, &catalogue.items[i]);
	}
	screen_done();
	if (as_json) {
		jsonout_close(']');
		jsonout_line();
	}
}

/* The last line, for the eye. */
static void
show_sum(const struct sum *sum)
{
	if (as_json || !screen_terminal())
		return;
	if (sum->messages)
		printf("%zu message%s, %ju recipient%s open\n", sum->messages,
			sum->messages == 1 ? "" : "s", (uintmax_t)sum->open,
			sum->open == 1 ? "" : "s");
	else
		puts(choice_empty(&choice) ? "The queue is empty."
					   : "No message is like that.");
}

/* Behind the mailq socket: the arguments are the caller's, what goes wrong is
 * told to him, and the messages are his own. Returns as read_options. */
static int
serve(char **argv)
{
	static char client[32];
	static char *asked[OWN_ARGUMENTS + 2];
	int argc = own_take(client, asked);

	if (argc == -1 || dup2(STDOUT_FILENO, STDERR_FILENO) == -1)
		die_errno(DIE_SETUP, "serve who is at fd 0");
	asked[0] = argv[0];
	if (*client)
		choice.client = client;
	return read_options(argc, asked);
}

/* Opens the queue, or lists what another process sees in it for us. Returns
 * -1, or an exit code. */
static int
open_queue(char **argv)
{
	static char columns[] = "--columns";
	char *as_shown[OWN_ARGUMENTS + 2] = { argv[0], columns };
	size_t n = 1;

	if (visit_open(&spool) == 0)
		return -1;
	if (errno == EACCES || errno == EPERM) {
		while (argv[n] && n < OWN_ARGUMENTS) {
			as_shown[n + 1] = argv[n];
			n++;
		}
		if (own_ask(screen_terminal() ? as_shown : argv) == 0)
			return 0;
		errno = EACCES;
	}
	return entry_failed("list");
}

int
main(int argc, char **argv)
{
	struct sum sum = { 0 };
	int result;

	log_program("postern-list");
	screen_begin();
	result = argc == 2 && strcmp(argv[1], "--own") == 0
			 ? serve(argv)
			 : read_options(argc, argv);
	if (result)
		return result == -1 ? 0 : result;
	result = open_queue(argv);
	if (result != -1)
		return result;

	if (catalogue_read(&catalogue, &choice, clock_wall_us() / 1000000) ==
		-1)
		return entry_failed("list");
	show_all(&sum);
	show_sum(&sum);
	if (screen_end() == -1)
		return DIE_LATER;
	if (choice.id_count && sum.messages == 0 && sum.result == 0) {
		fputs("postern list: no message has such an id\n", stderr);
		return DIE_SETUP;
	}
	return sum.result;
}

/* SPDX-License-Identifier: ISC
 *
 * postern-log: what happened to mail, told in sentences.
 *
 *	fd 0    a log, with -f -
 *	fd 1    a sentence for each line that belongs to what was asked for
 *	reads   the journal, or files; no control file
 *	starts  journalctl, unless files are named
 *	exit    0; 100 the call is wrong, or there is no log; 111 try later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "admin/logsource.h"
#include "admin/trail.h"
#include "pure/ascii.h"
#include "pure/sentence.h"
#include "pure/stamp.h"
#include "queue/format.h"
#include "sys/log.h"
#include "sys/screen.h"
#include "sys/user.h"

enum { HOUR = 3600, DAY = 86400, MOST_WORDS = 64 };

static struct logsource source;
static struct trail trail;
static struct span words[MOST_WORDS];
static int64_t since = -1;
static int64_t until = -1;
static bool all; /* also what happens around mail */
static int64_t now;

static int
usage(FILE *to)
{
	fputs("usage: postern log [-aF] [-f FILE]... [-s SINCE] [-u UNTIL] "
	      "[WORD]...\n"
	      "  WORD      id, address, domain, client, or a part of any "
	      "value\n"
	      "  -a        also connections, starts and ends\n"
	      "  -F        go on with what is being written\n"
	      "  -f FILE   a log file in place of the journal; - is fd 0\n"
	      "  -s, -u    a time: 2026-11-23, 2026-11-23 09:12, 09:12, or "
	      "30m 2h 7d ago\n",
		to);
	return to == stdout ? 0 : DIE_SETUP;
}

/* --- times --- */

/* The seconds of a stamp. Without a year it is the last such day; without a
 * zone it is local time. */
static int64_t
seconds_of(const struct stamp *stamp)
{
	time_t clock = (time_t)now;
	struct tm tm;
	int64_t seconds;

	if (stamp->epoch)
		return stamp->seconds;
	localtime_r(&clock, &tm);
	if (stamp->year)
		tm.tm_year = stamp->year - 1900;
	tm.tm_mon = stamp->month - 1;
	tm.tm_mday = stamp->day;
	tm.tm_hour = stamp->hour;
	tm.tm_min = stamp->minute;
	tm.tm_sec = stamp->second;
	tm.tm_isdst = -1;
	if (stamp->zoned)
		return (int64_t)timegm(&tm) - stamp->offset;
	seconds = mktime(&tm);
	if (!stamp->year && seconds > now + DAY) {
		tm.tm_year--;
		seconds = mktime(&tm);
	}
	return seconds;
}

/* 30m, 2h: so long ago. */
static bool
read_ago(struct span text, int64_t *out)
{
	static const struct {
		char sign;
		int64_t seconds;
	} units[] = {
		{'s',  1   },
                { 'm', 60  },
                { 'h', HOUR},
                { 'd', DAY }
	};
	uint64_t n;

	for (size_t i = 0; text.n && i < LEN(units); i++)
		if (text.p[text.n - 1] == units[i].sign &&
			span_number(span_head(text, text.n - 1), &n) == 0 &&
			n < 100000) {
			*out = now - (int64_t)n * units[i].seconds;
			return true;
		}
	return false;
}

/* HH:MM of today. */
static bool
read_clock(const char *text, int64_t *out)
{
	char full[64];
	char today[32];
	time_t clock = (time_t)now;
	struct stamp stamp;
	struct tm tm;

	localtime_r(&clock, &tm);
	strftime(today, sizeof today, "%Y-%m-%d", &tm);
	if (strlen(text) < 4 || text[2] != ':')
		return false;
	snprintf(full, sizeof full, "%s %.20s", today, text);
	if (!stamp_read(span_of(full), &stamp))
		return false;
	*out = seconds_of(&stamp);
	return true;
}

static bool
read_time(const char *text, int64_t *out)
{
	struct stamp stamp;

	if (read_ago(span_of(text), out) || read_clock(text, out))
		return true;
	if (!stamp_read(span_of(text), &stamp))
		return false;
	*out = seconds_of(&stamp);
	return true;
}

/* --- what is told --- */

/* On a terminal each day has a heading; elsewhere each line its date. */
static void
show_time(int64_t seconds)
{
	static char day[32];
	char date[32];
	char hour[32];
	time_t clock = (time_t)seconds;
	struct tm tm;

	if (seconds == -1) {
		screen_str("-");
		return;
	}
	localtime_r(&clock, &tm);
	strftime(date, sizeof date, "%Y-%m-%d", &tm);
	strftime(hour, sizeof hour, "%H:%M:%S", &tm);
	if (!screen_terminal()) {
		screen_str(date);
		screen_str(" ");
	} else if (strcmp(day, date) != 0) {
		snprintf(day, sizeof day, "%s", date);
		screen_ink(INK_BOLD);
		screen_str(day);
		screen_ink(INK_PLAIN);
		screen_line();
	}
	screen_str(hour);
}

static void
show(const struct fields *line, int64_t seconds)
{
	static const enum screen_ink inks[] = {
		[SENTENCE_QUIET] = INK_DIM,
		[SENTENCE_PLAIN] = INK_PLAIN,
		[SENTENCE_GOOD] = INK_GOOD,
		[SENTENCE_LATER] = INK_WARN,
		[SENTENCE_BAD] = INK_BAD,
	};
	static char text[4 * LIMIT_LOG_LINE];
	struct buf out = BUF(text);
	enum sentence_mood mood = sentence_print(&out, line);
	struct span id;

	if (mood == SENTENCE_QUIET && !all && !source.follow)
		return;
	screen_done();
	show_time(seconds);
	screen_field(9);
	if (fields_find(line, SPAN("id"), &id) && queue_id_valid(id)) {
		screen_ink(INK_DIM);
		screen_text(id);
		screen_ink(INK_PLAIN);
	} else if (!screen_terminal()) {
		screen_str("-");
	}
	screen_field(9 + QUEUE_ID + 1);
	screen_ink(inks[mood]);
	screen_text(buf_text(&out));
	screen_ink(INK_PLAIN);
	screen_line();
	if (source.follow)
		screen_flush();
}

/* Returns 1 when the line was told, 0 when not, -1 when memory is short. */
static int
take_line(struct span text)
{
	struct fields line;
	struct stamp stamp;
	int64_t seconds = -1;

	if (!fields_begin(&line, text) ||
		(line.before.n && line.program.n == 0))
		return 0;
	if (stamp_read(line.before, &stamp))
		seconds = seconds_of(&stamp);
	screen_wait("reading the log", line.before);
	if (seconds != -1 && ((since != -1 && seconds < since) ||
				     (until != -1 && seconds > until)))
		return 0;
	switch (trail_line(&trail, &line)) {
	case TRAIL_NO:
		return 0;
	case TRAIL_YES:
		show(&line, seconds);
		return 1;
	default:
		return -1;
	}
}

/* --- main --- */

/* Returns -1, or an exit code. */
static int
read_options(int argc, char **argv)
{
	int c;

	opterr = 0;
	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	while ((c = getopt(argc, argv, "aFf:s:u:")) != -1) {
		if (c == 'a')
			all = true;
		else if (c == 'F')
			source.follow = true;
		else if (c == 'f' && source.files < LOGSOURCE_FILES)
			source.file[source.files++] = optarg;
		else if (c == 's' && !read_time(optarg, &since))
			return usage(stderr);
		else if (c == 'u' && !read_time(optarg, &until))
			return usage(stderr);
		else if (c == '?')
			return usage(stderr);
	}
	if (argc - optind > MOST_WORDS)
		return usage(stderr);
	trail.word = words;
	for (int i = optind; i < argc; i++)
		words[trail.words++] = span_of(argv[i]);
	return -1;
}

/* Opens what is to be read while this may still be root, who may read it. */
static int
open_source(void)
{
	const char *wrong;

	if (source.files) {
		wrong = logsource_open(&source);
		if (wrong)
			die_errno(DIE_SETUP, "open %s", wrong);
		return 0;
	}
	if (trail.words == 0 && since == -1)
		since = now - HOUR;
	if (logsource_journal(&source, since, until) == 0)
		return 0;
	fputs("postern log: there is no journal here; name a log file with "
	      "-f\n",
		stderr);
	return DIE_SETUP;
}

/* Strangers' words are not for root to read. */
static void
give_up_root(void)
{
	if (geteuid() == 0 && !getenv("POSTERN_HOME") &&
		user_become("postern", NULL) == -1 && errno != ENOENT)
		die_errno(DIE_LATER, "become postern");
}

int
main(int argc, char **argv)
{
	struct span line;
	uint64_t told = 0;
	int result = 0;
	int code;

	/* Learn. */
	log_program("postern-log");
	screen_begin();
	now = (int64_t)time(NULL);
	code = read_options(argc, argv);
	if (code != -1)
		return code;
	code = open_source();
	if (code)
		return code;

	/* Give up. */
	give_up_root();

	/* Work. */
	while (result != -1 && logsource_next(&source, &line)) {
		result = take_line(line);
		told += result == 1;
	}
	if (result == -1)
		die(DIE_LATER, "follow so many messages: out of memory");
	if (errno)
		die_errno(DIE_LATER, "read the log");

	/* Leave. */
	if (screen_end() == -1)
		die_errno(DIE_LATER, "write");
	trail_free(&trail);
	if (logsource_close(&source) != 0)
		return DIE_LATER;
	if (!told)
		fputs("nothing in the log fits\n", stderr);
	return 0;
}

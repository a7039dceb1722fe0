/* SPDX-License-Identifier: ISC
 *
 * postern-status: is it well? For an admin's eyes, and by its exit code for
 * health checks. No network, no message is opened.
 *
 *	fd 1    what was found
 *	fd 2    what is wrong with the call, or with reading the queue
 *	reads   the queue directory, as its owner when root starts it; every
 *		control file
 *	starts  nothing
 *	exit    0 well; 1 not well; 100 the call is wrong, or the queue may not
 *		be read; 111 it could not be read */
#include <getopt.h>
#include <stdio.h>

#include "admin/entry.h"
#include "admin/health.h"
#include "admin/jsonout.h"
#include "pure/age.h"
#include "sys/clock.h"
#include "sys/log.h"
#include "sys/screen.h"

enum {
	OPTION_JSON = 1,
	OPTION_HELP,
	OPTION_AGE,
	NOT_WELL = 1, /* the exit code */
	VALUE_COLUMN = 10,
};

static struct spool spool;
static struct health health;
static int64_t max_age;
static bool as_json;

/* Returns -1, or the exit code. */
static int
read_options(int argc, char **argv)
{
	static const struct option options[] = {
		{"json",       no_argument, NULL, OPTION_JSON },
		{ "help",        no_argument, NULL, OPTION_HELP },
		{ "max-age",           required_argument, NULL, OPTION_AGE },
		{ 0},
	};
	const char *why = NULL;
	int c;

	opterr = 0;
	while (!why && (c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == OPTION_HELP) {
			puts("usage: postern status [--json] [--max-age AGE]\n"
			     "  --json         as JSON\n"
			     "  --max-age AGE  not well when mail waits longer "
			     "than this: 90s, 15m, 4h, 3d");
			return 0;
		}
		if (c == OPTION_JSON)
			as_json = true;
		else if (c == '?')
			why = "there is no such option, or it needs a word";
		else if (age_parse(span_of(optarg), &max_age) == -1 ||
			 max_age == 0)
			why = "an age is a number of s, m, h, d or w: 90s, 4h";
	}
	if (!why && optind != argc)
		why = "it takes no words";
	return why ? entry_misused("status", why) : -1;
}

static void
put_name(const char *name)
{
	screen_ink(INK_DIM);
	screen_str(name);
	screen_ink(INK_PLAIN);
	screen_field(VALUE_COLUMN);
}

static void
show_verdict(void)
{
	bool well = health.complaints == 0;

	screen_ink(well ? INK_GOOD : INK_BAD);
	screen_str(well ? "well" : "not well");
	screen_ink(INK_PLAIN);
	screen_line();
	for (size_t i = 0; i < health.complaints; i++) {
		screen_str("  ");
		screen_text(span_of(health.complaint[i]));
		screen_line();
	}
}

static void
show_queue(void)
{
	for (size_t i = 0; i < HEALTH_STATES; i++) {
		const struct health_state *state = &health.state[i];

		put_name(state->name);
		screen_number(state->count);
		if (state->count) {
			screen_str(", the oldest ");
			screen_age(health.now - state->oldest);
		}
		screen_line();
	}
}

static void
show_send(void)
{
	const struct health_send *send = &health.send;

	put_name("send");
	screen_str(send->running ? "running" : "not running");
	if (send->known) {
		screen_str(", ");
		screen_age(health.now - send->time);
		screen_str(" ago: ");
		screen_number(send->delivered);
		screen_str(" delivered, ");
		screen_number(send->deferred);
		screen_str(" deferred, ");
		screen_number(send->failed);
		screen_str(" failed, ");
		screen_number(send->held);
		screen_str(" held");
	}
	screen_line();
}

static void
show_hop(const struct health_hop *hop)
{
	put_name("hop");
	screen_text(span_of(hop->name));
	if (hop->answered) {
		screen_str(", answered ");
		screen_age(health.now - hop->answered);
		screen_str(" ago");
	} else {
		screen_str(", has not answered");
	}
	if (health_resting(&health, hop)) {
		screen_ink(INK_WARN);
		screen_str(", left alone for ");
		screen_age(hop->until - health.now);
		screen_ink(INK_PLAIN);
		screen_str(": ");
		screen_text(span_of(hop->text));
	}
	screen_line();
}

static void
show(void)
{
	show_verdict();
	show_queue();
	show_send();
	for (size_t i = 0; i < health.hops; i++)
		show_hop(&health.hop[i]);
}

static void
json_time(const char *name, int64_t time)
{
	if (time)
		jsonout_number(name, time);
	else
		jsonout_null(name);
}

static void
json_queue(void)
{
	jsonout_open("queue", '{');
	for (size_t i = 0; i < HEALTH_STATES; i++) {
		const struct health_state *state = &health.state[i];

		jsonout_open(state->name, '{');
		jsonout_number("messages", (int64_t)state->count);
		json_time("oldest", state->oldest);
		jsonout_close('}');
	}
	jsonout_close('}');
}

static void
json_send(void)
{
	const struct health_send *send = &health.send;

	jsonout_open("send", '{');
	jsonout_bool("running", send->running);
	json_time("time", send->time);
	jsonout_number("delivered", (int64_t)send->delivered);
	jsonout_number("deferred", (int64_t)send->deferred);
	jsonout_number("failed", (int64_t)send->failed);
	jsonout_number("held", (int64_t)send->held);
	jsonout_close('}');
}

static void
json_faults(void)
{
	jsonout_open("faults", '[');
	for (size_t i = 0; i < health.faults; i++) {
		const struct health_fault *fault = &health.fault[i];

		jsonout_open(NULL, '{');
		jsonout_text("hop", span_of(fault->hop));
		jsonout_text("status", span_of(fault->status));
		jsonout_text("text", span_of(fault->text));
		json_time("since", fault->since);
		jsonout_number("messages", (int64_t)fault->messages);
		jsonout_close('}');
	}
	jsonout_close(']');
}

static void
json_hops(void)
{
	jsonout_open("hops", '[');
	for (size_t i = 0; i < health.hops; i++) {
		const struct health_hop *hop = &health.hop[i];

		jsonout_open(NULL, '{');
		jsonout_text("name", span_of(hop->name));
		json_time("answered", hop->answered);
		jsonout_number("failures", (int64_t)hop->failures);
		json_time(
			"until", health_resting(&health, hop) ? hop->until : 0);
		jsonout_text("text", span_of(hop->text));
		jsonout_close('}');
	}
	jsonout_close(']');
}

static void
show_json(void)
{
	jsonout_open(NULL, '{');
	jsonout_bool("well", health.complaints == 0);
	jsonout_open("complaints", '[');
	for (size_t i = 0; i < health.complaints; i++)
		jsonout_text(NULL, span_of(health.complaint[i]));
	jsonout_close(']');
	json_queue();
	json_send();
	json_faults();
	json_hops();
	jsonout_number("free", (int64_t)health.free);
	jsonout_close('}');
	jsonout_line();
}

int
main(int argc, char **argv)
{
	int code = read_options(argc, argv);

	if (code != -1)
		return code;
	code = entry_open(&spool, "status");
	if (code)
		return code;

	screen_begin();
	if (health_look(&health, &spool, clock_wall_us() / 1000000, max_age) ==
		-1)
		return entry_failed("status");
	if (as_json)
		show_json();
	else
		show();
	if (screen_end() == -1)
		return DIE_LATER;
	return health.complaints ? NOT_WELL : 0;
}

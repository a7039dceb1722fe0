/* SPDX-License-Identifier: ISC
 *
 * choice: which messages an admin means: ids or beginnings of ids, sender,
 * recipient, domain, age, state. Everything that is said must hold; of several
 * ids one must. */
#ifndef ADMIN_CHOICE_H
#define ADMIN_CHOICE_H

#include <getopt.h>

#include "deliver/message.h"

/* The states of a message, as bits. */
enum {
	STATE_NEW = 1,
	STATE_DEFERRED = 2,
	STATE_HELD = 4,
	STATE_FAILED = 8,
	STATE_ALL = 15,
};

/* What getopt_long returns for the options of a choice. */
enum {
	CHOICE_ALL = 256,
	CHOICE_FROM,
	CHOICE_TO,
	CHOICE_DOMAIN,
	CHOICE_OLDER,
	CHOICE_NEWER,
	CHOICE_STATE,
};

/* Rows for the program's table of long options, and for its usage. */
#define CHOICE_OPTIONS                                                         \
	{ "all", no_argument, NULL, CHOICE_ALL },                              \
		{ "from", required_argument, NULL, CHOICE_FROM },              \
		{ "to", required_argument, NULL, CHOICE_TO },                  \
		{ "domain", required_argument, NULL, CHOICE_DOMAIN },          \
		{ "older", required_argument, NULL, CHOICE_OLDER },            \
		{ "newer", required_argument, NULL, CHOICE_NEWER },            \
	{                                                                      \
		"state", required_argument, NULL, CHOICE_STATE                 \
	}
#define CHOICE_USAGE                                                           \
	"  ID...               messages whose ids begin so\n"                  \
	"  --from ADDRESS      with that sender; <> or '' is the null "        \
	"sender\n"                                                             \
	"  --to ADDRESS        with that recipient\n"                          \
	"  --domain DOMAIN     with a recipient there\n"                       \
	"  --older AGE         that came longer ago: 90s, 15m, 4h, 3d, 2w\n"   \
	"  --newer AGE         that came since\n"                              \
	"  --state STATE       new, deferred, held or failed; several with "   \
	"commas\n"                                                             \
	"  --all               every message\n"

/* All zero but `states` is a choice of everything. */
struct choice {
	char **ids;
	size_t id_count;
	const char *sender; /* NULL: any; without <> */
	const char *recipient;
	const char *domain;
	const char *client; /* who handed it in, as the envelope has it */
	int64_t older;      /* seconds; 0: any */
	int64_t newer;
	unsigned states;
	bool all; /* --all was said */
};

/* Takes one of the options above. Returns NULL, or what is wrong with its
 * argument. */
const char *choice_option(struct choice *c, int option, const char *argument);

/* Takes the other arguments as ids. Returns NULL, or what is wrong. */
const char *choice_ids(struct choice *c, char **ids, size_t n);

/* True when nothing at all was said. */
bool choice_empty(const struct choice *c);

/* The state of a message that lies there, and its name. */
unsigned choice_state(int64_t due);
const char *choice_state_name(int64_t due);

/* Is it meant, as far as its name says? `now` is in seconds since 1970. */
bool choice_name(const struct choice *c, const char id[QUEUE_ID], int64_t due,
	int64_t now);

/* True when the message itself must be asked as well; is it meant, then? Only
 * recipients who are not done count, if there are any. */
bool choice_asks(const struct choice *c);
bool choice_message(const struct choice *c, const struct message *m);

#endif

/* SPDX-License-Identifier: ISC
 *
 * postern: the admin's front door: `postern VERB ARGS` becomes the program of
 * that verb.
 *
 *	fd 1    the list of verbs, the version
 *	fd 2    what is wrong
 *	reads   nothing
 *	starts  postern-VERB of the libexec folder, in its own place
 *	exit    the program's; 100 no such verb, or it is not installed */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pure/span.h"
#include "sys/home.h"
#include "sys/jail.h"
#include "sys/log.h"

/* A program that stands behind several verbs knows by its argv[0] which. */
static const struct verb {
	const char *name;
	const char *program;
	const char *about;
} verbs[] = {
	{"check",    "check",   "walk the set-up, the queue and the way out" },
	{ "config",  "config",  "every setting, and the line that decided it"},
	{ "explain", "explain", "how a message would leave, and why"         },
	{ "hold",    "change",  "keep messages from being tried"             },
	{ "list",    "list",    "what is in the queue"                       },
	{ "log",     "log",     "what happened to a message, in sentences"   },
	{ "metrics", "metrics", "figures for a monitoring system"            },
	{ "oauth2",  "oauth2",  "logins by OAuth: set up, refresh, status"   },
	{ "passwd",  "passwd",  "make a login, or give it another password"  },
	{ "release", "change",  "let held messages go"                       },
	{ "remove",  "change",  "take messages out of the queue"             },
	{ "retry",   "change",  "try messages again now"                     },
	{ "show",    "show",    "one message: envelope, history, header"     },
	{ "status",  "status",  "is it well; the exit code says so too"      },
};

/* What is not installed is not offered. */
static bool
installed(const struct verb *verb)
{
	char path[LIMIT_PATH];
	struct stat st;

	return home_program(path, verb->program) && stat(path, &st) == 0;
}

static int
help(void)
{
	puts("usage: postern VERB [ARGUMENT]...\n       postern -V\n");
	for (size_t i = 0; i < LEN(verbs); i++)
		if (installed(&verbs[i]))
			printf("  %-10s%s\n", verbs[i].name, verbs[i].about);
	puts("\n`postern VERB --help` has the arguments, `man postern-VERB` "
	     "the rest.");
	return fflush(stdout) == EOF ? DIE_LATER : 0;
}

static int
unknown(const char *name)
{
	const struct verb *nearest = NULL;
	unsigned least = 3;

	for (size_t i = 0; i < LEN(verbs); i++) {
		unsigned edits =
			span_distance(span_of(name), span_of(verbs[i].name));

		if (edits < least) {
			least = edits;
			nearest = &verbs[i];
		}
	}
	fprintf(stderr, "postern: there is no such verb; ");
	if (nearest)
		fprintf(stderr, "did you mean %s?\n", nearest->name);
	else
		fprintf(stderr, "postern help lists them\n");
	return DIE_SETUP;
}

static int
become(const struct verb *verb, char **argv)
{
	char path[LIMIT_PATH];

	(void)jail_close(JAIL_POSTERN, NULL);
	if (home_program(path, verb->program)) {
		argv[0] = strdup(verb->name);
		if (argv[0])
			execv(path, argv);
	}
	fprintf(stderr, "postern: cannot start %s: %s\n", path,
		strerror(errno));
	return DIE_SETUP;
}

int
main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "help";

	if (strcmp(name, "-V") == 0 || strcmp(name, "--version") == 0)
		return puts("postern " POSTERN_VERSION) == EOF ? DIE_LATER : 0;
	if (strcmp(name, "help") == 0 || strcmp(name, "-h") == 0 ||
		strcmp(name, "--help") == 0)
		return help();
	for (size_t i = 0; i < LEN(verbs); i++)
		if (strcmp(name, verbs[i].name) == 0)
			return become(&verbs[i], argv + 1);
	return unknown(name);
}

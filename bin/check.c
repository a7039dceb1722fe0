/* SPDX-License-Identifier: ISC
 *
 * postern-check: walks the way of a message before there is one: control
 * files, permissions, spool, programs, mail store, secrets of logins, name
 * servers, next hops.
 * Stops at the first fault, with one sentence on the remedy.
 *
 *	fd 1    a line for each thing looked at
 *	fd 2    progress, on a terminal
 *	reads   every control file, and the secrets that authremote names
 *	starts  postern-tls -n, with control/tlscert; postern-queue, with -t
 *	exit    0 all is well; 100 you must fix something; 111 something is
 *	        down, a later try may work */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "admin/certs.h"
#include "admin/ground.h"
#include "admin/logins.h"
#include "admin/reach.h"
#include "admin/step.h"
#include "admin/trial.h"
#include "sys/screen.h"

static struct control control;

static int
usage(FILE *to)
{
	fputs("usage: postern check [-t ADDRESS] [ADDRESS]...\n"
	      "  ADDRESS     is the way there open? (nothing is sent)\n"
	      "  -t ADDRESS  sends a test message there and follows it\n",
		to);
	return to == stdout ? 0 : DIE_SETUP;
}

/* What postern stands on. Returns 0 or the exit code of the first fault. */
static int
check_ground(void)
{
	int code = ground_control(&control);

	if (!code)
		code = ground_permissions(&control);
	if (!code)
		code = ground_spool(&control);
	if (!code)
		code = ground_programs(&control);
	if (!code)
		code = ground_mailboxes(&control);
	if (!code)
		code = certs_check(&control);
	if (!code)
		code = ground_leave_root();
	if (!code)
		code = logins_check(&control);
	return code;
}

/* The way out: everywhere, or to these addresses. */
static int
check_reach(char **address, const char *test)
{
	int code = reach_begin(&control);

	if (!code)
		code = reach_dns();
	if (!code && test)
		return reach_address(test);
	if (!code && !*address)
		return reach_routes();
	while (!code && *address)
		code = reach_address(*address++);
	return code;
}

int
main(int argc, char **argv)
{
	const char *test = NULL;
	int code;
	int c;

	/* Learn. */
	log_program("postern-check");
	screen_begin();
	opterr = 0;
	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	while ((c = getopt(argc, argv, "t:")) != -1) {
		if (c != 't')
			return usage(stderr);
		test = optarg;
	}

	/* Work. */
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		die_errno(DIE_LATER, "ignore SIGPIPE");
	code = check_ground();
	if (!code)
		code = check_reach(argv + optind, test);
	if (!code && test)
		code = trial_send(&control, test);

	/* Leave. */
	if (screen_end() == -1)
		die_errno(DIE_LATER, "write the findings");
	return code;
}

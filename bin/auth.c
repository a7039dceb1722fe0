/* SPDX-License-Identifier: ISC
 *
 * postern-auth: check logins for postern-smtpd, one process for each exchange.
 *
 *	fd 3    from the service manager: a listening SOCK_SEQPACKET socket; or
 *		-l makes one
 *	fd 0    with -c: the other end of a pair that smtpd has made
 *	fd 2    the log
 *	reads	control/logins, logins.cdb, authprogram, authmechanisms,
 *		authlimit, tlsclients, userrate: for each connection anew
 *	starts	the program of control/authprogram
 *	exit	0 nobody was there for long, or SIGTERM; 100 fix the setup;
 *		111 try later
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "net/authserve.h"
#include "net/scramkey.h"
#include "sys/jail.h"
#include "sys/local.h"
#include "sys/log.h"
#include "sys/stdfd.h"

#define USAGE "usage: postern-auth [-i seconds] [-l unix:/path] | -c"

struct options {
	bool child;
	int64_t idle_ms;
	const char *path;
};

static struct keeper keeper;

static void
read_options(struct options *o, int argc, char **argv)
{
	struct span where;
	uint64_t seconds;
	int c;

	*o = (struct options){ .idle_ms = -1 };
	opterr = 0;
	while ((c = getopt(argc, argv, "ci:l:")) != -1) {
		switch (c) {
		case 'c':
			o->child = true;
			break;
		case 'i':
			if (span_number(span_of(optarg), &seconds) != 0 ||
				seconds > 86400)
				die(DIE_SETUP,
					"use -i %s: not a number of "
					"seconds up to 86400",
					optarg);
			o->idle_ms = (int64_t)seconds * 1000;
			break;
		case 'l':
			where = span_of(optarg);
			if (!span_begins_nocase(where, SPAN("unix:/")))
				die(DIE_SETUP,
					"listen on %s: write unix:/run/name",
					optarg);
			o->path = optarg + 5;
			break;
		default:
			die(DIE_SETUP, "start: " USAGE);
		}
	}
	if (optind < argc || (o->child && o->path))
		die(DIE_SETUP, "start: " USAGE);
}

/* Nobody looks into the memory of one that has seen passwords. */
static void
keep_secrets(void)
{
	const struct rlimit none = { 0, 0 };

	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == -1 ||
		setrlimit(RLIMIT_CORE, &none) == -1)
		die_errno(DIE_LATER, "keep from dumping core");
}

/* Behind the last file, in front of the client's first word. A program that
 * checks passwords brings its own needs: then there is no jail but the unit. */
static void
close_door(bool programs)
{
	if (!programs)
		jail_close_or_say(JAIL_AUTH, NULL);
}

/* What the libraries open at their first use they open now. */
static void
warm_up(void)
{
	uint8_t sum[SCRAMKEY_LENGTH];
	struct scramkey key;

	if (scramkey_sign(sum, SPAN("key"), SPAN("message")) == -1 ||
		scramkey_derive(&key, SPAN("x"), SPAN("salt"), 1) == -1)
		die(DIE_LATER, "use OpenSSL");
}

/* One exchange for the smtpd that has started us. */
static void
serve_parent(void)
{
	char text[EXCHANGE_MECHANISMS];
	struct buf names = BUF(text);
	struct control control;
	int can = control_open(&control);

	if (can == 0)
		can = exchange_mechanisms(&control, &names);
	control_close(&control);
	if (exchange_greet(STDIN_FILENO, &control, can, buf_text(&names)) == 0)
		exchange_run(STDIN_FILENO, -1, close_door);
}

static int
take_socket(const struct options *o)
{
	int n = sd_listen_fds(1);
	int fd = SD_LISTEN_FDS_START;

	if (o->path) {
		fd = local_listen(o->path, SOCK_SEQPACKET, 128);
		if (fd == -1)
			die_errno(errno == EADDRINUSE ? DIE_LATER : DIE_SETUP,
				"listen on %s", o->path);
		return fd;
	}
	if (n != 1)
		die(DIE_SETUP, "listen: no -l, and no socket from a service "
			       "manager, or more than one");
	if (local_check(fd, SOCK_SEQPACKET) == -1)
		die_errno(DIE_SETUP,
			"listen on the socket given as fd %d "
			"(ListenSequentialPacket=, Accept=no)",
			fd);
	return fd;
}

int
main(int argc, char **argv)
{
	struct options o;
	uint64_t chance[2];

	/* Learn. */
	log_program("postern-auth");
	read_options(&o, argc, argv);
	if (stdfd_fill() == -1)
		die_errno(DIE_SETUP, "use the standard descriptors");

	/* Give up. */
	keep_secrets();
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		die_errno(DIE_LATER, "ignore SIGPIPE");
	warm_up();

	/* Work. */
	if (o.child) {
		serve_parent();
		return 0;
	}
	if (getrandom(chance, sizeof chance, 0) != sizeof chance)
		die_errno(DIE_LATER, "get random bytes");
	jail_look();
	keeper.failures.seed = chance[0];
	keeper.recipients.seed = chance[1];
	if (authserve_run(take_socket(&o), &keeper, o.idle_ms, close_door) ==
		-1)
		die_errno(DIE_LATER, "serve");

	/* Leave. */
	return 0;
}

/* SPDX-License-Identifier: ISC
 *
 * postern-listen: accept connections, start one program for each.
 *
 *   sockets   from the service manager (Accept=no), or bound as -l says
 *   fd 2      the log
 *   reads     control/concurrencyincoming, control/concurrencyclient, and
 *             with -p control/proxies
 *   starts    postern-smtpd of its own directory, or the program named, with
 *             the connection on fd 0 and 1 and tcpserver's variables
 *   exit      0 stopped by SIGTERM or SIGINT; 100 fix the setup; 111 try later
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "control/control.h"
#include "net/door.h"
#include "sys/home.h"
#include "sys/jail.h"
#include "sys/log.h"
#include "sys/stdfd.h"
#include "sys/user.h"

#define USAGE                                                                  \
	"usage: postern-listen [-l address:port]... [-c sessions] "            \
	"[-C sessions] [-b backlog] [-m mode] [-p] [-t seconds] "              \
	"[-u user [-g group]] "                                                \
	"[program [argument]...]"

struct options {
	const char *where[LISTENER_MAX];
	size_t wheres;
	uint64_t total; /* 0: as control says */
	uint64_t each;
	uint64_t grace; /* seconds */
	uint64_t backlog;
	mode_t mode; /* of unix sockets */
	bool proxied;
	const char *user;
	const char *group;
};

static struct door door;
static struct networks proxies;
static char smtpd[LIMIT_PATH];

static void
read_number(char option, uint64_t min, uint64_t max, uint64_t *out)
{
	if (span_number(span_of(optarg), out) || *out < min || *out > max)
		die(DIE_SETUP, "use -%c %s: not a number from %llu to %llu",
			option, optarg, (unsigned long long)min,
			(unsigned long long)max);
}

/* Who may connect to a unix socket: octal digits, no bits but rwx. */
static mode_t
read_mode(void)
{
	mode_t mode = 0;
	size_t n = strspn(optarg, "01234567");

	if (n == 0 || n > 4 || optarg[n])
		die(DIE_SETUP, "use -m %s: not a mode like 0660", optarg);
	for (size_t i = 0; i < n; i++)
		mode = mode << 3 | (mode_t)(optarg[i] - '0');
	if (mode & ~(mode_t)0777)
		die(DIE_SETUP, "use -m %s: not a mode like 0660", optarg);
	return mode;
}

static void
read_options(struct options *o, int argc, char **argv)
{
	int c;

	*o = (struct options){ .grace = 30, .backlog = 1024, .mode = 0666 };
	opterr = 0;
	while ((c = getopt(argc, argv, "+l:c:C:b:m:pt:u:g:")) != -1) {
		switch (c) {
		case 'l':
			if (o->wheres == LISTENER_MAX)
				die(DIE_SETUP, "listen on over %d addresses",
					LISTENER_MAX);
			o->where[o->wheres++] = optarg;
			break;
		case 'c':
			read_number('c', 1, 100000, &o->total);
			break;
		case 'C':
			read_number('C', 1, 100000, &o->each);
			break;
		case 'b':
			read_number('b', 1, 65535, &o->backlog);
			break;
		case 'm':
			o->mode = read_mode();
			break;
		case 'p':
			o->proxied = true;
			break;
		case 't':
			read_number('t', 0, 86400, &o->grace);
			break;
		case 'u':
			o->user = optarg;
			break;
		case 'g':
			o->group = optarg;
			break;
		default:
			die(DIE_SETUP, "start: " USAGE);
		}
	}
	if (o->group && !o->user)
		die(DIE_SETUP, "use -g without -u");
}

/* What the command line leaves open the control files say. */
static void
read_control(struct options *o)
{
	struct control c;

	if (o->total && o->each && !o->proxied)
		return;
	if (control_open(&c) == -1 ||
		(!o->total && control_number(&c, CONTROL_CONCURRENCYINCOMING,
				      &o->total) == -1) ||
		(!o->each && control_number(&c, CONTROL_CONCURRENCYCLIENT,
				     &o->each) == -1) ||
		(o->proxied &&
			networks_read(&proxies, &c, CONTROL_PROXIES) == -1))
		die(DIE_SETUP, "read the control files: %s", control_error(&c));
	control_close(&c);
	if (!o->proxied)
		return;
	if (proxies.count == 0)
		die(DIE_SETUP, "use -p: control/proxies lists nobody; write "
			       "the addresses of the proxies there");
	door.proxies = &proxies;
}

/* The descriptors 0 to 2 must be taken, or a connection could become one.
 * Sessions inherit these. */
static void
fill_standard_fds(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
		if (fd == -1)
			die_errno(DIE_LATER, "open /dev/null");
	} while (fd <= STDERR_FILENO);
	close(fd);
}

static void
add_listener(const struct listener *l)
{
	char text[LISTENER_TEXT];
	struct buf name = BUF(text);
	struct log line;

	listener_print(&name, l);
	if (door.proxies && l->here.ip.family == IP_NONE)
		die(DIE_SETUP,
			"use -p on %s: proxies are known by their addresses, "
			"and nobody has one there",
			buf_cstr(&name));
	log_begin(&line, LOG_LEVEL_INFO, "listening");
	log_text(&line, "on", buf_text(&name));
	log_write(&line);
	door.listener[door.listeners++] = *l;
}

static void
take_sockets(void)
{
	int n = sd_listen_fds(1);
	struct listener l;

	if (n < 0) {
		errno = -n;
		die_errno(DIE_SETUP, "take the service manager's sockets");
	}
	for (int i = 0; i < n; i++) {
		if (door.listeners == LISTENER_MAX)
			die(DIE_SETUP, "listen on over %d sockets",
				LISTENER_MAX);
		if (listener_take(&l, SD_LISTEN_FDS_START + i) == -1)
			die_errno(DIE_SETUP,
				"listen on the socket given as fd %d (is "
				"Accept=no set?)",
				SD_LISTEN_FDS_START + i);
		add_listener(&l);
	}
}

static void
open_sockets(const struct options *o)
{
	struct listener l;

	for (size_t i = 0; i < o->wheres; i++) {
		if (door.listeners == LISTENER_MAX)
			die(DIE_SETUP, "listen on over %d sockets",
				LISTENER_MAX);
		if (listener_open(&l, span_of(o->where[i]), (int)o->backlog,
			    o->mode) == -1) {
			if (errno == EINVAL)
				die(DIE_SETUP,
					"listen on %s: write 192.0.2.1:25, "
					"[2001:db8::1]:25 or unix:/run/name",
					o->where[i]);
			die_errno(errno == EADDRINUSE ? DIE_LATER : DIE_SETUP,
				"listen on %s", o->where[i]);
		}
		add_listener(&l);
	}
	if (door.listeners == 0)
		die(DIE_SETUP, "listen on nothing: no -l, and no socket from "
			       "a service manager");
}

/* The program and its arguments; smtpd beside us when none is named. */
static char *const *
find_program(char **argv)
{
	static char *just_smtpd[] = { smtpd, NULL };

	if (!*argv) {
		if (!home_sibling(smtpd, "smtpd"))
			die_errno(DIE_SETUP, "find the directory of programs");
		argv = just_smtpd;
	}
	if (!strchr(argv[0], '/'))
		die(DIE_SETUP, "start %s: write its whole path", argv[0]);
	if (faccessat(AT_FDCWD, argv[0], X_OK, AT_EACCESS) == -1)
		die_errno(DIE_SETUP, "start %s", argv[0]);
	return argv;
}

static bool
is_smtpd(const char *program)
{
	return (*smtpd || home_sibling(smtpd, "smtpd")) &&
	       strcmp(program, smtpd) == 0;
}

static uint64_t
chance(void)
{
	uint64_t n;

	if (getrandom(&n, sizeof n, 0) != sizeof n)
		die_errno(DIE_LATER, "get random bytes");
	return n;
}

int
main(int argc, char **argv)
{
	struct options o;
	char *const *program;
	bool ours;

	/* Learn. */
	log_program("postern-listen");
	read_options(&o, argc, argv);
	read_control(&o);
	fill_standard_fds();
	program = find_program(argv + optind);
	ours = is_smtpd(program[0]);
	if (ours)
		jail_look();
	starter_init(&door.starter, program, environ);
	if (ours) /* it starts once and is copied for each connection */
		(void)starter_copies(&door.starter);
	take_sockets();
	stdfd_close_others(true);
	open_sockets(&o);

	/* Give up. */
	if (o.user && user_become(o.user, o.group) == -1) {
		if (errno == ENOENT)
			die(DIE_SETUP,
				"become %s: no such user, or no such group",
				o.user);
		die_errno(DIE_SETUP, "become %s", o.user);
	}
	if (ours) /* others may need what nobody here knows of */
		jail_close_or_say(JAIL_LISTEN, NULL);

	/* Work. */
	door.grace_ms = (int64_t)o.grace * 1000;
	if (clients_open(&door.clients, o.total, o.each, chance()) == -1 ||
		door_open(&door) == -1)
		die_errno(DIE_LATER, "make room for %llu sessions",
			(unsigned long long)o.total);
	door_run(&door);

	/* Leave. */
	return 0;
}

/* SPDX-License-Identifier: ISC
 *
 * postern-tls: the server side of TLS. It alone sees the private key, and it
 * sees nothing else: postern-smtpd hands it a client's socket and speaks clear
 * text from then on.
 *
 *	socket    from the service manager, or bound as -l says: each
 *	          connection is for one session (lib/pure/handover.h)
 *	fd 0      with -c: the one connection, from postern-smtpd
 *	fd 2      the log
 *	reads     control/tlscert tlscerts/ tlsciphers tlsclients tlskey,
 *	          the certificates and keys that these name, tlscert and tlskey
 *	          of CREDENTIALS_DIRECTORY
 *	starts    a process of its own for each session
 *	exit      0 done; 100 fix the setup; 111 a later try may work */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "net/tlsasker.h"
#include "net/tlshost.h"
#include "net/tlssession.h"
#include "sys/log.h"
#include "sys/stdfd.h"

#define USAGE                                                                  \
	"usage: postern-tls [-l unix:path] [-s sessions] [-i seconds] | "      \
	"postern-tls -c | postern-tls -n"

enum { BACKLOG = 1024, MODE = 0660, IDLE = 300000 };

struct options {
	const char *where;
	uint64_t sessions;
	uint64_t idle; /* seconds */
	bool idle_given;
	bool child;
	bool check;
};

static struct tlshost host;
static struct tlsstore store;
static struct tlsticket no_ticket;

static uint64_t
read_number(char option, uint64_t min, uint64_t max)
{
	uint64_t n;

	if (span_number(span_of(optarg), &n) || n < min || n > max)
		die(DIE_SETUP, "use -%c %s: not a number from %llu to %llu",
			option, optarg, (unsigned long long)min,
			(unsigned long long)max);
	return n;
}

static void
read_options(struct options *o, int argc, char **argv)
{
	int c;

	*o = (struct options){ .sessions = 1000 };
	opterr = 0;
	while ((c = getopt(argc, argv, "l:s:i:cn")) != -1) {
		switch (c) {
		case 'l':
			o->where = optarg;
			break;
		case 's':
			o->sessions = read_number('s', 1, 100000);
			break;
		case 'i':
			o->idle = read_number('i', 0, 86400);
			o->idle_given = true;
			break;
		case 'c':
			o->child = true;
			break;
		case 'n':
			o->check = true;
			break;
		default:
			die(DIE_SETUP, "start: " USAGE);
		}
	}
	if (optind < argc || o->child + o->check + (o->where != NULL) > 1)
		die(DIE_SETUP, "start: " USAGE);
}

/* The settings are control files alone: OpenSSL's own file is not read. */
static void
begin_openssl(void)
{
	if (OPENSSL_init_ssl(
		    OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT,
		    NULL) != 1)
		die(DIE_LATER, "begin with OpenSSL");
}

/* --- one session, as postern-smtpd's child --- */

static void
log_said(void *ctx, enum log_level level, const char *text)
{
	(void)ctx;
	if (level == LOG_LEVEL_ERROR)
		log_reason(level, "certificate-trouble", text);
}

/* The request, with its client on descriptor 1. Returns 1, or 0 when the asker
 * has gone. */
static int
take_client(char text[HANDOVER_MAX], struct handover *request)
{
	int client;
	int heard = tlsasker_hear(STDIN_FILENO, text, request, &client);

	if (heard == 0)
		return 0;
	if (heard == -1 || dup2(client, STDOUT_FILENO) == -1)
		die_errno(DIE_SETUP, "take a client on descriptor 0");
	close(client);
	return 1;
}

static int
be_child(void)
{
	const struct handover ready = { .error = SPAN("") };
	struct tlssession session = { .store = &store,
		.ticket = &no_ticket,
		.inside = STDIN_FILENO,
		.client = STDOUT_FILENO };
	char text[HANDOVER_MAX];
	struct handover request;

	stdfd_close_others(false);
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		die_errno(DIE_LATER, "ignore SIGPIPE");
	if (tlsstore_load(&store, NULL, log_said, NULL) == -1) {
		(void)tlsasker_refuse(STDIN_FILENO,
			"no certificate can be used; the log of postern-tls "
			"says why");
		return DIE_SETUP;
	}
	if (tlsasker_say(STDIN_FILENO, &ready) == -1 ||
		!take_client(text, &request))
		return 0;
	/* what comes now is a stranger's; the request was not */
	tlssession_confine();
	session.peer = request.client;
	session.service = request.service.n ? request.service : SPAN("smtp");
	(void)tlssession_run(&session);
	return 0;
}

/* --- a look at the files --- */

static void
print_said(void *ctx, enum log_level level, const char *text)
{
	bool *fault = ctx;

	*fault |= level == LOG_LEVEL_ERROR;
	printf("%s %s\n",
		level == LOG_LEVEL_ERROR     ? "fault"
		: level == LOG_LEVEL_WARNING ? "note"
					     : "ok",
		text);
}

static int
check(void)
{
	bool fault = false;

	if (tlsstore_load(&store, NULL, print_said, &fault) == 0)
		tlsstore_expiry(&store, print_said, &fault);
	if (fflush(stdout) == EOF)
		die_errno(DIE_LATER, "write the findings");
	return fault ? DIE_SETUP : 0;
}

/* --- the service --- */

static void
take_socket(struct listener *l, const char *where)
{
	int n = sd_listen_fds(1);

	if (n > 1 || (n == 1 && where))
		die(DIE_SETUP, "listen on more than one socket");
	if (n == 1 && listener_take(l, SD_LISTEN_FDS_START) == -1)
		die_errno(DIE_SETUP, "listen on the socket given as fd %d",
			SD_LISTEN_FDS_START);
	if (n == 1)
		return;
	if (!where)
		die(DIE_SETUP, "listen on nothing: no -l, and no socket from "
			       "a service manager");
	if (!span_begins_nocase(span_of(where), SPAN("unix:")))
		die(DIE_SETUP, "listen on %s: write unix:/run/name", where);
	if (listener_open(l, span_of(where), BACKLOG, MODE) == -1)
		die_errno(errno == EADDRINUSE ? DIE_LATER : DIE_SETUP,
			"listen on %s", where);
}

/* Without a service manager nobody would start it again. */
static int64_t
idle_time(const struct options *o)
{
	if (o->idle_given)
		return (int64_t)o->idle * 1000;
	return o->where ? 0 : IDLE;
}

static int
be_host(const struct options *o)
{
	host.limit = o->sessions;
	host.idle_ms = idle_time(o);
	take_socket(&host.listener, o->where);
	switch (tlshost_run(&host)) {
	case TLSHOST_BROKEN:
		die_errno(DIE_LATER, "serve");
	case TLSHOST_SESSION:
		/* what the libraries would tidy up is the host's, and a copy
		 * of each page of it would be made for that */
		_exit(0);
	case TLSHOST_LEFT:
		break;
	}
	return 0;
}

int
main(int argc, char **argv)
{
	struct options o;

	/* Learn. */
	log_program("postern-tls");
	read_options(&o, argc, argv);
	if (stdfd_fill() == -1 && errno != EBADF)
		die_errno(DIE_LATER, "look at the descriptors");

	/* Give up: the key is coming. */
	if (prctl(PR_SET_DUMPABLE, 0) == -1 ||
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		die_errno(DIE_LATER, "give up privileges");

	/* Work. */
	begin_openssl();
	if (o.child)
		return be_child();
	return o.check ? check() : be_host(&o);
}

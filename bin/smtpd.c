/* SPDX-License-Identifier: ISC
 *
 * postern-smtpd: hold one SMTP conversation, pass each message to
 * postern-queue.
 *
 *	-s        submission: who sends must log in
 *	-t        TLS before the greeting
 *	-k        fd 0 is postern-listen, which asks for a copy of this process
 *	          for each client
 *
 *	fd 0, 1   the client, as a supervisor handed it over
 *	fd 2      the log
 *	reads     control/: authinsecure authtrace badmailfrom databytes
 *	          datarate denyfrom filters linemax locals loosedots mailboxes
 *	          mailmax me morercpthosts normalize postmaster queuereserve
 *	          rcpthosts rcptmax relayfrom senders sessiontime smtpgreeting
 *	          subaddress timeoutsmtpd tlscert tlsclients tlskey tlsrequired
 *	          userrate; and that logins or authprogram are there
 *	asks      TCPREMOTEIP TCPREMOTEPORT TCPLOCALIP RELAYCLIENT REMOTE_ADDR
 *	          REMOTE_PORT POSTERN_LOCAL; the routing table, for relayfrom
 *	          postern-tls at its socket, which the client is handed to;
 *	          postern-auth at its own, when a client may log in;
 *	          postern-queue at its own, with each message
 *	starts    postern-queue, through the programs of control/filters;
 *	          postern-tls and postern-auth where nobody listens at theirs
 *	exit      0 the conversation is over; 100 the settings are wrong (the
 *	          client was told to come later); 111 a later try may work */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "smtp/session.h"
#include "sys/clock.h"
#include "sys/home.h"
#include "sys/jail.h"
#include "sys/log.h"
#include "sys/stdfd.h"
#include "sys/template.h"

static struct settings settings;
static struct session session;
static volatile sig_atomic_t stop;

static void
on_signal(int number)
{
	stop = number;
}

static void
catch_signals(void)
{
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	const struct sigaction usual = { .sa_handler = SIG_DFL };
	const struct sigaction leave = { .sa_handler = on_signal };
	sigset_t term;

	/* let in only while a command is awaited; see sys/io.h */
	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
	/* ignored, it would take the queue's exit code away from us */
	sigaction(SIGCHLD, &usual, NULL);
	sigaction(SIGTERM, &leave, NULL);
}

static bool
read_options(int argc, char **argv)
{
	bool copied = false;
	int c;

	opterr = 0;
	while ((c = getopt(argc, argv, "kst")) != -1) {
		if (c == 'k')
			copied = true;
		else if (c == 's')
			settings.submission = true;
		else if (c == 't')
			settings.tlsfirst = true;
		else
			die(DIE_SETUP,
				"take -%c: usage: postern-smtpd [-k] [-s] [-t]",
				optopt);
	}
	if (optind < argc)
		die(DIE_SETUP, "take an argument (%s): there are none",
			argv[optind]);
	return copied;
}

/* --- the template (-k) ---------------------------------------------------- */

enum {
	YOUNG = 2,     /* seconds in which a directory may change unseen */
	OPEN_MS = 5000 /* of a template without a jail, which a look may help */
};

static struct template
{
	bool sealed; /* its copies are in their jail already */
	int64_t until;
	char path[LIMIT_PATH];
	struct stat control;
}
template;

/* Is the control directory what it was? Then no file came or went. */
static bool
same_control(void)
{
	const struct stat *was = &template.control;
	struct stat now;

	return stat(template.path, &now) == 0 && now.st_ino == was->st_ino &&
	       now.st_dev == was->st_dev &&
	       now.st_ctim.tv_sec == was->st_ctim.tv_sec &&
	       now.st_ctim.tv_nsec == was->st_ctim.tv_nsec;
}

static bool
is_fit(void)
{
	return template.sealed ? same_control() : clock_ms() < template.until;
}

/* What a jail costs is paid once where every session is to have the same. A
 * change of the control directory ends that. */
static void
seal(void)
{
	static const struct peer nobody;
	int64_t now = clock_wall_us() / 1000000;

	template.until = clock_ms() + OPEN_MS;
	if (!home_control(template.path) ||
		stat(template.path, &template.control) == -1 ||
		now - template.control.st_ctim.tv_sec <= YOUNG)
		return;
	if (settings_load(&settings, &nobody, environ) == 0 &&
		settings_start_nothing(&settings) &&
		settings_read_inside(&settings)) {
		jail_close_or_say(JAIL_SMTPD_COPIED, NULL);
		template.sealed = true;
	}
	settings_unload(&settings, template.sealed);
}

/* From here on in a process for each client. Leaves when there will be none. */
static void
be_copied(void)
{
	seal();
	switch (template_serve(STDIN_FILENO, is_fit)) {
	case 0:
		if (template.sealed)
			jail_alone();
		return;
	case 1:
		exit(0);
	default:
		die_errno(DIE_SETUP, "take clients from fd 0 with -k, which "
				     "is for postern-listen");
	}
}

/* Behind the settings, in front of the client's first word. Returns 0, or -1:
 * the client is to come again. */
static int
close_doors(void)
{
	if (!template.sealed)
		jail_close_or_say(settings_jail(&settings), NULL);
	else if (!settings_want_nothing(&settings))
		return control_fail(&settings.control, "", 0,
			"changed just now; the next session will know");
	return 0;
}

/* Whoever has to start programs cannot do so in the jail of a template: one
 * without is wanted, and postern-listen begins it when a session ends like
 * this. Services are asked after only when a client has got nowhere. */
static bool
sealed_in_vain(void)
{
	return template.sealed && session.conn.messages == 0 &&
	       !settings_start_nothing(&settings);
}

/* Who is there, at descriptors that nobody else has. What a template has seen
 * to is seen to in its copies. */
static int
meet(struct peer *client, bool copied)
{
	if (stdfd_fill() == -1 || log_apart_from(STDIN_FILENO) == -1)
		return -1;
	stdfd_close_others(false);
	catch_signals();
	if (copied)
		be_copied();
	return peer_of(client, STDIN_FILENO);
}

int
main(int argc, char **argv)
{
	struct peer client;
	int loaded;

	log_program("postern-smtpd");

	/* Learn: the only lines that read settings and ask who is there. */
	if (meet(&client, read_options(argc, argv)) == -1) {
		if (errno == EBADF) /* no client, nobody to talk to */
			return 0;
		die_errno(DIE_LATER, "look at the descriptors");
	}
	loaded = settings_load(&settings, &client, environ);

	/* Give up. */
	if (loaded == 0)
		loaded = close_doors();

	/* Work. */
	session_begin(&session, &settings, &client, STDIN_FILENO, STDOUT_FILENO,
		&stop);
	if (loaded == -1) {
		session_refuse(&session);
		return DIE_SETUP;
	}
	session_run(&session);
	return sealed_in_vain() ? DIE_SETUP : 0;
}

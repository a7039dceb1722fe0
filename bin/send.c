/* SPDX-License-Identifier: ISC
 *
 * postern-send: take due mail from the queue, hand it to postern-remote and
 * postern-local, write down what became of it.
 *
 *   fd 2      the log
 *   reads     control/activemax, bouncerate, bouncesender,
 *             concurrencydest, concurrencylocal, concurrencyremote,
 *             delaywarn, doublebounceto, locals, mailboxes, nexthops,
 *             postmaster, queuelifetime, retrymax, retrymin, senderroutes,
 *             sendidle, smtproutes, subaddress: again whenever there is work
 *   owns      the queue directory, whose lock it holds
 *   starts    postern-remote, postern-local, with a socket on fd 0;
 *             postern-bounce, with a queue file on fd 0
 *   exit      0 done, or stopped by a signal; 100 fix the setup; 111 try
 *             later: there is another runner, or -1 left mail behind
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "deliver/sender.h"
#include "sys/jail.h"
#include "sys/log.h"
#include "sys/notify.h"

#define USAGE "usage: postern-send [-1 | -d] [-f]"

static struct sender_flags flags;
static struct spool spool;
static struct sender sender;
static sigset_t waiting; /* while it waits, signals may come */

struct options {
	enum sender_stay stay;
	bool force;
};

static void
on_signal(int number)
{
	if (number == SIGCHLD)
		flags.child = 1;
	else if (number == SIGALRM)
		flags.retry = 1;
	else if (flags.stop < 2)
		flags.stop++;
}

/* Signals come while it waits, and at no other time. */
static void
set_signals(void)
{
	static const int heeded[] = { SIGTERM, SIGINT, SIGALRM, SIGCHLD };
	struct sigaction act = { .sa_handler = on_signal };
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	sigset_t blocked;

	sigemptyset(&blocked);
	sigprocmask(SIG_SETMASK, NULL, &waiting);
	for (size_t i = 0; i < LEN(heeded); i++) {
		sigaddset(&blocked, heeded[i]);
		sigdelset(&waiting, heeded[i]);
		sigaction(heeded[i], &act, NULL);
	}
	sigaction(SIGPIPE, &ignore, NULL);
	sigaction(SIGHUP, &ignore, NULL); /* control is read again anyway */
	/* a file size limit is an answer, not a signal */
	sigaction(SIGXFSZ, &ignore, NULL);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
}

static _Noreturn void
print_and_exit(const char *text)
{
	exit(fputs(text, stdout) == EOF || fflush(stdout) ? DIE_LATER : 0);
}

static void
read_options(struct options *o, int argc, char **argv)
{
	int c;

	*o = (struct options){ .stay = SENDER_WORK };
	opterr = 0;
	while ((c = getopt(argc, argv, "1dfhV")) != -1) {
		if (c == '1' && o->stay != SENDER_FOREVER)
			o->stay = SENDER_ONCE;
		else if (c == 'd' && o->stay != SENDER_ONCE)
			o->stay = SENDER_FOREVER;
		else if (c == 'f')
			o->force = true;
		else if (c == 'h')
			print_and_exit(USAGE "\n");
		else if (c == 'V')
			print_and_exit("postern " POSTERN_VERSION "\n");
		else
			die(DIE_SETUP, "start: " USAGE);
	}
	if (optind != argc)
		die(DIE_SETUP, "start: " USAGE);
}

/* A runner that was killed may have been starting a worker: what it had open
 * is closed when that one's exec is done, in a moment. */
static int
lock_queue(bool force)
{
	int result = -1;

	for (int tries = 10; tries--;) {
		result = spool_lock(&spool, force);
		if (result == 0 || errno != EWOULDBLOCK)
			break;
		poll(NULL, 0, 20);
		errno = EWOULDBLOCK;
	}
	return result;
}

static void
take_queue(bool force)
{
	if (spool_open(&spool) == -1)
		die_errno(DIE_SETUP, "open the queue directory");
	if (lock_queue(force) == 0)
		return;
	if (errno == EWOULDBLOCK)
		die(DIE_LATER, "run: another postern-send has the queue");
	if (errno == EREMOTE)
		die(DIE_SETUP, "run: the queue lies on a network file system, "
			       "where a lock may not hold; move it, or use -f "
			       "when one host alone has it");
	die_errno(DIE_LATER, "lock the queue");
}

/* Says how it went. Returns the exit code. */
static int
report(enum sender_stay stay)
{
	int64_t left = stay == SENDER_ONCE ? sender_left(&sender) : 0;
	struct log line;

	log_begin(&line, LOG_LEVEL_INFO, "stopped");
	log_number(&line, "delivered", sender.delivered);
	log_number(&line, "deferred", sender.deferred);
	log_number(&line, "failed", sender.failed);
	log_number(&line, "held", sender.held);
	if (stay == SENDER_ONCE && left != -1)
		log_number(&line, "left", (uint64_t)left);
	log_write(&line);
	return left ? DIE_LATER : 0;
}

int
main(int argc, char **argv)
{
	struct options o;

	/* Learn. Control is read, and read again, as there is work. */
	log_program("postern-send");
	read_options(&o, argc, argv);
	set_signals();

	/* Take the queue: nobody else may run on it. */
	take_queue(o.force);
	sender.spool = &spool;
	sender.flags = &flags;
	sender.waiting = &waiting;
	sender.stay = o.stay;
	if (sender_begin(&sender) == -1)
		die_errno(DIE_LATER, "begin");

	/* Work. */
	jail_look();
	jail_close_or_say(JAIL_SEND, NULL);
	log_reason(LOG_LEVEL_INFO, "started", "looking for due mail");
	notify_ready();
	if (sender_run(&sender) == -1)
		die_errno(DIE_LATER, "wait for events");

	/* Leave. */
	return report(o.stay);
}

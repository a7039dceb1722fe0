/* SPDX-License-Identifier: ISC
 *
 * postern-rewrite: put other addresses into a message on its way to
 * postern-queue, as the control files say.
 *
 *	fd 0      the message text, to its end
 *	fd 1      then the envelope, as postern-queue reads it
 *	fd 2      the log
 *	reads     control/: aliases allowrecipients copyall defaulthost locals
 *	          mailboxes me otherrecipients postmaster recipients
 *	          redirectall sender subaddress; POSTERN_ID (the message's id)
 *	          POSTERN_SUBMISSION (names get their domain, and Date and
 *	          Message-ID are added where they are missing)
 *	starts    the program that its arguments name, else postern-queue
 *	exit      that program's code; 31 allowrecipients refuses a recipient;
 *	          55 a control file is wrong, and others of queue/store.h
 */
#include <signal.h>
#include <stdlib.h>

#include "smtp/rewriter.h"
#include "sys/home.h"
#include "sys/log.h"
#include "sys/stdfd.h"

static struct control conf;
static struct mailboxes *mailboxes;
static struct rewrite *rules;

static int
refuse(void)
{
	log_reason(LOG_LEVEL_ERROR, "unqueued", control_error(&conf));
	mailboxes_close(mailboxes);
	return QUEUE_CONFIG;
}

int
main(int argc, char **argv)
{
	static char queue[LIMIT_PATH];
	char *alone[] = { queue, NULL };
	const char *id = getenv("POSTERN_ID");
	const char *submission = getenv("POSTERN_SUBMISSION");

	/* Learn. */
	log_program("postern-rewrite");
	if (stdfd_fill() == -1)
		return QUEUE_READ;
	if (control_open(&conf) == -1)
		return refuse();
	mailboxes = mailboxes_open(&conf);
	rules = mailboxes ? rewrite_open(&conf, mailboxes) : NULL;
	if (!rules)
		return refuse();
	if (!home_program(queue, "queue"))
		return QUEUE_HOME;

	/* Give up: a pipe without a reader and a limit are answers. */
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR ||
		signal(SIGXFSZ, SIG_IGN) == SIG_ERR ||
		signal(SIGCHLD, SIG_DFL) == SIG_ERR)
		return QUEUE_CRASHED;

	/* Work. */
	return (int)rewriter_run(rules, &conf, argc > 1 ? argv + 1 : alone,
		span_of(id ? id : ""), submission && *submission);
}

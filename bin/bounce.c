/* SPDX-License-Identifier: ISC
 *
 * postern-bounce: tell the sender of one message what became of it. Started
 * by postern-send; the argument is the id that the report is to have.
 *
 *	fd 0    the message's queue file, read-only; its journal says who is to
 *	        be told what
 *	fd 2    log
 *	reads   control/bouncefrom, bouncehost, bouncesender, doublebounceto,
 *	        filters, me, queuelifetime
 *	starts  the programs of control/filters, postern-queue
 *	exit    0 the report is queued, durably; 31 nobody can be told, or a
 *	        filter refused it for good; 53 no space in the queue; 100 fix
 *	        the setup; 111 try later
 */
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "deliver/bounce.h"
#include "queue/store.h"
#include "smtp/inject.h"
#include "sys/clock.h"
#include "sys/jail.h"
#include "sys/log.h"
#include "sys/stdfd.h"

static struct control control;
static struct bounce report;
static struct inject_plan plan;
static struct inject inject;

static void
pass(void *ctx, struct span text)
{
	inject_text(ctx, text);
}

static enum event
queue_report(const char *id)
{
	char envelope[2 * LIMIT_RECORD];
	struct buf out = BUF(envelope);

	bounce_envelope(&report, &out);
	inject_open(&inject, &plan, id);
	bounce_write(&report, pass, &inject);
	return inject_finish(&inject, SPAN(""), buf_text(&out));
}

static void
log_report(const char *id)
{
	struct log line;

	log_begin(&line, LOG_LEVEL_INFO, "reported");
	log_text(&line, "id", span_of(id));
	log_text(&line, "to", report.to);
	log_write(&line);
}

static int
exit_code(enum event event)
{
	switch (event) {
	case EVENT_ACCEPTED:
		return 0;
	case EVENT_QUEUE_REFUSED:
	case EVENT_QUEUE_ADDRESS:
		return QUEUE_REFUSED;
	case EVENT_QUEUE_CONFIG:
		return DIE_SETUP;
	case EVENT_NO_SPACE:
		return QUEUE_WRITE;
	default:
		return DIE_LATER;
	}
}

static int
judge(enum bounce_verdict verdict, const char *id)
{
	enum event event;

	switch (verdict) {
	case BOUNCE_NOTHING: /* the runner could not write it */
		die(DIE_LATER, "make a report: the journal names nobody");
	case BOUNCE_NOBODY:
		return QUEUE_REFUSED;
	case BOUNCE_CONTROL:
		die(DIE_SETUP, "make a report: %s", control_error(&control));
	case BOUNCE_FAULT:
		die_errno(DIE_LATER, "make a report");
	case BOUNCE_READY:
		break;
	}
	event = queue_report(id);
	if (event == EVENT_ACCEPTED)
		log_report(id);
	return exit_code(event);
}

/* Only our own programs are known well enough for a jail around them, too. */
static void
close_door(void)
{
	if (!inject_filtered(&plan))
		jail_close_or_say(JAIL_BOUNCE, NULL);
}

int
main(int argc, char **argv)
{
	enum bounce_verdict verdict;

	/* Learn. */
	log_program("postern-bounce");
	if (stdfd_fill() == -1)
		die_errno(DIE_SETUP, "use fd 0, which postern-send gives");
	if (argc != 2 || !queue_id_valid(span_of(argv[1])))
		die(DIE_SETUP, "start: usage: postern-bounce ID <queue-file");
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGALRM, SIG_IGN); /* systemctl kill: for postern-send */
	if (control_open(&control) == -1 ||
		inject_plan(&plan, &control, environ, false) == -1)
		die(DIE_SETUP, "make a report: %s", control_error(&control));
	verdict = bounce_begin(&report, &control, STDIN_FILENO, argv[1],
		clock_wall_us() / 1000000);
	control_close(&control);

	/* Give up. */
	close_door();

	/* Work, and leave. */
	return judge(verdict, argv[1]);
}

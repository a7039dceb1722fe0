/* SPDX-License-Identifier: ISC
 *
 * postern-explain: what postern would do with mail, or will do with a message
 * of the queue, and which line of which control file decides it. Nothing is
 * sent, nothing is changed.
 *
 *	fd 1    rows: what, the answer, where it stands
 *	fd 2    what is wrong
 *	reads   every control file; the queue, as its owner when root starts it
 *	starts  nothing
 *	exit    0 there is a way; 100 there is none, or a control file or the
 *	        call is wrong; 111 try later */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <unistd.h>

#include "admin/entry.h"
#include "admin/ground.h"
#include "admin/reason.h"
#include "admin/showing.h"
#include "queue/visit.h"
#include "sys/log.h"
#include "sys/screen.h"

static struct control control;
static const char *client;
static const char *sender;
static const char *identity; /* who has logged in, with -u */
static int file = -1;        /* the message, with -m */

static int
usage(FILE *to)
{
	fputs("usage: postern explain [-c CLIENT] [-f SENDER] [-m FILE] "
	      "RECIPIENT...\n"
	      "       postern explain -u LOGIN [-f SENDER] [RECIPIENT...]\n"
	      "       postern explain ID...\n"
	      "  -c CLIENT  the address of who would send it, or the "
	      "fingerprint of\n"
	      "             a certificate's key\n"
	      "  -f SENDER  the envelope's sender; without it: you\n"
	      "  -u LOGIN   who would send it has logged in as this one\n"
	      "  -m FILE    a message: its header as it would leave; - is fd "
	      "0\n",
		to);
	return to == stdout ? 0 : DIE_SETUP;
}

static int
open_file(const char *name)
{
	int fd = STDIN_FILENO;

	if (strcmp(name, "-") != 0)
		fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd == -1)
		die_errno(DIE_SETUP, "open %s", name);
	return fd;
}

/* Returns -1, or an exit code. */
static int
read_options(int argc, char **argv)
{
	int c;

	opterr = 0;
	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	while ((c = getopt(argc, argv, "c:f:m:u:")) != -1) {
		if (c == 'c')
			client = optarg;
		else if (c == 'f')
			sender = optarg;
		else if (c == 'm')
			file = open_file(optarg);
		else if (c == 'u')
			identity = optarg;
		else
			return usage(stderr);
	}
	return optind == argc && file == -1 && !identity ? usage(stderr) : -1;
}

/* cron's way: the user's name at this host. */
static const char *
own_address(void)
{
	static char text[LIMIT_ADDRESS + 1];
	const struct passwd *p = getpwuid(getuid());
	char me[LIMIT_DOMAIN + 1];

	if (control_me(&control, me) == -1 || !*me || !p)
		return "";
	snprintf(text, sizeof text, "%.64s@%s", p->pw_name, me);
	return text;
}

/* --- a message of the queue --- */

static int
explain_message(const struct message *m)
{
	int code = 0;

	reason_row("sender", m->sender, "as it was queued");
	for (uint32_t i = 0; i < m->rcpts; i++) {
		struct job_rcpt rcpt;

		message_rcpt(m, i, &rcpt);
		reason_row("recipient", rcpt.address,
			m->rcpt[i].state == RCPT_DONE ? "done" : NULL);
		if (m->rcpt[i].state != RCPT_DONE)
			code |= reason_route(m->sender, rcpt.address);
	}
	reason_limits();
	if (showing_text(m, false) == -1) {
		fprintf(stderr, "postern explain: cannot read it: %s\n",
			strerror(errno));
		return DIE_LATER;
	}
	return code;
}

static int
explain_id(struct spool *spool, const char *id)
{
	struct message m;
	int64_t due;
	int code;

	if (visit_find(spool, id, &due) == -1 ||
		message_glance(&m, spool, id, due) != 0) {
		fprintf(stderr, "postern explain: %s is not in the queue\n",
			id);
		return DIE_SETUP;
	}
	reason_row("message", span_of(id),
		due == SPOOL_HELD     ? "held"
		: due <= SPOOL_FAILED ? "failed"
		: due == SPOOL_NEW    ? "new"
				      : "waiting");
	code = explain_message(&m);
	message_close(&m);
	return code;
}

static int
explain_ids(char **id)
{
	struct spool spool;
	int code = entry_open(&spool, "explain");

	for (; code == 0 && *id; id++)
		code = explain_id(&spool, *id);
	return code;
}

/* --- mail that might be sent --- */

static int
explain_mail(char **rcpt)
{
	int code = reason_sender(sender);

	for (; *rcpt; rcpt++) {
		int one = reason_rcpt(*rcpt);

		code = one ? one : code;
	}
	reason_limits();
	if (!code && file != -1)
		code = reason_header(file);
	return code;
}

int
main(int argc, char **argv)
{
	const char *given;
	int code;

	/* Learn. */
	log_program("postern-explain");
	screen_begin();
	code = read_options(argc, argv);
	if (code != -1)
		return code;
	if (control_open(&control) == -1) {
		fprintf(stderr, "postern explain: %s\n",
			control_error(&control));
		return DIE_SETUP;
	}
	given = sender;
	if (!sender)
		sender = own_address();
	code = reason_begin(&control, client);
	if (!code && identity)
		code = reason_login(identity, given);

	/* Give up: what strangers wrote is not for root to read. */
	if (!code)
		code = ground_leave_root();

	/* Work. */
	if (!code && argv[optind] && queue_id_valid(span_of(argv[optind])))
		code = explain_ids(argv + optind);
	else if (!code && (argv[optind] || file != -1))
		code = explain_mail(argv + optind);

	/* Leave. */
	if (screen_end() == -1)
		die_errno(DIE_LATER, "write");
	return code;
}

/* SPDX-License-Identifier: ISC
 *
 * postern-remote: deliver messages by SMTP and LMTP. One job after another, as
 * postern-send hands them over; never started by hand. The connection of one
 * message is kept for the next to the same hop.
 *
 *	fd 0    a SOCK_SEQPACKET pair with postern-send (pure/job.h); each job
 *	        brings the message as a read-only descriptor
 *	fd 2    log
 *	reads   control/me, helohost, timeoutconnect, timeoutremote,
 *	        nameservers, moreipme, mxlocal, nexthops, authremote, tlspolicy,
 *	        tlscafile, tlsfallback, resolv.conf and /etc/hosts: once, before
 *	        its jail closes; for each login the file that authremote names;
 *	        where a server is to be verified, the certificates of
 *	        authorities
 *	starts  nothing
 *	exit    0 postern-send closed the pair; 100 control files must be
 *	        mended, all jobs so far were answered; 111 what came was no job
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "control/authsecret.h"
#include "smtp/hop.h"
#include "sys/exploit.h"
#include "sys/jail.h"
#include "sys/log.h"
#include "sys/packet.h"
#include "sys/places.h"

/* How long the next job is waited for before the connection is looked after
 * as well. */
enum { BUSY_MS = 1000 };

static struct control control;
static struct hop hop;
static struct mail mail;
static struct job job;
static char own_name[LIMIT_DOMAIN + 1];
static char helo_name[LIMIT_DOMAIN + 1];
static char packet[JOB_PACKET];
static char answer_space[JOB_ANSWER];
static struct buf answers;

/* Reads all settings. Returns 0, or -1 with the control error set. */
static int
settings_read(void)
{
	uint64_t connect, patience;

	if (control_open(&control) == -1 || dns_begin(&control) == -1 ||
		control_me(&control, own_name) == -1 ||
		control_line(&control, CONTROL_HELOHOST, helo_name,
			sizeof helo_name) == -1 ||
		control_number(&control, CONTROL_TIMEOUTCONNECT, &connect) ||
		control_number(&control, CONTROL_TIMEOUTREMOTE, &patience))
		return -1;
	hop.nexthops = nexthops_open(&control);
	hop.logins = hop.nexthops ? authremote_open(&control) : NULL;
	if (!hop.logins || starttls_settings(&hop.tls, &control) == -1)
		return -1;
	control_close(&control);
	hop.connect_ms = (int64_t)connect * 1000;
	hop.client.cap_ms = (int64_t)patience * 1000;
	hop.own_name = own_name;
	hop.helo = span_of(*helo_name ? helo_name : own_name);
	return 0;
}

/* What is read later: the secrets, which may change at any time, and the
 * certificates of authorities. */
static void
close_jail(void)
{
	struct places places = { 0 };

	if (hop.logins)
		authsecret_prepare(hop.logins, &places);
	tlsclient_prepare(&hop.tls.tls, &places);
	jail_close_or_say(JAIL_REMOTE, (const char *const *)places.path);
	places_free(&places);
}

static void
answers_send(void *ctx)
{
	(void)ctx;
	if (answers.len == 0)
		return;
	if (packet_send(STDIN_FILENO, buf_text(&answers), -1, true) == -1)
		die_errno(DIE_LATER, "answer postern-send");
	answers.len = 0;
}

static void
answers_add(const struct job_answer *answer)
{
	job_answer_print(&answers, answer);
	if (!answers.over)
		return;
	answers.over = false;
	answers_send(NULL);
	job_answer_print(&answers, answer);
}

/* An answer that another host or the rest of the job cannot change. */
static void
answer_rcpt(
	void *ctx, size_t rcpt, enum job_fate fate, const struct words *words)
{
	struct job_answer answer = {
		.fate = fate,
		.rcpt = rcpt,
		.status = {words->status, words->status_len},
		.peer = { hop.peer,     hop.peer_len     },
		.text = { words->text,  words->text_len  },
		.tls = span_of(hop.tls.now.session)
	};

	(void)ctx;
	answers_add(&answer);
}

static void
answer_end(void)
{
	struct job_answer end = { .end = true,
		.kept = client_connected(&hop.client),
		.hop = hop.state,
		.at = hop.at };

	answers_add(&end);
	answers_send(NULL);
}

/* Without settings nothing can be asked of anybody: the mail waits until the
 * admin has mended them. */
static void
hold_all(void)
{
	struct words words;

	words_say(&words, "4.3.5", "%s", control_error(&control));
	hop.state = '-';
	mail_settle_rest(&mail, JOB_HELD, &words);
}

/* Waits for the next job, and meanwhile for the server to close. */
static void
wait_idle(void)
{
	struct pollfd p[2] = {
		{.fd = STDIN_FILENO, .events = POLLIN}
	};

	while (!p[0].revents) {
		p[1] = (struct pollfd){ .fd = hop.client.link.fd,
			.events = POLLIN };
		if (poll(p, 2, -1) == -1 && errno != EINTR)
			die_errno(DIE_LATER, "wait for a job");
		if (p[1].revents)
			hop_woken(&hop);
	}
}

/* Takes the next job. Returns its descriptor, or -1 when there are no more. */
static int
take_job(void)
{
	ssize_t n;
	int fd;

	while ((n = packet_receive(STDIN_FILENO, packet, sizeof packet, &fd,
			true)) == -1) {
		if (errno == EAGAIN)
			wait_idle();
		else if (errno != EINTR)
			die_errno(DIE_LATER, "receive a job");
	}
	if (n == 0)
		return -1;
	if (job_parse((struct span){ packet, (size_t)n }, &job) == -1 ||
		!job.route.n)
		die(DIE_LATER, "understand a job");
	exploit_seen((struct span){ packet, (size_t)n });
	if (fd == -1)
		die(DIE_LATER, "deliver a job without its message");
	return fd;
}

static void
do_job(int fd, bool ready)
{
	mail_begin(&mail, &job, fd, answer_rcpt, answers_send, NULL);
	if (ready)
		hop_deliver(&hop, &mail);
	else
		hold_all();
	answer_end();
	close(fd);
}

int
main(void)
{
	const struct timeval busy = { .tv_sec = BUSY_MS / 1000 };
	bool ready;
	int fd;

	/* Learn: the only lines that may open a control file. */
	log_program("postern-remote");
	(void)signal(SIGALRM, SIG_IGN); /* systemctl kill: for postern-send */
	answers = BUF(answer_space);
	client_init(&hop.client);
	ready = settings_read() == 0;
	if (!ready)
		log_reason(LOG_LEVEL_ERROR, "cannot", control_error(&control));
	if (setsockopt(STDIN_FILENO, SOL_SOCKET, SO_RCVTIMEO, &busy,
		    sizeof busy) == -1)
		die_errno(DIE_LATER, "use fd 0, which postern-send gives");

	/* Give up. */
	close_jail();

	/* Work. */
	while ((fd = take_job()) != -1) {
		do_job(fd, ready);
		if (!ready)
			return DIE_SETUP;
	}

	/* Leave. */
	client_quit(&hop.client);
	return 0;
}

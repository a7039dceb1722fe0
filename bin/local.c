/* SPDX-License-Identifier: ISC
 *
 * postern-local: deliver messages into Maildirs. One job after another, as
 * postern-send hands them over; never started by hand.
 *
 *	fd 0    a SOCK_SEQPACKET pair with postern-send (pure/job.h); each job
 *	        brings the message as a read-only descriptor
 *	fd 2    log
 *	reads   control/locals, mailboxes, mailboxes.cdb, quota, overquota,
 *	        subaddress, postmaster, me; anew for every job
 *	writes  the Maildirs that control/mailboxes names, as the uid it was
 *	        started with: it never changes it, and needs no right to
 *	starts  nothing
 *	exit    0 postern-send closed the pair; 111 what came was no job */
#include <errno.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "deliver/local.h"
#include "sys/exploit.h"
#include "sys/log.h"
#include "sys/packet.h"

static char packet[JOB_PACKET];
static struct job job;
static struct local local;

static void
send_answer(const struct job_answer *answer)
{
	char text[JOB_ANSWER];
	struct buf out = BUF(text);

	job_answer_print(&out, answer);
	if (packet_send(STDIN_FILENO, buf_text(&out), -1, true) == -1)
		die_errno(DIE_LATER, "answer postern-send");
}

/* Takes the next job. Returns its descriptor, or -1 when there are no more. */
static int
take_job(void)
{
	ssize_t n;
	int fd;

	do
		n = packet_receive(
			STDIN_FILENO, packet, sizeof packet, &fd, true);
	while (n == -1 && errno == EINTR);
	if (n == 0)
		return -1;
	if (n == -1)
		die_errno(DIE_LATER, "receive a job");
	if (job_parse((struct span){ packet, (size_t)n }, &job) == -1)
		die(DIE_LATER, "understand a job");
	exploit_seen((struct span){ packet, (size_t)n });
	if (fd == -1)
		die(DIE_LATER, "deliver a job without its message");
	return fd;
}

/* Each answer goes out as soon as it is true: should this process end, what
 * was delivered is not delivered again. */
static void
do_job(int fd)
{
	struct job_answer end = { .end = true, .hop = '-' };

	local_begin(&local);
	for (size_t i = 0; i < job.rcpts; i++) {
		struct job_answer answer = local_deliver(&local, &job, i, fd);

		send_answer(&answer);
	}
	local_end(&local);
	/* a new worker's jail has the Maildirs that control names by then */
	end.kept = !local.barred;
	send_answer(&end);
}

int
main(void)
{
	int fd;

	/* Learn: a file over the size limit is an error, not a signal. */
	log_program("postern-local");
	signal(SIGXFSZ, SIG_IGN);
	signal(SIGALRM, SIG_IGN); /* systemctl kill: for postern-send */

	/* Give up: what is made here is nobody else's. */
	umask(077);
	local_jail(&local);

	/* Work. */
	while ((fd = take_job()) != -1) {
		do_job(fd);
		close(fd);
	}
	return 0;
}

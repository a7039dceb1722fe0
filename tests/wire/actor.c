/* SPDX-License-Identifier: ISC
 *
 * actor: plays postern-remote or postern-local for tests of postern-send.
 * What it does is in the local part of each recipient, up to the first "-":
 *
 *	ok later bad held   says so
 *	mute                says nothing of this one
 *	slow                waits a little, then ok
 *	close, down         ok, but the connection ends; the next hop is down
 *	die, junk, hang     exits; speaks nonsense; waits until it is let go
 *
 * Each recipient it got goes as a line "VERB id recipient route pid" to the
 * file `seen` in POSTERN_HOME before it is answered for. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "pure/job.h"
#include "sys/packet.h"

static int seen = -1;
static char hop = 'u';
static char kept = 'k';

static void
open_seen(void)
{
	const char *home = getenv("POSTERN_HOME");
	char path[1024];

	snprintf(path, sizeof path, "%s/seen", home ? home : ".");
	seen = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
	if (seen == -1)
		exit(100);
}

static void
note(const struct job *job, struct span verb, struct span rcpt)
{
	char line[4096];
	int n = snprintf(line, sizeof line, "%.*s %.*s %.*s %s%.*s %d\n",
		(int)verb.n, verb.p, (int)job->id.n, job->id.p, (int)rcpt.n,
		rcpt.p, job->smarthost ? "via:" : "", (int)job->route.n,
		job->route.p, (int)getpid());

	if (n < 0 || write(seen, line, (size_t)n) != n)
		exit(100);
}

/* The message must be whole, and not ours to write. */
static void
check_file(const struct job *job, int fd)
{
	char *text = malloc(job->size + 1);

	if (fd == -1 || !text ||
		pread(fd, text, job->size, (off_t)job->offset) !=
			(ssize_t)job->size ||
		(fcntl(fd, F_GETFL) & O_ACCMODE) != O_RDONLY)
		exit(99);
	free(text);
}

static void
wait_for_the_end(void)
{
	struct pollfd p = { .fd = 0, .events = POLLRDHUP };

	poll(&p, 1, -1);
	exit(0);
}

static void
answer(struct buf *out, size_t i, struct span verb)
{
	struct job_answer a = { .fate = JOB_DELIVERED,
		.rcpt = i,
		.status = SPAN("2.0.0"),
		.peer = SPAN("mx.example[192.0.2.1]"),
		.text = SPAN("250 taken") };

	if (span_eq(verb, SPAN("mute")))
		return;
	if (span_eq(verb, SPAN("later")) || span_eq(verb, SPAN("down"))) {
		a.fate = JOB_DEFERRED;
		a.status = SPAN("4.4.1");
		a.text = SPAN("451 come again");
	}
	if (span_eq(verb, SPAN("bad"))) {
		a.fate = JOB_FAILED;
		a.status = SPAN("5.1.1");
		a.text = SPAN("550 nobody here");
	}
	if (span_eq(verb, SPAN("held"))) {
		a.fate = JOB_HELD;
		a.status = SPAN("4.3.5");
		a.peer = SPAN("-");
		a.text = SPAN("a fault of our own");
	}
	job_answer_print(out, &a);
}

static void
play(struct buf *out, size_t i, struct span verb)
{
	if (span_eq(verb, SPAN("die")))
		exit(1);
	if (span_eq(verb, SPAN("hang")))
		wait_for_the_end();
	if (span_eq(verb, SPAN("junk")))
		buf_str(out, "d0 junk");
	if (span_eq(verb, SPAN("slow")))
		poll(NULL, 0, 200);
	if (span_eq(verb, SPAN("close")) || span_eq(verb, SPAN("down")))
		kept = 'c';
	if (span_eq(verb, SPAN("down")))
		hop = 'd';
	answer(out, i, verb);
}

static void
serve(const struct job *job)
{
	static char words[JOB_ANSWER];
	struct job_answer end = { .end = true };
	struct buf out = BUF(words);

	hop = job->route.n ? 'u' : '-';
	kept = 'k';
	for (size_t i = 0; i < job->rcpts; i++) {
		struct span to = job->rcpt[i].address;
		size_t n = span_find(to, '-');
		struct span verb =
			span_head(to, n < to.n ? n : span_find(to, '@'));

		note(job, verb, to);
		play(&out, i, verb);
	}
	end.kept = kept == 'k';
	end.hop = hop;
	job_answer_print(&out, &end);
	if (packet_send(0, buf_text(&out), -1, true) == -1)
		exit(0);
}

int
main(void)
{
	static char packet[JOB_PACKET];
	static struct job job;
	ssize_t n;
	int fd;

	open_seen();
	while ((n = packet_receive(0, packet, sizeof packet, &fd, true)) > 0) {
		if (job_parse((struct span){ packet, (size_t)n }, &job) == -1)
			return 98;
		check_file(&job, fd);
		close(fd);
		serve(&job);
	}
	return 0;
}

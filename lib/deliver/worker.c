/* SPDX-License-Identifier: ISC */
#include "deliver/worker.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sys/child.h"
#include "sys/packet.h"

void
workers_add(struct workers *list, struct worker *w)
{
	w->next = NULL;
	w->prev = list->last;
	*(list->last ? &list->last->next : &list->first) = w;
	list->last = w;
}

void
workers_remove(struct workers *list, struct worker *w)
{
	*(w->prev ? &w->prev->next : &list->first) = w->next;
	*(w->next ? &w->next->prev : &list->last) = w->prev;
}

struct worker *
worker_start(const char *program, struct hop *hop)
{
	char *argv[] = { (char *)(uintptr_t)program, NULL };
	struct worker *w = calloc(1, sizeof *w);
	int pair[2];
	struct child_fd stdin_fd;
	int saved;

	if (!w)
		return NULL;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == -1)
		goto fail;
	stdin_fd = (struct child_fd){ pair[1], STDIN_FILENO };
	w->pid = child_start(argv, environ, &stdin_fd, 1);
	saved = errno;
	close(pair[1]);
	if (w->pid != -1) {
		w->fd = pair[0];
		w->hop = hop;
		return w;
	}
	close(pair[0]);
	errno = saved;
fail:
	saved = errno;
	free(w);
	errno = saved;
	return NULL;
}

int
worker_give(struct worker *w, struct delivery *d, size_t first, int file,
	struct span bouncesender)
{
	static char packet[JOB_PACKET];
	static struct job job;
	struct buf out = BUF(packet);
	uint32_t i = d->first;

	message_head(d->message, &job);
	if (!d->hop->local)
		job.route = (struct span){ d->hop->route, d->hop->route_len };
	job.smarthost = d->hop->smarthost;
	job.first = first;
	if (job.smarthost && d->message->report.n && !job.sender.n)
		job.sender = bouncesender;
	for (unsigned n = 0; n < d->count; n++) {
		message_rcpt(d->message, i, &job.rcpt[n]);
		w->rcpt[n] = i;
		i = d->message->rcpt[i].next;
	}
	job.rcpts = d->count;
	job_print(&out, &job);
	if (out.over) {
		errno = EMSGSIZE;
		return -1;
	}
	if (packet_send(w->fd, buf_text(&out), file, false) == -1)
		return -1;
	w->count = d->count;
	w->delivery = d;
	w->put_off = false;
	w->held = false;
	memset(w->answered, 0, w->count * sizeof *w->answered);
	return 0;
}

int
worker_receive(struct worker *w, struct span *packet)
{
	static char words[JOB_ANSWER];
	ssize_t n = packet_receive(w->fd, words, sizeof words, NULL, false);

	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0)
		return -1;
	*packet = (struct span){ words, (size_t)n };
	return 1;
}

int
worker_next(struct worker *w, struct span *packet, struct job_answer *answer,
	uint32_t *rcpt)
{
	int more = job_answer_parse(packet, answer);

	if (more != 1)
		return more;
	if (answer->end)
		return packet->n == 0 ? 1 : -1;
	if (answer->rcpt >= w->count || w->answered[answer->rcpt])
		return -1;
	w->answered[answer->rcpt] = true;
	*rcpt = w->rcpt[answer->rcpt];
	return 1;
}

void
worker_close(struct worker *w)
{
	if (w->fd != -1)
		close(w->fd);
	w->fd = -1;
}

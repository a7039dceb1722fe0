/* SPDX-License-Identifier: ISC */
#include "net/tlshost.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/tlsasker.h"
#include "net/tlssession.h"
#include "sys/child.h"
#include "sys/clock.h"
#include "sys/jail.h"
#include "sys/notify.h"
#include "sys/stdfd.h"

enum {
	BATCH = 32,         /* events taken at once */
	LOOK_PERIOD = 1000, /* milliseconds between looks at the files */
	WARN_PERIOD = 86400000,
	GRACE = 2000,       /* milliseconds in which nobody has to give way */
	SPARE = 32,         /* descriptors for all but the askers */
	SESSION_INSIDE = 0, /* the descriptors of a session */
	SESSION_CLIENT = 1,
};

static const char busy[] = "busy: every session there may be is taken";

/* --- certificates --- */

static void
log_said(void *ctx, enum log_level level, const char *text)
{
	(void)ctx;
	log_reason(level,
		level == LOG_LEVEL_INFO ? "certificate" : "certificate-trouble",
		text);
}

static void
load(struct tlshost *h)
{
	struct tlsstore fresh;

	if (tlsstore_load(&fresh, &h->store, log_said, NULL) == 0) {
		tlsstore_free(&h->store);
		h->store = fresh;
		h->warned = 0;
		return;
	}
	/* the old one goes on, and the next change may mend it */
	watch_free(&h->store.files);
	h->store.files = fresh.files;
}

static void
keep_fresh(struct tlshost *h, int64_t now)
{
	if (!h->looked || now - h->looked >= LOOK_PERIOD) {
		if (!h->looked || tlsstore_changed(&h->store))
			load(h);
		h->looked = now;
	}
	if (h->store.ctx && (!h->warned || now - h->warned >= WARN_PERIOD)) {
		tlsstore_expiry(&h->store, log_said, NULL);
		h->warned = now;
	}
}

/* --- sessions --- */

/* In the new process: nothing of the host is left but what a session needs. */
static void
become_session(struct tlshost *h, int asker, int client,
	const struct handover *request)
{
	struct tlssession session = { .store = &h->store,
		.ticket = &h->ticket,
		.service = request->service.n ? request->service : SPAN("smtp"),
		.peer = request->client,
		.inside = SESSION_INSIDE,
		.client = SESSION_CLIENT };
	sigset_t none;

	if (dup2(asker, SESSION_INSIDE) == -1 ||
		dup2(client, SESSION_CLIENT) == -1)
		return;
	stdfd_close_others(false);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	tlssession_confine();
	(void)tlssession_run(&session);
}

/* Why somebody has no session: a line a second. */
static void
log_none(struct tlshost *h, enum log_level level, const char *why)
{
	struct log line;

	if (!gate_opens(&h->trouble, clock_ms()))
		return;
	log_begin(&line, level, "no-session");
	log_text(&line, "reason", span_of(why));
	gate_write(&h->trouble, &line);
}

/* Returns true in the new process, when its session is over. */
static bool
start_session(struct tlshost *h, int asker, int client,
	const struct handover *request)
{
	static const struct ip nowhere = { .family = IP_NONE };
	pid_t pid;

	if (clients_ask(&h->sessions, &nowhere) != CLIENTS_WELCOME) {
		(void)tlsasker_refuse(asker, busy);
		return false;
	}
	if (tlsticket_turn(&h->ticket, clock_ms()) == -1)
		tlsticket_wipe(&h->ticket);
	pid = fork();
	if (pid == 0) {
		become_session(h, asker, client, request);
		return true;
	}
	if (pid == -1) {
		(void)tlsasker_refuse(asker, strerror(errno));
		log_none(h, LOG_LEVEL_ERROR, strerror(errno));
		return false;
	}
	clients_enter(&h->sessions, pid, &nowhere);
	return false;
}

static void
reap(struct tlshost *h)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		child_log_end(SPAN("session"), pid, status);
		(void)clients_leave(&h->sessions, pid);
	}
}

/* --- askers --- */

/* Its descriptor stays open. Returns false when it does not wait (any more). */
static bool
take_out(struct tlshost *h, int asker)
{
	size_t i = 0;

	while (i < h->waiting && h->asker[i].fd != asker)
		i++;
	if (i == h->waiting)
		return false;
	/* a session's process shares the registration */
	epoll_ctl(h->events, EPOLL_CTL_DEL, asker, NULL);
	h->waiting--;
	memmove(&h->asker[i], &h->asker[i + 1],
		(h->waiting - i) * sizeof h->asker[0]);
	return true;
}

/* Who has waited longest gives way, but not one who has just come: a session
 * whose client has said EHLO hears STARTTLS soon, or never. Returns false when
 * there is no room. */
static bool
make_room(struct tlshost *h)
{
	int oldest;

	if (h->waiting < h->room)
		return true;
	if (!h->waiting || clock_ms() - h->asker[0].since < GRACE)
		return false;
	oldest = h->asker[0].fd;
	take_out(h, oldest);
	(void)tlsasker_refuse(oldest, busy);
	close(oldest);
	return true;
}

/* An asker has said something, or has gone. Returns true in a session's
 * process. */
static bool
hear(struct tlshost *h, int asker)
{
	char text[HANDOVER_MAX];
	struct handover request;
	bool session = false;
	int client;
	int heard = tlsasker_hear(asker, text, &request, &client);

	if ((heard == -1 && errno == EAGAIN) || !take_out(h, asker))
		return false;
	if (heard == 1) {
		session = start_session(h, asker, client, &request);
		close(client);
	} else if (heard == -1) {
		(void)tlsasker_refuse(asker, "that is no request");
		log_none(h, LOG_LEVEL_WARNING, "what was asked is no request");
	}
	close(asker);
	return session;
}

static int
listen_to(struct tlshost *h, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	return epoll_ctl(h->events, EPOLL_CTL_ADD, fd, &event);
}

/* The first word, which says whether there is any use in waiting. */
static bool
welcome(struct tlshost *h, int asker)
{
	const struct handover ready = { .error = SPAN("") };

	if (!h->store.ctx) {
		(void)tlsasker_refuse(asker,
			"no certificate can be used; the log of postern-tls "
			"says why");
		return false;
	}
	if (h->sessions.count >= h->limit || !make_room(h)) {
		(void)tlsasker_refuse(asker, busy);
		return false;
	}
	return tlsasker_say(asker, &ready) == 0 &&
	       fcntl(asker, F_SETFL, O_NONBLOCK) == 0 &&
	       listen_to(h, asker) == 0;
}

static void
accept_some(struct tlshost *h)
{
	for (int i = 0; i < BATCH; i++) {
		struct end there;
		struct end here;
		int asker = listener_accept(&h->listener, &there, &here);

		if (asker == -1)
			return;
		keep_fresh(h, clock_ms());
		if (welcome(h, asker))
			h->asker[h->waiting++] =
				(struct tlshost_asker){ asker, clock_ms() };
		else
			close(asker);
	}
}

/* --- the loop --- */

static int
open_events(struct tlshost *h)
{
	static const int ours[] = { SIGCHLD, SIGTERM, SIGINT };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < LEN(ours); i++) {
		if (signal(ours[i], SIG_DFL) == SIG_ERR)
			return -1;
		sigaddset(&set, ours[i]);
	}
	if (sigprocmask(SIG_BLOCK, &set, NULL) == -1 ||
		signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		return -1;
	h->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	h->events = epoll_create1(EPOLL_CLOEXEC);
	if (h->signals == -1 || h->events == -1)
		return -1;
	if (listen_to(h, h->signals) == -1)
		return -1;
	return listen_to(h, h->listener.fd);
}

static void
read_signals(struct tlshost *h)
{
	struct signalfd_siginfo info;

	while (read(h->signals, &info, sizeof info) == sizeof info)
		h->leaving |= info.ssi_signo != SIGCHLD;
	reap(h);
}

/* Milliseconds until the host may leave, or -1; sets `leaving` when it may. */
static int
until_idle(struct tlshost *h, int64_t now)
{
	int64_t left;

	if (h->waiting || h->sessions.count) {
		h->deserted = now;
		return -1;
	}
	if (!h->idle_ms)
		return -1;
	left = h->deserted + h->idle_ms - now;
	h->leaving |= left <= 0;
	return left <= 0 ? 0 : (int)left;
}

/* Returns true in a session's process. */
static bool
serve(struct tlshost *h)
{
	struct epoll_event event[BATCH];

	while (!h->leaving) {
		int timeout = until_idle(h, clock_ms());
		int n = epoll_wait(h->events, event, BATCH, timeout);

		for (int i = 0; i < n; i++) {
			int fd = event[i].data.fd;

			if (fd == h->signals)
				read_signals(h);
			else if (fd == h->listener.fd)
				accept_some(h);
			else if (hear(h, fd))
				return true;
		}
	}
	return false;
}

/* Askers take a descriptor each; without one left, nobody could be told. */
static size_t
room(size_t limit)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) == -1)
		return limit;
	files.rlim_cur = files.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &files);
	if (getrlimit(RLIMIT_NOFILE, &files) == -1 ||
		files.rlim_cur >= limit + SPARE)
		return limit;
	return files.rlim_cur > SPARE ? files.rlim_cur - SPARE : 0;
}

enum tlshost_end
tlshost_run(struct tlshost *h)
{
	h->room = room(h->limit);
	h->asker = calloc(h->room + 1, sizeof *h->asker);
	if (!h->asker ||
		clients_open(&h->sessions, h->limit, h->limit, 0) == -1 ||
		open_events(h) == -1)
		return TLSHOST_BROKEN;
	jail_look();
	h->deserted = clock_ms();
	keep_fresh(h, h->deserted);
	notify_ready();
	if (serve(h))
		return TLSHOST_SESSION;
	notify_stopping();
	listener_close(&h->listener);
	return TLSHOST_LEFT;
}

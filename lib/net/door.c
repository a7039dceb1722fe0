/* SPDX-License-Identifier: ISC */
#include "net/door.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/child.h"
#include "sys/clock.h"
#include "sys/log.h"
#include "sys/notify.h"

enum {
	BATCH = 64,    /* connections taken before the signals are read */
	REST_MIN = 50, /* milliseconds */
	REST_MAX = 2000,
	STATUS_PERIOD = 5000,
	LAST_GRACE = 5000, /* between SIGTERM and SIGKILL */
};

static const struct span say_full =
	SPAN_INIT("421 4.3.2 too many connections, try again later\r\n");
static const struct span say_crowded =
	SPAN_INIT("421 4.3.2 too many "
		  "connections from your address, try again later\r\n");
static const struct span say_trouble =
	SPAN_INIT("421 4.3.0 out of resources, try again later\r\n");

/* Managers ignore SIGPIPE, shells ignore SIGINT in the background: sessions
 * would keep that, and without SIGCHLD nobody could be waited for. */
static int
default_signals(void)
{
	static const int reset[] = { SIGCHLD, SIGTERM, SIGINT, SIGQUIT,
		SIGPIPE };

	for (size_t i = 0; i < LEN(reset); i++)
		if (signal(reset[i], SIG_DFL) == SIG_ERR)
			return -1;
	return 0;
}

int
door_open(struct door *d)
{
	sigset_t set;

	if (default_signals() == -1)
		return -1;
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	d->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (d->signals == -1)
		return -1;
	/* blocked and not ignored: a child would keep it ignored */
	sigaddset(&set, SIGPIPE);
	return sigprocmask(SIG_BLOCK, &set, NULL);
}

/* Something of ours ran out: let the world wait in the backlog for a while
 * rather than ask again and again. */
static void
rest(struct door *d, const char *what, int error)
{
	int64_t now = clock_ms();
	struct log line;

	d->rest_ms = d->rest_ms ? 2 * d->rest_ms : REST_MIN;
	if (d->rest_ms > REST_MAX)
		d->rest_ms = REST_MAX;
	d->rest_until = now + d->rest_ms;
	if (!gate_opens(&d->troubled, now))
		return;
	log_begin(&line, LOG_LEVEL_ERROR, "trouble");
	log_text(&line, "at", span_of(what));
	log_text(&line, "reason", span_of(strerror(error)));
	log_number(&line, "sessions", d->clients.count);
	gate_write(&d->troubled, &line);
}

/* A few words, if the socket takes them at once. */
static void
dismiss(int fd, struct span words)
{
	send(fd, words.p, words.n, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void
begin_refusal(struct log *line, const char *whose, const struct end *there)
{
	char text[IP_TEXT];
	struct buf name = BUF(text);

	if (there->ip.family == IP_NONE)
		buf_str(&name, "local");
	else
		ip_print(&name, &there->ip);
	log_begin(line, LOG_LEVEL_WARNING, "refused");
	log_text(line, whose, buf_text(&name));
}

static void
log_refusal(struct door *d, const struct end *there, enum clients_answer why)
{
	struct log line;

	if (!gate_opens(&d->refused, clock_ms()))
		return;
	begin_refusal(&line, "client", there);
	log_text(&line, "reason",
		why == CLIENTS_FULL ? SPAN("too many connections")
				    : SPAN("too many from this address"));
	log_number(&line, "sessions", d->clients.count);
	log_number(&line, "limit",
		why == CLIENTS_FULL ? d->clients.total : d->clients.each);
	gate_write(&d->refused, &line);
}

/* Who should not be at a door for proxies, or does not speak as one. */
static void
log_strange(struct door *d, const char *whose, const struct end *there,
	const char *what, const char *more)
{
	char text[160];
	struct buf reason = BUF(text);
	struct log line;

	if (!gate_opens(&d->strange, clock_ms()))
		return;
	buf_str(&reason, what);
	buf_str(&reason, more);
	begin_refusal(&line, whose, there);
	log_text(&line, "reason", buf_text(&reason));
	gate_write(&d->strange, &line);
}

/* Did it end as no session of its own will would, or say that its settings are
 * not what they were? */
static bool
crashed(int status)
{
	if (WIFEXITED(status))
		return WEXITSTATUS(status) == DIE_SETUP;
	return WTERMSIG(status) != SIGTERM && WTERMSIG(status) != SIGINT;
}

static void
reap(struct door *d)
{
	pid_t pid;
	int status;

	/* as the first process of a container, others' orphans come too */
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (clients_leave(&d->clients, pid) == 0 && crashed(status)) {
			if (WIFSIGNALED(status))
				child_log_end(SPAN("session"), pid, status);
			starter_renew(&d->starter);
		}
}

/* Those on the porch count in the total, and nowhere else: what they come
 * from is a proxy. */
static enum clients_answer
ask_now(const struct door *d, const struct ip *ip)
{
	if (d->clients.count + d->porch.count >= d->clients.total)
		return CLIENTS_FULL;
	return clients_ask(&d->clients, ip);
}

static enum clients_answer
ask(struct door *d, const struct ip *ip)
{
	enum clients_answer answer = ask_now(d, ip);

	if (answer == CLIENTS_WELCOME)
		return answer;
	reap(d); /* somebody may just have left */
	return ask_now(d, ip);
}

static void
turn_away(struct door *d, int fd, const struct end *there,
	enum clients_answer answer)
{
	dismiss(fd, answer == CLIENTS_FULL ? say_full : say_crowded);
	log_refusal(d, there, answer);
}

/* A connection is there: a session, or a few words. */
static void
admit(struct door *d, int fd, const struct end *there, const struct end *here)
{
	enum clients_answer answer = ask(d, &there->ip);
	pid_t pid;

	if (answer != CLIENTS_WELCOME) {
		turn_away(d, fd, there, answer);
		return;
	}
	pid = starter_start(&d->starter, fd, there, here);
	if (pid == -1) {
		int error = errno;

		dismiss(fd, say_trouble);
		rest(d, d->starter.argv[0], error);
		return;
	}
	clients_enter(&d->clients, pid, &there->ip);
	d->rest_ms = 0;
}

/* What a proxy elsewhere has on its own loopback is the proxy, and not this
 * machine, which may relay. */
static bool
is_far_loopback(const struct porch_guest *guest)
{
	return ip_is_loopback(&guest->header.there.ip) &&
	       !ip_is_loopback(&guest->there.ip) &&
	       !ip_eq(&guest->there.ip, &guest->here.ip);
}

/* The header is there, or what came in its place. */
static void
admit_guest(struct door *d, const struct porch_guest *guest,
	enum proxy_verdict verdict)
{
	if (verdict == PROXY_CLIENT && is_far_loopback(guest))
		verdict = PROXY_SELF;
	if (verdict == PROXY_CLIENT)
		admit(d, guest->fd, &guest->header.there, &guest->header.here);
	else if (verdict == PROXY_SELF)
		admit(d, guest->fd, &guest->there, &guest->here);
	else
		log_strange(d, "proxy", &guest->there,
			"PROXY header: ", guest->header.why);
	close(guest->fd);
}

/* A header mostly comes together with its connection: then nobody waits. */
static void
admit_proxy(
	struct door *d, int fd, const struct end *there, const struct end *here)
{
	struct porch_guest guest = { .fd = fd,
		.deadline = clock_ms() + PORCH_MS,
		.there = *there,
		.here = *here };
	static const struct ip nobody = { .family = IP_NONE };
	enum proxy_verdict verdict;

	if (!networks_have(d->proxies, &there->ip)) {
		log_strange(d, "client", there, "not in control/proxies", "");
		close(fd);
		return;
	}
	verdict = porch_read(&guest);
	if (verdict != PROXY_MORE) {
		admit_guest(d, &guest, verdict);
	} else if (d->porch.count == PORCH_MAX ||
		   ask(d, &nobody) != CLIENTS_WELCOME) {
		turn_away(d, fd, there, CLIENTS_FULL);
		close(fd);
	} else {
		porch_enter(&d->porch, &guest);
	}
}

/* Does this guest still have time? Those that have not are wrong. */
static enum proxy_verdict
read_guest(struct porch_guest *guest, bool readable, int64_t now)
{
	enum proxy_verdict verdict = readable ? porch_read(guest) : PROXY_MORE;

	if (verdict != PROXY_MORE || now < guest->deadline)
		return verdict;
	guest->header.why = "it has not come in 5 seconds";
	return PROXY_BAD;
}

/* From the last to the first, because the last takes the place of one that
 * leaves. fds[i] is guest i. */
static void
read_porch(struct door *d, const struct pollfd *fds)
{
	int64_t now = clock_ms();

	for (size_t i = d->porch.count; i-- > 0 && d->rest_until <= now;) {
		enum proxy_verdict verdict = read_guest(
			&d->porch.guest[i], fds[i].revents != 0, now);
		struct porch_guest guest;

		if (verdict == PROXY_MORE)
			continue;
		guest = porch_leave(&d->porch, i);
		admit_guest(d, &guest, verdict);
	}
}

/* Errors that belong to the one connection that just went away (accept(2)). */
static bool
is_theirs(int error)
{
	static const int theirs[] = { EINTR, ECONNABORTED, EPROTO, EPERM,
		ENETDOWN, ENOPROTOOPT, EHOSTDOWN, ENONET, EHOSTUNREACH,
		EOPNOTSUPP, ENETUNREACH, ETIMEDOUT };

	for (size_t i = 0; i < LEN(theirs); i++)
		if (error == theirs[i])
			return true;
	return false;
}

static void
accept_some(struct door *d, const struct listener *l)
{
	for (int i = 0; i < BATCH && clock_ms() >= d->rest_until; i++) {
		struct end there;
		struct end here;
		int fd = listener_accept(l, &there, &here);

		if (fd >= 0 && d->proxies) {
			admit_proxy(d, fd, &there, &here);
		} else if (fd >= 0) {
			admit(d, fd, &there, &here);
			close(fd);
		} else if (errno == EAGAIN) {
			return;
		} else if (!is_theirs(errno)) {
			rest(d, "accept", errno);
		}
	}
}

static void
read_signals(struct door *d)
{
	struct signalfd_siginfo info[8];
	ssize_t n = read(d->signals, info, sizeof info);

	for (size_t i = 0; n > 0 && i < (size_t)n / sizeof info[0]; i++) {
		if (info[i].ssi_signo == SIGCHLD)
			continue;
		d->hurried = d->leaving;
		d->leaving = true;
	}
	reap(d);
}

static void
tell_status(struct door *d, int64_t now)
{
	if (d->status_count == d->clients.count || now < d->status_at)
		return;
	d->status_at = now + STATUS_PERIOD;
	d->status_count = d->clients.count;
	notify_status(
		"%zu of %zu sessions", d->clients.count, d->clients.total);
}

/* What is due by the clock alone. */
static void
tick(struct door *d)
{
	int64_t now = clock_ms();

	gate_finish(&d->refused, "refused", now);
	gate_finish(&d->strange, "refused", now);
	gate_finish(&d->troubled, "trouble", now);
	tell_status(d, now);
}

static void
sooner(int64_t *when, bool really, int64_t then)
{
	if (really && then < *when)
		*when = then;
}

/* Milliseconds until the clock alone has something to do, or -1. */
static int
next_tick(const struct door *d, int64_t now, int64_t deadline)
{
	int64_t when = deadline;

	if (d->rest_until > now)
		sooner(&when, true, d->rest_until);
	else
		sooner(&when, d->porch.count, porch_deadline(&d->porch));
	sooner(&when, d->refused.missed, d->refused.next);
	sooner(&when, d->strange.missed, d->strange.next);
	sooner(&when, d->troubled.missed, d->troubled.next);
	sooner(&when, d->status_count != d->clients.count, d->status_at);
	if (when == CLOCK_NEVER)
		return -1;
	return when <= now ? 0 : (int)(when - now);
}

/* What the loop waits for: the signals, the listeners, the porch. */
static nfds_t
list_fds(const struct door *d, struct pollfd *fds, bool resting)
{
	nfds_t n = 0;

	fds[n++] = (struct pollfd){ .fd = d->signals, .events = POLLIN };
	if (resting)
		return n;
	for (size_t i = 0; i < d->listeners; i++)
		fds[n++] = (struct pollfd){ .fd = d->listener[i].fd,
			.events = POLLIN };
	for (size_t i = 0; i < d->porch.count; i++)
		fds[n++] = (struct pollfd){ .fd = d->porch.guest[i].fd,
			.events = POLLIN };
	return n;
}

static void
receive(struct door *d)
{
	static struct pollfd fds[1 + LISTENER_MAX + PORCH_MAX];

	while (!d->leaving) {
		int64_t now = clock_ms();
		bool resting = now < d->rest_until;
		nfds_t n = list_fds(d, fds, resting);

		if (poll(fds, n, next_tick(d, now, CLOCK_NEVER)) == -1)
			continue;
		if (fds[0].revents)
			read_signals(d);
		if (!resting && !d->leaving)
			read_porch(d, fds + 1 + d->listeners);
		for (size_t i = 0; i < d->listeners && !resting; i++)
			if (fds[1 + i].revents && !d->leaving)
				accept_some(d, &d->listener[i]);
		tick(d);
	}
}

/* Waits for sessions to end, until the deadline or a signal that hurries. */
static void
wait_sessions(struct door *d, int64_t deadline)
{
	struct pollfd signals = { .fd = d->signals, .events = POLLIN };

	while (d->clients.count && !d->hurried) {
		int64_t now = clock_ms();

		if (now >= deadline)
			return;
		if (poll(&signals, 1, next_tick(d, now, deadline)) == 1)
			read_signals(d);
		tick(d);
	}
}

static void
terminate(pid_t pid)
{
	kill(pid, SIGTERM);
}

static void
destroy(pid_t pid)
{
	kill(pid, SIGKILL);
}

static void
log_count(enum log_level level, const char *event, const struct door *d)
{
	struct log line;

	log_begin(&line, level, event);
	log_number(&line, "sessions", d->clients.count);
	log_write(&line);
}

static void
leave(struct door *d)
{
	for (size_t i = 0; i < d->listeners; i++)
		listener_close(&d->listener[i]);
	porch_close(&d->porch);
	starter_renew(&d->starter);
	notify_stopping();
	log_count(LOG_LEVEL_INFO, "stopping", d);
	wait_sessions(d, clock_ms() + d->grace_ms);
	if (d->clients.count) {
		log_count(LOG_LEVEL_WARNING, "terminating", d);
		clients_each(&d->clients, terminate);
		d->hurried = false;
		wait_sessions(d, clock_ms() + LAST_GRACE);
	}
	if (d->clients.count) {
		log_count(LOG_LEVEL_WARNING, "killing", d);
		clients_each(&d->clients, destroy);
		d->hurried = false;
		wait_sessions(d, clock_ms() + LAST_GRACE);
	}
	log_count(LOG_LEVEL_INFO, "stopped", d);
}

void
door_run(struct door *d)
{
	notify_ready();
	receive(d);
	leave(d);
}

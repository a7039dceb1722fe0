/* SPDX-License-Identifier: ISC */
#include "net/authserve.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/child.h"
#include "sys/clock.h"
#include "sys/log.h"

enum { REST_MS = 1000 };

/* A connection that is silent, or an exchange at work. */
struct guest {
	pid_t pid; /* 0: silent */
	int fd;    /* of the silent one; else the keeper's end */
	bool there;
	uint64_t number; /* in the order in which they came */
};

static struct {
	int listener;
	int signals;
	struct keeper *keeper;
	exchange_before *before;
	size_t guests;
	size_t work;
	uint64_t came;
	int64_t rest_until; /* no new connections before */
	bool leaving;
	struct guest guest[AUTHSERVE_GUESTS];
	struct pollfd poll[AUTHSERVE_GUESTS + 2];
	size_t who[AUTHSERVE_GUESTS + 2];
} house;

/* What the control files say now. Returns as exchange_mechanisms. */
static int
read_control(struct control *c, struct buf *names)
{
	int can = control_open(c);

	if (can == 0 && (control_number(c, CONTROL_AUTHLIMIT,
				 &house.keeper->limit) == -1 ||
				control_number(c, CONTROL_USERRATE,
					&house.keeper->rate) == -1))
		can = -1;
	if (can == 0)
		can = exchange_mechanisms(c, names);
	control_close(c);
	return can;
}

static struct guest *
guest_add(int fd)
{
	for (size_t i = 0; i < AUTHSERVE_GUESTS; i++)
		if (!house.guest[i].there) {
			house.guest[i] =
				(struct guest){ 0, fd, true, house.came++ };
			house.guests++;
			return &house.guest[i];
		}
	return NULL;
}

static void
guest_drop(struct guest *g)
{
	if (g->fd != -1)
		close(g->fd);
	*g = (struct guest){ .there = false };
	house.guests--;
}

/* The silent one that has been there longest makes room: a session that has
 * connected speaks at once, or leaves. Returns false when nobody is silent. */
static bool
make_room(void)
{
	struct guest *first = NULL;

	for (size_t i = 0; i < AUTHSERVE_GUESTS; i++) {
		struct guest *g = &house.guest[i];

		if (g->there && !g->pid &&
			(!first || g->number < first->number))
			first = g;
	}
	if (first)
		guest_drop(first);
	return first != NULL;
}

static void
welcome(void)
{
	char text[EXCHANGE_MECHANISMS];
	struct buf names = BUF(text);
	struct control control;
	int fd = accept4(house.listener, NULL, NULL, SOCK_CLOEXEC);
	int can;

	if (fd == -1) {
		if ((errno == EMFILE || errno == ENFILE || errno == ENOMEM) &&
			!make_room())
			house.rest_until = clock_ms() + REST_MS;
		return;
	}
	if (house.guests == AUTHSERVE_GUESTS)
		(void)make_room();
	can = read_control(&control, &names);
	if (exchange_greet(fd, &control, can, buf_text(&names)) == -1 ||
		!guest_add(fd))
		close(fd);
}

/* The child: one connection, the keeper, and standard error. */
static _Noreturn void
exchange_alone(int fd, int keeper)
{
	unsigned low = (unsigned)(fd < keeper ? fd : keeper);
	unsigned high = (unsigned)(fd < keeper ? keeper : fd);
	sigset_t none;

	if (low > 3)
		(void)close_range(3, low - 1, 0);
	if (high > low + 1)
		(void)close_range(low + 1, high - 1, 0);
	(void)close_range(high + 1, ~0U, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	exchange_run(fd, keeper, house.before);
	_exit(0);
}

/* Somebody speaks, or is gone. */
static void
guest_speaks(struct guest *g)
{
	int pair[2];
	char octet;

	if (recv(g->fd, &octet, 1, MSG_PEEK | MSG_DONTWAIT) <= 0) {
		if (errno != EAGAIN && errno != EINTR)
			guest_drop(g);
		else
			errno = 0;
		return;
	}
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == -1) {
		guest_drop(g);
		return;
	}
	g->pid = fork();
	if (g->pid == 0)
		exchange_alone(g->fd, pair[1]);
	close(pair[1]);
	if (g->pid == -1) {
		log_reason(LOG_LEVEL_ERROR, "cannot", "start an exchange");
		close(pair[0]);
		guest_drop(g);
		return;
	}
	close(g->fd);
	g->fd = pair[0];
	house.work++;
}

static void
reap(void)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		child_log_end(SPAN("exchange"), pid, status);
		for (size_t i = 0; i < AUTHSERVE_GUESTS; i++)
			if (house.guest[i].there && house.guest[i].pid == pid) {
				guest_drop(&house.guest[i]);
				house.work--;
			}
	}
}

static void
read_signals(void)
{
	struct signalfd_siginfo info;

	while (read(house.signals, &info, sizeof info) == sizeof info)
		house.leaving |= info.ssi_signo != SIGCHLD;
	reap();
}

/* The keeper's end of an exchange has a question, or its end was closed. */
static void
guest_asks(struct guest *g)
{
	if (keeper_serve(house.keeper, g->fd, clock_ms()) == 1)
		return;
	close(g->fd);
	g->fd = -1;
}

/* Returns how many are looked at. */
static nfds_t
fill_poll(void)
{
	bool room = clock_ms() >= house.rest_until;
	nfds_t n = 2;

	house.poll[0] = (struct pollfd){ house.signals, POLLIN, 0 };
	house.poll[1] =
		(struct pollfd){ room ? house.listener : -1, POLLIN, 0 };
	for (size_t i = 0; i < AUTHSERVE_GUESTS; i++) {
		const struct guest *g = &house.guest[i];

		if (!g->there || g->fd == -1 ||
			(g->pid == 0 && house.work >= AUTHSERVE_WORK))
			continue;
		house.who[n] = i;
		house.poll[n++] = (struct pollfd){ g->fd, POLLIN, 0 };
	}
	return n;
}

static void
one_turn(int64_t patience)
{
	nfds_t n = fill_poll();

	if (poll(house.poll, n, (int)patience) <= 0)
		return;
	for (nfds_t i = 2; i < n; i++) {
		struct guest *g = &house.guest[house.who[i]];

		if (!house.poll[i].revents)
			continue;
		if (g->pid)
			guest_asks(g);
		else if (house.work < AUTHSERVE_WORK)
			guest_speaks(g);
	}
	if (house.poll[1].revents)
		welcome();
	if (house.poll[0].revents)
		read_signals();
}

static int
open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	if (sigprocmask(SIG_BLOCK, &set, NULL) == -1)
		return -1;
	house.signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return house.signals == -1 ? -1 : 0;
}

int
authserve_run(int listener, struct keeper *keeper, int64_t idle_ms,
	exchange_before *before)
{
	int64_t alone_since = clock_ms();

	house.listener = listener;
	house.keeper = keeper;
	house.before = before;
	if (open_signals() == -1)
		return -1;
	while (!house.leaving) {
		int64_t now;

		one_turn(REST_MS);
		now = clock_ms();
		if (house.guests)
			alone_since = now;
		if (idle_ms >= 0 && now - alone_since >= idle_ms &&
			house.guests == 0 && keeper_empty(keeper, now))
			break;
	}
	return 0;
}

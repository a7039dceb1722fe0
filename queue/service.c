/* SPDX-License-Identifier: ISC */
#include "queue/service.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/clock.h"
#include "sys/io.h"
#include "sys/log.h"
#include "sys/packet.h"

enum {
	FIRST_MS = 10000, /* for a connection to say the id */
	REST_MS = 1000,   /* behind a worker that was killed, or not made */
};

enum worker { FREE, IDLE, BUSY };

/* Shared by all, one octet for each: nothing to agree on, so that a worker may
 * be killed at any instant. */
static _Atomic unsigned char *worker;

static pid_t pids[SERVICE_WORKERS];
static sigset_t handled;

/* How many wait for a message. */
static size_t
idle(void)
{
	size_t n = 0;

	for (size_t i = 0; i < SERVICE_WORKERS; i++)
		n += worker[i] == IDLE;
	return n;
}

/* --- a worker ------------------------------------------------------------- */

/* Receives the id and the descriptor of the text. Returns 0 or -1. */
static int
receive(int fd, char id[QUEUE_ID], int *text)
{
	ssize_t n = packet_receive(fd, id, QUEUE_ID, text, false);

	if (n == -1 && errno == EAGAIN &&
		io_wait_read(fd, clock_ms() + FIRST_MS, NULL) == 0)
		n = packet_receive(fd, id, QUEUE_ID, text, false);
	if (n == QUEUE_ID && *text != -1 &&
		queue_id_valid((struct span){ id, QUEUE_ID }))
		return 0;
	if (*text != -1)
		close(*text);
	return -1;
}

/* Returns whether nothing was wrong on our side. */
static bool
serve(int fd, service_take *take)
{
	enum queue_exit code = QUEUE_ACCEPTED;
	char id[QUEUE_ID];
	char answer;
	int text = -1;

	if (receive(fd, id, &text) == 0) {
		code = take(text, fd, (struct span){ id, QUEUE_ID });
		answer = (char)code;
		(void)io_write(
			fd, &answer, sizeof answer, clock_ms() + FIRST_MS);
		close(text);
	}
	close(fd);
	return code < QUEUE_MEMORY;
}

/* Asked to leave, it does so between two messages. */
static int
next(int listener)
{
	int fd;

	sigprocmask(SIG_UNBLOCK, &handled, NULL);
	do
		fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	while (fd == -1 && (errno == EINTR || errno == ECONNABORTED));
	sigprocmask(SIG_BLOCK, &handled, NULL);
	return fd;
}

/* What was wrong may be what the jail has been closed around, so one that
 * failed makes room for another. */
static _Noreturn void
work(size_t self, int listener, int bell, void (*before)(void),
	service_take *take)
{
	bool closed = false;
	int fd;

	while ((fd = next(listener)) != -1) {
		worker[self] = BUSY;
		if (idle() == 0 && write(bell, "", 1) == -1 && errno != EAGAIN)
			_exit(111);
		if (!closed)
			before();
		closed = true;
		if (!serve(fd, take) || idle() >= SERVICE_SPARE)
			_exit(0);
		worker[self] = IDLE;
	}
	_exit(errno == EMFILE || errno == ENFILE ? 111 : 0);
}

/* --- their parent --------------------------------------------------------- */

/* Makes one more worker where there is room. Returns whether one waits. */
static bool
hire(int listener, const int bell[2], void (*before)(void), service_take *take)
{
	pid_t parent = getpid();
	size_t i = 0;

	while (i < SERVICE_WORKERS && worker[i] != FREE)
		i++;
	if (i == SERVICE_WORKERS)
		return true; /* the next one to be done is the one */
	worker[i] = IDLE;
	pids[i] = fork();
	if (pids[i] == 0) {
		/* without a parent it goes as if asked to */
		if (prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0) == -1 ||
			getppid() != parent)
			_exit(0);
		work(i, listener, bell[1], before, take);
	}
	if (pids[i] != -1)
		return true;
	worker[i] = FREE;
	log_reason(LOG_LEVEL_ERROR, "no-worker", strerror(errno));
	return false;
}

/* Takes leave of those that have ended. Returns whether all ended well. */
static bool
dismiss(bool wait)
{
	bool well = true;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, wait ? 0 : WNOHANG)) > 0) {
		for (size_t i = 0; i < SERVICE_WORKERS; i++)
			if (pids[i] == pid) {
				pids[i] = 0;
				worker[i] = FREE;
			}
		well = well && WIFEXITED(status) && WEXITSTATUS(status) == 0;
	}
	return well;
}

static void
end_all(void)
{
	for (size_t i = 0; i < SERVICE_WORKERS; i++)
		if (pids[i] > 0)
			(void)kill(pids[i], SIGTERM);
	(void)dismiss(true);
}

/* Waits until there is something to see to. Returns whether it is the end. */
static bool
watch(int bell, int signals, int timeout_ms)
{
	struct pollfd fds[] = {
		{.fd = bell,     .events = POLLIN},
		{ .fd = signals, .events = POLLIN},
	};
	struct signalfd_siginfo signal;
	char room[SERVICE_WORKERS];
	bool end = false;

	(void)poll(fds, LEN(fds), timeout_ms);
	while (read(bell, room, sizeof room) == sizeof room)
		;
	while (read(signals, &signal, sizeof signal) == sizeof signal)
		end = end || signal.ssi_signo != SIGCHLD;
	return end;
}

static int
open_all(int bell[2], int *signals)
{
	void *shared = mmap(NULL, SERVICE_WORKERS, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	sigset_t watched;

	if (shared == MAP_FAILED)
		return -1;
	worker = shared;
	sigemptyset(&handled);
	sigaddset(&handled, SIGTERM);
	sigaddset(&handled, SIGINT);
	watched = handled;
	sigaddset(&watched, SIGCHLD);
	sigprocmask(SIG_BLOCK, &watched, NULL);
	*signals = signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK);
	return *signals == -1 ? -1 : pipe2(bell, O_CLOEXEC | O_NONBLOCK);
}

int
service_run(int listener, void (*before)(void), service_take *take)
{
	int bell[2];
	int signals;
	int rest;
	bool well = true;

	if (open_all(bell, &signals) == -1)
		return -1;
	for (;;) {
		rest = -1;
		if (idle() == 0 &&
			(!well || !hire(listener, bell, before, take)))
			rest = REST_MS;
		if (watch(bell[0], signals, rest))
			break;
		well = dismiss(false);
	}
	end_all();
	return 0;
}

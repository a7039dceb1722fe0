/* SPDX-License-Identifier: ISC
 *
 * sender: the scheduler: takes due messages up, hands their recipients to
 * workers hop by hop, and writes down what became of them. sender.c hands
 * out, intake.c takes up, outcome.c writes down. */
#ifndef DELIVER_SENDER_H
#define DELIVER_SENDER_H

#include <signal.h>

#include "deliver/report.h"
#include "deliver/settings.h"
#include "deliver/status.h"
#include "deliver/worker.h"

enum {
	SENDER_BUCKETS = 4096,
	SENDER_AHEAD = 4,         /* messages in hand for each worker */
	SENDER_RCPTS = 200000,    /* recipients in hand, but for one message */
	SENDER_KEEP = 2000,       /* ms that an idle worker is kept */
	SENDER_TURN = 20,         /* jobs of a worker while others wait */
	SENDER_STOP = 30000,      /* ms for jobs in hand after SIGTERM */
	SENDER_QUIT = 5000,       /* ms for workers to leave at the end */
	SENDER_LEAVE = 60000,     /* ms until a worker that stays is killed */
	SENDER_JOB = 4 * 3600000, /* ms that one job may last */
	SENDER_SCAN = 300000,     /* ms between readings of the queue */
	SENDER_AGAIN = 20,        /* ms at least between two of them */
	SENDER_AHEAD_MS = 20,     /* ms between looks ahead ... */
	SENDER_AHEAD_LOOKS = 4,   /* ... at so many messages each */
	SENDER_CONFIG = 1000,     /* ms between readings of control */
	SENDER_FAULT = 5000,      /* ms until control is tried again */
	SENDER_STUCK = 10000,     /* ms until a failed write is tried again */
	SENDER_LATER = 30,        /* s until a message that would not open */
	SENDER_HELD_MIN = 300,    /* s until held mail is tried again ... */
	SENDER_HELD_MAX = 900,
};

/* How long to stay. */
enum sender_stay {
	SENDER_WORK,    /* until idle for control/sendidle */
	SENDER_FOREVER, /* -d */
	SENDER_ONCE,    /* -1: one pass over what is due now */
};

/* What arrived; set by signal handlers, which do nothing else. */
struct sender_flags {
	volatile sig_atomic_t stop; /* how often */
	volatile sig_atomic_t retry;
	volatile sig_atomic_t child;
};

struct sender {
	struct spool *spool;
	struct sender_flags *flags;
	const sigset_t *waiting; /* the signal mask while it waits */
	enum sender_stay stay;
	uint64_t random;
	int64_t now;  /* seconds since 1970 */
	int64_t tick; /* milliseconds, monotonic */

	struct settings settings;
	struct control control;
	bool broken;         /* control cannot be read: nothing is delivered */
	char complaint[512]; /* what was logged last */
	int64_t settings_next;

	struct schedule schedule;
	bool scan;          /* read the queue directory */
	bool all_now;       /* ... as if everything were due */
	int64_t scan_next;  /* at the latest */
	int64_t scan_again; /* at the earliest */
	int64_t pass;       /* SENDER_ONCE: what is due by then */

	struct message *table[SENDER_BUCKETS];
	size_t in_hand; /* messages */
	size_t fds;     /* descriptors for messages in hand and workers */
	uint64_t rcpts; /* their recipients */
	struct message *stuck;
	int64_t stuck_next;
	size_t parked; /* messages set aside at their hop */
	int64_t ahead_next;

	struct hops hops;
	int64_t pace_next; /* when a hop may be given its next message */
	struct hop *local;
	char remote_program[LIMIT_PATH];
	char local_program[LIMIT_PATH];
	struct workers workers[WORKER_STATES]; /* by state, oldest first */
	unsigned busy;
	unsigned remotes; /* busy or idle */
	int epoll;
	int inotify;
	bool stopping;
	int64_t stop_at;
	int64_t idle_since;

	uint64_t delivered;
	uint64_t deferred;
	uint64_t failed;
	uint64_t held;
	int64_t status_next;
	uint64_t status_last;
	struct reports reports;
	struct status status;
	int control_watch; /* inotify's number of the control directory; -1 */
	bool control_changed;
};

/* Prepares: finds the programs, makes what it waits with. Returns 0 or -1
 * with errno. `s` is all zero but spool, flags, waiting and stay. */
int sender_begin(struct sender *s);

/* Works until there is a reason to leave. Returns 0, or -1 when it cannot
 * wait for events (errno). */
int sender_run(struct sender *s);

/* Counts what is left in the queue; -1 with errno. */
int64_t sender_left(struct sender *s);

#endif

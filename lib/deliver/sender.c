/* SPDX-License-Identifier: ISC */
#include "deliver/sender.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "deliver/intake.h"
#include "deliver/outcome.h"
#include "sys/child.h"
#include "sys/clock.h"
#include "sys/home.h"
#include "sys/log.h"
#include "sys/notify.h"
#include "pure/backoff.h"

/* Descriptors for other things than messages in hand and workers. */
#define SPARE_FDS 64

static void
look_at_clocks(struct sender *s)
{
	s->now = clock_wall_us() / 1000000;
	s->tick = clock_ms();
	s->hops.tick = s->tick;
}

static int64_t
earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* --- workers come and go --- */

static void
set_state(struct sender *s, struct worker *w, enum worker_state state)
{
	workers_remove(&s->workers[w->state], w);
	s->busy -= w->state == WORKER_BUSY;
	s->busy += state == WORKER_BUSY;
	w->state = state;
	w->since = s->tick;
	workers_add(&s->workers[state], w);
}

static void
unlist_idle(struct worker *w)
{
	struct worker **at = &w->hop->idle;

	while (*at && *at != w)
		at = &(*at)->idle_next;
	if (*at)
		*at = w->idle_next;
}

/* Closes the socket; what is left is to wait for the process. A child that
 * has not come to the end of its exec holds a copy, and epoll would speak of
 * the worker when it is freed: closing is not enough. */
static void
dismiss(struct sender *s, struct worker *w)
{
	struct hop *hop = w->hop;

	unlist_idle(w);
	if (epoll_ctl(s->epoll, EPOLL_CTL_DEL, w->fd, NULL) == -1)
		log_reason(LOG_LEVEL_ERROR, "cannot", strerror(errno));
	worker_close(w);
	set_state(s, w, WORKER_LEAVING);
	hop->workers--;
	s->remotes -= !hop->local;
	w->hop = NULL;
	if (hop->waiting && !hop->local)
		hops_want(&s->hops, hop, false);
}

static void
keep_idle(struct sender *s, struct worker *w)
{
	set_state(s, w, WORKER_IDLE);
	w->idle_next = w->hop->idle;
	w->hop->idle = w;
}

/* A worker that could not be heard is none: it leaves when its socket closes.
 * Returns NULL with errno. */
static struct worker *
start_worker(struct sender *s, struct hop *hop)
{
	struct epoll_event event = { .events = EPOLLIN };
	struct worker *w = worker_start(
		hop->local ? s->local_program : s->remote_program, hop);

	if (!w)
		return NULL;
	event.data.ptr = w;
	if (epoll_ctl(s->epoll, EPOLL_CTL_ADD, w->fd, &event) == -1) {
		int error = errno;

		worker_close(w);
		free(w);
		errno = error;
		return NULL;
	}
	w->state = WORKER_IDLE;
	w->since = s->tick;
	workers_add(&s->workers[WORKER_IDLE], w);
	hop->workers++;
	s->remotes += !hop->local;
	return w;
}

/* A program of ours cannot be started. */
static void
not_started(struct sender *s, struct hop *hop)
{
	char text[JOB_TEXT];
	struct buf out = BUF(text);
	struct verdict why = { JOB_HELD, SPAN("4.3.5"), SPAN("-"), SPAN(""),
		SPAN("") };

	buf_str(&out, "cannot start ");
	buf_span(&out, span_head(span_of(hop->local ? s->local_program
						    : s->remote_program),
			       JOB_TEXT / 2));
	buf_str(&out, ": ");
	buf_str(&out, strerror(errno));
	why.text = buf_text(&out);
	hop_rest(hop, &why, s->now, HOP_REST);
	intake_put_off(s, hop);
}

static const struct verdict lost = { JOB_DEFERRED, SPAN_INIT("4.3.0"),
	SPAN_INIT("-"), SPAN_INIT("the delivery program ended early"),
	SPAN_INIT("") };
static const struct verdict nonsense = { JOB_DEFERRED, SPAN_INIT("4.3.0"),
	SPAN_INIT("-"), SPAN_INIT("the delivery program spoke nonsense"),
	SPAN_INIT("") };
static const struct verdict silence = { JOB_DEFERRED, SPAN_INIT("4.3.0"),
	SPAN_INIT("-"), SPAN_INIT("the delivery program said nothing of it"),
	SPAN_INIT("") };
static const struct verdict too_long = { JOB_DEFERRED, SPAN_INIT("4.3.0"),
	SPAN_INIT("-"), SPAN_INIT("the delivery took too long"),
	SPAN_INIT("") };

/* A worker was lost. One bad message must not stop the others, and a program
 * that always dies must not be started without end. */
static void
count_crash(struct sender *s, struct hop *hop, const struct verdict *why)
{
	if (++hop->crashes < HOP_CRASHES)
		return;
	hop_rest(hop, why, s->now, HOP_REST);
	intake_put_off(s, hop);
}

/* --- handing out --- */

static void
put_off_one(struct sender *s, struct delivery *d, const char *why)
{
	struct verdict verdict = { JOB_DEFERRED, SPAN("4.3.0"), SPAN("-"),
		span_of(why), SPAN("") };

	outcome_mark_all(s, d, &verdict, s->now);
	outcome_end(s, d);
}

/* Opens the message for a worker, also when an admin asked meanwhile that it
 * be tried at once. -1 with ENOENT: it was held, or removed. */
static int
open_reader(struct sender *s, struct spool_file *f)
{
	int fd = spool_reader(s->spool, f);

	if (fd != -1 || errno != ENOENT || spool_follow(s->spool, f) == -1)
		return fd;
	if (f->due >= 0)
		return spool_reader(s->spool, f);
	errno = ENOENT;
	return -1;
}

/* Hands one delivery over. Returns 1; 0: the message could not be given to
 * anybody and is put off; -1: the worker takes nothing. */
static int
hand_over(struct sender *s, struct worker *w, struct delivery *d)
{
	int file = open_reader(s, &d->message->file);
	int result;

	if (file == -1 && errno == ENOENT) {
		outcome_end(s, d); /* nobody was tried */
		return 0;
	}
	if (file == -1) {
		put_off_one(s, d, "cannot open the message again");
		return 0;
	}
	result = worker_give(w, d, hop_first(d->hop, s->now), file,
		span_of(s->settings.bouncesender));
	close(file);
	if (result == 0)
		return 1;
	if (errno == EMSGSIZE) {
		put_off_one(s, d, "the envelope does not fit a job");
		return 0;
	}
	hop_put_back(d->hop, d);
	return -1;
}

/* Gives the worker what its hop waits with. True: it is busy. */
static bool
serve(struct sender *s, struct worker *w)
{
	struct hop *hop = w->hop;
	struct delivery *d;
	int result = 0;

	while (result == 0 && (d = hop_take(hop)) != NULL)
		result = hand_over(s, w, d);
	if (hop->parked.count && hop->waiting < SENDER_AHEAD)
		intake_unpark(s, hop, SENDER_AHEAD);
	if (result != 1)
		return false;
	hops_gave(&s->hops, hop);
	unlist_idle(w);
	set_state(s, w, WORKER_BUSY);
	return true;
}

/* Lets a worker that served another hop go, the longest idle first. */
static bool
free_slot(struct sender *s)
{
	struct worker *w = s->workers[WORKER_IDLE].first;

	while (w && w->hop->local)
		w = w->next;
	if (w) {
		struct hop *hop = w->hop;

		dismiss(s, w);
		hops_forget(&s->hops, hop);
	}
	return w != NULL;
}

/* Finds or starts a worker for the hop and gives it something. False: there
 * is no slot. */
static bool
serve_hop(struct sender *s, struct hop *hop)
{
	struct worker *w = hop->idle;
	uint64_t most = hop->local ? s->settings.concurrencylocal
				   : s->settings.concurrencydest;

	if (!w) {
		if (hop->workers >= hop_limit(hop, most)) {
			hops_unwant(&s->hops, hop);
			return hop->local ? false : true;
		}
		if (!hop->local &&
			s->remotes >= s->settings.concurrencyremote &&
			!free_slot(s))
			return false;
		w = start_worker(s, hop);
	}
	if (!w) {
		not_started(s, hop);
		return true;
	}
	if (!serve(s, w)) {
		dismiss(s, w);
		if (hop->waiting)
			count_crash(s, hop, &lost);
	}
	return true;
}

static void
hand_out(struct sender *s)
{
	struct hop *hop;

	s->pace_next = INT64_MAX;
	if (s->stopping || s->broken)
		return;
	while (s->local->waiting && serve_hop(s, s->local))
		continue;
	s->pace_next = hops_unpace(&s->hops);
	while ((hop = s->hops.ready_first) != NULL) {
		if (hop->waiting && !hops_may(&s->hops, hop)) {
			hops_pace(&s->hops, hop);
			s->pace_next = earlier(s->pace_next, hop->next);
			continue;
		}
		if (hop->waiting && !serve_hop(s, hop))
			return;
		hops_unwant(&s->hops, hop);
		if (hop->waiting &&
			(hop->idle ||
				hop->workers <
					hop_limit(hop,
						s->settings.concurrencydest)))
			hops_want(&s->hops, hop, false);
		hops_forget(&s->hops, hop);
	}
}

/* --- what workers say --- */

/* A busy worker is no good any more: what it has not answered is put off. */
static void
lose(struct sender *s, struct worker *w, const struct verdict *why)
{
	struct delivery *d = w->delivery;
	struct hop *hop = w->hop;

	if (w->pid)
		kill(w->pid, SIGKILL);
	w->delivery = NULL;
	outcome_mark_all(s, d, why, s->now);
	outcome_end(s, d);
	dismiss(s, w);
	count_crash(s, hop, why);
	hops_forget(&s->hops, hop);
}

static struct span
route_of(const struct hop *hop)
{
	return (struct span){ hop->route, hop->route_len };
}

/* Leaves the hop alone, and puts off what waits for it. */
static void
leave_alone(struct sender *s, struct hop *hop, const struct worker *w,
	uint64_t seconds)
{
	struct verdict why = hop_reason(w->put_off ? &w->reason : NULL);

	if (!hop_resting(hop, s->now)) {
		hop->failures++;
		hop_rest(hop, &why, s->now, seconds);
	}
	status_hop(&s->status, route_of(hop), s->now, hop->failures, hop->until,
		why.text);
	intake_put_off(s, hop);
}

/* The hop could not be asked anything. */
static void
hop_is_down(struct sender *s, struct hop *hop, const struct worker *w)
{
	leave_alone(s, hop, w,
		backoff_destination(hop->failures + 1, s->settings.retrymin,
			s->settings.retrymax, sender_random(s)));
}

/* A fault of ours stands between us and the hop: one message at a time finds
 * out, rarely, whether it is mended. */
static void
hop_is_spoilt(struct sender *s, struct hop *hop, const struct worker *w)
{
	uint64_t seconds = SENDER_HELD_MIN + 60 * hop->failures;

	if (seconds > SENDER_HELD_MAX)
		seconds = SENDER_HELD_MAX;
	if (seconds > s->settings.retrymax)
		seconds = s->settings.retrymax;
	leave_alone(s, hop, w, seconds);
}

static void
hop_is_well(struct sender *s, struct hop *hop, size_t at)
{
	hop_answered(hop, at, s->now);
	status_hop(&s->status, route_of(hop), s->now, 0, 0, SPAN(""));
	status_mended(&s->status, route_of(hop));
}

/* Others wait for the slot, and this hop has had its share. */
static bool
must_yield(const struct sender *s, const struct worker *w)
{
	const struct hop *hop = w->hop;
	size_t others = s->hops.ready - hop->ready;

	return !hop->local && others &&
	       s->remotes >= s->settings.concurrencyremote &&
	       (w->served >= SENDER_TURN ||
		       hop->workers >
			       s->settings.concurrencyremote / (others + 1));
}

/* What becomes of a worker that has done its job. */
static void
go_on(struct sender *s, struct worker *w, bool kept)
{
	struct hop *hop = w->hop;

	if (!kept || s->stopping || (hop->waiting && must_yield(s, w))) {
		dismiss(s, w);
		return;
	}
	keep_idle(s, w);
	if (hop->waiting && !s->broken && hops_may(&s->hops, hop) &&
		!serve(s, w) && hop->waiting)
		dismiss(s, w);
}

static void
end_job(struct sender *s, struct worker *w, const struct job_answer *answer)
{
	struct delivery *d = w->delivery;
	struct hop *hop = w->hop;

	w->delivery = NULL;
	w->served++;
	hop->crashes = 0;
	outcome_mark_all(s, d, &silence, s->now);
	outcome_end(s, d);
	if (w->held)
		hop_is_spoilt(s, hop, w);
	else if (answer->hop == 'u')
		hop_is_well(s, hop, answer->at);
	else if (answer->hop == 'd')
		hop_is_down(s, hop, w);
	go_on(s, w, answer->kept && answer->hop != 'd' && !w->held);
	if (hop->waiting && !hop->local)
		hops_want(&s->hops, hop, false);
	hops_forget(&s->hops, hop);
}

/* A fault of ours that meets the next message, too; 4.3.0 speaks of this one
 * (it cannot be read). */
static bool
spoils_all(const struct verdict *verdict)
{
	return verdict->fate == JOB_HELD &&
	       !span_eq(verdict->status, SPAN("4.3.0"));
}

/* The peer has a name in front of its address: a name server has said it. */
static bool
found_by_name(struct span peer)
{
	size_t at = span_find(peer, '[');

	return at > 0 && at < peer.n && peer.p[0] != '/';
}

static void
take_answer(struct sender *s, struct worker *w, const struct job_answer *answer,
	uint32_t rcpt)
{
	struct verdict verdict = { answer->fate, answer->status, answer->peer,
		answer->text, answer->tls };

	if (answer->fate == JOB_DEFERRED || answer->fate == JOB_HELD) {
		w->put_off = true;
		w->held |= spoils_all(&verdict);
		hop_reason_set(&w->reason, &verdict);
	}
	if (found_by_name(verdict.peer))
		status_mended(&s->status, SPAN("dns"));
	outcome_mark(s, w->delivery->message, rcpt, w->hop, &verdict, s->now);
}

static void
lose_idle(struct sender *s, struct worker *w)
{
	struct hop *hop = w->hop;

	dismiss(s, w);
	hops_forget(&s->hops, hop);
}

static void
hear(struct sender *s, struct worker *w)
{
	struct job_answer answer;
	struct span packet;
	uint32_t rcpt;
	int result;

	if (w->state == WORKER_LEAVING)
		return;
	result = worker_receive(w, &packet);
	if (result == 0)
		return;
	if (w->state == WORKER_IDLE) {
		lose_idle(s, w);
		return;
	}
	if (result == -1) {
		lose(s, w, &lost);
		return;
	}
	while ((result = worker_next(w, &packet, &answer, &rcpt)) == 1) {
		if (answer.end) {
			end_job(s, w, &answer);
			return;
		}
		take_answer(s, w, &answer, rcpt);
	}
	if (result == -1)
		lose(s, w, &nonsense);
}

/* --- time passes --- */

static void
expire_workers(struct sender *s)
{
	struct worker *w;

	while ((w = s->workers[WORKER_IDLE].first) != NULL &&
		(s->stopping || s->tick - w->since >= SENDER_KEEP))
		lose_idle(s, w);
	while ((w = s->workers[WORKER_BUSY].first) != NULL &&
		s->tick - w->since >= SENDER_JOB)
		lose(s, w, &too_long);
	for (w = s->workers[WORKER_LEAVING].first;
		w && s->tick - w->since >= SENDER_LEAVE; w = w->next)
		if (w->pid)
			kill(w->pid, SIGKILL);
}

static struct worker *
find_pid(struct sender *s, pid_t pid)
{
	for (int i = 0; i < WORKER_STATES; i++)
		for (struct worker *w = s->workers[i].first; w; w = w->next)
			if (w->pid == pid)
				return w;
	return NULL;
}

/* Learns which processes are gone. Only here are workers freed, so that no
 * event at hand speaks of one that is no more. */
static void
reap(struct sender *s)
{
	struct worker *w;
	struct worker *next;
	int status;
	pid_t pid;

	if (s->flags->child) {
		s->flags->child = 0;
		while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
			w = find_pid(s, pid);
			if (w)
				w->pid = 0;
			else if (report_ended(s, pid, status))
				continue;
			child_log_end(SPAN(""), pid, status);
		}
	}
	for (w = s->workers[WORKER_LEAVING].first; w; w = next) {
		next = w->next;
		if (w->pid)
			continue;
		workers_remove(&s->workers[WORKER_LEAVING], w);
		free(w);
	}
}

static void
awake_hop(void *ctx, struct hop *hop)
{
	(void)ctx;
	hop_awake(hop);
}

/* SIGALRM: everything is due now, and nobody is known to be down. */
static void
retry_all(struct sender *s)
{
	s->flags->retry = 0;
	hops_each(&s->hops, awake_hop, NULL);
	hop_awake(s->local);
	s->scan = s->all_now = true;
	s->scan_again = s->tick;
	if (s->stay == SENDER_ONCE)
		s->pass = s->now;
	log_reason(LOG_LEVEL_INFO, "retrying", "SIGALRM: all mail is due now");
}

/* Takes the job out of a worker's hands; nothing is noted of those whom it
 * has not answered. */
static void
abandon(struct sender *s, struct worker *w)
{
	struct delivery *d = w->delivery;

	if (w->pid)
		kill(w->pid, SIGKILL);
	w->delivery = NULL;
	outcome_end(s, d);
	dismiss(s, w);
}

static void
stop(struct sender *s)
{
	if (!s->stopping) {
		s->stopping = true;
		s->stop_at = s->tick + SENDER_STOP;
		notify_stopping();
		log_reason(LOG_LEVEL_INFO, "stopping", "SIGTERM");
		intake_recall(s);
		report_recall(s, false);
	}
	if (s->flags->stop < 2 && s->tick < s->stop_at)
		return;
	report_recall(s, true);
	while (s->workers[WORKER_BUSY].first)
		abandon(s, s->workers[WORKER_BUSY].first);
}

static void
heed_flags(struct sender *s)
{
	reap(s);
	if (s->flags->stop)
		stop(s);
	if (s->flags->retry && !s->stopping)
		retry_all(s);
	if (s->stuck && (s->tick >= s->stuck_next || s->stopping))
		outcome_unstick(s);
}

static void
tell_status(struct sender *s)
{
	uint64_t sum = s->delivered + s->deferred + s->failed + s->held +
		       s->in_hand + s->schedule.count;

	if (s->tick < s->status_next || sum == s->status_last)
		return;
	s->status_next = s->tick + 1000;
	s->status_last = sum;
	s->status.changed = true;
	notify_status("%s%zu in hand, %zu%s scheduled; since start %ju "
		      "delivered, %ju deferred, %ju failed, %ju held",
		s->broken ? "HOLDING ALL MAIL, control is broken; " : "",
		s->in_hand, s->schedule.count, s->schedule.more ? "+" : "",
		(uintmax_t)s->delivered, (uintmax_t)s->deferred,
		(uintmax_t)s->failed, (uintmax_t)s->held);
}

static void
write_status(struct sender *s, bool last)
{
	struct status_sums sums = { .delivered = s->delivered,
		.deferred = s->deferred,
		.failed = s->failed,
		.held = s->held };
	int64_t left = -1;

	if (status_counts(&s->status, s->tick, last))
		left = sender_left(s);
	sums.counted = left != -1;
	sums.left = sums.counted ? (uint64_t)left : 0;
	status_write(&s->status, s->spool, &sums, s->now, s->tick, last);
}

/* --- the loop --- */

/* When there has been no work for long enough. Who leaves forgets at what pace
 * mail went to a hop. */
static int64_t
leave_time(const struct sender *s)
{
	int64_t idle = s->idle_since + (int64_t)s->settings.sendidle * 1000;

	return idle > s->hops.paced_end ? idle : s->hops.paced_end;
}

static bool
is_over(struct sender *s)
{
	bool busy = s->busy || s->reports.running;
	bool work = busy || s->in_hand || intake_due(s);

	if (work)
		s->idle_since = s->tick;
	if (s->stopping)
		return !busy;
	if (s->stay == SENDER_ONCE)
		return !busy &&
		       (s->broken || !work || (s->in_hand && s->stuck));
	return s->stay == SENDER_WORK && !work && s->tick >= leave_time(s);
}

static int
timeout_of(const struct sender *s)
{
	const struct worker *idle = s->workers[WORKER_IDLE].first;
	int64_t at = s->stopping ? s->stop_at : intake_next(s);

	if (idle)
		at = earlier(at, idle->since + SENDER_KEEP);
	if (s->stuck)
		at = earlier(at, s->stuck_next);
	if (s->status.changed)
		at = earlier(at, s->status.next);
	if (s->stay == SENDER_WORK && !s->in_hand && !intake_due(s))
		at = earlier(at, leave_time(s));
	at = earlier(at, s->pace_next);
	if (at <= s->tick)
		return 0;
	return at - s->tick > 60000 ? 60000 : (int)(at - s->tick);
}

static void
read_arrivals(struct sender *s)
{
	static char events[65536]
		__attribute__((aligned(__alignof__(struct inotify_event))));
	ssize_t n = read(s->inotify, events, sizeof events);

	for (ssize_t at = 0; at < n;) {
		const struct inotify_event *e =
			(const struct inotify_event *)(const void *)(events +
								     at);

		if (e->mask & IN_Q_OVERFLOW)
			s->scan = s->control_changed = true;
		else if (e->wd == s->control_watch)
			s->control_changed = true;
		else if (e->len)
			intake_arrived(s, span_of(e->name));
		at += (ssize_t)(sizeof *e + e->len);
	}
}

/* epoll_pwait itself lets signals in only when there is no event. True when
 * one came: it is to be heeded before anything is waited for. */
static bool
let_signals_in(struct sender *s)
{
	const struct sender_flags before = *s->flags;
	sigset_t blocked;

	sigprocmask(SIG_SETMASK, s->waiting, &blocked);
	sigprocmask(SIG_SETMASK, &blocked, NULL);
	return s->flags->stop != before.stop ||
	       s->flags->retry != before.retry ||
	       s->flags->child != before.child;
}

static int
wait_for_events(struct sender *s)
{
	struct epoll_event events[64];
	int n;

	n = epoll_pwait(s->epoll, events, LEN(events),
		let_signals_in(s) ? 0 : timeout_of(s), s->waiting);
	look_at_clocks(s);
	if (n == -1)
		return errno == EINTR ? 0 : -1;
	for (int i = 0; i < n; i++)
		if (events[i].data.ptr == s)
			read_arrivals(s);
		else
			hear(s, events[i].data.ptr);
	return 0;
}

/* Lets the workers go and waits for them a little. */
static void
leave(struct sender *s)
{
	int64_t end = s->tick + SENDER_QUIT;
	struct epoll_event event;

	while (s->workers[WORKER_IDLE].first)
		lose_idle(s, s->workers[WORKER_IDLE].first);
	reap(s);
	while (s->workers[WORKER_LEAVING].first && s->tick < end &&
		s->flags->stop < 2) {
		epoll_pwait(s->epoll, &event, 1, 100, s->waiting);
		look_at_clocks(s);
		s->flags->child = 1;
		reap(s);
	}
}

int
sender_run(struct sender *s)
{
	int result = 0;

	while (result == 0) {
		heed_flags(s);
		if (!s->stopping)
			intake_fill(s);
		hand_out(s);
		expire_workers(s);
		report_step(s);
		tell_status(s);
		write_status(s, false);
		if (is_over(s))
			break;
		result = wait_for_events(s);
	}
	leave(s);
	write_status(s, true);
	return result;
}

/* --- the beginning --- */

/* Watches the control directory: what is mended there may free mail. Without
 * a watch that mail goes when it is due. */
static void
watch_control(struct sender *s)
{
	char path[LIMIT_PATH];

	s->control_watch = -1;
	if (s->inotify != -1 && home_control(path))
		s->control_watch = inotify_add_watch(s->inotify, path,
			IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM |
				IN_DELETE | IN_ATTRIB | IN_ONLYDIR);
}

/* Watches new/. Without a watch it is read every few seconds. */
static void
watch(struct sender *s)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = s };
	char proc[64];
	struct buf out = BUF(proc);

	buf_str(&out, "/proc/self/fd/");
	buf_number(&out, (uint64_t)s->spool->new_dir);
	s->inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (s->inotify != -1 &&
		inotify_add_watch(s->inotify, buf_cstr(&out),
			IN_CREATE | IN_MOVED_TO | IN_ONLYDIR) != -1 &&
		epoll_ctl(s->epoll, EPOLL_CTL_ADD, s->inotify, &event) == 0)
		return;
	log_reason(LOG_LEVEL_WARNING, "cannot", "watch new/ for arrivals");
	if (s->inotify != -1)
		close(s->inotify);
	s->inotify = -1;
}

/* As many descriptors as we may have, less those for other things. */
static size_t
raise_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		return SPARE_FDS;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	getrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur < 2 * SPARE_FDS)
		return (size_t)limit.rlim_cur / 2;
	return (size_t)limit.rlim_cur - SPARE_FDS;
}

int
sender_begin(struct sender *s)
{
	look_at_clocks(s);
	s->idle_since = s->tick;
	s->pass = s->now;
	s->pace_next = INT64_MAX;
	s->scan = true;
	s->fds = raise_descriptors();
	if (!home_program(s->remote_program, "remote") ||
		!home_program(s->local_program, "local") ||
		!home_program(s->reports.program, "bounce"))
		return -1;
	status_begin(&s->status, s->spool, s->now);
	s->local = hop_new(SPAN("local"), false);
	if (!s->local)
		return -1;
	s->local->local = true;
	if (getrandom(&s->random, sizeof s->random, 0) !=
		(ssize_t)sizeof s->random)
		return -1;
	s->hops.seed = sender_random(s);
	s->reports.rate.seed = sender_random(s);
	s->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (s->epoll == -1)
		return -1;
	s->inotify = -1;
	if (s->stay != SENDER_ONCE)
		watch(s);
	watch_control(s);
	return 0;
}

static void
count_one(void *ctx, const char id[QUEUE_ID], int64_t due)
{
	(void)id;
	(void)due;
	++*(int64_t *)ctx;
}

int64_t
sender_left(struct sender *s)
{
	int64_t left = 0;

	return spool_scan(s->spool, count_one, &left) == -1 ? -1 : left;
}

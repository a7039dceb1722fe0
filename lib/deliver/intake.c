/* SPDX-License-Identifier: ISC */
#include "deliver/intake.h"

#include <errno.h>
#include <stdlib.h>

#include "deliver/outcome.h"
#include "pure/address.h"
#include "sys/log.h"

static struct message **
bucket_of(struct sender *s, const char id[QUEUE_ID])
{
	uint64_t sum = 0;

	/* the last octets of an id are random */
	memcpy(&sum, id + QUEUE_ID - sizeof sum, sizeof sum);
	sum *= 0x9e3779b97f4a7c15;
	return &s->table[sum >> 52];
}

_Static_assert(SENDER_BUCKETS == 1 << 12, "the upper 12 of 64 bits");

static bool
is_in_hand(struct sender *s, const char id[QUEUE_ID])
{
	struct message *m = *bucket_of(s, id);

	while (m && memcmp(m->file.id, id, QUEUE_ID) != 0)
		m = m->next;
	return m != NULL;
}

static void
keep(struct sender *s, struct message *m)
{
	struct message **at = bucket_of(s, m->file.id);

	m->next = *at;
	*at = m;
	s->in_hand++;
	s->rcpts += m->rcpts;
}

void
intake_drop(struct sender *s, struct message *m)
{
	struct message **at = bucket_of(s, m->file.id);

	while (*at != m)
		at = &(*at)->next;
	*at = m->next;
	s->in_hand--;
	s->rcpts -= m->rcpts;
	message_close(m);
	free(m);
}

/* --- what is due --- */

/* A due time that no back-off reaches was written under a wrong clock. */
static int64_t
when_of(const struct sender *s, int64_t due)
{
	int64_t far = s->now + 2 * (int64_t)s->settings.retrymax + 86400;

	return s->all_now || due > far ? 0 : due;
}

static void
add_name(void *ctx, const char id[QUEUE_ID], int64_t due)
{
	struct sender *s = ctx;
	struct schedule_entry entry = { when_of(s, due), due, { 0 } };

	if (is_in_hand(s, id))
		return;
	memcpy(entry.id, id, QUEUE_ID);
	schedule_add(&s->schedule, &entry);
}

static void
unpark_one(void *ctx, struct hop *hop)
{
	intake_unpark(ctx, hop, SIZE_MAX);
}

/* Reads the queue directory into an empty schedule. */
static void
scan(struct sender *s)
{
	/* what is set aside would be found twice */
	hops_each(&s->hops, unpark_one, s);
	schedule_clear(&s->schedule);
	s->schedule.max = s->settings.activemax;
	s->scan = false;
	s->scan_next =
		s->tick + (s->inotify == -1 ? SENDER_FAULT : SENDER_SCAN);
	s->scan_again = s->tick + SENDER_AGAIN;
	spool_sweep(s->spool);
	hops_sweep(&s->hops, s->now);
	if (spool_scan(s->spool, add_name, s) == 0) {
		s->all_now = false;
		return;
	}
	log_reason(LOG_LEVEL_ERROR, "cannot", "read the queue directory");
	s->scan = true;
	s->scan_again = s->tick + SENDER_FAULT;
}

void
intake_arrived(struct sender *s, struct span name)
{
	if (queue_id_valid(name))
		add_name(s, name.p, 0);
}

/* There is more in the queue than the schedule held, or all that is left of
 * it was set aside at hops that have nothing to do. */
static bool
ran_dry(const struct sender *s)
{
	return s->scan || (s->schedule.more && s->schedule.count == 0) ||
	       (s->parked && s->in_hand == 0);
}

static bool
wants_scan(const struct sender *s)
{
	return s->tick >= s->scan_next ||
	       (ran_dry(s) && s->tick >= s->scan_again);
}

/* What counts as due: in a single pass, what was due when it began. */
static bool
top_is_due(const struct sender *s)
{
	return schedule_when(&s->schedule) <=
	       (s->stay == SENDER_ONCE ? s->pass : s->now);
}

bool
intake_due(const struct sender *s)
{
	return ran_dry(s) || top_is_due(s);
}

int64_t
intake_next(const struct sender *s)
{
	int64_t when = schedule_when(&s->schedule);
	int64_t next = s->scan_next;

	if (s->broken)
		return s->settings_next;
	if (ran_dry(s))
		return s->scan_again;
	if (top_is_due(s) && s->ahead_next > s->tick)
		return s->ahead_next;
	if (when > s->now && when - s->now < SENDER_SCAN / 1000) {
		int64_t at = s->tick + (when - s->now) * 1000;

		return at < next ? at : next;
	}
	return next;
}

/* --- control --- */

static void
complain(struct sender *s)
{
	const char *why = control_error(&s->control);
	struct buf out = BUF(s->complaint);

	buf_str(&out, why);
	buf_cstr(&out);
	status_fault(
		&s->status, SPAN("-"), SPAN("4.3.5"), span_of(why), s->now);
}

/* Never more than n, and never nothing. */
static void
limit_to(uint64_t *number, uint64_t n)
{
	if (*number > n)
		*number = n ? n : 1;
}

/* Reads control again when that was a while ago. False: it is broken, and
 * nothing may be delivered by it. */
static bool
settings_good(struct sender *s)
{
	if (s->tick < s->settings_next)
		return !s->broken;
	if (settings_read(&s->settings, &s->control) == -1) {
		complain(s);
		s->broken = true;
		s->settings_next = s->tick + SENDER_FAULT;
		return false;
	}
	if (s->broken && s->complaint[0])
		log_reason(LOG_LEVEL_INFO, "delivering", "control is mended");
	status_mended(&s->status, SPAN("-"));
	s->broken = false;
	s->settings_next = s->tick + SENDER_CONFIG;
	/* half of the descriptors stay for messages */
	limit_to(&s->settings.concurrencyremote, s->fds / 4);
	limit_to(&s->settings.concurrencylocal, s->fds / 4);
	return true;
}

/* --- one message --- */

static void
log_message(enum log_level level, const char *event, const char *id,
	const char *why)
{
	struct log line;

	log_begin(&line, level, event);
	log_text(&line, "id", (struct span){ id, QUEUE_ID });
	log_text(&line, "reason", span_of(why));
	log_write(&line);
}

static void
take_later(struct sender *s, struct schedule_entry *entry)
{
	entry->when = s->now + SENDER_LATER;
	schedule_add(&s->schedule, entry);
}

/* It would not open: another time, or never. */
static void
not_opened(struct sender *s, struct schedule_entry *entry, const char *damage)
{
	if (!damage && errno == ENOENT)
		return; /* gone, or known under another name */
	if (!damage && errno == EMLINK && entry->when == 0) {
		entry->when = s->now + 1; /* its writer is not done yet */
		schedule_add(&s->schedule, entry);
		return;
	}
	if (!damage) {
		log_message(LOG_LEVEL_ERROR, "cannot-open", entry->id,
			strerror(errno));
		take_later(s, entry);
		return;
	}
	log_message(LOG_LEVEL_ERROR, "damaged", entry->id, damage);
	if (spool_fail(s->spool, entry->id, entry->due) == -1) {
		log_message(LOG_LEVEL_ERROR, "cannot-set-aside", entry->id,
			strerror(errno));
		take_later(s, entry);
	}
}

static struct message *
open_message(struct sender *s, struct schedule_entry *entry)
{
	struct message *m = malloc(sizeof *m);
	int result;

	if (!m) {
		not_opened(s, entry, NULL);
		return NULL;
	}
	result = message_open(m, s->spool, entry->id, entry->due);
	if (result == 0)
		return m;
	not_opened(s, entry, result == -2 ? m->file.why : NULL);
	free(m);
	return NULL;
}

/* The hop for a recipient's domain: NULL with errno ENOMEM, or EINVAL: there
 * can be none. */
static struct hop *
hop_of(struct sender *s, const struct message *m, struct span domain)
{
	struct routes_choice choice;
	struct hop *hop;

	if (mailboxes_local(s->settings.mailboxes, domain))
		return s->local;
	if (routes_find(s->settings.routes, m->sender, domain, &choice) == -1) {
		errno = EINVAL;
		return NULL;
	}
	hop = hops_find(&s->hops, span_of(choice.text), choice.smarthost);
	if (hop)
		hop_set_limits(hop, &s->settings);
	return hop;
}

static const struct verdict no_domain = { .fate = JOB_FAILED,
	.status = SPAN_INIT("5.1.3"),
	.peer = SPAN_INIT("-"),
	.text = SPAN_INIT("the address has no domain") };
static const struct verdict bad_domain = { .fate = JOB_FAILED,
	.status = SPAN_INIT("5.1.2"),
	.peer = SPAN_INIT("-"),
	.text = SPAN_INIT("what follows the @ is no domain") };
static const struct verdict no_memory = { .fate = JOB_HELD,
	.status = SPAN_INIT("4.3.1"),
	.peer = SPAN_INIT("-"),
	.text = SPAN_INIT("out of memory") };

/* An admin moved a message that was tried already back to new/, after the hop
 * failed last: it may be asked once more. */
static bool
asked_again(const struct message *m, const struct hop *hop)
{
	return m->file.due == SPOOL_NEW && m->tries > 0 &&
	       m->file.changed > hop->tried;
}

static void
route_recipient(struct sender *s, struct message *m, uint32_t i)
{
	struct job_rcpt rcpt;
	struct span domain;
	struct hop *hop;

	message_rcpt(m, i, &rcpt);
	domain = address_domain_of(rcpt.address);
	if (domain.n == 0) {
		outcome_mark(s, m, i, NULL, &no_domain, s->now);
		return;
	}
	hop = hop_of(s, m, domain);
	if (!hop && errno == EINVAL) {
		outcome_mark(s, m, i, NULL, &bad_domain, s->now);
		return;
	}
	if (hop && asked_again(m, hop))
		hop_awake(hop);
	if (hop && hop_resting(hop, s->now)) {
		struct verdict why = hop_reason(hop->reason);

		outcome_mark(s, m, i, hop, &why, hop->tried);
		return;
	}
	if (!hop || hop_add(hop, m, i) == -1)
		outcome_mark(s, m, i, hop, &no_memory, s->now);
	else if (!hop->local)
		hops_want(&s->hops, hop, hop->idle != NULL);
}

static void
route_message(struct sender *s, struct message *m)
{
	keep(s, m);
	for (uint32_t i = 0; i < m->rcpts; i++)
		if (m->rcpt[i].state == RCPT_OPEN)
			route_recipient(s, m, i);
	if (m->deliveries == 0)
		outcome_finish(s, m);
}

/* Messages that may be in hand; twice as many while others are looked for. */
static size_t
room(const struct sender *s)
{
	uint64_t workers =
		s->settings.concurrencyremote + s->settings.concurrencylocal;
	uint64_t most = SENDER_AHEAD * workers;

	limit_to(&most, (s->fds - workers) / 2);
	return (size_t)most;
}

static bool
has_room(const struct sender *s)
{
	return s->in_hand < room(s) && s->rcpts < SENDER_RCPTS;
}

/* Takes the next due message that is not in hand already. */
static struct message *
next_message(struct sender *s, struct schedule_entry *entry)
{
	while (top_is_due(s) && schedule_take(&s->schedule, entry)) {
		struct message *m = NULL;

		if (!is_in_hand(s, entry->id))
			m = open_message(s, entry);
		if (m)
			return m;
	}
	return NULL;
}

/* The one hop all recipients go to when enough waits there already. */
static struct hop *
crowded_hop(struct sender *s, const struct message *m)
{
	struct hop *one = NULL;

	if (m->rcpts > JOB_RCPTS)
		return NULL;
	for (uint32_t i = 0; i < m->rcpts; i++) {
		struct job_rcpt rcpt;
		struct hop *hop;

		if (m->rcpt[i].state != RCPT_OPEN)
			continue;
		message_rcpt(m, i, &rcpt);
		hop = hop_of(s, m, address_domain_of(rcpt.address));
		if (!hop || (one && hop != one))
			return NULL;
		one = hop;
	}
	if (!one || hop_resting(one, s->now) || one->waiting < 2 * SENDER_AHEAD)
		return NULL;
	return one;
}

static void
park(struct sender *s, struct hop *hop, struct message *m,
	const struct schedule_entry *entry)
{
	message_close(m);
	free(m);
	hop->parked.max = SIZE_MAX;
	if (schedule_add(&hop->parked, entry) == 0)
		s->parked++;
	else
		s->schedule.more = true;
}

/* Everything in hand waits for hops that are busy, while other hops could be
 * served: looks for mail for those. A little at a time, as each message set
 * aside is opened twice. */
static void
look_ahead(struct sender *s)
{
	struct schedule_entry entry;
	struct message *m;

	if (s->tick < s->ahead_next || s->in_hand >= 2 * room(s) ||
		s->busy >= s->settings.concurrencyremote +
				   s->settings.concurrencylocal ||
		s->parked >= s->settings.activemax)
		return;
	s->ahead_next = s->tick + SENDER_AHEAD_MS;
	for (int n = 0; n < SENDER_AHEAD_LOOKS; n++) {
		struct hop *hop;

		m = next_message(s, &entry);
		if (!m)
			return;
		hop = crowded_hop(s, m);
		if (hop)
			park(s, hop, m, &entry);
		else
			route_message(s, m);
	}
}

void
intake_unpark(struct sender *s, struct hop *hop, size_t most)
{
	struct schedule_entry entry;

	for (size_t n = 0; n < most; n++) {
		if (!schedule_take(&hop->parked, &entry))
			return;
		s->parked--;
		schedule_add(&s->schedule, &entry);
	}
}

void
intake_put_off(struct sender *s, struct hop *hop)
{
	struct verdict why = hop_reason(hop->reason);
	struct delivery *d;

	hops_unwant(&s->hops, hop);
	while ((d = hop_take(hop)) != NULL) {
		outcome_mark_all(s, d, &why, hop->tried);
		outcome_end(s, d);
	}
	intake_unpark(s, hop, SIZE_MAX);
}

static void
recall_hop(void *ctx, struct hop *hop)
{
	struct sender *s = ctx;
	struct delivery *d;

	hops_unwant(&s->hops, hop);
	while ((d = hop_take(hop)) != NULL)
		outcome_end(s, d);
	intake_unpark(s, hop, SIZE_MAX);
}

void
intake_recall(struct sender *s)
{
	recall_hop(s, s->local);
	hops_each(&s->hops, recall_hop, s);
}

static void
awake_spoilt(void *ctx, struct hop *hop)
{
	(void)ctx;
	if (hop->reason && hop->reason->fate == JOB_HELD)
		hop_awake(hop);
}

/* Somebody was at the control files: what waits for a fault of ours may go
 * now. */
static void
heed_control(struct sender *s)
{
	s->control_changed = false;
	s->settings_next = s->tick;
	if (!settings_good(s))
		return;
	hops_each(&s->hops, awake_spoilt, NULL);
	awake_spoilt(NULL, s->local);
	status_wake(&s->status, &s->schedule);
}

void
intake_fill(struct sender *s)
{
	struct schedule_entry entry;
	struct message *m;

	if (s->control_changed)
		heed_control(s);
	if (!intake_due(s) && s->tick < s->scan_next)
		return;
	if (!settings_good(s)) {
		intake_recall(s);
		return;
	}
	if (wants_scan(s))
		scan(s);
	while (has_room(s) && (m = next_message(s, &entry)) != NULL)
		route_message(s, m);
	if (!has_room(s) && top_is_due(s))
		look_ahead(s);
}

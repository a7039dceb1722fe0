/* SPDX-License-Identifier: ISC */
#include "deliver/hop.h"

#include <stdlib.h>

#include "pure/ascii.h"

/* Octets of a job that its recipients may take; the rest is for the head. */
#define JOB_ROOM (JOB_PACKET - 8 * LIMIT_RECORD)

static void
copy(char *to, size_t room, struct span from)
{
	struct buf out = { to, room - 1, 0, false };

	buf_span(&out, span_head(from, room - 1));
	to[out.len] = '\0';
}

void
hop_reason_set(struct hop_reason *reason, const struct verdict *verdict)
{
	reason->fate = verdict->fate;
	copy(reason->status, sizeof reason->status, verdict->status);
	copy(reason->peer, sizeof reason->peer, verdict->peer);
	copy(reason->text, sizeof reason->text, verdict->text);
}

struct verdict
hop_reason(const struct hop_reason *reason)
{
	if (!reason)
		return (struct verdict){ .fate = JOB_DEFERRED,
			.status = SPAN("4.4.1"),
			.peer = SPAN("-"),
			.text = SPAN("the next hop is down") };
	return (struct verdict){ .fate = reason->fate,
		.status = span_of(reason->status),
		.peer = span_of(reason->peer),
		.text = span_of(reason->text) };
}

struct hop *
hop_new(struct span route, bool smarthost)
{
	struct hop *hop = calloc(1, sizeof *hop + route.n);

	if (!hop)
		return NULL;
	memcpy(hop->route, route.p, route.n);
	hop->route_len = route.n;
	hop->smarthost = smarthost;
	return hop;
}

static struct hop **
bucket_of(struct hops *hops, struct span route, bool smarthost)
{
	uint64_t sum = hops->seed + smarthost;

	for (size_t i = 0; i < route.n; i++) {
		sum ^= (unsigned char)ascii_lower(route.p[i]);
		sum *= 0x9e3779b97f4a7c15;
		sum ^= sum >> 29;
	}
	return &hops->bucket[sum % HOP_BUCKETS];
}

struct hop *
hops_find(struct hops *hops, struct span route, bool smarthost)
{
	struct hop **at = bucket_of(hops, route, smarthost);
	struct hop *hop;

	for (hop = *at; hop; hop = hop->chain)
		if (hop->smarthost == smarthost &&
			span_eq_nocase(route,
				(struct span){ hop->route, hop->route_len }))
			return hop;
	hop = hop_new(route, smarthost);
	if (hop) {
		hop->chain = *at;
		*at = hop;
	}
	return hop;
}

/* A next hop before the one that is up was down lately; a clock set back since
 * then must not make that longer. */
static bool
begins_further_on(const struct hop *hop, int64_t now)
{
	return hop->up_at && now < hop->up_end &&
	       hop->up_end - now <= HOP_ASIDE;
}

/* True when mail waits or a worker lives. */
static bool
in_use(const struct hop *hop)
{
	return hop->waiting || hop->workers || hop->parked.count ||
	       hop->ready || hop->paced;
}

static void
drop(struct hop **at)
{
	struct hop *hop = *at;

	*at = hop->chain;
	schedule_free(&hop->parked);
	free(hop->reason);
	free(hop);
}

void
hops_forget(struct hops *hops, struct hop *hop)
{
	struct hop **at;

	if (in_use(hop) || hop->failures || hop->crashes || hop->up_at ||
		hop->next > hops->tick || hop->local)
		return;
	at = bucket_of(hops, (struct span){ hop->route, hop->route_len },
		hop->smarthost);
	while (*at != hop)
		at = &(*at)->chain;
	drop(at);
}

void
hops_sweep(struct hops *hops, int64_t now)
{
	for (size_t i = 0; i < HOP_BUCKETS; i++) {
		struct hop **at = &hops->bucket[i];

		while (*at)
			if (!in_use(*at) && !begins_further_on(*at, now) &&
				(*at)->next <= hops->tick &&
				((*at)->until + HOP_FORGET < now ||
					(*at)->tried > now))
				drop(at);
			else
				at = &(*at)->chain;
	}
}

void
hops_each(
	struct hops *hops, void (*each)(void *ctx, struct hop *hop), void *ctx)
{
	for (size_t i = 0; i < HOP_BUCKETS; i++) {
		struct hop *next;

		for (struct hop *hop = hops->bucket[i]; hop; hop = next) {
			next = hop->chain;
			each(ctx, hop);
		}
	}
}

void
hops_want(struct hops *hops, struct hop *hop, bool at_front)
{
	struct hop *before = at_front ? NULL : hops->ready_last;
	struct hop *behind = at_front ? hops->ready_first : NULL;

	if (hop->ready || hop->paced)
		return;
	hop->ready = true;
	hop->ready_prev = before;
	hop->ready_next = behind;
	*(before ? &before->ready_next : &hops->ready_first) = hop;
	*(behind ? &behind->ready_prev : &hops->ready_last) = hop;
	hops->ready++;
}

static void
unlist_paced(struct hops *hops, struct hop *hop)
{
	struct hop **at = &hops->paced;

	while (*at != hop)
		at = &(*at)->ready_next;
	*at = hop->ready_next;
	hop->paced = false;
}

void
hops_unwant(struct hops *hops, struct hop *hop)
{
	struct hop *before = hop->ready_prev;
	struct hop *behind = hop->ready_next;

	if (hop->paced)
		unlist_paced(hops, hop);
	if (!hop->ready)
		return;
	hop->ready = false;
	*(before ? &before->ready_next : &hops->ready_first) = behind;
	*(behind ? &behind->ready_prev : &hops->ready_last) = before;
	hops->ready--;
}

void
hop_set_limits(struct hop *hop, const struct settings *settings)
{
	struct nexthop limits;

	if (hop->limits == settings->version || hop->local)
		return;
	nexthops_limits(settings->nexthops,
		(struct span){ hop->route, hop->route_len }, &limits);
	hop->limits = settings->version;
	hop->connections = limits.number[NEXTHOP_CONNECTIONS];
	hop->perminute = limits.number[NEXTHOP_PERMINUTE];
}

bool
hops_may(const struct hops *hops, const struct hop *hop)
{
	return !hop->perminute || hops->tick >= hop->next;
}

void
hops_gave(struct hops *hops, struct hop *hop)
{
	if (!hop->perminute)
		return;
	hop->next = hops->tick +
		    (int64_t)((60000 + hop->perminute - 1) / hop->perminute);
	if (hop->next > hops->paced_end)
		hops->paced_end = hop->next;
}

void
hops_pace(struct hops *hops, struct hop *hop)
{
	hops_unwant(hops, hop);
	hop->paced = true;
	hop->ready_next = hops->paced;
	hops->paced = hop;
}

int64_t
hops_unpace(struct hops *hops)
{
	int64_t next = INT64_MAX;
	struct hop *behind;

	for (struct hop *hop = hops->paced; hop; hop = behind) {
		behind = hop->ready_next;
		if (hops_may(hops, hop)) {
			hops_unwant(hops, hop);
			hops_want(hops, hop, false);
		} else if (hop->next < next) {
			next = hop->next;
		}
	}
	return next;
}

/* Begins a delivery behind those that wait. */
static struct delivery *
begin_delivery(struct hop *hop, struct message *m, uint32_t i)
{
	struct delivery *d = calloc(1, sizeof *d);

	if (!d)
		return NULL;
	d->message = m;
	d->hop = hop;
	d->first = d->last = i;
	*(hop->last ? &hop->last->next : &hop->first) = d;
	hop->last = d;
	hop->waiting++;
	m->deliveries++;
	return d;
}

int
hop_add(struct hop *hop, struct message *m, uint32_t i)
{
	struct delivery *d = hop->last;
	struct job_rcpt rcpt;
	size_t octets;

	message_rcpt(m, i, &rcpt);
	octets = rcpt.address.n + rcpt.notify.n + rcpt.orcpt.n + 6;
	if (!d || d->message != m || d->count == JOB_RCPTS ||
		d->octets + octets > JOB_ROOM)
		d = begin_delivery(hop, m, i);
	if (!d)
		return -1;
	m->rcpt[d->last].next = i;
	d->last = i;
	d->count++;
	d->octets += octets;
	return 0;
}

struct delivery *
hop_take(struct hop *hop)
{
	struct delivery *d = hop->first;

	if (!d)
		return NULL;
	hop->first = d->next;
	if (!hop->first)
		hop->last = NULL;
	hop->waiting--;
	d->next = NULL;
	return d;
}

void
hop_put_back(struct hop *hop, struct delivery *d)
{
	d->next = hop->first;
	hop->first = d;
	if (!hop->last)
		hop->last = d;
	hop->waiting++;
}

unsigned
hop_limit(const struct hop *hop, uint64_t most)
{
	if (hop->failures || hop->crashes)
		return 1;
	if (hop->connections)
		most = hop->connections;
	if (!hop->up && !hop->local && most > HOP_START)
		return HOP_START;
	return (unsigned)most;
}

bool
hop_resting(const struct hop *hop, int64_t now)
{
	/* a clock set back since then must not make the rest longer */
	return now >= hop->tried && now < hop->until;
}

void
hop_answered(struct hop *hop, size_t at, int64_t now)
{
	if (at && at != hop->up_at)
		hop->up_end = now + HOP_ASIDE;
	hop->up_at = at;
	hop->up = true;
	hop->failures = 0;
	hop->crashes = 0;
	hop->until = 0;
	free(hop->reason);
	hop->reason = NULL;
}

size_t
hop_first(struct hop *hop, int64_t now)
{
	if (begins_further_on(hop, now))
		return hop->up_at;
	hop->up_end = now + HOP_ASIDE;
	return 0;
}

void
hop_rest(struct hop *hop, const struct verdict *why, int64_t now,
	uint64_t seconds)
{
	hop->up = false;
	hop->tried = now;
	hop->until = now + (int64_t)seconds;
	if (!hop->reason)
		hop->reason = malloc(sizeof *hop->reason);
	if (hop->reason) /* else hop_reason has words for it */
		hop_reason_set(hop->reason, why);
}

void
hop_awake(struct hop *hop)
{
	hop->failures = 0;
	hop->crashes = 0;
	hop->until = 0;
	hop->up_at = 0;
}

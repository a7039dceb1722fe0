/* SPDX-License-Identifier: ISC */
#include "admin/meters.h"

#include <inttypes.h>

#include "pure/clean.h"

/* Octets of a label's value that are shown. */
enum { LABEL_MAX = 512 };

/* A family of figures. All that have a unit are named after it. */
static void
family(FILE *out, const char *name, const char *type, const char *unit,
	const char *help)
{
	fprintf(out, "# TYPE postern_%s %s\n", name, type);
	if (unit)
		fprintf(out, "# UNIT postern_%s %s\n", name, unit);
	fprintf(out, "# HELP postern_%s %s\n", name, help);
}

/* A value without anything that cannot be seen, its quotes and backslashes
 * escaped. */
static void
label(FILE *out, const char *name, const char *value)
{
	char text[4 * LABEL_MAX];
	struct buf clean = BUF(text);

	clean_text(&clean, span_head(span_of(value), LABEL_MAX));
	fprintf(out, "%s=\"", name);
	for (size_t i = 0; i < clean.len; i++) {
		if (text[i] == '"' || text[i] == '\\')
			putc('\\', out);
		putc(text[i], out);
	}
	putc('"', out);
}

static void
single(FILE *out, const char *name, const char *unit, const char *help,
	uint64_t value)
{
	family(out, name, "gauge", unit, help);
	fprintf(out, "postern_%s %" PRIu64 "\n", name, value);
}

static void
labelled(FILE *out, const char *name, const char *key, const char *value,
	uint64_t number)
{
	fprintf(out, "postern_%s{", name);
	label(out, key, value);
	fprintf(out, "} %" PRIu64 "\n", number);
}

static void
print_queue(FILE *out, const struct health *h)
{
	family(out, "queue_messages", "gauge", NULL,
		"Messages in the queue by state.");
	for (size_t i = 0; i < HEALTH_STATES; i++)
		labelled(out, "queue_messages", "state", h->state[i].name,
			h->state[i].count);
	family(out, "queue_oldest_age_seconds", "gauge", "seconds",
		"Age of the oldest message in each state, 0 for none.");
	for (size_t i = 0; i < HEALTH_STATES; i++) {
		const struct health_state *state = &h->state[i];
		int64_t age = state->oldest ? h->now - state->oldest : 0;

		labelled(out, "queue_oldest_age_seconds", "state", state->name,
			age > 0 ? (uint64_t)age : 0);
	}
	single(out, "queue_free_bytes", "bytes",
		"Space left on the queue's disk.", h->free);
	single(out, "queue_reserve_bytes", "bytes",
		"Space below which new mail is refused.", h->reserve);
}

static void
print_send(FILE *out, const struct health *h)
{
	const struct health_send *send = &h->send;

	single(out, "send_running", NULL,
		"1 while the scheduler runs; it leaves when it is idle.",
		send->running);
	if (!send->known)
		return;
	family(out, "recipients", "counter", NULL,
		"Attempts by outcome, one for each recipient.");
	labelled(out, "recipients_total", "outcome", "delivered",
		send->delivered);
	labelled(
		out, "recipients_total", "outcome", "deferred", send->deferred);
	labelled(out, "recipients_total", "outcome", "failed", send->failed);
	labelled(out, "recipients_total", "outcome", "held", send->held);
}

/* The text knows no two figures of the same name and labels. */
static bool
hop_again(const struct health *h, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(h->hop[k].name, h->hop[i].name) == 0)
			return true;
	return false;
}

static bool
fault_again(const struct health *h, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(h->fault[k].hop, h->fault[i].hop) == 0 &&
			strcmp(h->fault[k].status, h->fault[i].status) == 0)
			return true;
	return false;
}

static uint64_t
hop_answered(const struct health *h, const struct health_hop *hop)
{
	(void)h;
	return hop->answered > 0 ? (uint64_t)hop->answered : 0;
}

static uint64_t
hop_failures(const struct health *h, const struct health_hop *hop)
{
	(void)h;
	return hop->failures;
}

static uint64_t
hop_resting(const struct health *h, const struct health_hop *hop)
{
	return health_resting(h, hop);
}

static void
print_hops(FILE *out, const struct health *h)
{
	static const struct {
		const char *name;
		const char *unit;
		const char *help;
		uint64_t (*value)(
			const struct health *h, const struct health_hop *hop);
	} rows[] = {
		{"hop_answered_timestamp_seconds", "seconds",
                 "When the next hop answered last, 0 for never.",       hop_answered},
		{ "hop_failures",                  NULL,
                 "Attempts in a row in which the next hop could not be "
			"asked.",				       hop_failures},
		{ "hop_resting",                   NULL,
                 "1 while the next hop is left alone after a failure.", hop_resting },
	};

	for (size_t r = 0; r < LEN(rows); r++) {
		family(out, rows[r].name, "gauge", rows[r].unit, rows[r].help);
		for (size_t i = 0; i < h->hops; i++)
			if (!hop_again(h, i))
				labelled(out, rows[r].name, "hop",
					h->hop[i].name,
					rows[r].value(h, &h->hop[i]));
	}
}

static void
print_faults(FILE *out, const struct health *h)
{
	family(out, "fault_messages", "gauge", NULL,
		"Messages held by a fault of this side.");
	for (size_t i = 0; i < h->faults; i++) {
		if (fault_again(h, i))
			continue;
		fputs("postern_fault_messages{", out);
		label(out, "hop", h->fault[i].hop);
		putc(',', out);
		label(out, "status", h->fault[i].status);
		fprintf(out, "} %" PRIu64 "\n", h->fault[i].messages);
	}
}

void
meters_print(FILE *out, const struct health *h)
{
	family(out, "build", "gauge", NULL, "1, with the version.");
	labelled(out, "build", "version", POSTERN_VERSION, 1);
	single(out, "well", NULL, "1 when postern status says that it is well.",
		h->complaints == 0);
	single(out, "complaints", NULL,
		"What keeps it from being well, see postern status.",
		h->complaints);
	print_queue(out, h);
	print_send(out, h);
	print_hops(out, h);
	print_faults(out, h);
	fputs("# EOF\n", out);
}

/* SPDX-License-Identifier: ISC */
#include "admin/health.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/statvfs.h>

#include "admin/tokens.h"
#include "deliver/settings.h"
#include "pure/age.h"
#include "pure/fields.h"
#include "queue/visit.h"
#include "sys/home.h"

enum { STATUS_MAX = 1 << 18 }; /* octets of the runner's words */

static const struct {
	const char *name;
	int64_t place;
} places[HEALTH_STATES] = {
	{"new",       SPOOL_NEW   },
	{ "deferred", SPOOL_TRIED },
	{ "held",     SPOOL_HELD  },
	{ "failed",   SPOOL_FAILED},
};

/* --- what is in the queue --- */

/* One place that is being counted. */
struct counting {
	struct health *h;
	struct health_state *state;
};

static void
count(void *ctx, const char id[QUEUE_ID], int64_t due)
{
	struct counting *c = ctx;
	int64_t came = queue_id_time(id) / 1000000;

	c->state->count++;
	if (c->state->oldest == 0 || came < c->state->oldest)
		c->state->oldest = came;
	if (due == SPOOL_NEW)
		due = came;
	if (due > 0 && due <= c->h->now && (c->h->due == 0 || due < c->h->due))
		c->h->due = due;
}

static int
count_queue(struct health *h, struct spool *s)
{
	for (size_t i = 0; i < HEALTH_STATES; i++) {
		struct counting c = { h, &h->state[i] };

		c.state->name = places[i].name;
		if (visit_place(s, places[i].place, count, &c) == -1)
			return -1;
	}
	return 0;
}

/* --- the runner's words --- */

static uint64_t
read_number(const struct fields *line, const char *key)
{
	uint64_t n;

	return fields_number(line, span_of(key), &n) == 0 ? n : 0;
}

static int64_t
read_time(const struct fields *line, const char *key)
{
	uint64_t n = read_number(line, key);

	return n <= INT64_MAX ? (int64_t)n : 0;
}

static void
read_send(struct health *h, const struct fields *line)
{
	struct health_send *send = &h->send;

	send->known = true;
	send->time = read_time(line, "time");
	send->pid = read_number(line, "pid");
	send->delivered = read_number(line, "delivered");
	send->deferred = read_number(line, "deferred");
	send->failed = read_number(line, "failed");
	send->held = read_number(line, "held");
}

static void
read_fault(struct health *h, const struct fields *line)
{
	struct health_fault *fault = &h->fault[h->faults];

	if (h->faults == HEALTH_FAULTS)
		return;
	h->faults++;
	fault->since = read_time(line, "since");
	fault->messages = read_number(line, "messages");
	fields_text(line, SPAN("hop"), fault->hop, sizeof fault->hop);
	fields_text(line, SPAN("status"), fault->status, sizeof fault->status);
	fields_text(line, SPAN("text"), fault->text, sizeof fault->text);
}

static void
read_hop(struct health *h, const struct fields *line)
{
	struct health_hop *hop = &h->hop[h->hops];

	if (h->hops == HEALTH_HOPS)
		return;
	h->hops++;
	hop->answered = read_time(line, "answered");
	hop->until = read_time(line, "until");
	hop->failures = read_number(line, "failures");
	fields_text(line, SPAN("name"), hop->name, sizeof hop->name);
	fields_text(line, SPAN("text"), hop->text, sizeof hop->text);
}

static void
read_line(struct health *h, struct span text)
{
	static const struct {
		const char *event;
		void (*read)(struct health *h, const struct fields *line);
	} events[] = {
		{"send",   read_send },
		{ "fault", read_fault},
		{ "hop",   read_hop  },
	};
	struct fields line;

	if (!fields_begin(&line, text))
		return;
	for (size_t i = 0; i < LEN(events); i++)
		if (span_eq(line.event, span_of(events[i].event)))
			events[i].read(h, &line);
}

/* A file that is missing or cannot be read is a runner that said nothing: the
 * queue itself tells more. */
static void
read_status(struct health *h, struct spool *s)
{
	static char text[STATUS_MAX];
	ssize_t n = spool_noted(s, "status", text, sizeof text);
	struct span rest = { text, n > 0 ? (size_t)n : 0 };

	h->send.running = visit_runner(s) == 1;
	while (rest.n) {
		struct span line = span_head(rest, span_find(rest, '\n'));

		rest = span_from(rest, line.n + 1);
		read_line(h, line);
	}
}

/* --- complaints --- */

__attribute__((format(printf, 2, 3))) static void
complain(struct health *h, const char *format, ...)
{
	va_list args;

	if (h->complaints == HEALTH_COMPLAINTS)
		return;
	va_start(args, format);
	vsnprintf(h->complaint[h->complaints++], sizeof h->complaint[0], format,
		args);
	va_end(args);
}

struct age {
	char text[40];
};

static const char *
age_of(struct age *age, const struct health *h, int64_t since)
{
	struct buf out = BUF(age->text);

	age_print(&out, h->now - since);
	return buf_cstr(&out);
}

bool
health_resting(const struct health *h, const struct health_hop *hop)
{
	return hop->until > h->now;
}

static void
judge_faults(struct health *h)
{
	struct age age;

	for (size_t i = 0; i < h->faults; i++) {
		const struct health_fault *f = &h->fault[i];

		/* of control this look knows more than the last one */
		if (strcmp(f->hop, "-") == 0 &&
			(!h->control_good || !h->send.running))
			continue;
		complain(h, "%s: %s (for %s, %ju message%s)", f->hop, f->text,
			age_of(&age, h, f->since), (uintmax_t)f->messages,
			f->messages == 1 ? "" : "s");
	}
}

static void
judge_runner(struct health *h)
{
	struct age age;

	if (!h->send.running && h->due && h->now - h->due > HEALTH_PATIENCE)
		complain(h,
			"no postern-send runs, and mail has been due for %s; "
			"start it, or enable postern-send.path and "
			"postern-send.timer",
			age_of(&age, h, h->due));
}

static void
judge_space(struct health *h, struct spool *s)
{
	struct statvfs fs;

	if (fstatvfs(s->dir, &fs) == -1)
		return;
	h->free = (uint64_t)fs.f_bavail * fs.f_frsize;
	if (h->free < h->reserve)
		complain(h,
			"new mail is refused: the queue's disk has %ju octets "
			"left, control/queuereserve keeps %ju; free some",
			(uintmax_t)h->free, (uintmax_t)h->reserve);
	if (fs.f_files && fs.f_favail == 0)
		complain(h, "new mail is refused: the queue's file system has "
			    "no inodes left; remove files");
}

/* A next hop that a control file names has been silent for a while, and mail
 * waits. Other hosts come and go. */
static void
judge_route(void *ctx, const struct routes_choice *choice)
{
	struct health *h = ctx;
	struct age age;

	for (size_t i = 0; i < h->hops; i++) {
		struct health_hop *hop = &h->hop[i];

		if (!health_resting(h, hop) || hop->failures == 0 ||
			h->now - hop->answered <= HEALTH_PATIENCE ||
			!span_eq_nocase(
				span_of(hop->name), span_of(choice->text)))
			continue;
		complain(h,
			"%s (control/%s:%u) %s%s: %s; is it down, or the "
			"way there?",
			hop->name, choice->file, choice->line,
			hop->answered ? "has not answered for "
				      : "has never "
					"answered",
			hop->answered ? age_of(&age, h, hop->answered) : "",
			hop->text);
		return;
	}
}

static void
judge_control(struct health *h)
{
	static struct settings settings;

	h->control_good = settings_read(&settings, &h->control) == 0;
	if (h->control_good && control_open(&h->control) == 0) {
		h->control_good =
			control_number(&h->control, CONTROL_QUEUERESERVE,
				&h->reserve) == 0;
		control_close(&h->control);
	}
	if (!h->control_good)
		complain(h, "control is broken, all mail waits: %s",
			control_error(&h->control));
	else if (h->state[1].count)
		routes_walk(settings.routes, judge_route, h);
	settings_free(&settings);
}

static void
judge_account(struct health *h, const struct vault *vault,
	const struct oauth2_account *account)
{
	char file[LIMIT_TOKEN_FILE];
	char text[HEALTH_TEXT];
	struct buf words = BUF(text);
	struct span name = account->name;
	struct token token;

	if (vault_token(vault, name, ".token", file, &token) == -1) {
		complain(h, "oauth2 account %.*s: its token cannot be read: %s",
			(int)name.n, name.p, strerror(errno));
	} else if (tokens_alarm(account, &token, (uint64_t)h->now)) {
		tokens_judge(account, &token, (uint64_t)h->now, &words);
		complain(h, "oauth2 account %.*s: %.*s", (int)name.n, name.p,
			(int)words.len, words.p);
	}
	explicit_bzero(file, sizeof file);
}

static void
judge_accounts(struct health *h)
{
	char path[LIMIT_PATH];
	const struct oauth2_account *account;
	struct vault vault = { .dir = -1 };
	struct oauth2 *accounts = NULL;
	size_t i = 0;

	if (control_open(&h->control) == 0)
		accounts = oauth2_open(&h->control);
	if (accounts && oauth2_at(accounts, 0)) {
		if (!home_oauth2(path) || vault_open(&vault, path, false) == -1)
			complain(h,
				"the tokens of control/oauth2 cannot be "
				"read: %s",
				strerror(errno));
		else
			while ((account = oauth2_at(accounts, i++)) != NULL)
				judge_account(h, &vault, account);
		vault_close(&vault);
	}
	oauth2_close(accounts);
	control_close(&h->control);
}

static void
judge_age(struct health *h, int64_t max_age)
{
	for (size_t i = 0; i < 2; i++) { /* new and deferred */
		const struct health_state *state = &h->state[i];
		struct age age;

		if (max_age && state->oldest &&
			h->now - state->oldest > max_age)
			complain(h, "%s mail is %s old; see postern list",
				state->name, age_of(&age, h, state->oldest));
	}
}

int
health_look(struct health *h, struct spool *s, int64_t now, int64_t max_age)
{
	*h = (struct health){ .now = now };
	if (count_queue(h, s) == -1)
		return -1;
	read_status(h, s);
	judge_control(h);
	judge_accounts(h);
	judge_faults(h);
	judge_runner(h);
	judge_space(h, s);
	judge_age(h, max_age);
	return 0;
}

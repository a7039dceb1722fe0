/* SPDX-License-Identifier: ISC */
#include "admin/deed.h"

#include <errno.h>

#include "queue/visit.h"
#include "sys/log.h"

/* Recipients named in the log line of one message. */
enum { NAMED = 20 };

static const struct deed deeds[] = {
	{"hold",     "postern-hold",    "will be held",             "set-aside",
         STATE_NEW | STATE_DEFERRED, false, SPOOL_HELD},
	{ "release", "postern-release", "will be released",         "released",
         STATE_HELD,                 false, SPOOL_NEW },
	{ "remove",  "postern-remove",  "will be removed for good", "removed",
         STATE_ALL,                  true,  0         },
	{ "retry",   "postern-retry",   "will be tried now",        "retried",
         STATE_DEFERRED,             false, SPOOL_NEW },
};

const struct deed *
deed_named(const char *verb)
{
	for (size_t i = 0; i < LEN(deeds); i++)
		if (strcmp(deeds[i].verb, verb) == 0)
			return &deeds[i];
	return NULL;
}

const char *
deed_refusal(const struct deed *deed, int64_t due)
{
	unsigned state = choice_state(due);

	if (deed->states & state)
		return NULL;
	if (state == STATE_HELD)
		return deed->to == SPOOL_HELD ? "held already"
					      : "held; see postern release";
	if (state == STATE_FAILED)
		return "in failed/, where nobody is left to try";
	return deed->to == SPOOL_NEW && state == STATE_NEW
		       ? "new, and tried without being told"
		       : "not held";
}

/* Of a removed message no other trace is left. */
static void
add_envelope(struct log *line, const struct message *m)
{
	uint32_t named = 0;

	log_text(line, "from", m->sender);
	log_number(line, "size", m->file.header.size);
	log_number(line, "open", m->open);
	for (uint32_t i = 0; i < m->rcpts && named < NAMED; i++) {
		struct job_rcpt to;

		if (m->rcpt[i].state == RCPT_DONE)
			continue;
		message_rcpt(m, i, &to);
		log_text(line, "to", to.address);
		named++;
	}
}

static void
log_deed(const struct deed *deed, const struct item *item,
	const struct message *m, const char *user)
{
	struct log line;

	log_begin(&line, LOG_LEVEL_INFO, deed->done);
	log_text(&line, "id", (struct span){ item->id, QUEUE_ID });
	log_text(&line, "by", span_of(user));
	log_text(&line, "was", span_of(choice_state_name(item->due)));
	if (m)
		add_envelope(&line, m);
	log_write(&line);
}

static int
act(const struct deed *deed, struct spool *s, const struct item *item)
{
	if (deed->remove)
		return visit_remove(s, item->id, item->due);
	return visit_move(s, item->id, item->due, deed->to);
}

/* What is written of a message is read before it is gone. A damaged one has
 * an id alone. */
static int
try_once(const struct deed *deed, struct catalogue *c, struct item *item,
	const char *user)
{
	struct message m;
	bool known = message_glance(&m, c->spool, item->id, item->due) == 0;
	int result = act(deed, c->spool, item);

	if (result == 0)
		log_deed(deed, item, known ? &m : NULL, user);
	if (known)
		message_close(&m);
	return result;
}

int
deed_do(const struct deed *deed, struct catalogue *c, struct item *item,
	const char *user)
{
	/* it may move while it is looked for, but hardly ever twice */
	for (int tries = 0; tries < 5; tries++) {
		if (deed_refusal(deed, item->due))
			return 0;
		if (try_once(deed, c, item, user) == 0)
			return 1;
		if (errno != ENOENT)
			return -1;
		if (catalogue_find(c, item) == -1)
			return errno == ENOENT ? 0 : -1;
	}
	errno = EBUSY;
	return -1;
}

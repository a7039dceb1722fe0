/* SPDX-License-Identifier: ISC */
#include "admin/choice.h"

#include "pure/address.h"
#include "pure/age.h"

static const struct {
	unsigned bit;
	const char *name;
} states[] = {
	{STATE_NEW,       "new"     },
	{ STATE_DEFERRED, "deferred"},
	{ STATE_HELD,     "held"    },
	{ STATE_FAILED,   "failed"  },
};

unsigned
choice_state(int64_t due)
{
	if (due == SPOOL_NEW)
		return STATE_NEW;
	if (due == SPOOL_HELD)
		return STATE_HELD;
	return due > 0 ? STATE_DEFERRED : STATE_FAILED;
}

const char *
choice_state_name(int64_t due)
{
	size_t i = 0;

	while (states[i].bit != choice_state(due))
		i++;
	return states[i].name;
}

static const char *
read_states(struct choice *c, struct span text)
{
	unsigned wanted = 0;

	while (text.n) {
		struct span word = span_head(text, span_find(text, ','));
		unsigned bit = 0;

		for (size_t i = 0; i < LEN(states); i++)
			if (span_eq_nocase(word, span_of(states[i].name)))
				bit = states[i].bit;
		if (bit == 0)
			return "a state is new, deferred, held or failed";
		wanted |= bit;
		text = span_from(text, word.n + 1);
	}
	if (wanted == 0)
		return "a state is new, deferred, held or failed";
	c->states = wanted;
	return NULL;
}

static const char *
read_age(int64_t *age, const char *argument)
{
	if (age_parse(span_of(argument), age) == 0 && *age > 0)
		return NULL;
	return "an age is a number of s, m, h, d or w: 90s, 4h, 3d";
}

const char *
choice_option(struct choice *c, int option, const char *argument)
{
	switch (option) {
	case CHOICE_ALL:
		c->all = true;
		return NULL;
	case CHOICE_FROM:
		c->sender = strcmp(argument, "<>") == 0 ? "" : argument;
		return NULL;
	case CHOICE_TO:
		c->recipient = argument;
		return *argument ? NULL : "a recipient is an address";
	case CHOICE_DOMAIN:
		c->domain = *argument == '@' ? argument + 1 : argument;
		return *c->domain ? NULL : "a domain has a name";
	case CHOICE_OLDER:
		return read_age(&c->older, argument);
	case CHOICE_NEWER:
		return read_age(&c->newer, argument);
	default:
		return read_states(c, span_of(argument));
	}
}

const char *
choice_ids(struct choice *c, char **ids, size_t n)
{
	c->ids = ids;
	c->id_count = n;
	for (size_t i = 0; i < n; i++) {
		struct span id = span_of(ids[i]);

		for (size_t at = 0; at < id.n; at++)
			if (!((id.p[at] >= '0' && id.p[at] <= '9') ||
				    (id.p[at] >= 'a' && id.p[at] <= 'v')))
				return "an id has digits and letters a to v";
		if (id.n == 0 || id.n > QUEUE_ID)
			return "an id has 24 characters, or fewer that begin "
			       "it";
	}
	return NULL;
}

bool
choice_empty(const struct choice *c)
{
	return !c->all && c->id_count == 0 && !choice_asks(c) &&
	       c->older == 0 && c->newer == 0 && c->states == STATE_ALL;
}

static bool
has_id(const struct choice *c, const char id[QUEUE_ID])
{
	for (size_t i = 0; i < c->id_count; i++)
		if (memcmp(id, c->ids[i], strlen(c->ids[i])) == 0)
			return true;
	return c->id_count == 0;
}

bool
choice_name(const struct choice *c, const char id[QUEUE_ID], int64_t due,
	int64_t now)
{
	int64_t age = now - queue_id_time(id) / 1000000;

	return (choice_state(due) & c->states) && has_id(c, id) &&
	       (c->older == 0 || age > c->older) &&
	       (c->newer == 0 || age < c->newer);
}

bool
choice_asks(const struct choice *c)
{
	return c->sender || c->recipient || c->domain || c->client;
}

static bool
has_recipient(const struct choice *c, const struct message *m)
{
	for (uint32_t i = 0; i < m->rcpts; i++) {
		struct job_rcpt rcpt;
		struct span domain;

		if (m->rcpt[i].state == RCPT_DONE && m->open)
			continue;
		message_rcpt(m, i, &rcpt);
		domain = address_domain_of(rcpt.address);
		if ((!c->recipient || span_eq_nocase(rcpt.address,
					      span_of(c->recipient))) &&
			(!c->domain ||
				span_eq_nocase(domain, span_of(c->domain))))
			return true;
	}
	return false;
}

static bool
has_client(const struct message *m, struct span client)
{
	struct span rest = m->file.envelope;
	struct span value;
	char letter;

	while (queue_envelope_next(&rest, &letter, &value) == 1 &&
		letter != 'T')
		if (letter == 'C')
			return span_eq(value, client);
	return false;
}

bool
choice_message(const struct choice *c, const struct message *m)
{
	if (c->client && !has_client(m, span_of(c->client)))
		return false;
	if (c->sender && !span_eq_nocase(m->sender, span_of(c->sender)))
		return false;
	return (!c->recipient && !c->domain) || has_recipient(c, m);
}

/* SPDX-License-Identifier: ISC */
#include "admin/trail.h"

#include <stdlib.h>

#include "pure/address.h"
#include "pure/ip.h"
#include "pure/limits.h"
#include "queue/format.h"

_Static_assert(sizeof *((struct trail *)0)->id == QUEUE_ID + 1, "an id each");

/* --- the ids that are followed --- */

static size_t
slot_of(const struct trail *s, const char *id)
{
	uint64_t mix = 0;

	for (size_t i = 0; i < QUEUE_ID; i++)
		mix = mix * 33 + (unsigned char)id[i];
	mix %= s->room;
	while (s->id[mix][0] && memcmp(s->id[mix], id, QUEUE_ID) != 0)
		mix = (mix + 1) % s->room;
	return mix;
}

static bool
grow(struct trail *s)
{
	struct trail old = *s;

	s->room = old.room ? 2 * old.room : 64;
	s->id = calloc(s->room, sizeof *s->id);
	if (!s->id) {
		*s = old;
		return false;
	}
	for (size_t i = 0; i < old.room; i++)
		if (old.id[i][0])
			memcpy(s->id[slot_of(s, old.id[i])], old.id[i],
				sizeof *s->id);
	free(old.id);
	return true;
}

static bool
is_followed(const struct trail *s, struct span id)
{
	return s->room && queue_id_valid(id) && s->id[slot_of(s, id.p)][0];
}

/* Returns false when memory is short. */
static bool
note_id(struct trail *s, struct span id, bool report)
{
	size_t slot;

	if (!queue_id_valid(id) || is_followed(s, id))
		return true;
	if (2 * s->ids >= s->room && !grow(s))
		return false;
	slot = slot_of(s, id.p);
	memcpy(s->id[slot], id.p, QUEUE_ID);
	s->id[slot][QUEUE_ID] = report;
	s->ids++;
	return true;
}

void
trail_free(struct trail *s)
{
	free(s->id);
	s->id = NULL;
	s->ids = s->room = 0;
}

/* --- words --- */

static bool
holds(struct span text, struct span part)
{
	for (size_t i = 0; i + part.n <= text.n; i++)
		if (span_begins_nocase(span_from(text, i), part))
			return true;
	return false;
}

static bool
is_domain(struct span word)
{
	return span_find(word, '.') < word.n &&
	       address_domain_valid(word, true);
}

/* Does a plain value of that field fit the word? */
static bool
value_fits(struct span key, struct span value, struct span word)
{
	bool address = span_eq(key, SPAN("from")) || span_eq(key, SPAN("to"));
	struct ip ip;

	if (queue_id_valid(word))
		return span_eq(value, word);
	if (word.n && word.p[0] == '@')
		return address && span_eq_nocase(address_domain_of(value),
					  span_from(word, 1));
	if (span_find(word, '@') < word.n)
		return address ? span_eq_nocase(value, word)
			       : holds(value, word);
	if (ip_parse(word, &ip) == 0)
		return span_eq_nocase(value, word) || holds(value, word);
	if (address && is_domain(word))
		return span_eq_nocase(address_domain_of(value), word);
	return holds(value, word);
}

static bool
word_fits(const struct fields *line, struct span word)
{
	static char text[LIMIT_LOG_LINE];
	struct fields copy = *line;
	struct span key;
	struct span value;

	while (fields_next(&copy, &key, &value)) {
		struct buf plain = BUF(text);

		fields_plain(&plain, value);
		if (value_fits(key, buf_text(&plain), word))
			return true;
	}
	return false;
}

/* Every word must fit. */
static bool
all_fit(const struct trail *s, const struct fields *line)
{
	for (size_t i = 0; i < s->words; i++)
		if (!word_fits(line, s->word[i]))
			return false;
	return true;
}

/* --- lines --- */

/* Of a message that is followed for one of its recipients, what became of the
 * others is left out. */
static bool
continues(const struct trail *s, const struct fields *line)
{
	struct span value;

	if (!fields_find(line, SPAN("id"), &value) || !is_followed(s, value))
		return false;
	if (s->id[slot_of(s, value.p)][QUEUE_ID] ||
		!fields_find(line, SPAN("to"), &value))
		return true;
	for (size_t i = 0; i < s->words; i++)
		if (span_find(s->word[i], '@') < s->word[i].n)
			return false;
	return true;
}

static bool
note_ids(struct trail *s, const struct fields *line)
{
	struct fields copy = *line;
	struct span key;
	struct span value;

	while (fields_next(&copy, &key, &value)) {
		bool report = span_eq(key, SPAN("report"));

		if ((report || span_eq(key, SPAN("id"))) &&
			!note_id(s, value, report))
			return false;
	}
	return true;
}

enum trail_verdict
trail_line(struct trail *s, const struct fields *line)
{
	if (s->words == 0)
		return TRAIL_YES;
	if (!all_fit(s, line) && !continues(s, line))
		return TRAIL_NO;
	return note_ids(s, line) ? TRAIL_YES : TRAIL_MEMORY;
}

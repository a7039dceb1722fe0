/* SPDX-License-Identifier: ISC */
#include "admin/story.h"

#include <stdlib.h>

/* The letters of a journal (queue/README). */
static const struct {
	char mark;
	const char *word;
} marks[] = {
	{'d',  "delivered"},
	{ 'D', "delivered"},
	{ 'R', "delivered"},
	{ 'f', "failed"   },
	{ 'F', "failed"   },
	{ 'x', "failed"   },
	{ 't', "deferred" },
	{ 'W', "deferred" },
	{ 'h', "held"     },
};

const char *
story_word(enum queue_mark mark)
{
	for (size_t i = 0; i < LEN(marks); i++)
		if (marks[i].mark == (char)mark)
			return marks[i].word;
	return "noted";
}

/* A capital letter is an outcome of which the sender is to be told; the small
 * one behind it says that this was done. */
static bool
says_told(char before, char mark)
{
	return mark == 'w' || (before == 'F' && (mark == 'f' || mark == 'x')) ||
	       ((before == 'D' || before == 'R') && mark == 'd');
}

/* Goes through the lines and keeps the last mark of each recipient in
 * `rcpt`. */
static void
go_through(const struct message *m, struct story_rcpt *rcpt, story_each *each,
	void *ctx)
{
	struct span rest = m->file.journal;
	struct queue_record record;

	/* message_glance has seen that there are such recipients */
	while (queue_record_next(&rest, m->file.seed, &record) == 1) {
		struct story_rcpt *its = &rcpt[record.rcpt];
		char mark = (char)record.mark;

		each(m, ctx, &record, says_told(its->mark, mark));
		its->mark = mark;
	}
}

static void
keep_outcome(const struct message *m, void *ctx,
	const struct queue_record *record, bool told)
{
	struct story *story = ctx;
	struct story_rcpt *rcpt = &story->rcpt[record->rcpt];

	(void)m;
	if (told)
		return;
	rcpt->tried = true;
	rcpt->last = *record;
	if (strcmp(story_word(record->mark), "delivered") == 0)
		return;
	story->tried = true;
	story->last = *record;
}

int
story_read(struct story *story, const struct message *m)
{
	*story = (struct story){ .tried = false };
	story->rcpt = calloc(m->rcpts, sizeof *story->rcpt);
	if (!story->rcpt)
		return -1;
	go_through(m, story->rcpt, keep_outcome, story);
	return 0;
}

void
story_free(struct story *story)
{
	free(story->rcpt);
	*story = (struct story){ .rcpt = NULL };
}

int
story_tell(const struct message *m, story_each *each, void *ctx)
{
	struct story_rcpt *rcpt = calloc(m->rcpts, sizeof *rcpt);

	if (!rcpt)
		return -1;
	go_through(m, rcpt, each, ctx);
	free(rcpt);
	return 0;
}

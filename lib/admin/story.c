/* SPDX-License-Identifier: ISC */
#include "admin/story.h"

#include <stdlib.h>

const char *
story_word(enum queue_mark mark)
{
	switch (mark) {
	case QUEUE_DELIVERED:
		return "delivered";
	case QUEUE_FAILED:
		return "failed";
	case QUEUE_DEFERRED:
		return "deferred";
	case QUEUE_HELD:
		return "held";
	}
	return "noted";
}

int
story_read(struct story *story, const struct message *m)
{
	struct span rest = m->file.journal;
	struct queue_record record;

	*story = (struct story){ .rcpt = calloc(
					 m->rcpts, sizeof(struct story_rcpt)) };
	if (!story->rcpt)
		return -1;
	while (queue_record_next(&rest, m->file.seed, &record) == 1) {
		struct story_rcpt *rcpt = &story->rcpt[record.rcpt];

		if (!memchr("dfth", (int)record.mark, 4))
			continue;
		rcpt->tried = true;
		rcpt->last = record;
		if (record.mark == QUEUE_DELIVERED)
			continue;
		story->tried = true;
		story->last = record;
	}
	return 0;
}

void
story_free(struct story *story)
{
	free(story->rcpt);
	*story = (struct story){ .rcpt = NULL };
}

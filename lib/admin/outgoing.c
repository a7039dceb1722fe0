/* SPDX-License-Identifier: ISC */
#include "admin/outgoing.h"

#include <errno.h>
#include <unistd.h>

#include "pure/headeredit.h"
#include "sys/screen.h"

enum { PIECE = 4096 };

/* Two streams in one: the octets as they come, and the line at hand. */
struct outgoing {
	struct rewrite *rules;
	size_t n;
	bool empty; /* the line holds nothing but its end */
	bool over;  /* the header has ended */
	char line[PIECE];
};

static struct headeredit edit;

static int
new_address(void *ctx, enum headeredit_kind kind, struct span address,
	struct buf *out)
{
	struct outgoing *o = ctx;

	return kind == HEADEREDIT_FROM ? rewrite_sender(o->rules, address, out)
				       : rewrite_to(o->rules, address, out);
}

static void
show_line(struct outgoing *o)
{
	while (o->n && o->line[o->n - 1] == '\r')
		o->n--;
	screen_text((struct span){ o->line, o->n });
	o->n = 0;
}

static int
take_text(void *ctx, struct span text)
{
	struct outgoing *o = ctx;

	for (size_t i = 0; i < text.n && !o->over; i++) {
		char c = text.p[i];

		if (c == '\n') {
			o->over = o->empty;
			show_line(o);
			if (!o->over)
				screen_line();
			o->empty = true;
			continue;
		}
		o->empty &= c == '\r';
		if (o->n == sizeof o->line)
			show_line(o);
		o->line[o->n++] = c == '\t' ? ' ' : c;
	}
	return 0;
}

int
outgoing_header(
	int fd, struct rewrite *rules, bool null_sender, rewrite_tell *tell)
{
	static struct outgoing o;
	char text[PIECE];
	unsigned kinds = 0;
	ssize_t n = 0;
	int result = 0;

	o = (struct outgoing){ .rules = rules, .empty = true };
	if (rules && !null_sender) {
		if (rewrite_edits(rules))
			kinds = HEADEREDIT_FROM | HEADEREDIT_TO;
		rewrite_listen(rules, tell, NULL);
	}
	headeredit_begin(&edit, kinds, new_address, take_text, &o);
	while (result == 0 && !o.over && (n = read(fd, text, sizeof text)) > 0)
		result = headeredit_feed(
			&edit, (struct span){ text, (size_t)n });
	if (result == 0 && n == 0)
		result = headeredit_end(&edit);
	if (rules)
		rewrite_listen(rules, NULL, NULL);
	if (o.n)
		take_text(&o, SPAN("\n"));
	if (result == -1)
		errno = 0;
	return n == -1 ? -1 : result;
}

/* SPDX-License-Identifier: ISC */
#include "pure/mailhead.h"

#include "pure/ascii.h"

struct mailhead_field {
	struct span name;
	unsigned seen;
	bool names; /* recipients */
	bool resent;
	bool drop;
};

/* clang-format off */
static const struct mailhead_field fields[] = {
	/* name                     noted as         names  resent drop */
	{ SPAN_INIT("Date"),        MAILHEAD_DATE,   false, false, false },
	{ SPAN_INIT("From"),        MAILHEAD_FROM,   false, false, false },
	{ SPAN_INIT("Message-ID"),  MAILHEAD_ID,     false, false, false },
	{ SPAN_INIT("To"),          0,               true,  false, false },
	{ SPAN_INIT("Cc"),          0,               true,  false, false },
	{ SPAN_INIT("Bcc"),         0,               true,  false, true  },
	{ SPAN_INIT("Resent-To"),   MAILHEAD_RESENT, true,  true,  false },
	{ SPAN_INIT("Resent-Cc"),   MAILHEAD_RESENT, true,  true,  false },
	{ SPAN_INIT("Resent-Bcc"),  MAILHEAD_RESENT, true,  true,  true  },
	{ SPAN_INIT("Return-Path"), 0,               false, false, true  },
};
/* clang-format on */

static struct span
name_of(const struct mailhead *head)
{
	return (struct span){ head->name, head->name_len };
}

static bool
blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Is the recipient field that was read to its end to be looked through? */
static bool
naming(const struct mailhead *head)
{
	return head->extract && head->field && head->field->names;
}

/* A name and its colon are complete. */
static void
begin_field(struct mailhead *head, struct buf *out)
{
	struct span name = span_trim(name_of(head));

	head->field = NULL;
	for (size_t i = 0; i < LEN(fields) && !head->field; i++)
		if (span_eq_nocase(name, fields[i].name))
			head->field = &fields[i];
	head->place = MAILHEAD_IN_VALUE;
	if (head->field) {
		head->seen |= head->field->seen;
		head->resent = head->field->resent;
	}
	if (head->field && head->field->drop)
		return;
	buf_span(out, name_of(head));
	buf_char(out, ':');
}

/* The line at hand is the first of the body. */
static enum mailhead_verdict
begin_body(struct mailhead *head, struct buf *out)
{
	buf_str(out, "\r\n");
	buf_span(out, name_of(head));
	head->place = MAILHEAD_OVER;
	return MAILHEAD_END;
}

static enum mailhead_verdict
verdict_of(enum rcptlist_verdict verdict)
{
	switch (verdict) {
	case RCPTLIST_MORE:
		return MAILHEAD_MORE;
	case RCPTLIST_MAILBOX:
		return MAILHEAD_MAILBOX;
	default:
		return MAILHEAD_BAD;
	}
}

/* The field before this line is complete. */
static enum mailhead_verdict
end_field(struct mailhead *head)
{
	enum mailhead_verdict verdict = MAILHEAD_MORE;

	if (naming(head))
		verdict = verdict_of(rcptlist_end(&head->list));
	if (verdict == MAILHEAD_MORE)
		head->field = NULL;
	return verdict;
}

/* The first character of a line; it is used unless the field before it still
 * has something to say. */
static enum mailhead_verdict
take_start(struct mailhead *head, struct span *in, struct buf *out)
{
	char c = in->p[0];
	enum mailhead_verdict verdict;

	if (blank(c) && head->lines) {
		head->place = MAILHEAD_IN_VALUE;
		return MAILHEAD_MORE;
	}
	verdict = end_field(head);
	if (verdict != MAILHEAD_MORE)
		return verdict;
	head->name_len = 0;
	if (c == '\r') {
		*in = span_from(*in, 1);
		head->place = MAILHEAD_EMPTY;
		return MAILHEAD_MORE;
	}
	if (!ascii_visible(c) || c == ':')
		return begin_body(head, out);
	head->place = MAILHEAD_IN_NAME;
	return MAILHEAD_MORE;
}

/* `From ` of an mbox, with a > where something has quoted it. */
static bool
is_mbox(const struct mailhead *head)
{
	struct span name = name_of(head);

	return head->lines == 0 &&
	       (span_eq(name, SPAN("From ")) || span_eq(name, SPAN(">From ")));
}

/* A character of a name, or what ends it. */
static enum mailhead_verdict
take_name(struct mailhead *head, struct span *in, struct buf *out)
{
	char c = in->p[0];
	bool good = blank(c) ||
		    (head->place == MAILHEAD_IN_NAME && ascii_visible(c));

	if (c == ':') {
		*in = span_from(*in, 1);
		begin_field(head, out);
		return MAILHEAD_MORE;
	}
	if (!blank(c) && is_mbox(head)) {
		head->place = MAILHEAD_IN_MBOX;
		return MAILHEAD_MORE;
	}
	if (!good || head->name_len == sizeof head->name)
		return begin_body(head, out);
	*in = span_from(*in, 1);
	head->name[head->name_len++] = c;
	if (blank(c))
		head->place = MAILHEAD_BLANK;
	return MAILHEAD_MORE;
}

/* As much of a value as there is of its line. */
static enum mailhead_verdict
take_value(struct mailhead *head, struct span *in, struct buf *out)
{
	struct span line = span_head(*in, span_find(*in, '\n') + 1);
	struct span left = line;
	enum mailhead_verdict verdict = MAILHEAD_MORE;

	if (naming(head)) {
		verdict = verdict_of(rcptlist_feed(&head->list, &left));
		line.n -= left.n;
	}
	*in = span_from(*in, line.n);
	if (!head->field || !head->field->drop)
		buf_span(out, line);
	if (line.n && line.p[line.n - 1] == '\n') {
		head->place = MAILHEAD_START;
		head->lines++;
	}
	return verdict;
}

static enum mailhead_verdict
step(struct mailhead *head, struct span *in, struct buf *out)
{
	switch (head->place) {
	case MAILHEAD_START:
		return take_start(head, in, out);
	case MAILHEAD_IN_NAME:
	case MAILHEAD_BLANK:
		return take_name(head, in, out);
	case MAILHEAD_IN_VALUE:
		return take_value(head, in, out);
	case MAILHEAD_IN_MBOX:
		*in = span_from(*in, span_find(*in, '\n'));
		if (in->n) {
			*in = span_from(*in, 1);
			head->place = MAILHEAD_START;
		}
		return MAILHEAD_MORE;
	case MAILHEAD_EMPTY:
		*in = span_from(*in, 1);
		buf_str(out, "\r\n");
		head->place = MAILHEAD_OVER;
		return MAILHEAD_END;
	case MAILHEAD_OVER:
		break;
	}
	return MAILHEAD_END;
}

enum mailhead_verdict
mailhead_feed(struct mailhead *head, struct span *in, struct buf *out)
{
	enum mailhead_verdict verdict = MAILHEAD_MORE;

	while (in->n && verdict == MAILHEAD_MORE)
		verdict = step(head, in, out);
	return verdict;
}

enum mailhead_verdict
mailhead_end(struct mailhead *head, struct buf *out)
{
	enum mailhead_verdict verdict;

	if (head->place == MAILHEAD_OVER)
		return MAILHEAD_END;
	verdict = end_field(head);
	if (verdict != MAILHEAD_MORE)
		return verdict;
	if (head->place != MAILHEAD_IN_NAME && head->place != MAILHEAD_BLANK)
		head->name_len = 0;
	return begin_body(head, out);
}

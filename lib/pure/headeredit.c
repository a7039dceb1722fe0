/* SPDX-License-Identifier: ISC */
#include "pure/headeredit.h"

#include "pure/addrlist.h"
#include "pure/ascii.h"

static const struct {
	struct span name;
	enum headeredit_kind kind;
} fields[] = {
	{SPAN_INIT("From"),      HEADEREDIT_FROM},
	{ SPAN_INIT("Sender"),   HEADEREDIT_FROM},
	{ SPAN_INIT("Reply-To"), HEADEREDIT_FROM},
	{ SPAN_INIT("To"),       HEADEREDIT_TO  },
	{ SPAN_INIT("Cc"),       HEADEREDIT_TO  },
};

void
headeredit_begin(struct headeredit *e, unsigned kinds,
	headeredit_address *address, headeredit_sink *sink, void *ctx)
{
	e->kinds = kinds;
	e->address = address;
	e->sink = sink;
	e->ctx = ctx;
	e->state = HEADEREDIT_START;
	e->name_len = 0;
	e->held_len = 0;
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t';
}

/* --- one address ---------------------------------------------------------- */

/* Writes a piece of an edited value. */
static int
put(struct headeredit *e, struct span text)
{
	size_t tail = text.n;

	while (tail && text.p[tail - 1] != '\n')
		tail--;
	if (tail) {
		e->column = 0;
		e->grown = false;
	}
	e->column += text.n - tail;
	return text.n ? e->sink(e->ctx, text) : 0;
}

/* Makes room for what would make the line too long: the white space in front
 * of an item is where a line may be folded. */
static int
fold(struct headeredit *e, struct span item, size_t other, size_t kept)
{
	size_t line = span_find(item, '\n');
	size_t n = other + line + (line == item.n);

	n -= kept < n ? kept : n;
	if (item.n == 0 || (!e->grown && other == kept) ||
		e->column + n <= HEADEREDIT_LINE)
		return 0;
	return put(e, is_space(item.p[0]) ? SPAN("\r\n") : SPAN("\r\n "));
}

/* Writes an item and its separator, with another address in it or not. */
static int
edit_item(struct headeredit *e, const struct addrlist_item *item)
{
	char plain[LIMIT_ADDRESS];
	char other[LIMIT_ADDRESS + 1];
	struct buf address = BUF(plain);
	struct buf out = BUF(other);
	size_t n = item->all.n + (item->end != 0);
	size_t before = (size_t)(item->spec.p - item->all.p);
	int changed = 0;

	if (item->spec.n) {
		addrlist_text(item->spec, &address);
		if (!address.over)
			changed = e->address(
				e->ctx, e->kind, buf_text(&address), &out);
	}
	if (changed == -1)
		return -1;
	if (changed == 0 || out.over) {
		if (fold(e, item->all, 0, 0) == -1)
			return -1;
		return put(e, (struct span){ item->all.p, n });
	}
	if (fold(e, item->all, out.len, item->spec.n) == -1 ||
		put(e, span_head(item->all, before)) == -1 ||
		put(e, buf_text(&out)) == -1)
		return -1;
	e->grown = true;
	before += item->spec.n;
	return put(e, (struct span){ item->all.p + before, n - before });
}

/* Edits the items that are held: all of them at the value's end, else those
 * that a separator ends. */
static int
edit(struct headeredit *e, bool last)
{
	struct addrlist list = {
		{e->held, e->held_len},
                e->group
	};
	struct addrlist_item item;
	size_t done = 0;

	while (addrlist_next(&list, &item) && (last || item.end)) {
		if (edit_item(e, &item) == -1)
			return -1;
		done += item.all.n + (item.end != 0);
		e->group = list.group;
	}
	e->held_len -= done;
	memmove(e->held, e->held + done, e->held_len);
	return 0;
}

/* --- lines ---------------------------------------------------------------- */

static bool
is_name(char c)
{
	return ascii_visible(c) && c != ':';
}

/* Behind the colon: is this one of ours? */
static enum headeredit_state
begin_value(struct headeredit *e, size_t column)
{
	struct span name = { e->name, e->name_len };

	for (size_t i = 0; i < LEN(fields); i++) {
		if (!(e->kinds & fields[i].kind) ||
			!span_eq_nocase(name, fields[i].name))
			continue;
		e->kind = fields[i].kind;
		e->group = false;
		e->grown = false;
		e->column = column;
		return HEADEREDIT_VALUE;
	}
	return HEADEREDIT_FIELD;
}

/* Takes one octet of a line whose field is not known yet. A line that is no
 * field begins the body. */
static enum headeredit_state
step_name(struct headeredit *e, char c)
{
	switch (e->state) {
	case HEADEREDIT_START:
		e->name_len = 0;
		if (is_space(c))
			return HEADEREDIT_FIELD;
		break;
	case HEADEREDIT_BLANK:
		if (is_space(c))
			return HEADEREDIT_BLANK;
		return c == ':' ? begin_value(e, HEADEREDIT_NAME)
				: HEADEREDIT_BODY;
	default:
		if (is_space(c))
			return HEADEREDIT_BLANK;
		if (c == ':')
			return begin_value(e, e->name_len + 1);
		break;
	}
	if (!is_name(c))
		return HEADEREDIT_BODY;
	/* a name that fills its room is none of ours */
	if (e->name_len < sizeof e->name)
		e->name_len++;
	e->name[e->name_len - 1] = c;
	return HEADEREDIT_IN_NAME;
}

/* Takes octets off text that leave as they are, and writes them. */
static int
pass(struct headeredit *e, struct span *text)
{
	size_t n = 0;

	while (n < text->n && e->state < HEADEREDIT_VALUE) {
		if (e->state != HEADEREDIT_FIELD) {
			e->state = step_name(e, text->p[n++]);
			continue;
		}
		n += span_find(span_from(*text, n), '\n');
		if (n < text->n) {
			n++;
			e->state = HEADEREDIT_START;
		}
	}
	if (e->state == HEADEREDIT_BODY)
		n = text->n;
	if (n && e->sink(e->ctx, span_head(*text, n)) == -1)
		return -1;
	*text = span_from(*text, n);
	return 0;
}

/* Nothing in all that is held ends an address: it leaves as it is, and so does
 * the rest of the field. */
static int
give_up(struct headeredit *e)
{
	struct span held = { e->held, e->held_len };

	e->held_len = 0;
	if (e->state == HEADEREDIT_VALUE)
		e->state = HEADEREDIT_FIELD;
	else
		e->state = HEADEREDIT_START;
	return e->sink(e->ctx, held);
}

/* Takes octets of a value off text, to the end of a line at most. */
static int
hold(struct headeredit *e, struct span *text)
{
	size_t n = span_find(*text, '\n');

	if (n < text->n)
		n++;
	if (n > sizeof e->held - e->held_len)
		n = sizeof e->held - e->held_len;
	memcpy(e->held + e->held_len, text->p, n);
	e->held_len += n;
	*text = span_from(*text, n);
	if (n && e->held[e->held_len - 1] == '\n')
		e->state = HEADEREDIT_VALUE_END;
	if (e->held_len < sizeof e->held)
		return 0;
	if (edit(e, false) == -1)
		return -1;
	return e->held_len < sizeof e->held ? 0 : give_up(e);
}

static int
end_value(struct headeredit *e)
{
	int result = edit(e, true);

	e->state = HEADEREDIT_START;
	return result;
}

int
headeredit_feed(struct headeredit *e, struct span text)
{
	int result = 0;

	while (text.n && result == 0) {
		switch (e->state) {
		case HEADEREDIT_VALUE:
			result = hold(e, &text);
			break;
		case HEADEREDIT_VALUE_END:
			if (is_space(text.p[0]))
				e->state = HEADEREDIT_VALUE;
			else
				result = end_value(e);
			break;
		default:
			result = pass(e, &text);
			break;
		}
	}
	return result;
}

int
headeredit_end(struct headeredit *e)
{
	if (e->state == HEADEREDIT_VALUE || e->state == HEADEREDIT_VALUE_END)
		return end_value(e);
	return 0;
}

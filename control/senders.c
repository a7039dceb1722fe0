/* SPDX-License-Identifier: ISC */
#include "control/senders.h"

#include "control/map.h"
#include "pure/address.h"
#include "pure/ascii.h"

/* Takes the next pattern off the line; false at its end. */
static bool
next_pattern(struct span *rest, struct span *pattern)
{
	size_t n = 0;

	while (rest->n && strchr(" \t,", rest->p[0]))
		*rest = span_from(*rest, 1);
	while (n < rest->n && !strchr(" \t,", rest->p[n]))
		n++;
	*pattern = span_head(*rest, n);
	*rest = span_from(*rest, n);
	return n > 0;
}

static bool
pattern_valid(struct span pattern)
{
	const struct address_rules rules = { .utf8 = true, .loose_dots = true };
	struct address parsed;

	if (span_eq(pattern, SPAN("*")))
		return true;
	if (pattern.p[0] == '@')
		return address_domain_valid(span_from(pattern, 1), true);
	return address_mailbox(pattern, &rules, &parsed) == ADDRESS_OK;
}

const char *
senders_entry(struct span line, struct span *identity, struct span *patterns)
{
	struct span rest;
	struct span pattern;

	if (!control_split(line, identity, patterns))
		return "no colon; a line reads login: address @domain *";
	if (identity->n == 0)
		return "no login before the colon";
	rest = *patterns;
	while (next_pattern(&rest, &pattern))
		if (!pattern_valid(pattern))
			return "not an address, @domain or * behind the colon";
	return NULL;
}

/* Tells the patterns of one line. */
static int
tell_line(struct span patterns, const char *file, unsigned line,
	senders_tell *tell, void *ctx)
{
	struct span pattern;

	while (next_pattern(&patterns, &pattern))
		if (tell(ctx, pattern, file, line) == 1)
			return 1;
	return 0;
}

/* Tells what the text says; *some: the login has a line there. */
static int
tell_text(struct control *c, struct span identity, bool *some,
	senders_tell *tell, void *ctx)
{
	struct control_list list;
	struct span entry;
	int result = control_list(c, CONTROL_SENDERS, &list) == -1 ? -1 : 0;

	while (result == 0 && control_next(&list, &entry)) {
		struct span name;
		struct span patterns;
		const char *why = senders_entry(entry, &name, &patterns);

		if (why) {
			result = control_fail(c, list.name, list.line, why);
		} else if (span_eq_nocase(name, identity)) {
			*some = true;
			result = tell_line(
				patterns, list.name, list.line, tell, ctx);
		}
	}
	control_list_free(&list);
	return result;
}

static int
tell_map(struct control *c, struct span identity, bool *some,
	senders_tell *tell, void *ctx)
{
	char key[LIMIT_CONTROL_LINE];
	char value[LIMIT_CONTROL_LINE];
	struct map *map;
	size_t len = 0;
	int found;

	if (identity.n > sizeof key)
		return 0;
	found = map_open(c, CONTROL_SENDERS, &map);
	if (found != 1)
		return found;
	for (size_t i = 0; i < identity.n; i++)
		key[i] = ascii_lower(identity.p[i]);
	found = map_find(c, map, (struct span){ key, identity.n }, value,
		sizeof value, &len);
	map_close(map);
	if (found != 1)
		return found;
	*some = true;
	return tell_line(
		(struct span){ value, len }, "senders.cdb", 0, tell, ctx);
}

/* Tells name@domain. */
static int
tell_at(struct span name, struct span domain, const char *file, unsigned line,
	senders_tell *tell, void *ctx)
{
	char text[LIMIT_ADDRESS];
	struct buf out = BUF(text);

	buf_span(&out, name);
	buf_char(&out, '@');
	buf_span(&out, domain);
	if (out.over || domain.n == 0)
		return 0;
	return tell(ctx, buf_text(&out), file, line);
}

/* Tells the name of the login in the domains of our own. */
static int
tell_ours(struct control *c, struct span name, senders_tell *tell, void *ctx)
{
	char domain[LIMIT_DOMAIN + 1];
	struct control_list locals;
	struct span entry;
	int result;

	if (control_me(c, domain) == -1)
		return -1;
	if (tell_at(name, span_of(domain), "me", 0, tell, ctx) == 1)
		return 1;
	if (control_line(c, CONTROL_DEFAULTHOST, domain, sizeof domain) == -1)
		return -1;
	if (tell_at(name, span_of(domain), "defaulthost", 0, tell, ctx) == 1)
		return 1;
	result = control_list(c, CONTROL_LOCALS, &locals) == -1 ? -1 : 0;
	while (result == 0 && control_next(&locals, &entry))
		result = tell_at(
			name, entry, locals.name, locals.line, tell, ctx);
	control_list_free(&locals);
	return result;
}

int
senders_list(
	struct control *c, struct span identity, senders_tell *tell, void *ctx)
{
	bool some = false;
	int result = tell_text(c, identity, &some, tell, ctx);

	if (result == 0)
		result = tell_map(c, identity, &some, tell, ctx);
	if (result || some)
		return result;
	if (span_find(identity, '@') < identity.n)
		return tell(ctx, identity, NULL, 0);
	return tell_ours(c, identity, tell, ctx);
}

static int
is_sender(void *ctx, struct span pattern, const char *file, unsigned line)
{
	const struct span *sender = ctx;

	(void)file;
	(void)line;
	if (span_eq(pattern, SPAN("*")))
		return 1;
	if (pattern.p[0] == '@')
		return span_eq_nocase(
			span_from(pattern, 1), address_domain_of(*sender));
	return span_eq_nocase(pattern, *sender);
}

int
senders_allow(struct control *c, struct span identity, struct span sender)
{
	return senders_list(c, identity, is_sender, &sender);
}

int
senders_check(struct control *c)
{
	struct control_list list;
	struct span entry;
	struct span name;
	struct span patterns;
	int result = control_list(c, CONTROL_SENDERS, &list) == -1 ? -1 : 0;

	while (result == 0 && control_next(&list, &entry)) {
		const char *why = senders_entry(entry, &name, &patterns);

		if (why)
			result = control_fail(c, list.name, list.line, why);
	}
	control_list_free(&list);
	return result;
}

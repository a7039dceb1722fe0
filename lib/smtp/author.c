/* SPDX-License-Identifier: ISC */
#include "smtp/author.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#include "control/control.h"
#include "pure/newhead.h"
#include "sys/clock.h"

enum { LOGIN = 64 };

/* A name as it can stand in front of an @. False when it cannot. */
static bool
print_login(const char *name, struct buf *out)
{
	static const struct address_rules rules = { .utf8 = true };
	char text[LOGIN + 2];
	struct buf path = BUF(text);
	struct address a;
	size_t used;

	if (!name)
		return false;
	buf_char(&path, '<');
	buf_str(&path, name);
	buf_char(&path, '>');
	if (path.over ||
		address_path(buf_text(&path), &rules, &a, &used) !=
			ADDRESS_OK ||
		a.len == 0 || a.at < a.len)
		return false;
	buf_span(out, address_text(&a));
	return true;
}

/* The user's name: of the system, of the environment where the system knows
 * none (a container), or a number. */
static void
name_user(const struct passwd *user, struct buf *out)
{
	const char *names[] = { user ? user->pw_name : NULL, getenv("LOGNAME"),
		getenv("USER") };

	for (size_t i = 0; i < LEN(names); i++)
		if (print_login(names[i], out))
			return;
	buf_str(out, "uid-");
	buf_number(out, getuid());
}

/* The name to be shown. That of the user is not that of a given sender. */
static struct span
name_shown(const struct author *a)
{
	struct span gecos;

	if (a->name.n || a->given || !a->user || !a->user->pw_gecos)
		return a->name;
	gecos = span_of(a->user->pw_gecos);
	return span_head(gecos, span_find(gecos, ','));
}

void
author_learn(struct author *a)
{
	static struct control control;
	bool found = control_open(&control) == 0 &&
		     control_line(&control, CONTROL_DEFAULTHOST, a->host,
			     sizeof a->host) == 1;

	control_close(&control);
	if (!found || !address_domain_valid(span_of(a->host), true))
		a->host[0] = '\0';
	a->user = getpwuid(getuid());
}

/* Puts in front of the draft what it lacks. */
static int
add_fields(struct draft *draft, struct span shown, struct span address,
	struct span service)
{
	char text[DRAFT_TOP];
	struct buf top = BUF(text);
	int64_t now = clock_wall_us();
	uint64_t chance[2];

	if (getrandom(chance, sizeof chance, 0) != sizeof chance)
		return -1;
	if (!(draft->head.seen & MAILHEAD_FROM))
		newhead_from(&top, shown, address);
	if (!(draft->head.seen & MAILHEAD_DATE))
		newhead_date(&top, now / 1000000);
	if (!(draft->head.seen & MAILHEAD_ID))
		newhead_id(&top, now, chance, service);
	return draft_top(draft, buf_text(&top));
}

int
author_sign(const struct author *a, struct span service, struct draft *draft,
	struct signature *out)
{
	struct buf sender = BUF(out->sender);
	struct buf host = BUF(out->host);

	/* the domain of names that have none */
	buf_span(&host, *a->host ? span_of(a->host) : service);
	buf_cstr(&host);
	if (a->sender.len)
		buf_span(&sender, address_text(&a->sender));
	else
		name_user(a->user, &sender);
	if (!address_domain_of(buf_text(&sender)).n) {
		buf_char(&sender, '@');
		buf_str(&sender, out->host);
	}
	if (add_fields(draft, name_shown(a), buf_text(&sender), service) == -1)
		return -1;
	if (a->given && !a->sender.len)
		sender.len = 0;
	buf_cstr(&sender);
	return 0;
}

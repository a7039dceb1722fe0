/* SPDX-License-Identifier: ISC */
#include "control/authremote.h"

#include <errno.h>
#include <stdlib.h>

#include "control/oauth2.h"
#include "pure/address.h"
#include "pure/ascii.h"
#include "pure/route.h"

struct authremote {
	struct control_list list;
	struct authremote_login *login;
	size_t count;
};

/* --- a line --- */

/* True when a next hop ends in a port. */
static bool
has_port(struct span hop)
{
	size_t n = hop.n;

	while (n > 0 && ascii_digit(hop.p[n - 1]))
		n--;
	return n > 0 && n < hop.n && hop.p[n - 1] == ':';
}

static bool
is_sender(struct span key)
{
	return span_find(key, '@') < key.n || span_eq(key, SPAN("<>"));
}

/* NULL, or what is wrong. The words never repeat what stands there: it may be
 * a password. */
static const char *
take_secret(struct authremote_login *login, struct span word)
{
	static const struct span sources[] = {
		[AUTHREMOTE_FILE] = SPAN_INIT("file:"),
		[AUTHREMOTE_CREDENTIAL] = SPAN_INIT("credential:"),
		[AUTHREMOTE_OAUTH2] = SPAN_INIT("oauth2:"),
	};
	size_t i = 0;

	login->source = AUTHREMOTE_FILE;
	login->secret = login->where = word;
	if (word.n > 1 && word.p[0] == '/')
		return NULL;
	while (i < LEN(sources) && !span_begins_nocase(word, sources[i]))
		i++;
	if (i == LEN(sources))
		return "no file:/path, credential:NAME or oauth2:ACCOUNT "
		       "behind the user; a password never stands in this "
		       "file, put it into one of its own";
	login->source = (enum authremote_source)i;
	login->secret = span_from(word, sources[i].n);
	if (login->source == AUTHREMOTE_FILE)
		return login->secret.n > 1 && login->secret.p[0] == '/'
			       ? NULL
			       : "no path from / on behind file:; write "
				 "file:/path";
	return oauth2_name_valid(login->secret)
		       ? NULL
		       : "not a name behind credential: or oauth2:; it is that "
			 "of a file, of letters, digits and . _ - + @";
}

static const char *
take_mechanism(struct authremote_login *login, struct span word)
{
	enum mechanism m = mechanism_find(word);

	if (m == MECHANISMS)
		return "not a word that is known; there are PLAIN LOGIN "
		       "CRAM-MD5 SCRAM-SHA-256 SCRAM-SHA-256-PLUS XOAUTH2 "
		       "OAUTHBEARER cleartext unverified at=HOP";
	login->allowed |= mechanism_bit(m);
	return NULL;
}

static const char *
take_word(struct authremote_login *login, struct span word)
{
	struct route route;

	if (span_eq_nocase(word, SPAN("cleartext"))) {
		login->cleartext = true;
		return NULL;
	}
	if (span_eq_nocase(word, SPAN("unverified"))) {
		login->unverified = true;
		return NULL;
	}
	if (!span_begins_nocase(word, SPAN("at=")))
		return take_mechanism(login, word);
	login->at = span_from(word, 3);
	if (!login->by_sender)
		return "at= in the line of a next hop; it is for lines of "
		       "senders";
	return route_parse(login->at, &route) == 0
		       ? NULL
		       : "not a next hop behind at=; write it as in "
			 "smtproutes";
}

/* The word before the colon and a blank. */
static const char *
take_key(struct authremote_login *login, struct span word)
{
	struct route route;

	if (word.n < 2 || word.p[word.n - 1] != ':')
		return "no colon and blank behind the first word; write "
		       "HOP: USER file:/path or SENDER: USER file:/path";
	login->key = span_head(word, word.n - 1);
	login->by_sender = is_sender(login->key);
	if (login->by_sender ? route_sender_key(login->key)
			     : route_key(login->key, &route))
		return NULL;
	return "neither a next hop nor a sender before the colon; write "
	       "[host]:port, host, .domain, *, name@domain, @domain, @.domain "
	       "or <>";
}

static const char *
read_line(struct span line, struct authremote_login *login)
{
	bool token;
	const char *why;
	struct span word;

	route_next(&line, &word); /* its words have blanks between as well */
	why = take_key(login, word);
	if (why)
		return why;
	if (!route_next(&line, &login->user) || !route_next(&line, &word))
		return "too few words; write KEY: USER file:/path";
	why = take_secret(login, word);
	while (!why && route_next(&line, &word))
		why = take_word(login, word);
	if (why)
		return why;
	token = login->source == AUTHREMOTE_OAUTH2;
	if (login->allowed & (token ? MECHANISMS_PASSWORD : MECHANISMS_TOKEN))
		return token ? "oauth2: goes with XOAUTH2 and OAUTHBEARER alone"
			     : "XOAUTH2 and OAUTHBEARER need oauth2:ACCOUNT";
	if (!login->allowed)
		login->allowed = token ? MECHANISMS_TOKEN : MECHANISMS_PASSWORD;
	return NULL;
}

/* --- the file --- */

static bool
is_twice(const struct authremote *a, const struct authremote_login *login)
{
	for (size_t i = 0; i < a->count; i++)
		if (span_eq_nocase(a->login[i].key, login->key) &&
			span_eq_nocase(a->login[i].at, login->at))
			return true;
	return false;
}

static int
read_lines(struct control *c, struct authremote *a)
{
	struct span line;

	while (control_next(&a->list, &line)) {
		struct authremote_login *login = &a->login[a->count];
		const char *why;

		login->line = a->list.line;
		login->at = SPAN("");
		why = read_line(line, login);
		if (!why && is_twice(a, login))
			why = "a second line for the same; keep one";
		if (why)
			return control_fail(c, a->list.name, a->list.line, why);
		a->count++;
	}
	return 0;
}

struct authremote *
authremote_open(struct control *c)
{
	struct authremote *a = calloc(1, sizeof *a);

	if (!a) {
		control_fail(c, control_file(CONTROL_AUTHREMOTE)->name, 0,
			strerror(errno));
		return NULL;
	}
	if (control_list(c, CONTROL_AUTHREMOTE, &a->list) == -1)
		goto fail;
	a->login = calloc(control_count(&a->list) + 1, sizeof *a->login);
	if (!a->login)
		control_fail(c, a->list.name, 0, strerror(errno));
	else if (read_lines(c, a) == 0)
		return a;
fail:
	authremote_close(a);
	return NULL;
}

void
authremote_close(struct authremote *a)
{
	if (!a)
		return;
	control_list_free(&a->list);
	free(a->login);
	free(a);
}

/* --- which line it is --- */

/* How exactly a name is named: 0 is not at all. */
enum {
	RANK_ANY = 1,      /* to it the length of a suffix is added */
	RANK_NAMED = 1000, /* and 2 for its port, 1 for its brackets */
	RANK_SENDER = 10000,
};

/* How exactly a next hop is named as such. */
static unsigned
rank_named(struct span key, struct span hop)
{
	struct route a;
	struct route b;
	bool port;

	if (route_parse(key, &a) == -1 || route_parse(hop, &b) == -1)
		return 0;
	port = has_port(key) || a.tls;
	if (!route_names(&a, &b) || (port && a.port != b.port))
		return 0;
	return RANK_NAMED + (port ? 2U : 0U) + (a.use_mx == b.use_mx ? 1U : 0U);
}

static unsigned
rank_hop(struct span key, struct span hop)
{
	struct route route;

	if (span_eq(key, SPAN("*")))
		return RANK_ANY;
	if (key.p[0] != '.')
		return rank_named(key, hop);
	if (route_parse(hop, &route) == -1 ||
		!span_ends_nocase(route.name, key))
		return 0;
	return RANK_ANY + (unsigned)key.n;
}

static unsigned
rank_sender(struct span key, struct span sender)
{
	struct span domain = address_domain_of(sender);

	if (key.p[0] == '<')
		return sender.n ? 0 : RANK_NAMED;
	if (key.p[0] != '@')
		return span_eq_nocase(key, sender) ? RANK_NAMED : 0;
	key = span_from(key, 1);
	if (key.p[0] != '.')
		return span_eq_nocase(key, domain) ? RANK_NAMED - 1 : 0;
	return span_ends_nocase(domain, key) ? (unsigned)key.n : 0;
}

/* A smarthost is what a line may mean without naming it; an MX, and LMTP,
 * which mostly ends on this machine, have to be named. */
static unsigned
rank(const struct authremote_login *login, struct span sender, struct span hop,
	bool smarthost)
{
	struct route route;
	bool lmtp = route_parse(hop, &route) == 0 && route.lmtp;
	unsigned who;
	unsigned where;

	if (!login->by_sender)
		return smarthost && !lmtp ? rank_hop(login->key, hop)
					  : rank_named(login->key, hop);
	who = smarthost ? rank_sender(login->key, sender) : 0;
	where = login->at.n ? rank_named(login->at, hop) : RANK_ANY;
	if (!who || !where || (lmtp && !login->at.n))
		return 0;
	return who * RANK_SENDER + where;
}

const struct authremote_login *
authremote_find(const struct authremote *a, struct span sender, struct span hop,
	bool smarthost)
{
	const struct authremote_login *found = NULL;
	unsigned best = 0;

	for (size_t i = 0; i < a->count; i++) {
		unsigned here = rank(&a->login[i], sender, hop, smarthost);

		if (here > best) {
			best = here;
			found = &a->login[i];
		}
	}
	return found;
}

const struct authremote_login *
authremote_line(const struct authremote *a, size_t i)
{
	return i < a->count ? &a->login[i] : NULL;
}

bool
authremote_fits(const struct authremote_login *login, struct span hop)
{
	if (!login->by_sender)
		return rank_hop(login->key, hop) > 0;
	return login->at.n == 0 || rank_named(login->at, hop) > 0;
}

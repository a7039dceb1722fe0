/* SPDX-License-Identifier: ISC */
#include "admin/audit.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admin/delivery.h"
#include "control/authremote.h"
#include "control/logins.h"
#include "control/mailboxes.h"
#include "control/map.h"
#include "control/offers.h"
#include "control/networks.h"
#include "control/nexthops.h"
#include "control/oauth2.h"
#include "control/quotas.h"
#include "control/rewrite.h"
#include "control/routes.h"
#include "control/senders.h"
#include "control/tlsclients.h"
#include "control/tlspolicy.h"
#include "net/dns.h"
#include "pure/address.h"
#include "pure/ascii.h"
#include "pure/route.h"
#include "queue/store.h"
#include "smtp/settings.h"
#include "sys/hashing.h"
#include "sys/home.h"

/* One reader and the files it needs to see together. */
struct reader {
	enum control_id id[3];
	unsigned count;
	int (*read)(struct control *c);
};

static int
read_mailboxes(struct control *c)
{
	struct mailboxes *m = mailboxes_open(c);

	mailboxes_close(m);
	return m ? 0 : -1;
}

static int
read_routes(struct control *c)
{
	struct routes *r = routes_open(c);

	routes_close(r);
	return r ? 0 : -1;
}

static int
read_rewrite(struct control *c)
{
	struct mailboxes *m = mailboxes_open(c);
	struct rewrite *r = m ? rewrite_open(c, m) : NULL;

	rewrite_close(r);
	mailboxes_close(m);
	return r ? 0 : -1;
}

static int
read_nexthops(struct control *c)
{
	struct nexthops *n = nexthops_open(c);

	nexthops_close(n);
	return n ? 0 : -1;
}

static int
read_authremote(struct control *c)
{
	struct authremote *a = authremote_open(c);

	authremote_close(a);
	return a ? 0 : -1;
}

/* Every line; a method that crypt(3) does not know here lets nobody in. */
static int
read_logins(struct control *c)
{
	static struct logins all;
	struct logins_table table;
	struct verifier verifier;
	struct span entry;
	struct span name;
	struct span text;
	int result = logins_open(c, &table);

	if (result == 0)
		result = logins_find(c, &table, SPAN(""), &all);
	control_rewind(&table.list);
	while (result == 0 && control_next(&table.list, &entry)) {
		(void)verifier_entry(entry, &name, &text);
		(void)verifier_parse(text, &verifier);
		if (!verifier.scram && !hashing_known(verifier.hash))
			result = control_fail(c, table.list.name,
				table.list.line,
				"crypt(3) does not know the method of this "
				"hash; let postern passwd write it anew");
	}
	logins_close(&table);
	return result;
}

static int
read_authprogram(struct control *c)
{
	char command[LIMIT_CONTROL_LINE + 1];

	if (control_line(c, CONTROL_AUTHPROGRAM, command, sizeof command) == -1)
		return -1;
	return *command == '/'
		       ? 0
		       : control_fail(c, "authprogram", 1,
				 "not a path from / on; write one, and its "
				 "arguments");
}

static int
read_mechanisms(struct control *c)
{
	bool allowed[OFFERS];

	return offers_read(c, allowed);
}

static int
read_oauth2(struct control *c)
{
	struct oauth2 *o = oauth2_open(c);

	oauth2_close(o);
	return o ? 0 : -1;
}

static int
read_quotas(struct control *c)
{
	struct quotas *q = quotas_open(c);

	quotas_close(q);
	return q ? 0 : -1;
}

/* For nobody in particular: lists are read to their end. */
static int
read_policy(struct control *c)
{
	const struct peer nobody = { .kind = PEER_UNKNOWN };
	struct policy policy;
	int result =
		policy_open(&policy, c, &nobody, NULL, &gateway_default_paths);

	policy_close(&policy);
	return result;
}

static int
read_filters(struct control *c)
{
	static struct inject_plan plan;
	char *none[] = { NULL };
	int result = inject_plan(&plan, c, none, false);

	control_list_free(&plan.filters);
	return result;
}

static int
read_proxies(struct control *c)
{
	struct networks proxies;

	return networks_read(&proxies, c, CONTROL_PROXIES);
}

static int
read_sync(struct control *c)
{
	enum store_order order;

	return store_order_read(c, &order);
}

static int
read_name(struct control *c, enum control_id id)
{
	char name[LIMIT_DOMAIN + 1];

	if (control_line(c, id, name, sizeof name) == -1)
		return -1;
	if (!*name || *name == '[' ||
		address_domain_valid(span_of(name), false))
		return 0;
	return control_fail(c, control_file(id)->name, 0,
		"not a host name; write one like mail.example.org");
}

static int
read_me(struct control *c)
{
	return read_name(c, CONTROL_ME);
}

static int
read_bouncehost(struct control *c)
{
	return read_name(c, CONTROL_BOUNCEHOST);
}

/* An address, or a name that is completed. */
static int
read_address(struct control *c, enum control_id id)
{
	const struct address_rules rules = { .utf8 = true, .loose_dots = true };
	char text[LIMIT_ADDRESS + 16];
	struct address parsed;
	int given = control_line(c, id, text, LIMIT_ADDRESS + 1);

	if (given != 1)
		return given;
	if (!strchr(text, '@'))
		memcpy(text + strlen(text), "@x", sizeof "@x");
	if (address_mailbox(span_of(text), &rules, &parsed) == ADDRESS_OK)
		return 0;
	return control_fail(c, control_file(id)->name, 0,
		"not an address; write one such as admin@example.org");
}

static int
read_bouncefrom(struct control *c)
{
	return read_address(c, CONTROL_BOUNCEFROM);
}

static int
read_bouncesender(struct control *c)
{
	return read_address(c, CONTROL_BOUNCESENDER);
}

static int
read_doublebounceto(struct control *c)
{
	return read_address(c, CONTROL_DOUBLEBOUNCETO);
}

/* The path of a file that maybe only others may read. */
static int
read_path(struct control *c, enum control_id id)
{
	char text[LIMIT_PATH];
	char path[LIMIT_PATH];
	int given = control_line(c, id, text, sizeof text);

	if (given != 1 || home_path(path, span_of(text)))
		return given == -1 ? -1 : 0;
	return control_fail(
		c, control_file(id)->name, 0, "not a path that begins with /");
}

static int
read_tlscafile(struct control *c)
{
	return read_path(c, CONTROL_TLSCAFILE);
}

static int
read_tlspolicy(struct control *c)
{
	struct tlspolicy *p = tlspolicy_open(c);

	tlspolicy_close(p);
	return p ? 0 : -1;
}

static int
read_tlscert(struct control *c)
{
	return read_path(c, CONTROL_TLSCERT);
}

/* Whether OpenSSL knows the ciphers, postern-tls -n says. */
static int
read_tlsciphers(struct control *c)
{
	struct control_list list;
	struct span entry;
	int result = control_list(c, CONTROL_TLSCIPHERS, &list);

	while (result == 1 && control_next(&list, &entry))
		for (size_t i = 0; i < entry.n && result == 1; i++)
			if (!ascii_alnum(entry.p[i]) &&
				!strchr(":_-+!@=., \t", entry.p[i]))
				result = control_fail(c, list.name, list.line,
					"not ciphers in OpenSSL's words, such "
					"as ECDHE-RSA-AES256-GCM-SHA384");
	control_list_free(&list);
	return result == -1 ? -1 : 0;
}

static int
read_tlskey(struct control *c)
{
	return read_path(c, CONTROL_TLSKEY);
}

/* For a client that is not listed: the list is read to its end. */
static int
read_tlsclients(struct control *c)
{
	char text[LIMIT_IDENTITY];
	char nobody[TLSCLIENTS_DIGITS];
	struct buf identity = BUF(text);
	unsigned line;

	memset(nobody, '0', sizeof nobody);
	return tlsclients_find(c, (struct span){ nobody, sizeof nobody },
		       &identity, &line) == -1
		       ? -1
		       : 0;
}

static int
read_helohost(struct control *c)
{
	return read_name(c, CONTROL_HELOHOST);
}

/* clang-format off */
static const struct reader readers[] = {
	{ { CONTROL_ALIASES, CONTROL_DEFAULTHOST, CONTROL_ME },              3, read_rewrite },
	{ { CONTROL_ALLOWRECIPIENTS, CONTROL_DEFAULTHOST, CONTROL_ME },      3, read_rewrite },
	{ { CONTROL_AUTHINSECURE },                                          1, read_policy },
	{ { CONTROL_AUTHMECHANISMS },                                        1, read_mechanisms },
	{ { CONTROL_AUTHPROGRAM },                                           1, read_authprogram },
	{ { CONTROL_AUTHREMOTE },                                            1, read_authremote },
	{ { CONTROL_BADMAILFROM },                                           1, read_policy },
	{ { CONTROL_BOUNCEFROM },                                            1, read_bouncefrom },
	{ { CONTROL_BOUNCEHOST },                                            1, read_bouncehost },
	{ { CONTROL_BOUNCESENDER },                                          1, read_bouncesender },
	{ { CONTROL_COPYALL, CONTROL_DEFAULTHOST, CONTROL_ME },              3, read_rewrite },
	{ { CONTROL_DENYFROM },                                              1, read_policy },
	{ { CONTROL_DOUBLEBOUNCETO },                                        1, read_doublebounceto },
	{ { CONTROL_FILTERS },                                               1, read_filters },
	{ { CONTROL_HELOHOST },                                              1, read_helohost },
	{ { CONTROL_HIDERECEIVED },                                          1, read_policy },
	{ { CONTROL_LOCALS, CONTROL_MAILBOXES },                             2, read_mailboxes },
	{ { CONTROL_LOGINS },                                                1, read_logins },
	{ { CONTROL_ME },                                                    1, read_me },
	{ { CONTROL_MOREIPME },                                              1, dns_begin },
	{ { CONTROL_NAMESERVERS },                                           1, dns_begin },
	{ { CONTROL_NEXTHOPS },                                              1, read_nexthops },
	{ { CONTROL_NORMALIZE },                                             1, read_policy },
	{ { CONTROL_OAUTH2 },                                                1, read_oauth2 },
	{ { CONTROL_OTHERRECIPIENTS, CONTROL_LOCALS, CONTROL_MAILBOXES },    3, read_rewrite },
	{ { CONTROL_OVERQUOTA },                                             1, read_quotas },
	{ { CONTROL_POSTMASTER },                                            1, read_mailboxes },
	{ { CONTROL_PROXIES },                                               1, read_proxies },
	{ { CONTROL_QUOTA },                                                 1, read_quotas },
	{ { CONTROL_RCPTHOSTS },                                             1, read_policy },
	{ { CONTROL_RECIPIENTS, CONTROL_DEFAULTHOST, CONTROL_ME },           3, read_rewrite },
	{ { CONTROL_REDIRECTALL, CONTROL_DEFAULTHOST, CONTROL_ME },          3, read_rewrite },
	{ { CONTROL_RELAYFROM },                                             1, read_policy },
	{ { CONTROL_SENDER, CONTROL_DEFAULTHOST, CONTROL_ME },               3, read_rewrite },
	{ { CONTROL_SENDERS },                                               1, senders_check },
	{ { CONTROL_SENDERROUTES },                                          1, read_routes },
	{ { CONTROL_SMTPROUTES },                                            1, read_routes },
	{ { CONTROL_SUBADDRESS },                                            1, read_mailboxes },
	{ { CONTROL_SYNC },                                                  1, read_sync },
	{ { CONTROL_TLSCAFILE },                                             1, read_tlscafile },
	{ { CONTROL_TLSCERT },                                               1, read_tlscert },
	{ { CONTROL_TLSCIPHERS },                                            1, read_tlsciphers },
	{ { CONTROL_TLSCLIENTS },                                            1, read_tlsclients },
	{ { CONTROL_TLSKEY },                                                1, read_tlskey },
	{ { CONTROL_TLSPOLICY },                                             1, read_tlspolicy },
};
/* clang-format on */

/* How long the value of a LINE file may be. */
static size_t
line_room(enum control_id id)
{
	switch (id) {
	case CONTROL_ME:
	case CONTROL_HELOHOST:
		return LIMIT_DOMAIN + 1;
	case CONTROL_SMTPGREETING:
		return sizeof((struct settings *)0)->greeting;
	default:
		return LIMIT_ADDRESS + 1;
	}
}

/* The logins are for postern-auth: who is neither that nor root passes them
 * over. */
static bool
is_closed(const struct control *c, enum control_id id)
{
	return id == CONTROL_LOGINS && geteuid() != 0 &&
	       ((c->text[id] &&
			faccessat(c->dir, "logins", R_OK, AT_EACCESS) == -1) ||
		       (c->cdb[id] && faccessat(c->dir, "logins.cdb", R_OK,
					      AT_EACCESS) == -1));
}

/* Is the file text of its kind? Returns 0 or -1. */
static int
read_alone(struct control *c, enum control_id id)
{
	char value[LIMIT_CONTROL_LINE + 1];
	struct control_list list;
	struct map *map;
	uint64_t number;
	int result;

	switch (control_file(id)->kind) {
	case CONTROL_LINE:
		return control_line(c, id, value, line_room(id)) == -1 ? -1 : 0;
	case CONTROL_NUMBER:
		return control_number(c, id, &number);
	default:
		result = control_list(c, id, &list);
		control_list_free(&list);
		if (result == -1 || map_open(c, id, &map) == -1)
			return -1;
		map_close(map);
		return 0;
	}
}

/* The directory as if it held these files alone. */
static struct control
view_of(const struct control *c, const struct reader *reader)
{
	struct control view = { .dir = c->dir };

	for (unsigned i = 0; i < reader->count; i++) {
		enum control_id id = reader->id[i];

		view.text[id] = c->text[id];
		view.cdb[id] = c->cdb[id];
	}
	return view;
}

/* What a walk over the files has found. */
struct audit {
	audit_each *each;
	void *ctx;
	unsigned faults;
	bool wrong[CONTROL_COUNT];
	char last[512]; /* several readers may stumble over one line */
};

static void
report(struct audit *a, const char *text)
{
	if (strcmp(a->last, text) == 0)
		return;
	snprintf(a->last, sizeof a->last, "%s", text);
	a->faults++;
	a->each(a->ctx, text);
}

static void
report_unknown(void *ctx, const struct control *c)
{
	report(ctx, control_error(c));
}

/* True when a file of the reader is there and none is known to be wrong. */
static bool
worth_reading(const struct audit *a, const struct control *c,
	const struct reader *reader)
{
	bool there = false;

	for (unsigned i = 0; i < reader->count; i++) {
		enum control_id id = reader->id[i];

		there |= c->text[id] || c->cdb[id];
		if (a->wrong[id])
			return false;
	}
	return there;
}

unsigned
audit_control(struct control *c, audit_each *fault, void *ctx)
{
	struct audit a = { .each = fault, .ctx = ctx };
	struct control whole;

	if (control_survey(c, report_unknown, &a) == -1) {
		report(&a, control_error(c));
		return a.faults;
	}
	for (int i = 0; i < CONTROL_COUNT; i++)
		if (is_closed(c, (enum control_id)i)) {
			a.wrong[i] = true;
		} else if (read_alone(c, (enum control_id)i) == -1) {
			a.wrong[i] = true;
			report(&a, control_error(c));
		}
	for (size_t i = 0; i < LEN(readers); i++) {
		struct control view = view_of(c, &readers[i]);

		if (worth_reading(&a, c, &readers[i]) &&
			readers[i].read(&view) == -1)
			report(&a, control_error(&view));
	}
	if (a.faults == 0 && delivery_read(&whole) == -1)
		report(&a, control_error(&whole));
	return a.faults;
}

/* --- advice --- */

__attribute__((format(printf, 3, 4))) static void
say(audit_each *each, void *ctx, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	each(ctx, text);
}

static void
advise_directory(audit_each *each, void *ctx, const struct control *c)
{
	char path[LIMIT_PATH];

	if (c->dir == -1 && home_control(path))
		say(each, ctx,
			"%s: there is no such directory, so every setting has "
			"its default; make it, and write a name to me",
			path);
}

static void
advise_me(audit_each *each, void *ctx, struct control *c)
{
	char me[LIMIT_DOMAIN + 1];

	if (control_me(c, me) == -1)
		return;
	if (!*me)
		say(each, ctx,
			"control/me: this host has no full name; write one "
			"such as mail.example.org");
	else if (*me != '[' && !strchr(me, '.'))
		say(each, ctx,
			"control/me: %s has no dot; other hosts may refuse "
			"the name, so write a full one",
			me);
}

static void
advise_postmaster(
	audit_each *each, void *ctx, struct control *c, struct mailboxes *m)
{
	char me[LIMIT_DOMAIN + 1];
	struct span to;
	size_t at;

	if (control_me(c, me) == -1)
		return;
	if (mailboxes_postmaster(m, &to) == -1) {
		say(each, ctx, "%s", control_error(c));
		return;
	}
	at = span_find(to, '@');
	if (!c->text[CONTROL_POSTMASTER] &&
		!mailboxes_local(m, span_from(to, at + 1)))
		say(each, ctx,
			"control/postmaster: mail for postmaster goes to "
			"%.*s, which is not delivered here; write an address "
			"that somebody reads",
			(int)to.n, to.p);
}

/* A private network may be as wide as it is. */
static bool
is_wide(const struct ip_net *net)
{
	static const char *const private[] = { "10.0.0.0/8", "172.16.0.0/12",
		"192.168.0.0/16", "fc00::/7", "100.64.0.0/10" };
	struct ip_net known;

	for (size_t i = 0; i < LEN(private); i++)
		if (ip_net_parse(span_of(private[i]), &known) == 0 &&
			net->bits >= known.bits && ip_net_has(&known, &net->ip))
			return false;
	return net->bits < (net->ip.family == IP_V4 ? 20 : 32);
}

static void
advise_relayfrom(audit_each *each, void *ctx, struct control *c)
{
	struct control_list list;
	struct span entry;
	struct ip_net net;

	if (control_list(c, CONTROL_RELAYFROM, &list) != 1)
		return;
	while (control_next(&list, &entry))
		if (ip_net_parse(entry, &net) == 0 && is_wide(&net))
			say(each, ctx,
				"control/relayfrom:%u: everybody in %.*s may "
				"send mail to anywhere through this host; is "
				"that meant?",
				list.line, (int)entry.n, entry.p);
	control_list_free(&list);
}

static bool
networks_meet(const struct networks *networks, const struct ip_net *net)
{
	for (size_t i = 0; i < networks->count; i++)
		if (ip_net_has(net, &networks->net[i].ip) ||
			ip_net_has(&networks->net[i], &net->ip))
			return true;
	return false;
}

/* Behind a proxy all clients have its address, until it says theirs. */
static void
advise_proxies(audit_each *each, void *ctx, struct control *c)
{
	struct networks proxies;
	struct control_list list;
	struct span entry;
	struct ip_net net;

	if (networks_read(&proxies, c, CONTROL_PROXIES) == -1 ||
		control_list(c, CONTROL_RELAYFROM, &list) != 1)
		return;
	while (control_next(&list, &entry))
		if (ip_net_parse(entry, &net) == 0 &&
			networks_meet(&proxies, &net))
			say(each, ctx,
				"control/relayfrom:%u: a proxy of "
				"control/proxies is in %.*s; where "
				"postern-listen has no -p, everybody behind "
				"it may relay",
				list.line, (int)entry.n, entry.p);
	control_list_free(&list);
}

/* Mail that is taken from strangers must have somewhere to go but here. */
static void
advise_rcpthosts(audit_each *each, void *ctx, struct control *c,
	const struct mailboxes *m, const struct routes *r)
{
	struct routes_choice choice;
	char name[LIMIT_DOMAIN + 8];
	struct control_list list;
	struct span entry;

	if (control_list(c, CONTROL_RCPTHOSTS, &list) != 1)
		return;
	while (control_next(&list, &entry)) {
		struct buf domain = BUF(name);

		if (entry.p[0] == '.')
			buf_char(&domain, 'x');
		buf_span(&domain, entry);
		if (!mailboxes_local(m, buf_text(&domain)) &&
			(routes_find(r, SPAN(""), buf_text(&domain), &choice) ==
					-1 ||
				!choice.smarthost))
			say(each, ctx,
				"control/rcpthosts:%u: mail for %.*s has no "
				"line in smtproutes or locals, so it goes to "
				"the domain's MX: right for a backup MX only",
				list.line, (int)entry.n, entry.p);
	}
	control_list_free(&list);
}

/* The login that is looked for among the next hops of all routes. */
struct sought {
	const struct authremote_login *login;
	bool found;
};

static void
look_for_login(void *ctx, const struct routes_choice *choice)
{
	struct sought *s = ctx;
	struct span rest = span_of(choice->text);
	struct span hop;

	while (route_next(&rest, &hop))
		s->found |= authremote_fits(s->login, hop);
}

/* A domain by name is no smarthost, and may be meant all the same. */
static bool
names_a_domain(const struct authremote_login *login)
{
	struct route route;

	return !login->by_sender && route_parse(login->key, &route) == 0 &&
	       route.use_mx;
}

/* Who gets a token for an account that nobody has set up? */
static void
advise_account(audit_each *each, void *ctx,
	const struct authremote_login *login, const struct oauth2 *accounts)
{
	if (login->source == AUTHREMOTE_OAUTH2 && accounts &&
		!oauth2_find(accounts, login->secret))
		say(each, ctx,
			"control/authremote:%u: %.*s is no account of "
			"control/oauth2; run postern oauth2 setup",
			login->line, (int)login->secret.n, login->secret.p);
}

/* A login that nothing leads to is a misspelt name, or a route forgotten. */
static void
advise_authremote(
	audit_each *each, void *ctx, struct control *c, const struct routes *r)
{
	struct authremote *a = authremote_open(c);
	struct oauth2 *accounts = oauth2_open(c);
	struct sought s;

	for (size_t i = 0; a && (s.login = authremote_line(a, i)); i++) {
		s.found = false;
		advise_account(each, ctx, s.login, accounts);
		routes_walk(r, look_for_login, &s);
		if (s.found)
			continue;
		say(each, ctx,
			"control/authremote:%u: no line of smtproutes or "
			"senderroutes leads to %s%.*s, so this login is %s",
			s.login->line,
			s.login->by_sender && !s.login->at.n
				? "a smarthost for "
				: "",
			(int)(s.login->at.n ? s.login->at.n : s.login->key.n),
			s.login->at.n ? s.login->at.p : s.login->key.p,
			names_a_domain(s.login)
				? "used for mail to that domain alone"
				: "never used");
	}
	oauth2_close(accounts);
	authremote_close(a);
}

static void
advise_logins(audit_each *each, void *ctx, struct control *c)
{
	bool logins = c->text[CONTROL_LOGINS] || c->cdb[CONTROL_LOGINS] ||
		      c->text[CONTROL_AUTHPROGRAM];
	bool clients =
		c->text[CONTROL_TLSCLIENTS] || c->cdb[CONTROL_TLSCLIENTS];
	bool insecure = c->text[CONTROL_AUTHINSECURE];
	static const enum control_id idle[] = { CONTROL_AUTHINSECURE,
		CONTROL_AUTHTRACE, CONTROL_SENDERS, CONTROL_USERRATE };

	if (insecure && logins)
		say(each, ctx,
			"control/authinsecure: passwords of these networks can "
			"be read on their way; take the file away as soon as "
			"everybody there knows TLS");
	if (logins && !c->text[CONTROL_TLSCERT] && !insecure)
		say(each, ctx,
			"control/logins: nobody can log in, because there is "
			"no TLS; write the path of a certificate to tlscert");
	for (size_t i = 0; i < LEN(idle) && !logins && !clients; i++)
		if (c->text[idle[i]])
			say(each, ctx,
				"control/%s: nobody can log in; postern passwd "
				"NAME makes a login",
				control_file(idle[i])->name);
}

/* A text that was changed after its database was made. */
static void
advise_databases(audit_each *each, void *ctx, const struct control *c)
{
	struct stat text;
	struct stat cdb;
	char name[64];

	for (int i = 0; i < CONTROL_COUNT; i++) {
		const struct control_file *file =
			control_file((enum control_id)i);

		snprintf(name, sizeof name, "%s.cdb", file->name);
		if (file->kind != CONTROL_CDB || !c->text[i])
			continue;
		if (!c->cdb[i])
			say(each, ctx,
				"control/%s: not compiled; run postern-cdb %s",
				file->name, file->name);
		else if (fstatat(c->dir, file->name, &text, 0) == 0 &&
			 fstatat(c->dir, name, &cdb, 0) == 0 &&
			 text.st_mtime > cdb.st_mtime)
			say(each, ctx,
				"control/%s: changed since %s was made; run "
				"postern-cdb %s",
				file->name, name, file->name);
	}
}

void
audit_advice(struct control *c, audit_each *advice, void *ctx)
{
	struct mailboxes *m = mailboxes_open(c);
	struct routes *r = routes_open(c);

	advise_directory(advice, ctx, c);
	advise_me(advice, ctx, c);
	if (m)
		advise_postmaster(advice, ctx, c, m);
	advise_relayfrom(advice, ctx, c);
	advise_logins(advice, ctx, c);
	advise_proxies(advice, ctx, c);
	if (m && r)
		advise_rcpthosts(advice, ctx, c, m, r);
	if (r)
		advise_authremote(advice, ctx, c, r);
	advise_databases(advice, ctx, c);
	mailboxes_close(m);
	routes_close(r);
}

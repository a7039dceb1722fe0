/* SPDX-License-Identifier: ISC
 *
 * control: any octets as any control file or database are either read as
 * their kind says, each entry clean and trimmed, or refused in words that
 * name the file; never anything between. The input is one file or
 * several (tests/fuzz/sections.h). */
#include "tests/fuzz/fuzz.h"

#include "control/authremote.h"
#include "control/control.h"
#include "control/mailboxes.h"
#include "control/logins.h"
#include "control/map.h"
#include "control/networks.h"
#include "control/nexthops.h"
#include "control/oauth2.h"
#include "control/offers.h"
#include "control/quotas.h"
#include "control/rewrite.h"
#include "control/routes.h"
#include "control/senders.h"
#include "control/tlspolicy.h"
#include "control/tlsclients.h"
#include "pure/ascii.h"
#include "pure/route.h"
#include "tests/fuzz/sections.h"

enum { LINES = 64 }; /* of a text that is taken line by line */

static struct sections files;
static const char *name; /* of the file that is looked at */

/* Nothing was read: the error says of which file. */
static void
must_explain(const struct control *c)
{
	size_t n = strcspn(name, ".");

	MUST(strncmp(control_error(c), "control/", 8) == 0);
	MUST(strncmp(control_error(c) + 8, name, n) == 0);
	MUST(strlen(control_error(c)) > n + 10);
}

/* The same where several are read: it is one of those that are there, or the
 * one that should be. */
static void
must_explain_one(const struct control *c)
{
	struct span said = span_of(control_error(c));
	bool known = false;

	MUST(span_begins_nocase(said, SPAN("control/")));
	said = span_from(said, 8);
	for (size_t i = 0; i < files.count; i++)
		known = known ||
			span_begins_nocase(said, span_of(files.at[i].name));
	for (enum control_id i = 0; i < CONTROL_COUNT; i++)
		known = known || span_begins_nocase(
					 said, span_of(control_file(i)->name));
	MUST(known);
}

static void
must_be_clean(struct span entry)
{
	MUST(entry.n > 0 && entry.n <= LIMIT_CONTROL_LINE);
	MUST(span_trim(entry).n == entry.n && entry.p[0] != '#');
	for (size_t i = 0; i < entry.n; i++)
		MUST(!ascii_control(entry.p[i]) || entry.p[i] == '\t');
}

/* The lines of `in` that count. */
static size_t
entries_of(struct span in)
{
	size_t count = 0;

	while (in.n) {
		size_t end = span_find(in, '\n');
		struct span line = span_trim(span_head(in, end));

		count += line.n && line.p[0] != '#';
		in = span_from(in, end + 1);
	}
	return count;
}

static void
try_list(struct control *c, enum control_id id, struct span in)
{
	struct control_list list;
	struct span entry;
	size_t count = 0;

	if (control_list(c, id, &list) == -1) {
		must_explain(c);
		return;
	}
	while (control_next(&list, &entry)) {
		must_be_clean(entry);
		count++;
	}
	MUST(count == entries_of(in));
	control_rewind(&list);
	MUST(control_next(&list, &entry) == (count > 0));
	control_list_free(&list);
}

static void
try_line(struct control *c, enum control_id id, struct span in)
{
	char value[LIMIT_DOMAIN + 1];
	int result = control_line(c, id, value, sizeof value);

	MUST(result != 0);
	if (result == -1) {
		must_explain(c);
		return;
	}
	must_be_clean(span_of(value));
	MUST(entries_of(in) == 1);
}

static void
try_number(struct control *c, enum control_id id, struct span in)
{
	const struct control_file *file = control_file(id);
	uint64_t value;

	if (control_number(c, id, &value) == -1) {
		must_explain(c);
		return;
	}
	MUST(value >= file->min && value <= file->max);
	MUST(entries_of(in) == 1);
}

static int
each_pair(void *ctx, struct span key, struct span value)
{
	(void)ctx;
	MUST(key.p && value.p);
	return 0;
}

static void
try_map(struct control *c, enum control_id id, struct span in)
{
	char value[64];
	struct map *map;
	size_t len;
	int found;

	if (map_open(c, id, &map) == -1) {
		must_explain(c);
		return;
	}
	MUST(map);
	found = map_find(c, map, SPAN("key"), value, sizeof value, &len);
	MUST(found >= -1 && found <= 1);
	MUST(found != 1 || len <= sizeof value);
	if (found == -1)
		must_explain(c);
	map_find(c, map, span_head(in, 8), value, sizeof value, &len);
	(void)map_each(c, map, each_pair, NULL);
	map_close(map);
}

/* What is left of a next hop without its port is one as well. */
static void
must_be_hops(struct span route)
{
	struct route parsed;
	struct span hop;

	while (route_next(&route, &hop)) {
		struct route host;

		MUST(route_parse(hop, &parsed) == 0);
		if (parsed.lmtp)
			continue;
		MUST(route_parse(route_host(hop), &host) == 0);
		MUST(span_eq(host.name, parsed.name));
		MUST(ip_eq(&host.ip, &parsed.ip));
	}
}

static void
must_lead(void *ctx, const struct routes_choice *choice)
{
	(void)ctx;
	MUST(choice->smarthost && choice->file && choice->line);
	must_be_hops(span_of(choice->text));
}

static void
try_routes(struct control *c)
{
	static struct routes_choice choice;
	struct routes *r = routes_open(c);

	if (!r) {
		must_explain_one(c);
		return;
	}
	MUST(routes_find(r, SPAN("a@b.example"), SPAN("a.b.example"),
		     &choice) == 0);
	MUST(strlen(choice.text) < sizeof choice.text);
	MUST(!choice.smarthost || choice.file);
	MUST(!choice.smarthost || !route_wrong(span_of(choice.text)));
	must_be_hops(span_of(choice.text));
	MUST(routes_find(r, SPAN(""), SPAN("[IPv6:2001:db8::1]"), &choice) ==
		0);
	routes_walk(r, must_lead, NULL);
	routes_close(r);
}

static void
try_tlspolicy(struct control *c)
{
	struct tlspolicy *p = tlspolicy_open(c);
	struct tlspolicy_choice out;

	if (!p) {
		must_explain_one(c);
		return;
	}
	tlspolicy_find(p, SPAN("a.b.example:26"), true, &out);
	MUST(out.level < TLSPOLICY_LEVELS && *tlspolicy_word(out.level));
	MUST(out.line || out.level == TLSPOLICY_VERIFY);
	tlspolicy_find(p, SPAN("smtps:[192.0.2.1]"), false, &out);
	MUST(out.line || out.level == TLSPOLICY_MAY);
	MUST(out.level != TLSPOLICY_FINGERPRINT || out.words.n);
	tlspolicy_close(p);
}

static void
try_nexthops(struct control *c)
{
	struct nexthops *n = nexthops_open(c);
	struct nexthop out;

	if (!n) {
		must_explain_one(c);
		return;
	}
	nexthops_limits(n, SPAN("[a.example]:587 b.example lmtp:/x"), &out);
	for (int i = 0; i < NEXTHOP_HELO; i++)
		MUST((out.number[i] != 0) == (out.line[i] != 0));
	nexthops_find(n, SPAN("a.b.example:26"), &out);
	MUST(!out.helo.n || out.line[NEXTHOP_HELO]);
	nexthops_close(n);
}

static void
find_quota(struct control *c, const struct quotas *q)
{
	struct mailboxes *m = mailboxes_open(c);
	struct quota quota;

	if (!m) {
		must_explain_one(c);
		return;
	}
	if (!quotas_find(q, m, SPAN("A+b@a.example"), &quota))
		MUST(quota.octets == 0 && quota.messages == 0);
	MUST(!quotas_find(q, m, SPAN("a"), &quota));
	mailboxes_close(m);
}

static void
try_quotas(struct control *c)
{
	struct quotas *q = quotas_open(c);

	if (q) {
		(void)quotas_final(q);
		find_quota(c, q);
		quotas_close(q);
	} else {
		must_explain_one(c);
	}
}

static void
try_oauth2(struct control *c)
{
	char text[2 * LIMIT_URL];
	struct oauth2 *o = oauth2_open(c);
	const struct oauth2_account *a;

	if (!o) {
		must_explain_one(c);
		return;
	}
	for (size_t i = 0; (a = oauth2_at(o, i)) != NULL; i++) {
		struct buf out = BUF(text);

		MUST(oauth2_name_valid(a->name) && a->line > 0);
		MUST(oauth2_find(o, a->name) == a);
		MUST(oauth2_endpoint(a, OAUTH2_TOKEN, &out));
		MUST(strncmp(text, "http", 4) == 0);
		out.len = 0;
		oauth2_scope(a, &out);
		MUST(a->grant < OAUTH2_GRANTS && a->warn <= 365);
	}
	oauth2_close(o);
}

static void
try_authremote(struct control *c)
{
	struct authremote *a = authremote_open(c);
	const struct authremote_login *login;
	const struct authremote_login *found;

	if (!a) {
		must_explain_one(c);
		return;
	}
	for (size_t i = 0; (login = authremote_line(a, i)) != NULL; i++) {
		unsigned other = login->source == AUTHREMOTE_OAUTH2
					 ? MECHANISMS_PASSWORD
					 : MECHANISMS_TOKEN;

		MUST(login->line > 0 && login->key.n && login->user.n);
		MUST(login->secret.n && login->allowed);
		MUST(!(login->allowed & other));
		found = authremote_find(a, SPAN(""), login->key, true);
		MUST(login->by_sender || login->key.p[0] == '.' || found);
	}
	found = authremote_find(
		a, SPAN("a@b.example"), SPAN("[smart.example]:587"), true);
	MUST(!found || authremote_fits(found, SPAN("[smart.example]:587")));
	found = authremote_find(
		a, SPAN("a@b.example"), SPAN("a.b.example"), false);
	MUST(!found || !found->by_sender);
	authremote_close(a);
}

static void
try_mailboxes(struct control *c)
{
	char path[64];
	struct mailboxes *m = mailboxes_open(c);
	struct span as;

	if (!m) {
		must_explain_one(c);
		return;
	}
	(void)mailboxes_local(m, SPAN("A.example"));
	MUST(mailboxes_find(m, SPAN("a+b@a.example"), path, sizeof path) != 1 ||
		strlen(path) < sizeof path);
	(void)mailboxes_found_line(m);
	MUST(mailboxes_postmaster(m, &as) != 0 || as.n);
	MUST(mailboxes_recipient(m, SPAN("a@a.example"), &as) != 1 || as.n);
	mailboxes_close(m);
}

static int
count_target(void *ctx, struct span address)
{
	MUST(address.n && address.n <= LIMIT_ADDRESS);
	return ++*(unsigned *)ctx < 100 ? 0 : -1;
}

static void
tell_step(void *ctx, const struct rewrite_step *step)
{
	(void)ctx;
	MUST(step->file && step->from.n);
}

static void
rewrite_one(struct rewrite *r, struct span address)
{
	char text[4 * LIMIT_ADDRESS];
	struct buf out = BUF(text);
	unsigned count = 0;
	struct span as;
	int result;

	MUST(rewrite_sender(r, address, &out) != 1 || (out.len && !out.over));
	out.len = 0;
	MUST(rewrite_to(r, address, &out) != 1 || (out.len && !out.over));
	out.len = 0;
	result = rewrite_complete(r, address, &out);
	MUST(result == -1 || span_find(buf_text(&out), '@') < out.len);
	result = rewrite_rcpt(r, address, count_target, &count);
	MUST(result >= -1 && result <= 1);
	if (rewrite_ours(r, address) && rewrite_recipient(r, address, &as) == 1)
		MUST(as.n > 0);
}

static void
try_rewrite(struct control *c)
{
	struct mailboxes *m = mailboxes_open(c);
	struct rewrite *r;

	if (!m) {
		must_explain_one(c);
		return;
	}
	r = rewrite_open(c, m);
	if (r) {
		rewrite_listen(r, tell_step, NULL);
		rewrite_one(r, SPAN("root"));
		rewrite_one(r, SPAN("a+b@a.example"));
		rewrite_one(r, SPAN("\"q q\"@b.example"));
		MUST(!rewrite_redirectall(r).n || rewrite_replaces(r));
		(void)rewrite_copyall(r);
		(void)rewrite_edits(r);
		rewrite_close(r);
	} else {
		must_explain_one(c);
	}
	mailboxes_close(m);
}

static int
count_pattern(void *ctx, struct span pattern, const char *file, unsigned line)
{
	(void)line;
	MUST(pattern.n && file);
	++*(unsigned *)ctx;
	return 0;
}

static void
try_senders(struct control *c)
{
	unsigned count = 0;
	bool good = senders_check(c) == 0;

	if (!good)
		must_explain_one(c);
	if (senders_list(c, SPAN("box"), count_pattern, &count) == -1) {
		must_explain_one(c);
		return;
	}
	MUST(senders_allow(c, SPAN("box"), SPAN("a@a.example")) >= -1);
	MUST(senders_allow(c, SPAN("a@a.example"), SPAN("A@A.example")) >= -1);
	MUST(senders_allow(c, SPAN("*"), SPAN("")) >= -1);
}

static void
try_logins(struct control *c)
{
	struct logins_table table;
	struct logins all;
	struct verifier verifier;

	if (logins_open(c, &table) == -1) {
		must_explain_one(c);
		return;
	}
	if (logins_find(c, &table, SPAN("BOX"), &all) == -1) {
		must_explain_one(c);
	} else if (all.found.there) {
		MUST(span_eq_nocase(span_of(all.found.name), SPAN("box")));
		MUST(all.count > 0);
		login_verifier(&all.found, &verifier);
	}
	logins_close(&table);
}

static void
try_networks(struct control *c, enum control_id id)
{
	static struct networks all;
	struct ip ip;

	MUST(ip_parse(SPAN("192.0.2.1"), &ip) == 0);
	if (networks_read(&all, c, id) == -1) {
		must_explain_one(c);
		return;
	}
	for (size_t i = 0; i < all.count; i++)
		MUST(all.net[i].bits > 0 &&
			networks_have(&all, &all.net[i].ip));
	(void)networks_have(&all, &ip);
	MUST(!networks_have(&all, &(struct ip){ .family = IP_NONE }));
}

static void
try_offers(struct control *c)
{
	bool allowed[OFFERS];
	unsigned count = 0;

	if (offers_read(c, allowed) == -1) {
		must_explain_one(c);
		return;
	}
	for (enum offer i = 0; i < OFFERS; i++) {
		MUST(offer_find(span_of(offer_name(i))) == i);
		count += allowed[i];
	}
	MUST(count <= OFFERS);
}

static void
try_tlsclients(struct control *c)
{
	static const char key[] = "0123456789abcdef0123456789ABCDEF"
				  "0123456789abcdef0123456789ABCDEF";
	char text[LIMIT_IDENTITY];
	struct buf identity = BUF(text);
	unsigned line;
	int found = tlsclients_find(c, span_of(key), &identity, &line);

	if (found == -1)
		must_explain_one(c);
	MUST(found != 1 || (identity.len && !identity.over));
	MUST(found != 1 || line || c->cdb[CONTROL_TLSCLIENTS]);
}

static void
try_text(struct control *c, enum control_id id, struct span in)
{
	switch (control_file(id)->kind) {
	case CONTROL_LINE:
		try_line(c, id, in);
		break;
	case CONTROL_NUMBER:
		try_number(c, id, in);
		break;
	case CONTROL_LIST:
	case CONTROL_TABLE:
	case CONTROL_CDB:
		try_list(c, id, in);
		break;
	}
	if (id == CONTROL_SMTPROUTES || id == CONTROL_SENDERROUTES)
		try_routes(c);
	if (id == CONTROL_TLSPOLICY)
		try_tlspolicy(c);
	if (id == CONTROL_NEXTHOPS)
		try_nexthops(c);
	if (id == CONTROL_QUOTA || id == CONTROL_OVERQUOTA)
		try_quotas(c);
	if (id == CONTROL_AUTHREMOTE)
		try_authremote(c);
	if (id == CONTROL_OAUTH2)
		try_oauth2(c);
	if (id == CONTROL_TLSCLIENTS)
		try_tlsclients(c);
	if (id == CONTROL_MAILBOXES)
		try_mailboxes(c);
	if (id == CONTROL_RELAYFROM || id == CONTROL_DENYFROM)
		try_networks(c, id);
	if (id == CONTROL_AUTHMECHANISMS)
		try_offers(c);
}

/* What a file is for, by itself. A directory is nothing where its name is none
 * of a file. */
static void
try_file(struct control *c, const struct section *s)
{
	struct span stem = span_of(s->name);
	bool cdb = span_ends_nocase(stem, SPAN(".cdb"));
	enum control_id id = 0;

	stem.n -= cdb ? 4 : 0;
	while (id < CONTROL_COUNT &&
		!span_eq(span_of(control_file(id)->name), stem))
		id++;
	if (id == CONTROL_COUNT || !(cdb ? c->cdb : c->text)[id]) {
		MUST(s->kind == '/');
		return;
	}
	name = s->name;
	if (cdb)
		try_map(c, id, s->text);
	else
		try_text(c, id, s->text);
}

static void
count_fault(void *ctx, const struct control *c)
{
	must_explain_one(c);
	++*(unsigned *)ctx;
}

/* What the files are for together. */
static void
try_together(struct control *c)
{
	uint64_t number;

	if (rewrite_wanted(c))
		try_rewrite(c);
	if (c->text[CONTROL_SENDERS] || c->cdb[CONTROL_SENDERS])
		try_senders(c);
	if (c->text[CONTROL_LOGINS] || c->cdb[CONTROL_LOGINS])
		try_logins(c);
	if (c->cdb[CONTROL_TLSCLIENTS])
		try_tlsclients(c);
	if (c->cdb[CONTROL_MAILBOXES])
		try_mailboxes(c);
	if (!c->text[CONTROL_MAILMAX])
		MUST(control_number(c, CONTROL_MAILMAX, &number) == 0);
}

static void
try_world(void)
{
	struct control c;
	unsigned faults = 0;

	sections_write(&files);
	MUST(control_survey(&c, count_fault, &faults) == 0);
	control_close(&c);
	if (control_open(&c) == -1) {
		must_explain_one(&c);
		MUST(faults > 0);
	} else {
		MUST(faults == 0);
		for (size_t i = 0; i < files.count; i++)
			try_file(&c, &files.at[i]);
		try_together(&c);
	}
	control_close(&c);
	sections_remove(&files);
}

/* A home that is none: the error says which directory it was. */
static void
try_nowhere(void)
{
	struct control c;

	MUST(setenv("POSTERN_HOME", "/dev/null", 1) == 0);
	MUST(control_open(&c) == -1);
	MUST(strstr(control_error(&c), "/dev/null"));
	control_close(&c);
	MUST(setenv("POSTERN_HOME", world_dir, 1) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct section *each;
	struct span rest;

	sections_split(&files, fuzz_input(data, n));
	each = section_of_kind(&files, '?');
	if (!each) {
		try_world();
		if (files.count == 0)
			try_nowhere();
		return 0;
	}
	rest = each->text;
	for (int i = 0; i < LINES && rest.n; i++) {
		each->text = span_head(rest, span_find(rest, '\n') + 1);
		rest = span_from(rest, each->text.n);
		try_world();
	}
	return 0;
}

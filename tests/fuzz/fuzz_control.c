/* SPDX-License-Identifier: ISC
 *
 * control: any octets as any control file or database are either read as
 * their kind says, each entry clean and trimmed, or refused in words that
 * name the file; never anything between. */
#include "tests/fuzz/fuzz.h"

#include "control/authremote.h"
#include "control/control.h"
#include "control/mailboxes.h"
#include "control/map.h"
#include "control/nexthops.h"
#include "control/oauth2.h"
#include "control/quotas.h"
#include "control/routes.h"
#include "control/tlspolicy.h"
#include "control/tlsclients.h"
#include "pure/route.h"
#include "pure/ascii.h"
#include "tests/unit/world.h"

static char name[80];

static void
world_once(void)
{
	if (!world_dir[0])
		world_begin(NULL);
}

static void
world_leave(void)
{
	unlink(world_path(name));
	unlink(world_path("locals"));
}

/* Nothing was read: the error says of which file. */
static void
must_explain(const struct control *c)
{
	size_t n = strcspn(name, ".");

	MUST(strncmp(control_error(c), "control/", 8) == 0);
	MUST(strncmp(control_error(c) + 8, name, n) == 0);
	MUST(strlen(control_error(c)) > n + 10);
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
try_routes(struct control *c)
{
	static struct routes_choice choice;
	struct routes *r = routes_open(c);

	if (!r) {
		must_explain(c);
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
	routes_close(r);
}

static void
try_tlspolicy(struct control *c)
{
	struct tlspolicy *p = tlspolicy_open(c);
	struct tlspolicy_choice out;

	if (!p) {
		must_explain(c);
		return;
	}
	tlspolicy_find(p, SPAN("a.b.example:26"), true, &out);
	MUST(out.level < TLSPOLICY_LEVELS);
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
		must_explain(c);
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
try_quotas(struct control *c)
{
	struct quotas *q = quotas_open(c);

	if (q)
		quotas_close(q);
	else
		must_explain(c);
}

static void
try_oauth2(struct control *c)
{
	char text[2 * LIMIT_URL];
	struct oauth2 *o = oauth2_open(c);
	const struct oauth2_account *a;

	if (!o) {
		must_explain(c);
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
		must_explain(c);
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
		must_explain(c);
		return;
	}
	MUST(mailboxes_local(m, SPAN("A.example")));
	MUST(mailboxes_find(m, SPAN("a+b@a.example"), path, sizeof path) != 1 ||
		strlen(path) < sizeof path);
	MUST(mailboxes_recipient(m, SPAN("a@a.example"), &as) != 1 || as.n);
	mailboxes_close(m);
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
		must_explain(c);
	MUST(found != 1 || (identity.len && !identity.over && line));
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
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct span in = fuzz_input(data, n);
	enum control_id id = fuzz_choice(&in) % CONTROL_COUNT;
	enum control_kind kind = control_file(id)->kind;
	bool cdb = (fuzz_choice(&in) & 1) || kind == CONTROL_CDB;
	struct control c;

	cdb = cdb && (kind == CONTROL_TABLE || kind == CONTROL_CDB);
	world_once();
	snprintf(name, sizeof name, "%s%s", control_file(id)->name,
		cdb ? ".cdb" : "");
	if (id == CONTROL_MAILBOXES)
		world_file("locals", "a.example\n");
	world_bytes(name, in.p, in.n);
	MUST(control_open(&c) == 0);
	if (cdb)
		try_map(&c, id, in);
	else
		try_text(&c, id, in);
	control_close(&c);
	world_leave();
	return 0;
}

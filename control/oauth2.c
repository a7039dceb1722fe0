/* SPDX-License-Identifier: ISC */
#include "control/oauth2.h"

#include <errno.h>
#include <stdlib.h>

#include "pure/ascii.h"
#include "pure/ip.h"

#define ENTRA "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/"

enum { WARN_DAYS = 14 };

/* What is known of providers. {tenant} stands for the setting. */
static const struct provider {
	const char *name;
	enum oauth2_grant grant; /* unless the line says another */
	bool device;             /* its device flow has tokens for mail */
	uint64_t idle;           /* days */
	const char *endpoint[3]; /* device, token, authorize */
	const char *scope;
	const char *client_scope; /* for OAUTH2_BY_CLIENT; NULL: not offered */
} providers[] = {
  /* clang-format off */
	{ "microsoft", OAUTH2_BY_DEVICE, true, 90,
		{ ENTRA "devicecode", ENTRA "token", ENTRA "authorize" },
		"https://outlook.office.com/SMTP.Send offline_access",
		"https://outlook.office365.com/.default" },
	/* Google's device flow has no scope for mail; access_type and prompt
	 * are what makes it give a refresh token. */
	{ "google", OAUTH2_BY_CODE, false, 180,
		{ "https://oauth2.googleapis.com/device/code",
			"https://oauth2.googleapis.com/token",
			"https://accounts.google.com/o/oauth2/v2/auth?access_type=offline&prompt=consent" },
		"https://mail.google.com/", NULL },
	{ "other", OAUTH2_BY_DEVICE, true, 0, { NULL, NULL, NULL }, "", "" },
  /* clang-format on */
};

static const char *const words[OAUTH2_SETTINGS] = {
	[OAUTH2_PROVIDER] = "provider",
	[OAUTH2_CLIENT] = "client",
	[OAUTH2_SECRET] = "secret",
	[OAUTH2_TENANT] = "tenant",
	[OAUTH2_USER] = "user",
	[OAUTH2_SCOPE] = "scope",
	[OAUTH2_GRANT] = "grant",
	[OAUTH2_AUTH] = "auth",
	[OAUTH2_DEVICE] = "device",
	[OAUTH2_TOKEN] = "token",
	[OAUTH2_AUTHORIZE] = "authorize",
	[OAUTH2_CAFILE] = "cafile",
	[OAUTH2_WARN] = "warn",
};

static const char *const grants[OAUTH2_GRANTS] = {
	[OAUTH2_BY_DEVICE] = "device",
	[OAUTH2_BY_CODE] = "code",
	[OAUTH2_BY_REFRESH] = "refresh",
	[OAUTH2_BY_CLIENT] = "client",
};

struct oauth2 {
	struct control_list list;
	struct oauth2_account *account;
	size_t count;
};

const char *
oauth2_word(enum oauth2_setting setting)
{
	return words[setting];
}

const char *
oauth2_grant_word(enum oauth2_grant grant)
{
	return grants[grant];
}

static int
provider_of(struct span name)
{
	for (size_t i = 0; i < LEN(providers); i++)
		if (span_eq(name, span_of(providers[i].name)))
			return (int)i;
	return -1;
}

bool
oauth2_is_provider(struct span name)
{
	return provider_of(name) != -1;
}

bool
oauth2_name_valid(struct span name)
{
	for (size_t i = 0; i < name.n; i++)
		if (!ascii_alnum(name.p[i]) && !strchr("._-@+", name.p[i]))
			return false;
	return name.n > 0 && name.n <= OAUTH2_NAME && name.p[0] != '.';
}

/* The part of a URL behind // and before the path. */
static struct span
url_host(struct span url, size_t scheme)
{
	struct span host = span_from(url, scheme);
	size_t end = 0;

	while (end < host.n && !strchr("/?#", host.p[end]))
		end++;
	return span_head(host, end);
}

/* host, host:port, [address]:port: is it this machine for certain? */
static bool
is_loopback(struct span host)
{
	struct ip_net net;
	struct ip ip;
	size_t end;

	if (host.n && host.p[0] == '[') {
		host = span_from(host, 1);
		end = span_find(host, ']');
	} else {
		end = span_find(host, ':');
	}
	host = span_head(host, end);
	if (span_eq_nocase(host, SPAN("localhost")))
		return true;
	if (ip_parse(host, &ip) == -1)
		return false;
	return (ip_net_parse(SPAN("127.0.0.0/8"), &net) == 0 &&
		       ip_net_has(&net, &ip)) ||
	       (ip_net_parse(SPAN("::1"), &net) == 0 && ip_net_has(&net, &ip));
}

static const char *
url_wrong(struct span url)
{
	bool tls = span_begins_nocase(url, SPAN("https://"));
	struct span host = url_host(url, tls ? 8 : 7);

	if (!tls && !span_begins_nocase(url, SPAN("http://")))
		return "not an address of an endpoint; write https://...";
	if (host.n == 0 || span_find(host, '@') < host.n)
		return "an endpoint without a host, or with a user in front "
		       "of it; write https://HOST/...";
	if (!tls && !is_loopback(host))
		return "an endpoint without TLS; write https://";
	for (size_t i = 0; i < url.n; i++)
		if (!ascii_visible(url.p[i]) || url.p[i] == '#')
			return "an endpoint with a sign that stands in none";
	return url.n <= LIMIT_URL ? NULL : "an endpoint that is too long";
}

static const char *
secret_wrong(struct span where)
{
	if (span_begins_nocase(where, SPAN("file:/")) ||
		(span_begins_nocase(where, SPAN("credential:")) &&
			where.n > 11 && span_find(where, '/') == where.n))
		return NULL;
	return "not a place behind secret=; write secret=file:/PATH or "
	       "secret=credential:NAME, never the secret itself";
}

static const char *
tenant_wrong(struct span tenant)
{
	for (size_t i = 0; i < tenant.n; i++)
		if (!ascii_alnum(tenant.p[i]) && tenant.p[i] != '.' &&
			tenant.p[i] != '-')
			return "not a tenant; write its id or its domain";
	return NULL;
}

static const char *
take_grant(struct oauth2_account *out, struct span value)
{
	for (int i = 0; i < OAUTH2_GRANTS; i++)
		if (span_eq(value, span_of(grants[i]))) {
			out->grant = (enum oauth2_grant)i;
			return NULL;
		}
	return "no such grant; there are device, code, refresh and client";
}

static const char *
take_scope(struct oauth2_account *out, struct span value)
{
	if (out->scopes == OAUTH2_SCOPES)
		return "more than 8 scopes";
	for (size_t i = 0; i < value.n; i++)
		if (!ascii_visible(value.p[i]) || value.p[i] == '"' ||
			value.p[i] == '\\')
			return "not a scope (RFC 6749 3.3)";
	out->scope[out->scopes++] = value;
	return NULL;
}

/* Takes a value that needs more than to be remembered. */
static const char *
take_value(struct oauth2_account *out, int setting, struct span value)
{
	switch (setting) {
	case OAUTH2_PROVIDER:
		out->provider = provider_of(value);
		return out->provider == -1
			       ? "no such provider; there are microsoft, "
				 "google and other"
			       : NULL;
	case OAUTH2_SECRET:
		return secret_wrong(value);
	case OAUTH2_TENANT:
		return tenant_wrong(value);
	case OAUTH2_SCOPE:
		return take_scope(out, value);
	case OAUTH2_GRANT:
		return take_grant(out, value);
	case OAUTH2_AUTH:
		out->basic = span_eq(value, SPAN("basic"));
		return out->basic || span_eq(value, SPAN("post"))
			       ? NULL
			       : "write auth=post or auth=basic";
	case OAUTH2_DEVICE:
	case OAUTH2_TOKEN:
	case OAUTH2_AUTHORIZE:
		return url_wrong(value);
	case OAUTH2_CAFILE:
		return value.p[0] == '/' ? NULL
					 : "write cafile= with a whole path";
	case OAUTH2_WARN:
		return span_number(value, &out->warn) != 0 || out->warn > 365
			       ? "write warn= with a number of days, 0 to 365"
			       : NULL;
	default:
		return NULL;
	}
}

static const char *
take_setting(struct oauth2_account *out, struct span word)
{
	size_t equals = span_find(word, '=');
	struct span name = span_head(word, equals);
	struct span value = span_from(word, equals + 1);
	int i = 0;

	while (i < OAUTH2_SETTINGS && !span_eq(name, span_of(words[i])))
		i++;
	if (i == OAUTH2_SETTINGS)
		return "not a setting; there are provider= client= secret= "
		       "tenant= user= scope= grant= auth= device= token= "
		       "authorize= cafile= warn=";
	if (value.n == 0)
		return "a setting without a value";
	if (out->says[i].n && i != OAUTH2_SCOPE)
		return "a setting twice; keep one";
	out->says[i] = value;
	return take_value(out, i, value);
}

/* Is what the grant needs there? */
static const char *
account_wrong(const struct oauth2_account *a)
{
	const struct provider *p = &providers[a->provider];

	if (a->says[OAUTH2_CLIENT].n == 0)
		return "client= is missing: the id of the application that "
		       "you registered with the provider";
	if (!a->says[OAUTH2_TOKEN].n && !p->endpoint[1])
		return "token= is missing: the address of the token endpoint";
	if (a->grant == OAUTH2_BY_DEVICE && !a->says[OAUTH2_DEVICE].n &&
		(!p->endpoint[0] || !p->device))
		return p->device ? "device= is missing: the address of the "
				   "device authorization endpoint"
				 : "this provider's device flow has no tokens "
				   "for mail; write grant=code";
	if (a->grant == OAUTH2_BY_CODE && !a->says[OAUTH2_AUTHORIZE].n &&
		!p->endpoint[2])
		return "authorize= is missing: the address of the "
		       "authorization endpoint";
	if (a->grant != OAUTH2_BY_CLIENT)
		return a->basic && !a->says[OAUTH2_SECRET].n
			       ? "auth=basic without secret="
			       : NULL;
	if (!a->says[OAUTH2_SECRET].n)
		return "grant=client needs secret=";
	if (!p->client_scope)
		return "this provider has no grant=client for mail";
	if (strstr(p->endpoint[1] ? p->endpoint[1] : "", "{tenant}") &&
		!a->says[OAUTH2_TENANT].n && !a->says[OAUTH2_TOKEN].n)
		return "grant=client needs tenant=";
	return NULL;
}

const char *
oauth2_parse(struct span line, struct oauth2_account *out)
{
	struct span rest;
	const char *why = NULL;

	*out = (struct oauth2_account){
		.grant = OAUTH2_GRANTS, .provider = -1, .warn = WARN_DAYS
	};
	if (!control_split(line, &out->name, &rest))
		return "no colon behind the account's name; write ACCOUNT: "
		       "provider=NAME client=ID ...";
	if (!oauth2_name_valid(out->name))
		return "not a name for an account; letters, digits and "
		       ". _ - @ + make one";
	while (rest.n && !why) {
		size_t end = 0;

		while (end < rest.n && rest.p[end] != ' ' &&
			rest.p[end] != '\t')
			end++;
		why = take_setting(out, span_head(rest, end));
		rest = span_trim(span_from(rest, end));
	}
	if (why)
		return why;
	if (out->provider == -1)
		return "provider= is missing: microsoft, google or other";
	out->idle = providers[out->provider].idle;
	if (out->grant == OAUTH2_GRANTS)
		out->grant = providers[out->provider].grant;
	return account_wrong(out);
}

static int
read_entries(struct control *c, struct oauth2 *o)
{
	struct span line;

	while (control_next(&o->list, &line)) {
		struct oauth2_account *a = &o->account[o->count];
		const char *why = oauth2_parse(line, a);

		if (!why && oauth2_find(o, a->name))
			why = "a second line for the same account; keep one";
		if (why)
			return control_fail(c, o->list.name, o->list.line, why);
		a->line = o->list.line;
		o->count++;
	}
	return 0;
}

struct oauth2 *
oauth2_open(struct control *c)
{
	const char *name = control_file(CONTROL_OAUTH2)->name;
	struct oauth2 *o = calloc(1, sizeof *o);

	if (!o) {
		control_fail(c, name, 0, strerror(errno));
		return NULL;
	}
	if (control_list(c, CONTROL_OAUTH2, &o->list) == -1)
		goto fail;
	o->account = calloc(control_count(&o->list) + 1, sizeof *o->account);
	if (!o->account) {
		control_fail(c, name, 0, strerror(errno));
		goto fail;
	}
	if (read_entries(c, o) == 0)
		return o;
fail:
	oauth2_close(o);
	return NULL;
}

void
oauth2_close(struct oauth2 *o)
{
	if (!o)
		return;
	control_list_free(&o->list);
	free(o->account);
	free(o);
}

const struct oauth2_account *
oauth2_at(const struct oauth2 *o, size_t i)
{
	return i < o->count ? &o->account[i] : NULL;
}

const struct oauth2_account *
oauth2_find(const struct oauth2 *o, struct span name)
{
	for (size_t i = 0; i < o->count; i++)
		if (span_eq(o->account[i].name, name))
			return &o->account[i];
	return NULL;
}

/* Appends a preset address with the tenant filled in. */
static void
put_preset(struct buf *out, const char *preset, struct span tenant)
{
	static const struct span mark = SPAN_INIT("{tenant}");
	const char *at = strstr(preset, mark.p);

	if (!at) {
		buf_str(out, preset);
		return;
	}
	buf_span(out, (struct span){ preset, (size_t)(at - preset) });
	buf_span(out, tenant.n ? tenant : SPAN("common"));
	buf_str(out, at + mark.n);
}

bool
oauth2_endpoint(const struct oauth2_account *account, enum oauth2_setting which,
	struct buf *out)
{
	const char *preset =
		providers[account->provider].endpoint[which - OAUTH2_DEVICE];

	if (account->says[which].n)
		buf_span(out, account->says[which]);
	else if (preset)
		put_preset(out, preset, account->says[OAUTH2_TENANT]);
	else
		return false;
	buf_cstr(out);
	return !out->over;
}

void
oauth2_scope(const struct oauth2_account *account, struct buf *out)
{
	const struct provider *p = &providers[account->provider];

	for (size_t i = 0; i < account->scopes; i++) {
		if (i)
			buf_char(out, ' ');
		buf_span(out, account->scope[i]);
	}
	if (account->scopes == 0)
		buf_str(out, account->grant == OAUTH2_BY_CLIENT
				     ? p->client_scope
				     : p->scope);
}

/* SPDX-License-Identifier: ISC
 *
 * oauth2: the accounts for which postern-oauth2 gets access tokens, from
 * control/oauth2:
 *
 *	ACCOUNT: SETTING=VALUE ...
 *
 *	provider=NAME    microsoft, google, or other
 *	client=ID        the application's id
 *	secret=WHERE     its secret (sys/secret.h), where there is one
 *	tenant=NAME      microsoft's directory; common without it
 *	user=ADDRESS     the mailbox, shown to the provider as a hint
 *	scope=WORD       what the token is for; once for each
 *	grant=NAME       device, code, refresh or client
 *	auth=NAME        where the secret goes: post (the form) or basic
 *	device=URL       endpoints, where the provider's own do not do
 *	token=URL
 *	authorize=URL
 *	cafile=PATH      who signs the endpoints' certificates
 *	warn=DAYS        before the refresh token ends */
#ifndef CONTROL_OAUTH2_H
#define CONTROL_OAUTH2_H

#include "control/control.h"

struct oauth2; /* opaque */

enum oauth2_setting {
	OAUTH2_PROVIDER,
	OAUTH2_CLIENT,
	OAUTH2_SECRET,
	OAUTH2_TENANT,
	OAUTH2_USER,
	OAUTH2_SCOPE,
	OAUTH2_GRANT,
	OAUTH2_AUTH,
	OAUTH2_DEVICE,
	OAUTH2_TOKEN,
	OAUTH2_AUTHORIZE,
	OAUTH2_CAFILE,
	OAUTH2_WARN,
	OAUTH2_SETTINGS
};

/* How the first token is had. */
enum oauth2_grant {
	OAUTH2_BY_DEVICE,  /* RFC 8628: a code is typed in a browser */
	OAUTH2_BY_CODE,    /* RFC 6749 4.1, 7636: an address is pasted */
	OAUTH2_BY_REFRESH, /* a refresh token that came from elsewhere */
	OAUTH2_BY_CLIENT,  /* RFC 6749 4.4: the secret is all it takes */
	OAUTH2_GRANTS
};

enum { OAUTH2_SCOPES = 8, OAUTH2_NAME = 64 };

struct oauth2_account {
	struct span name;
	struct span says[OAUTH2_SETTINGS]; /* empty: the line does not */
	struct span scope[OAUTH2_SCOPES];
	size_t scopes;
	enum oauth2_grant grant;
	bool basic;
	uint64_t warn; /* days */
	uint64_t idle; /* days that a refresh token lasts unused; 0: unknown */
	int provider;  /* row of the table in oauth2.c */
	unsigned line;
};

/* The word of a setting, of a grant. */
const char *oauth2_word(enum oauth2_setting setting);
const char *oauth2_grant_word(enum oauth2_grant grant);

/* Is it the name of a provider? */
bool oauth2_is_provider(struct span name);

/* May it name an account? Letters, digits and . _ - @ +, no . in front: it
 * becomes a file's name. */
bool oauth2_name_valid(struct span name);

/* Reads one line. Spans point into it. Returns NULL, or what is wrong. */
const char *oauth2_parse(struct span line, struct oauth2_account *out);

/* Reads and checks the whole file. Returns NULL with the control error set. */
struct oauth2 *oauth2_open(struct control *c);
void oauth2_close(struct oauth2 *o);

/* The accounts in order; NULL behind the last. */
const struct oauth2_account *oauth2_at(const struct oauth2 *o, size_t i);

/* The account of that name, or NULL. */
const struct oauth2_account *oauth2_find(
	const struct oauth2 *o, struct span name);

/* The address of an endpoint (OAUTH2_DEVICE, OAUTH2_TOKEN, OAUTH2_AUTHORIZE)
 * as a C string. Returns false when it has none, or no room. */
bool oauth2_endpoint(const struct oauth2_account *account,
	enum oauth2_setting which, struct buf *out);

/* Appends the scopes with a space between. */
void oauth2_scope(const struct oauth2_account *account, struct buf *out);

#endif

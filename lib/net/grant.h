/* SPDX-License-Identifier: ISC
 *
 * grant: the tokens of an account: what is on disk (pure/token.h, sys/vault.h),
 * when they are due, and how new ones are had without a person. net/consent
 * has the ways that need one.
 *
 * A new refresh token is on disk before the access token that came with it,
 * and both before the old ones are gone. What is asked of a server is asked
 * with the account's lock held. */
#ifndef NET_GRANT_H
#define NET_GRANT_H

#include "control/oauth2.h"
#include "net/https.h"
#include "net/oauth.h"
#include "pure/limits.h"
#include "pure/token.h"
#include "sys/vault.h"

enum grant_result {
	GRANT_FRESH,   /* nothing was due */
	GRANT_DONE,    /* a new access token is on disk */
	GRANT_WAITING, /* `why` the last try failed; the next has its time */
	GRANT_LATER,   /* `why`; a later try may work */
	GRANT_SETUP,   /* `why`; a person must do something */
};

enum {
	GRANT_FORM = 4 * LIMIT_TOKEN,
	GRANT_SECRET = 1024, /* octets */
};

/* Large, and full of secrets: one a process, wiped by grant_close. */
struct grant {
	const struct oauth2_account *account;
	const struct vault *vault;
	struct token token; /* of ACCOUNT.token, with that of ACCOUNT.refresh */
	char token_text[LIMIT_TOKEN_FILE];
	char refresh_text[LIMIT_TOKEN_FILE];
	char secret[GRANT_SECRET];
	size_t secret_len;
	char form[GRANT_FORM];
	struct https_answer answer;
	struct oauth_answer said;
	char why[512];
};

/* Reads what is on disk, and nothing else: g->token. A damaged file is as
 * none. Returns 0, or -1 with `why`. */
int grant_look(struct grant *g, const struct oauth2_account *account,
	const struct vault *vault);

/* Gets a new access token if one is due, or at once with `force`. After a
 * failure nothing is asked before its time (g->token.later), unless the
 * control file was changed since then. Words of a failure, or of a quibble,
 * are in `why`. */
enum grant_result grant_refresh(struct grant *g, bool force, uint64_t changed);

/* For net/consent. Posts g->form to an endpoint, with the secret where it
 * belongs: returns 0 with g->answer, or -1 with `why`. */
int grant_post(struct grant *g, enum oauth2_setting endpoint);

/* Reads the client's secret; 0, or -1 with `why`. */
int grant_secret(struct grant *g);
struct oauth_client grant_client(const struct grant *g);

/* What an answer that grants nothing is for the caller; sets `why`. */
enum grant_result grant_refused(struct grant *g);

/* Puts the tokens of g->said on disk. */
enum grant_result grant_store(struct grant *g);

/* Remembers on disk that the log was told of the refresh token's end. */
void grant_warned(struct grant *g, uint64_t now);

void grant_close(struct grant *g);

#endif

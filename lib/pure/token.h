/* SPDX-License-Identifier: ISC
 *
 * token: the text of a token file, which postern-oauth2 writes and
 * postern-remote reads: lines of a word and its value.
 *
 *	access TOKEN            what the next hop is shown
 *	expires SECONDS         since 1970; a later use is in vain
 *	refresh TOKEN           what new access tokens are had for
 *	refreshed SECONDS       when the access token came
 *	refreshexpires SECONDS  0: nobody said
 *	tried SECONDS           when the token server was asked last
 *	later SECONDS           ask it no earlier
 *	warned SECONDS          when the log was told of the refresh token's end
 *	error WORDS             why the last try failed; no line: it did not
 *
 * ACCOUNT.token has all of them but refresh, which is in ACCOUNT.refresh, a
 * file that postern-remote cannot read. */
#ifndef PURE_TOKEN_H
#define PURE_TOKEN_H

#include "pure/buf.h"

struct token {
	struct span access; /* empty: there is none */
	struct span refresh;
	struct span error;
	uint64_t expires;
	uint64_t refreshed;
	uint64_t refreshexpires;
	uint64_t tried;
	uint64_t later;
	uint64_t warned;
};

/* May s be a token? Visible ASCII, 1 to LIMIT_TOKEN octets (RFC 6750 2.1 is
 * stricter, RFC 6749 A.12 allows the space, which no token server uses). */
bool token_valid(struct span s);

/* Reads a whole file. Words that are not known are passed over. Spans point
 * into the text. Returns NULL, or what is wrong. */
const char *token_parse(struct span text, struct token *out);

/* Appends the file's text: what is empty or 0 is left out. In `error` every
 * octet that is not printable ASCII becomes a question mark. */
void token_print(struct buf *out, const struct token *token);

/* Is a new access token due? Half of its time is over, or the clock is not
 * what it was. */
bool token_due(const struct token *token, uint64_t now);

/* Days until the refresh token dies, when they are fewer than `warn`; -1: they
 * are not, or nobody knows. */
int64_t token_ends(const struct token *token, uint64_t now, uint64_t warn);

#endif

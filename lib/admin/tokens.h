/* SPDX-License-Identifier: ISC
 *
 * tokens: how the OAuth accounts are. */
#ifndef ADMIN_TOKENS_H
#define ADMIN_TOKENS_H

#include "net/grant.h"

/* What an admin should know of an account that was looked at (grant_look):
 * appends words, "" when it is well. Returns true when mail can be sent with
 * its access token now. */
bool tokens_judge(const struct grant *g, uint64_t now, struct buf *words);

/* Prints all accounts, as text or as JSON. Returns how many are not well, or
 * -1 with g->why: their files cannot be read. */
int tokens_print(struct grant *g, const struct oauth2 *accounts,
	const struct vault *vault, uint64_t now, bool json);

#endif

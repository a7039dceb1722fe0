/* SPDX-License-Identifier: ISC
 *
 * tokens: how the OAuth accounts are. */
#ifndef ADMIN_TOKENS_H
#define ADMIN_TOKENS_H

#include "control/oauth2.h"
#include "sys/vault.h"

/* What an admin should know of an account: appends words, none when it is
 * well. Returns true when mail can be sent with its access token now. */
bool tokens_judge(const struct oauth2_account *account,
	const struct token *token, uint64_t now, struct buf *words);

/* Must somebody do something, or will he have to before long? */
bool tokens_alarm(const struct oauth2_account *account,
	const struct token *token, uint64_t now);

/* Prints all accounts, as text or as JSON. Returns how many are not well, or
 * -1 with errno: their files cannot be read. */
int tokens_print(const struct oauth2 *accounts, const struct vault *vault,
	uint64_t now, bool json);

#endif

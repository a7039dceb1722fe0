/* SPDX-License-Identifier: ISC
 *
 * authsecret: the password or token of a line of control/authremote. What is
 * wrong with it is a fault of our own side, told in words that name file and
 * remedy and never repeat what is in it. */
#ifndef CONTROL_AUTHSECRET_H
#define CONTROL_AUTHSECRET_H

#include "control/authremote.h"
#include "sys/places.h"

enum { AUTHSECRET_WORDS = 512 };

struct authsecret {
	size_t len;
	char text[LIMIT_TOKEN];
};

/* Reads it; `now` in seconds since 1970 is for tokens. Returns 0, or -1 with
 * the words in why: not there, not to be read, readable to everybody, empty,
 * too long, a control character in it, a token that is over. */
int authsecret_read(const struct authremote_login *login, int64_t now,
	struct authsecret *out, char why[AUTHSECRET_WORDS]);

/* Appends where it lies, for people to read: a path, or credential:NAME. */
void authsecret_place(const struct authremote_login *login, struct buf *out);

/* In front of a jail (sys/jail.h): adds where the secrets of all lines lie. */
void authsecret_prepare(const struct authremote *a, struct places *places);

/* Leaves nothing of it in memory. */
void authsecret_wipe(struct authsecret *secret);

#endif

/* SPDX-License-Identifier: ISC
 *
 * enrol: a new account for control/oauth2, from the words of a command. */
#ifndef ADMIN_ENROL_H
#define ADMIN_ENROL_H

#include "control/oauth2.h"

/* A line of control/oauth2, made of what was typed. */
struct enrolment {
	char text[LIMIT_CONTROL_LINE];
	struct buf line;
	struct oauth2_account account; /* spans point into line */
};

/* PROVIDER [SETTING=VALUE ...] [NAME]; without a name the account is called
 * like its provider. Returns NULL, or what is wrong. */
const char *enrol_parse(struct enrolment *e, int argc, char **argv);

/* Adds the line to the file, which is replaced as a whole; nobody needs to be
 * told. Returns 0, or -1 with errno. */
int enrol_write(const struct enrolment *e, const struct control *c);

/* The smarthost of a provider as a line of control/authremote names it, or
 * NULL. */
const char *enrol_smarthost(const struct oauth2_account *account);

#endif

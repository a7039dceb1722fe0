/* SPDX-License-Identifier: ISC */
#include "admin/logins.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "admin/step.h"
#include "control/authremote.h"
#include "control/authsecret.h"

/* A group may be meant to read a password: one line says that it can. */
static void
note_readers(const struct authremote_login *login)
{
	char path[LIMIT_PATH];
	struct buf place = BUF(path);
	struct stat st;

	authsecret_place(login, &place);
	if (login->source == AUTHREMOTE_FILE && !place.over &&
		stat(buf_cstr(&place), &st) == 0 && st.st_mode & S_IRGRP)
		step_note("logins",
			"control/authremote:%u: the group of %s may read it; "
			"chmod g-r unless that is meant",
			login->line, path);
}

/* Returns 1: it was looked at; 0: passed over; -1 with why. */
static int
look(const struct authremote_login *login, char why[AUTHSECRET_WORDS])
{
	static struct authsecret secret;
	int result;

	if (login->source == AUTHREMOTE_CREDENTIAL &&
		!getenv("CREDENTIALS_DIRECTORY")) {
		step_note("logins",
			"control/authremote:%u: credential:%.*s is given to "
			"the unit postern-send alone; not looked at",
			login->line, (int)login->secret.n, login->secret.p);
		return 0;
	}
	result = authsecret_read(login, (int64_t)time(NULL), &secret, why);
	authsecret_wipe(&secret);
	return result == 0 ? 1 : -1;
}

int
logins_check(struct control *c)
{
	struct authremote *a = authremote_open(c);
	const struct authremote_login *login;
	char why[AUTHSECRET_WORDS];
	unsigned count = 0;
	int code = 0;

	if (!a)
		return step_fault(DIE_SETUP, "logins", "%s", control_error(c));
	for (size_t i = 0; (login = authremote_line(a, i)) && code == 0; i++) {
		int seen = look(login, why);

		if (seen == -1)
			code = step_fault(DIE_SETUP, "logins", "%s", why);
		else
			count += (unsigned)seen;
		if (seen == 1)
			note_readers(login);
	}
	if (code == 0 && count)
		step_ok("logins",
			"%u of control/authremote have a secret that "
			"can be read",
			count);
	authremote_close(a);
	return code;
}

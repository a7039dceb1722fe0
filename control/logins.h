/* SPDX-License-Identifier: ISC
 *
 * logins: control/logins, who may log in (pure/verifier has the form of a
 * line). Names are compared without ASCII case. */
#ifndef CONTROL_LOGINS_H
#define CONTROL_LOGINS_H

#include "control/control.h"
#include "control/map.h"
#include "pure/verifier.h"

/* One login, copied. */
struct login {
	bool there;
	char name[VERIFIER_NAME + 1]; /* as it is written, in small letters */
	char text[VERIFIER_MAX + 2];
	size_t length; /* of the text */
};

/* What a look at all of them has found. */
struct logins {
	size_t count;
	bool scram;         /* every verifier is one of SCRAM */
	struct login found; /* the one that was looked for */
	struct login other; /* another that a stranger's name stands for: the
			       same one for the same name as long as it lives */
	struct login first;
};

/* The files, opened: what follows asks for none any more. */
struct logins_table {
	struct control_list list;
	struct map *map;
};

/* Returns 0, or -1 with the control error set: a file that cannot be read, or
 * that everybody may read. */
int logins_open(struct control *c, struct logins_table *table);

/* Looks for a name; all logins are read whether it is there or not, the text
 * and then logins.cdb. Returns 0, or -1 with the control error set: a wrong
 * line anywhere. */
int logins_find(struct control *c, struct logins_table *table, struct span name,
	struct logins *out);

/* Wipes what was read. */
void logins_close(struct logins_table *table);

/* The verifier of a login that was found. */
void login_verifier(const struct login *login, struct verifier *out);

#endif

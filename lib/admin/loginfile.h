/* SPDX-License-Identifier: ISC
 *
 * loginfile: changes control/logins, all at once or not at all: comments,
 * order, mode and owner stay, and only one at a time writes. */
#ifndef ADMIN_LOGINFILE_H
#define ADMIN_LOGINFILE_H

#include "pure/buf.h"

/* The text of the file with the name's lines replaced by one, or, when
 * `verifier` is empty, left out. A new name comes last; a new file begins with
 * a login that nobody has (`nobody`, its verifier locked): by it the service
 * makes what strangers' names are shown. Returns 1, 0 when there is no such
 * name to leave out, -1 when it does not fit. */
int loginfile_edit(struct buf *out, struct span text, struct span name,
	struct span verifier, struct span nobody);

/* The file, locked until it is closed. */
struct loginfile {
	int dir;
	char *text;
	size_t length;
	bool there;
	unsigned mode;
	unsigned owner;
	unsigned group;
};

/* Opens the control directory, waits for the lock, and reads the file. Returns
 * 0, or -1 with errno. */
int loginfile_open(struct loginfile *file);

/* Writes a new file in its place. A file that was not there before is for its
 * owner and the group postern-auth, when there is one. Returns 0, or -1 with
 * errno. */
int loginfile_write(struct loginfile *file, struct span text);

/* Wipes and unlocks. */
void loginfile_close(struct loginfile *file);

#endif

/* SPDX-License-Identifier: ISC
 *
 * vault: small secret files in one directory, each replaced as a whole: a
 * reader sees the old text or the new one, and so does who comes after a power
 * cut. A file is NAME with a suffix; NAME.lock is held by whoever changes one
 * of NAME's files. */
#ifndef SYS_VAULT_H
#define SYS_VAULT_H

#include <sys/types.h>

#include "pure/limits.h"
#include "pure/token.h"

struct vault {
	int dir;
};

/* Opens the directory; `create` makes it (0750) when it is missing. Root
 * becomes its owner for good. Returns 0, or -1 with errno. */
int vault_open(struct vault *v, const char *path, bool create);
void vault_close(struct vault *v);

/* Waits for the lock until `deadline` (sys/clock.h). Returns a descriptor that
 * holds it until it is closed, or -1 with errno: ETIMEDOUT. */
int vault_lock(const struct vault *v, struct span name, int64_t deadline);

/* Appends the whole file. Returns 1, 0 when there is none, -1 with errno:
 * EFBIG when it does not fit. */
int vault_read(const struct vault *v, struct span name, const char *suffix,
	struct buf *out);

/* Reads a token file into `text`, and what it says: nothing at all when it is
 * missing or damaged. Returns 0, or -1 with errno. */
int vault_token(const struct vault *v, struct span name, const char *suffix,
	char text[LIMIT_TOKEN_FILE], struct token *out);

/* A file about to be replaced. */
struct vault_file {
	int dir;
	int fd;
	char name[128];
	char new[140];
};

/* Makes the new file with room on the disk for `room` octets, so that a full
 * disk is known of in time. The lock must be held. Returns 0, or -1 with
 * errno. */
int vault_begin(struct vault_file *f, const struct vault *v, struct span name,
	const char *suffix, mode_t mode, size_t room);

/* Writes the text and puts the file in the old one's place: file, name and
 * directory are on disk then. Returns 0, or -1 with errno; the old one stays
 * in this case. */
int vault_publish(struct vault_file *f, struct span text);

/* Takes the new file away again; nothing happens behind vault_publish. */
void vault_drop(struct vault_file *f);

#endif

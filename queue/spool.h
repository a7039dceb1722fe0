/* SPDX-License-Identifier: ISC
 *
 * spool: the queue directory as send sees it. Only this room touches it.
 *
 *	tmp/     being written
 *	new/ID   committed, no attempt recorded
 *	cur/DUE.ID  attempted; DUE is 10 digits, seconds since 1970
 *	hold/ID  held by an admin or by a fault of our own
 *	failed/ID  damaged, or nobody left to tell; kept
 *	lock     one runner at a time
 *	status   how the runner is, for `postern status` */
#ifndef QUEUE_SPOOL_H
#define QUEUE_SPOOL_H

#include <sys/types.h>

#include "queue/format.h"

/* Where a message lies: its due time in cur/, or one of these. A second
 * message in failed/ with the same id is SPOOL_FAILED - 1, and so on. */
#define SPOOL_NEW         INT64_C(0)
#define SPOOL_TRIED       INT64_C(1) /* and more */
#define SPOOL_HELD        INT64_C(-1)
#define SPOOL_FAILED      INT64_C(-2)
#define SPOOL_FAILED_LAST (SPOOL_FAILED - 9)

/* DUE is at most this; a later one is as good as never. */
#define SPOOL_DUE_MAX INT64_C(9999999999)

/* What lies in tmp/ for so long was left by a writer that died; a
 * living one gives up after 24 hours. */
#define SPOOL_ORPHAN_S (36 * 3600)

struct spool {
	int dir;
	int lock;
	int new_dir;
	int cur_dir;
};

/* Opens the queue directory of this world and makes the directories that are
 * missing when it may. Returns 0 or -1 with errno. */
int spool_open(struct spool *s);

/* Becomes the one runner. Returns 0, or -1: errno EWOULDBLOCK when there is
 * one already, EREMOTE on a network file system (`force` allows it). */
int spool_lock(struct spool *s, bool force);

void spool_close(struct spool *s);

/* Calls `each` for every message in new/ (due 0) and cur/ (its due time);
 * names that are not ours are passed over and logged. Returns 0 or -1. */
typedef void spool_each(void *ctx, const char id[QUEUE_ID], int64_t due);
int spool_scan(struct spool *s, spool_each *each, void *ctx);

/* Removes orphans in tmp/ older than SPOOL_ORPHAN_S, and what has its name in
 * new/ already. Returns how many, or -1. */
int spool_sweep(struct spool *s);

/* One queue file, opened. */
struct spool_file {
	int fd;          /* read-write, for the journal */
	int64_t due;     /* as in the name; 0 in new/ */
	int64_t changed; /* when its name or octets last did, seconds */
	char id[QUEUE_ID + 1];
	struct queue_header header;
	uint32_t seed;
	uint64_t journal_at; /* where the next journal line goes */
	char *map;           /* envelope and journal, mapped or read */
	size_t map_len;
	struct span envelope;
	struct span journal; /* valid lines only, as they were loaded */
	bool tail;           /* there are octets behind journal_at */
	const char *why;     /* what is wrong with a damaged file */
};

/* Keeps a short text as the file NAME of the queue directory, for readers in
 * other processes: whole or not at all, never synced. Returns 0 or -1. */
int spool_note(struct spool *s, const char *name, struct span text);

/* Reads it back. Returns its length, 0 when there is none, -1 with errno. */
ssize_t spool_noted(struct spool *s, const char *name, char *out, size_t cap);

/* Opens and checks a message wherever due says it is (0: new/). The text's
 * checksum is verified too. Returns 0; -1 with errno for a fault of ours
 * (ENOENT: it is gone; EMLINK: it has a second name, see spool_sweep; EMFILE
 * ...); -2 when the file is damaged, or no file: f->why says how. Only after
 * 0 is there something to unload. A journal line may speak of a recipient
 * that is none: the caller looks. */
int spool_load(struct spool *s, const char id[QUEUE_ID], int64_t due,
	struct spool_file *f);

/* The same to be read only: the text is not looked at, a second name is no
 * fault. */
int spool_glance(struct spool *s, const char id[QUEUE_ID], int64_t due,
	struct spool_file *f);

/* The same of a descriptor, which is f's from then on, also after an error. */
int spool_glance_fd(int fd, struct spool_file *f);

/* A read-only descriptor of the same file, for a worker. -1 with errno. */
int spool_reader(struct spool *s, const struct spool_file *f);

void spool_unload(struct spool_file *f);

/* Appends journal lines (queue_record_print) and syncs them when `durable`.
 * Returns 0 or -1 with errno; then nothing counts as appended. f->journal
 * stays as it was loaded. */
int spool_append(struct spool_file *f, struct span lines, bool durable);

/* Gives the message its next due time (1 to SPOOL_DUE_MAX; nearer ones are
 * taken otherwise): renames into cur/. Not synced: what was tried stands in
 * the journal. Returns 0 or -1 with errno. */
int spool_defer(struct spool *s, struct spool_file *f, int64_t due);

/* Finds the open message again whose name is no longer what f->due says: an
 * admin moved it to new/ (try it now) or to hold/ (leave it alone). Sets
 * f->due and returns 0, also when it has not moved; -1 with ENOENT: it was
 * removed. */
int spool_follow(struct spool *s, struct spool_file *f);

/* Every recipient is delivered: removes the file, also from where an admin
 * moved it meanwhile. Not synced, and the journal
 * need not say it: a file that comes back after a power cut is delivered
 * again, which is the one duplicate that postern allows itself. Returns 0 or
 * -1 with errno. */
int spool_remove(struct spool *s, struct spool_file *f);

/* Moves the message to failed/ for good and syncs. Its name there is ID, or
 * ID-1 to ID-9 when that is taken. Returns 0 or -1 with errno. */
int spool_fail(struct spool *s, const char id[QUEUE_ID], int64_t due);

#endif

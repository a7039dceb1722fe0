/* SPDX-License-Identifier: ISC */
#include "queue/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <time.h>
#include <unistd.h>

#include "pure/ascii.h"
#include "pure/crc.h"
#include "pure/envelope.h"
#include "queue/room.h"
#include "sys/home.h"
#include "sys/io.h"
#include "sys/log.h"

enum {
	SPOOL_PIECE = 65536,   /* of a file, read at once */
	SPOOL_GLANCE = 4096,   /* ... when the text does not matter */
	SPOOL_LARGE = 1 << 20, /* a file whose holes are looked for */
};

/* The injector may create in tmp/ and new/, and neither list them nor take
 * away what is not its own; its files get the group of the directory. */
static const struct {
	const char *name;
	mode_t mode;
} rooms[] = {
	{"tmp",     03730},
	{ "new",    03730},
	{ "cur",    0700 },
	{ "hold",   0700 },
	{ "failed", 0700 },
};

/* Makes a directory unless it is there. */
static int
make_room(int at, const char *name, mode_t mode)
{
	if (mkdirat(at, name, mode & 0777) == -1)
		return errno == EEXIST ? 0 : -1;
	return fchmodat(at, name, mode, 0);
}

static int
open_rooms(struct spool *s)
{
	char path[LIMIT_PATH];

	if (!home_queue(path))
		return -1;
	if (make_room(AT_FDCWD, path, 0750) == -1)
		return -1;
	s->dir = openat(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->dir == -1)
		return -1;
	for (size_t i = 0; i < LEN(rooms); i++)
		if (make_room(s->dir, rooms[i].name, rooms[i].mode) == -1)
			return -1;
	s->new_dir = room_open(s->dir, "new");
	s->cur_dir = room_open(s->dir, "cur");
	return s->new_dir == -1 || s->cur_dir == -1 ? -1 : 0;
}

int
spool_open(struct spool *s)
{
	int error;

	*s = (struct spool){ -1, -1, -1, -1 };
	if (open_rooms(s) == 0)
		return 0;
	error = errno;
	spool_close(s);
	errno = error;
	return -1;
}

static void
close_fd(int *fd)
{
	if (*fd != -1)
		close(*fd);
	*fd = -1;
}

void
spool_close(struct spool *s)
{
	close_fd(&s->dir);
	close_fd(&s->lock);
	close_fd(&s->new_dir);
	close_fd(&s->cur_dir);
}

/* File systems that several machines may have in use at once, and those whose
 * locks or names are somebody else's word (statfs(2)). */
static bool
is_shared(uint32_t type)
{
	static const uint32_t types[] = {
		0x00006969, /* NFS */
		0x0000517b, /* SMB */
		0xff534d42, /* CIFS */
		0xfe534d42, /* SMB2 */
		0x65735546, /* FUSE, virtiofs, sshfs */
		0x01021997, /* 9P */
		0x00c36400, /* Ceph */
		0x5346414f, /* AFS */
		0x6b414653, /* kAFS */
		0x73757245, /* Coda */
		0x0000564c, /* NCP */
		0x01161970, /* GFS2 */
		0x7461636f, /* OCFS2 */
		0x0bd00bd0, /* Lustre */
		0x47504653, /* GPFS */
		0x19830326, /* BeeGFS */
		0x786f4256, /* VirtualBox folders */
	};

	for (size_t i = 0; i < LEN(types); i++)
		if (types[i] == type)
			return true;
	return false;
}

int
spool_lock(struct spool *s, bool force)
{
	struct statfs fs;
	int fd;

	if (fstatfs(s->dir, &fs) == -1)
		return -1;
	if (is_shared((uint32_t)fs.f_type) && !force) {
		errno = EREMOTE;
		return -1;
	}
	fd = openat(s->dir, "lock",
		O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	if (fd == -1)
		return -1;
	if (flock(fd, LOCK_EX | LOCK_NB) == -1) {
		int error = errno;

		close(fd);
		errno = error;
		return -1;
	}
	s->lock = fd;
	return 0;
}

static void
log_stranger(const char *room, struct span name)
{
	struct log line;

	log_begin(&line, LOG_LEVEL_WARNING, "stray");
	log_text(&line, "directory", span_of(room));
	log_text(&line, "name", name);
	log_text(&line, "reason", SPAN("no name of a queue file"));
	log_write(&line);
}

struct scan {
	const char *room;
	int64_t place;
	bool quiet; /* of names that are none of ours */
	spool_each *each;
	void *ctx;
};

static void
scan_entry(void *ctx, int dir, const char *name)
{
	const struct scan *scan = ctx;
	const char *id;
	int64_t due;

	(void)dir;
	if (room_name(span_of(name), scan->place, &id, &due))
		scan->each(scan->ctx, id, due);
	else if (!scan->quiet)
		log_stranger(scan->room, span_of(name));
}

int
spool_scan(struct spool *s, spool_each *each, void *ctx)
{
	struct scan in_new = { "new", SPOOL_NEW, false, each, ctx };
	struct scan in_cur = { "cur", SPOOL_TRIED, false, each, ctx };

	if (room_walk(s->dir, "new", scan_entry, &in_new) == -1)
		return -1;
	return room_walk(s->dir, "cur", scan_entry, &in_cur);
}

struct sweep {
	time_t now;
	int removed;
};

static void
sweep_entry(void *ctx, int dir, const char *name)
{
	struct sweep *sweep = ctx;
	struct stat st;

	if (!queue_id_valid(span_of(name)) ||
		fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == -1 ||
		!S_ISREG(st.st_mode))
		return;
	if (st.st_nlink == 1 && sweep->now - st.st_mtime < SPOOL_ORPHAN_S)
		return;
	if (unlinkat(dir, name, 0) == 0)
		sweep->removed++;
}

int
spool_sweep(struct spool *s)
{
	struct sweep sweep = { time(NULL), 0 };

	if (room_walk(s->dir, "tmp", sweep_entry, &sweep) == -1)
		return -1;
	return sweep.removed;
}

static int64_t
clamp_due(int64_t due)
{
	if (due < 1)
		return 1;
	return due > SPOOL_DUE_MAX ? SPOOL_DUE_MAX : due;
}

/* What a check of a file says. */
enum { SPOOL_GOOD = 0, SPOOL_FAULT = -1, SPOOL_DAMAGED = -2 };

static int
damaged(struct spool_file *f, const char *why)
{
	f->why = why;
	return SPOOL_DAMAGED;
}

/* Reads exactly n octets; a file that ends before is damaged. */
static int
read_at(struct spool_file *f, char *to, size_t n, uint64_t at)
{
	while (n) {
		ssize_t got = pread(f->fd, to, n, (off_t)at);

		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1)
			return SPOOL_FAULT;
		if (got == 0)
			return damaged(f, "it became shorter");
		to += got;
		n -= (size_t)got;
		at += (uint64_t)got;
	}
	return SPOOL_GOOD;
}

/* Looks at an opened file before anything is read. */
static int
look_at_file(struct spool_file *f, bool glance, uint64_t *size)
{
	struct stat st;

	if (fstat(f->fd, &st) == -1)
		return SPOOL_FAULT;
	if (!S_ISREG(st.st_mode))
		return damaged(f, "it is not a regular file");
	if (st.st_nlink != 1 && !glance) {
		errno = st.st_nlink ? EMLINK : ENOENT;
		return SPOOL_FAULT;
	}
	*size = (uint64_t)st.st_size;
	f->changed = st.st_ctime;
	return SPOOL_GOOD;
}

static int
open_file(struct spool *s, struct spool_file *f, bool glance)
{
	struct room_path path;

	f->fd = openat(s->dir, room_path(&path, f->id, f->due),
		(glance ? O_RDONLY : O_RDWR) | O_NOFOLLOW | O_NONBLOCK |
			O_NOCTTY | O_CLOEXEC);
	if (f->fd == -1) {
		if (errno == ELOOP || errno == EISDIR || errno == ENXIO ||
			errno == ENODEV)
			return damaged(f, "it is not a regular file");
		return SPOOL_FAULT;
	}
	return SPOOL_GOOD;
}

/* A small file is read once, as a whole: the first piece of any file. */
struct piece {
	char bytes[SPOOL_PIECE];
	size_t n;
};

static int
check_header(struct spool_file *f, const struct piece *first, uint64_t size)
{
	uint64_t end;

	if (first->n < QUEUE_HEADER)
		return damaged(f, "it is shorter than a header");
	if (queue_header_parse(first->bytes, &f->header) == -1)
		return damaged(f, "its header is not one");
	if (__builtin_add_overflow(f->header.size, QUEUE_HEADER, &end) ||
		__builtin_add_overflow(f->header.envelope, end, &end) ||
		end > size)
		return damaged(f, "it is shorter than its header says");
	f->seed = queue_header_seed(first->bytes);
	return SPOOL_GOOD;
}

/* Who may create files here may give one any size without writing it: hours
 * of reading zeros, or all memory. No part that counts has a hole; a journal
 * may get one when the power fails, and what follows does not count. */
static int
check_holes(struct spool_file *f, uint64_t *size)
{
	uint64_t end = QUEUE_HEADER + f->header.size + f->header.envelope;
	off_t hole;

	if (*size < SPOOL_LARGE)
		return SPOOL_GOOD;
	hole = lseek(f->fd, 0, SEEK_HOLE);
	if (hole == -1) /* the file system does not know */
		return SPOOL_GOOD;
	if ((uint64_t)hole < end)
		return damaged(f, "parts of it were never written");
	f->tail = (uint64_t)hole < *size;
	*size = (uint64_t)hole;
	return SPOOL_GOOD;
}

static int
check_text(struct spool_file *f, const struct piece *first)
{
	static struct piece piece;
	uint64_t left = f->header.size;
	struct span seen = { first->bytes + QUEUE_HEADER,
		first->n - QUEUE_HEADER };
	uint64_t at = first->n;
	uint32_t crc;

	if (seen.n > left)
		seen.n = (size_t)left;
	crc = crc32c(0, seen);
	left -= seen.n;
	while (left) {
		int result;

		piece.n = left < SPOOL_PIECE ? (size_t)left : SPOOL_PIECE;
		result = read_at(f, piece.bytes, piece.n, at);
		if (result != SPOOL_GOOD)
			return result;
		crc = crc32c(crc, (struct span){ piece.bytes, piece.n });
		at += piece.n;
		left -= piece.n;
	}
	if (crc != f->header.text_crc)
		return damaged(f, "its text is not what was written");
	return SPOOL_GOOD;
}

/* Gets envelope and journal into memory. */
static int
read_rest(struct spool_file *f, const struct piece *first, uint64_t size)
{
	uint64_t at = QUEUE_HEADER + f->header.size;
	uint64_t n = size - at;

	if (n > SIZE_MAX / 2) {
		errno = ENOMEM;
		return SPOOL_FAULT;
	}
	f->map_len = (size_t)n;
	f->map = malloc(f->map_len ? f->map_len : 1);
	if (!f->map)
		return SPOOL_FAULT;
	if (first->n >= size) {
		memcpy(f->map, first->bytes + at, f->map_len);
		return SPOOL_GOOD;
	}
	return read_at(f, f->map, f->map_len, at);
}

static int
check_envelope(struct spool_file *f)
{
	struct envelope_state state = { 0 };
	enum envelope_verdict verdict;
	struct span rest;
	struct span value;
	char letter;
	int more;

	f->envelope = (struct span){ f->map, (size_t)f->header.envelope };
	rest = f->envelope;
	if (crc32c(0, rest) != f->header.envelope_crc)
		return damaged(f, "its envelope is not what was written");
	while ((more = queue_envelope_next(&rest, &letter, &value)) == 1) {
		verdict = envelope_check(&state, letter, value);
		if (verdict != ENVELOPE_OK)
			return damaged(f, envelope_why(verdict));
	}
	if (more == -1)
		return damaged(f, "its envelope is not made of netstrings");
	verdict = envelope_end(&state);
	if (verdict != ENVELOPE_OK)
		return damaged(f, envelope_why(verdict));
	return SPOOL_GOOD;
}

/* Finds the journal's valid lines. What follows was torn and never counted. */
static void
find_journal(struct spool_file *f)
{
	struct span all = { f->map + f->envelope.n,
		f->map_len - f->envelope.n };
	struct span rest = all;
	struct queue_record record;

	while (queue_record_next(&rest, f->seed, &record) == 1)
		continue;
	f->journal = span_head(all, all.n - rest.n);
	f->journal_at = QUEUE_HEADER + f->header.size + f->header.envelope +
			f->journal.n;
	f->tail = f->tail || rest.n != 0;
}

/* Reads an opened file. */
static int
load(struct spool_file *f, bool glance)
{
	static struct piece first; /* too large for a stack */
	uint64_t size = 0;
	int result = look_at_file(f, glance, &size);

	if (result != SPOOL_GOOD)
		return result;
	first.n = glance ? SPOOL_GLANCE : SPOOL_PIECE;
	if (size < first.n)
		first.n = (size_t)size;
	result = read_at(f, first.bytes, first.n, 0);
	if (result == SPOOL_GOOD)
		result = check_header(f, &first, size);
	if (result == SPOOL_GOOD)
		result = check_holes(f, &size);
	if (result == SPOOL_GOOD && !glance)
		result = check_text(f, &first);
	if (result == SPOOL_GOOD)
		result = read_rest(f, &first, size);
	if (result == SPOOL_GOOD)
		result = check_envelope(f);
	if (result == SPOOL_GOOD)
		find_journal(f);
	return result;
}

/* Gives back what a load that did not end well holds. */
static int
loaded(struct spool_file *f, int result)
{
	int error = errno;

	if (result == SPOOL_GOOD)
		return 0;
	spool_unload(f);
	errno = error;
	return result;
}

static int
load_at(struct spool *s, const char id[QUEUE_ID], int64_t due, bool glance,
	struct spool_file *f)
{
	int result;

	*f = (struct spool_file){ .fd = -1, .due = due };
	memcpy(f->id, id, QUEUE_ID);
	result = open_file(s, f, glance);
	return loaded(f, result == SPOOL_GOOD ? load(f, glance) : result);
}

int
spool_load(struct spool *s, const char id[QUEUE_ID], int64_t due,
	struct spool_file *f)
{
	return load_at(s, id, due, false, f);
}

int
spool_glance(struct spool *s, const char id[QUEUE_ID], int64_t due,
	struct spool_file *f)
{
	return load_at(s, id, due, true, f);
}

int
spool_glance_fd(int fd, struct spool_file *f)
{
	*f = (struct spool_file){ .fd = fd };
	return loaded(f, load(f, true));
}

void
spool_unload(struct spool_file *f)
{
	close_fd(&f->fd);
	free(f->map);
	f->map = NULL;
	f->envelope = f->journal = (struct span){ NULL, 0 };
}

int
spool_reader(struct spool *s, const struct spool_file *f)
{
	struct room_path path;
	struct stat ours;
	struct stat st;
	int fd = openat(s->dir, room_path(&path, f->id, f->due),
		O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	int error;

	if (fd == -1)
		return -1;
	if (fstat(f->fd, &ours) == 0 && fstat(fd, &st) == 0) {
		if (ours.st_ino == st.st_ino && ours.st_dev == st.st_dev)
			return fd;
		errno = ESTALE;
	}
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

int
spool_append(struct spool_file *f, struct span lines, bool durable)
{
	int error;

	if (f->tail && ftruncate(f->fd, (off_t)f->journal_at) == -1)
		return -1;
	f->tail = false;
	if (io_write_at(f->fd, lines.p, lines.n, f->journal_at) == 0 &&
		(!durable || fdatasync(f->fd) == 0)) {
		f->journal_at += lines.n;
		return 0;
	}
	error = errno;
	f->tail = ftruncate(f->fd, (off_t)f->journal_at) == -1;
	errno = error;
	return -1;
}

int
spool_defer(struct spool *s, struct spool_file *f, int64_t due)
{
	struct room_path from;
	struct room_path to;

	due = clamp_due(due);
	if (due == f->due)
		return 0;
	if (room_rename(s->dir, room_path(&from, f->id, f->due),
		    room_path(&to, f->id, due)) == -1)
		return -1;
	f->due = due;
	return 0;
}

/* True when the open file has the name that `due` says. */
static bool
lies_at(struct spool *s, const struct spool_file *f, int64_t due)
{
	struct room_path path;
	struct stat ours;
	struct stat st;

	return fstatat(s->dir, room_path(&path, f->id, due), &st,
		       AT_SYMLINK_NOFOLLOW) == 0 &&
	       fstat(f->fd, &ours) == 0 && ours.st_ino == st.st_ino &&
	       ours.st_dev == st.st_dev;
}

int
spool_follow(struct spool *s, struct spool_file *f)
{
	const int64_t places[] = { f->due, SPOOL_NEW, SPOOL_HELD };

	for (size_t i = 0; i < LEN(places); i++)
		if (lies_at(s, f, places[i])) {
			f->due = places[i];
			return 0;
		}
	errno = ENOENT;
	return -1;
}

int
spool_remove(struct spool *s, struct spool_file *f)
{
	struct room_path path;

	do {
		if (unlinkat(s->dir, room_path(&path, f->id, f->due), 0) == 0)
			return 0;
	} while (errno == ENOENT && spool_follow(s, f) == 0);
	return -1;
}

int
spool_fail(struct spool *s, const char id[QUEUE_ID], int64_t due)
{
	struct room_path from;
	struct room_path to;
	int64_t place = SPOOL_FAILED;
	int result;
	int failed;

	room_path(&from, id, due);
	do {
		result = room_rename(
			s->dir, from.path, room_path(&to, id, place));
	} while (result == -1 && errno == EEXIST &&
		 --place >= SPOOL_FAILED_LAST);
	if (result == -1)
		return -1;
	failed = room_open(s->dir, "failed");
	if (failed == -1)
		return -1;
	result = fsync(failed);
	if (fsync(due ? s->cur_dir : s->new_dir) == -1)
		result = -1;
	close(failed);
	return result;
}

int
spool_note(struct spool *s, const char *name, struct span text)
{
	char fresh[64];
	struct buf b = BUF(fresh);
	int error;
	int fd;

	buf_str(&b, name);
	buf_str(&b, ".new");
	buf_cstr(&b);
	fd = openat(s->dir, fresh,
		O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0640);
	if (fd == -1)
		return -1;
	if (fchmod(fd, 0640) == 0 && io_write_at(fd, text.p, text.n, 0) == 0 &&
		renameat(s->dir, fresh, s->dir, name) == 0) {
		close(fd);
		return 0;
	}
	error = errno;
	close(fd);
	unlinkat(s->dir, fresh, 0);
	errno = error;
	return -1;
}

ssize_t
spool_noted(struct spool *s, const char *name, char *out, size_t cap)
{
	int fd = openat(
		s->dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	size_t n = 0;
	ssize_t got = 0;

	if (fd == -1)
		return errno == ENOENT ? 0 : -1;
	while (n < cap && (got = read(fd, out + n, cap - n)) != 0) {
		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1)
			break;
		n += (size_t)got;
	}
	close(fd);
	return got == -1 ? -1 : (ssize_t)n;
}

/* SPDX-License-Identifier: ISC */
#include "queue/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pure/crc.h"
#include "pure/limits.h"
#include "sys/clock.h"
#include "sys/exploit.h"
#include "sys/home.h"
#include "sys/io.h"

enum {
	STORE_BUFFER = 65536, /* a message that fits is written at once */
	STORE_INPUT = 8192,   /* of the envelope */
	STORE_TRIES = 8,      /* names, when one is taken */
	STORE_MODE = 0660,
};

/* Room for one more envelope record in its file form. */
#define STORE_RECORD (LIMIT_RECORD + QUEUE_LENGTH + 2)

_Static_assert((int)STORE_INPUT > (int)LIMIT_RECORD, "a record fits");

#define EXT_MAGIC   0xef53
#define XFS_MAGIC   0x58465342
#define BTRFS_MAGIC 0x9123683e
#define TMPFS_MAGIC 0x01021994

/* Not in musl's headers; see renameat2(2). */
#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE 1
#endif

#define NEW_DIR "new"
#define TMP_DIR "tmp"

/* A path in one of the two directories. */
struct name {
	char path[sizeof NEW_DIR + QUEUE_ID + 1];
};

/* The one file being made, and what of it is not written yet. */
struct store {
	const struct store_wish *wish;
	struct store_result *result;
	int file;
	int dir; /* new/, or -1: it may not be read */
	bool dir_order;
	bool known_fs;  /* it syncs a file's new name with the file */
	bool published; /* there is a name in new/ that is ours */
	bool named;     /* there is a name in tmp/ that is ours */
	struct name tmp;
	struct queue_header header;
	uint64_t written; /* octets of the file written so far */
	size_t held;      /* octets in buffer */
	char *buffer;     /* STORE_BUFFER octets */
	char *input;      /* STORE_INPUT octets */
};

/* Records why the message is not taken. */
static enum queue_exit
fail(struct store *s, enum queue_exit code, const char *what, int error)
{
	s->result->what = what;
	s->result->error = error;
	return code;
}

/* What a file system's no means to the caller. */
static enum queue_exit
fail_errno(struct store *s, const char *what)
{
	static const struct {
		int error;
		enum queue_exit code;
	} meanings[] = {
		{ENOSPC,   QUEUE_WRITE },
		{ EDQUOT,  QUEUE_WRITE },
		{ EFBIG,   QUEUE_WRITE },
		{ EIO,     QUEUE_WRITE },
		{ EROFS,   QUEUE_WRITE },
		{ ENOMEM,  QUEUE_MEMORY},
		{ ENOENT,  QUEUE_DIRS  },
		{ ENOTDIR, QUEUE_DIRS  },
		{ EACCES,  QUEUE_DIRS  },
		{ EPERM,   QUEUE_DIRS  },
		{ ELOOP,   QUEUE_DIRS  },
	};
	int error = errno;

	for (size_t i = 0; i < LEN(meanings); i++)
		if (meanings[i].error == error)
			return fail(s, meanings[i].code, what, error);
	return fail(s, QUEUE_FILES, what, error);
}

static enum queue_exit
fail_read(struct store *s, const char *what, int error)
{
	return fail(s, error == ETIMEDOUT ? QUEUE_TIMEOUT : QUEUE_READ, what,
		error);
}

static int
retry_open(const char *path, int flags)
{
	int fd;

	do
		fd = openat(AT_FDCWD, path, flags | O_CLOEXEC | O_NOFOLLOW,
			STORE_MODE);
	while (fd == -1 && errno == EINTR);
	return fd;
}

/* An interrupted fsync has not failed; any other answer is final, because
 * the kernel tells of a lost page only once. */
static int
sync_fd(int fd)
{
	int result;

	do
		result = fsync(fd);
	while (result == -1 && errno == EINTR);
	return result;
}

/* Returns 0, also when the name has gone already. */
static int
take_away(const char *path)
{
	int result;

	do
		result = unlink(path);
	while (result == -1 && errno == EINTR);
	return result == -1 && errno != ENOENT ? -1 : 0;
}

static int
random_id(char id[QUEUE_ID])
{
	uint64_t chance;
	ssize_t got;

	do
		got = getrandom(&chance, sizeof chance, 0);
	while (got == -1 && errno == EINTR);
	if (got != (ssize_t)sizeof chance)
		return -1;
	queue_id_print(id, clock_wall_us(), chance);
	return 0;
}

static const char *
name_of(struct name *name, const char *dir, const char id[QUEUE_ID])
{
	struct buf b = BUF(name->path);

	buf_str(&b, dir);
	buf_char(&b, '/');
	buf_span(&b, (struct span){ id, QUEUE_ID });
	return buf_cstr(&b);
}

/* Makes a file with a name in tmp/, where there is no O_TMPFILE. */
static int
make_named(struct store *s)
{
	char id[QUEUE_ID];

	for (int i = 0; i < STORE_TRIES; i++) {
		if (random_id(id) == -1)
			return -1;
		s->file = retry_open(name_of(&s->tmp, TMP_DIR, id),
			O_RDWR | O_CREAT | O_EXCL);
		if (s->file != -1) {
			s->named = true;
			return 0;
		}
		if (errno != EEXIST)
			return -1;
	}
	return -1;
}

/* A file without a name costs the same and leaves nothing when we are killed
 * (queue/README, "Measured"). */
static int
make_file(struct store *s)
{
	s->file = retry_open(TMP_DIR, O_RDWR | O_TMPFILE);
	if (s->file != -1)
		return 0;
	if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)
		return -1;
	return make_named(s);
}

static int
stat_fs(int fd, struct statfs *fs)
{
	int result;

	do
		result = fstatfs(fd, fs);
	while (result == -1 && errno == EINTR);
	return result;
}

/* Those of which tests/fault/test_queue_power shows that an fsync of a file
 * brings its new name along; what is in memory has nothing to bring. */
bool
store_fs_known(uint32_t type)
{
	switch (type) {
	case EXT_MAGIC:
	case XFS_MAGIC:
	case BTRFS_MAGIC:
	case TMPFS_MAGIC:
		return true;
	default:
		return false;
	}
}

/* Learns what the file lies on, and whether there is space for more. */
static enum queue_exit
check_disk(struct store *s)
{
	struct statfs fs;
	uint64_t left;

	if (stat_fs(s->file, &fs) == -1)
		return fail_errno(s, "ask how much space is left");
	s->known_fs = store_fs_known((uint32_t)fs.f_type);
	if (fs.f_blocks == 0) /* a file system that does not say */
		return QUEUE_ACCEPTED;
	if (__builtin_mul_overflow(
		    (uint64_t)fs.f_bavail, (uint64_t)fs.f_bsize, &left))
		left = UINT64_MAX;
	if (left < s->wish->reserve)
		return fail(s, QUEUE_WRITE, "keep control/queuereserve free",
			ENOSPC);
	return QUEUE_ACCEPTED;
}

/* Enters the queue and makes the file, before anything is read: a queue that
 * cannot take mail says so at once, and the producer may still be busy. */
static enum queue_exit
begin(struct store *s)
{
	char path[LIMIT_PATH];

	enum queue_exit code;

	umask(0);
	if (!home_queue(path) || chdir(path) == -1)
		return fail(s, QUEUE_HOME, "enter the queue directory", errno);
	if (make_file(s) == -1)
		return fail_errno(s, "make a file in tmp/");
	code = check_disk(s);
	if (code != QUEUE_ACCEPTED)
		return code;
	s->dir_order = s->wish->order == STORE_DIR ||
		       (s->wish->order == STORE_KNOWN && !s->known_fs);
	s->dir = retry_open(
		NEW_DIR, O_DIRECTORY | (s->dir_order ? O_RDONLY : O_PATH));
	if (s->dir == -1 && errno != EACCES)
		return fail_errno(s, "open new/");
	return QUEUE_ACCEPTED;
}

static enum queue_exit
flush(struct store *s)
{
	if (io_write_at(s->file, s->buffer, s->held, s->written) == -1)
		return fail(s, QUEUE_WRITE, "write the message", errno);
	s->written += s->held;
	s->held = 0;
	return QUEUE_ACCEPTED;
}

static enum queue_exit
take_text(struct store *s, int fd)
{
	s->held = QUEUE_HEADER; /* zeros so far */
	for (;;) {
		char *to = s->buffer + s->held;
		ssize_t n = io_read(fd, to, STORE_BUFFER - s->held,
			s->wish->deadline, NULL);

		if (n == -1)
			return fail_read(s, "read the message", errno);
		if (n == 0)
			return QUEUE_ACCEPTED;
		s->header.text_crc = crc32c(
			s->header.text_crc, (struct span){ to, (size_t)n });
		s->header.size += (uint64_t)n;
		s->held += (size_t)n;
		if (s->held == STORE_BUFFER && flush(s) != QUEUE_ACCEPTED)
			return QUEUE_WRITE;
	}
}

/* What an envelope that is not one means to the caller. */
static enum queue_exit
fail_envelope(struct store *s, enum envelope_verdict verdict)
{
	return fail(s,
		verdict == ENVELOPE_LONG ? QUEUE_ADDRESS_LONG : QUEUE_FORMAT,
		envelope_why(verdict), 0);
}

static enum queue_exit
take_record(struct store *s, struct envelope_state *state, struct span record)
{
	struct span value = span_from(record, 1);
	enum envelope_verdict verdict =
		envelope_check(state, record.p[0], value);
	struct buf out;

	if (verdict != ENVELOPE_OK)
		return fail_envelope(s, verdict);
	exploit_seen(value);
	if (STORE_BUFFER - s->held < STORE_RECORD && flush(s) != QUEUE_ACCEPTED)
		return QUEUE_WRITE;
	out = (struct buf){ s->buffer + s->held, STORE_BUFFER - s->held, 0,
		false };
	queue_envelope_put(&out, record.p[0], value);
	s->header.envelope_crc = crc32c(s->header.envelope_crc, buf_text(&out));
	s->header.envelope += out.len;
	s->held += out.len;
	return QUEUE_ACCEPTED;
}

/* Reads more of the envelope behind the record that is not complete yet. */
static enum queue_exit
more_envelope(struct store *s, int fd, struct span *left)
{
	ssize_t n;

	if (left->n > LIMIT_RECORD)
		return fail_envelope(s, ENVELOPE_LONG);
	if (left->n)
		memmove(s->input, left->p, left->n);
	n = io_read(fd, s->input + left->n, STORE_INPUT - left->n,
		s->wish->deadline, NULL);
	if (n == -1)
		return fail_read(s, "read the envelope", errno);
	if (n == 0)
		return fail_read(s, "read the envelope: it has no end", 0);
	*left = (struct span){ s->input, left->n + (size_t)n };
	return QUEUE_ACCEPTED;
}

static enum queue_exit
take_envelope(struct store *s, int fd)
{
	struct envelope_state state = { 0 };
	struct span left = { s->input, 0 };

	for (;;) {
		struct span record = span_head(left, span_find(left, '\0'));
		enum queue_exit code;

		if (record.n < left.n && record.n == 0)
			break;
		if (record.n == left.n) {
			code = more_envelope(s, fd, &left);
		} else {
			code = take_record(s, &state, record);
			left = span_from(left, record.n + 1);
		}
		if (code != QUEUE_ACCEPTED)
			return code;
	}
	if (envelope_end(&state) != ENVELOPE_OK)
		return fail_envelope(s, envelope_end(&state));
	s->result->recipients = state.recipients;
	return QUEUE_ACCEPTED;
}

/* Writes what is held and the header: all of a small message in one call,
 * the header of a larger one last. */
static enum queue_exit
finish(struct store *s)
{
	char header[QUEUE_HEADER];
	enum queue_exit code;

	s->header.arrival_us = clock_wall_us();
	s->result->size = s->header.size;
	queue_header_print(header, &s->header);
	if (s->written == 0) {
		memcpy(s->buffer, header, sizeof header);
		return flush(s);
	}
	code = flush(s);
	if (code != QUEUE_ACCEPTED)
		return code;
	if (io_write_at(s->file, header, sizeof header, 0) == -1)
		return fail(s, QUEUE_WRITE, "write the header", errno);
	return check_disk(s);
}

/* Gives the nameless file a name. Older kernels let only root link by
 * descriptor; there /proc leads to the file. */
static int
link_nameless(int file, const char *to)
{
	char path[32];
	struct buf b = BUF(path);

	if (linkat(file, "", AT_FDCWD, to, AT_EMPTY_PATH) == 0)
		return 0;
	if (errno != ENOENT && errno != EPERM && errno != EINVAL)
		return -1;
	buf_str(&b, "/proc/self/fd/");
	buf_number(&b, (uint64_t)file);
	return linkat(AT_FDCWD, buf_cstr(&b), AT_FDCWD, to, AT_SYMLINK_FOLLOW);
}

/* Moves a named file without replacing another. *left: the old name stayed. */
static int
move_named(const char *from, const char *to, bool *left)
{
	*left = false;
	if (syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to,
		    RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	*left = true;
	return link(from, to);
}

/* Returns 0, or -1 with errno. */
static int
publish_as(struct store *s, const char *to)
{
	int result;
	bool left = false;

	do
		result = s->named ? move_named(s->tmp.path, to, &left)
				  : link_nameless(s->file, to);
	while (result == -1 && errno == EINTR);
	if (result == -1)
		return -1;
	s->published = true;
	if (left && take_away(s->tmp.path) == -1)
		return -1;
	s->named = false;
	return 0;
}

static enum queue_exit
publish(struct store *s)
{
	struct name to;
	bool chosen = s->wish->id.n == QUEUE_ID;

	for (int i = 0; i < STORE_TRIES; i++) {
		if (chosen)
			memcpy(s->result->id, s->wish->id.p, QUEUE_ID);
		else if (random_id(s->result->id) == -1)
			return fail(s, QUEUE_CRASHED, "make an id", errno);
		if (publish_as(s, name_of(&to, NEW_DIR, s->result->id)) == 0)
			return QUEUE_ACCEPTED;
		if (errno != EEXIST || s->published)
			return fail_errno(s, "publish the file in new/");
		if (chosen)
			break;
	}
	return fail(s, QUEUE_CRASHED, "publish: the id is taken", EEXIST);
}

/* Makes the name durable where new/ may not be read and so not be synced:
 * the link has changed the file, so that its second fsync does it on a known
 * file system; elsewhere all of it is synced. */
static int
sync_name(const struct store *s)
{
	int result;

	if (s->known_fs)
		return sync_fd(s->file);
	do
		result = syncfs(s->file);
	while (result == -1 && errno == EINTR);
	return result;
}

static enum queue_exit
commit(struct store *s)
{
	enum queue_exit code;
	int synced;

	if (s->dir_order && sync_fd(s->file) == -1)
		return fail(s, QUEUE_WRITE, "sync the message", errno);
	code = publish(s);
	if (code != QUEUE_ACCEPTED)
		return code;
	if (!s->dir_order)
		synced = sync_fd(s->file);
	else if (s->dir != -1)
		synced = sync_fd(s->dir);
	else
		synced = sync_name(s);
	if (synced == -1)
		return fail(s, QUEUE_WRITE, "sync the name", errno);
	return QUEUE_ACCEPTED;
}

/* Takes back what was made here, and nothing else. */
static void
undo(struct store *s)
{
	struct name to;

	if (s->published && unlink(name_of(&to, NEW_DIR, s->result->id)) == -1)
		s->result->what = "take the message back out of new/";
	if (s->named && unlink(s->tmp.path) == -1)
		s->result->what = "take the file back out of tmp/";
}

int
store_order_read(struct control *c, enum store_order *order)
{
	static const struct {
		const char *word;
		enum store_order order;
	} orders[] = {
		{"auto",  STORE_KNOWN},
		{ "dir",  STORE_DIR  },
		{ "file", STORE_FILE },
	};
	char sync[8];
	int given = control_line(c, CONTROL_SYNC, sync, sizeof sync);

	*order = STORE_KNOWN;
	if (given != 1)
		return given;
	for (size_t i = 0; i < LEN(orders); i++) {
		if (strcmp(sync, orders[i].word) == 0) {
			*order = orders[i].order;
			return 0;
		}
	}
	return control_fail(c, control_file(CONTROL_SYNC)->name, 0,
		"not \"auto\", \"dir\" or \"file\"");
}

enum queue_exit
store_message(int text_fd, int envelope_fd, const struct store_wish *wish,
	struct store_result *result)
{
	static char buffer[STORE_BUFFER];
	static char input[STORE_INPUT];
	struct store s = {
		.wish = wish,
		.result = result,
		.file = -1,
		.dir = -1,
		.buffer = buffer,
		.input = input,
	};
	enum queue_exit code;

	*result = (struct store_result){ .error = 0 };
	/* room for the header, which is known last */
	memset(buffer, 0, QUEUE_HEADER);
	code = begin(&s);
	if (code == QUEUE_ACCEPTED)
		code = take_text(&s, text_fd);
	if (code == QUEUE_ACCEPTED)
		code = take_envelope(&s, envelope_fd);
	if (code == QUEUE_ACCEPTED)
		code = finish(&s);
	if (code == QUEUE_ACCEPTED)
		code = commit(&s);
	if (code != QUEUE_ACCEPTED)
		undo(&s);
	if (s.file != -1)
		close(s.file);
	if (s.dir != -1)
		close(s.dir);
	return code;
}

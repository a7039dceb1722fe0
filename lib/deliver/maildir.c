/* SPDX-License-Identifier: ISC */
#include "deliver/maildir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "deliver/maildirsize.h"
#include "pure/final.h"
#include "sys/clock.h"

#define OPEN_DIR (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

/* A host name longer than this is cut: the chance alone makes names unique. */
#define HOST_MAX 64

/* What a delivery holds open. */
struct maildir {
	int dir;
	int tmp;
	int new;
	int file;
	uint64_t octets; /* written to it */
	struct maildir_result result;
};

static char in[65536];
static char out[sizeof in + FINAL_HOLD];
static struct final final;

static int
later(struct maildir *m, const char *step)
{
	m->result.verdict = MAILDIR_LATER;
	m->result.step = step;
	m->result.error = errno;
	return -1;
}

static int
refuse(struct maildir *m, const char *words)
{
	errno = 0;
	return later(m, words);
}

/* The directory above a path, opened. */
static int
open_parent(const char *path)
{
	char parent[LIMIT_PATH];
	struct buf text = BUF(parent);
	size_t n = strlen(path);

	while (n > 0 && path[n - 1] != '/')
		n--;
	if (n > 0)
		buf_span(&text, (struct span){ path, n });
	else
		buf_char(&text, '.');
	buf_cstr(&text);
	if (!text.over)
		return open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	errno = ENAMETOOLONG;
	return -1;
}

/* Makes the Maildir itself. The directory above is synced, so that what is
 * delivered does not vanish with its folder. */
static int
make_maildir(struct maildir *m, const char *path)
{
	int parent = open_parent(path);
	int result = 0;

	if (parent == -1)
		return later(m, "open the directory above the Maildir");
	if (mkdir(path, 0700) == -1 && errno != EEXIST)
		result = later(m, "make the Maildir");
	else if (fsync(parent) == -1)
		result = later(m, "sync the directory above the Maildir");
	close(parent);
	return result;
}

static int
check_dir(struct maildir *m, int fd)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return later(m, "look at the Maildir");
	if (st.st_uid != geteuid())
		return refuse(m, "the Maildir belongs to another user");
	if (st.st_mode & S_IWOTH)
		return refuse(m, "the Maildir is writable by everybody");
	return 0;
}

static int
open_maildir(struct maildir *m, const char *path)
{
	m->dir = open(path, OPEN_DIR);
	if (m->dir == -1 && errno == ENOENT) {
		if (make_maildir(m, path) == -1)
			return -1;
		m->dir = open(path, OPEN_DIR);
	}
	if (m->dir == -1)
		return later(m, "open the Maildir");
	return check_dir(m, m->dir);
}

/* Makes what is missing of cur, new and tmp. */
static int
make_dirs(struct maildir *m)
{
	static const char *const names[] = { "cur", "tmp", "new" };
	bool made = false;

	for (size_t i = 0; i < LEN(names); i++) {
		if (mkdirat(m->dir, names[i], 0700) == 0)
			made = true;
		else if (errno != EEXIST)
			return later(m, "make the directories of the Maildir");
	}
	if (made && fsync(m->dir) == -1)
		return later(m, "sync the Maildir");
	return 0;
}

static int
open_dirs(struct maildir *m)
{
	m->new = openat(m->dir, "new", OPEN_DIR);
	m->tmp = openat(m->dir, "tmp", OPEN_DIR);
	if ((m->new == -1 || m->tmp == -1) && errno == ENOENT) {
		if (make_dirs(m) == -1)
			return -1;
		if (m->new == -1)
			m->new = openat(m->dir, "new", OPEN_DIR);
		if (m->tmp == -1)
			m->tmp = openat(m->dir, "tmp", OPEN_DIR);
	}
	if (m->new == -1 || m->tmp == -1)
		return later(m, "open new and tmp of the Maildir");
	return check_dir(m, m->new) == -1 ? -1 : check_dir(m, m->tmp);
}

void
maildir_name(char text[160], int64_t time_us, uint64_t chance, struct span host)
{
	struct buf name = { text, 160, 0, false };
	uint64_t us = (uint64_t)time_us;
	char micros[8];

	buf_number(&name, us / 1000000);
	snprintf(micros, sizeof micros, "%06u", (unsigned)(us % 1000000));
	buf_str(&name, ".M");
	buf_str(&name, micros);
	buf_char(&name, 'R');
	buf_hex(&name, chance, 16);
	buf_char(&name, '.');
	host = span_head(host, HOST_MAX);
	for (size_t i = 0; i < host.n && name.len < 150; i++) {
		if (host.p[i] == '/')
			buf_str(&name, "\\057");
		else if (host.p[i] == ':')
			buf_str(&name, "\\072");
		else
			buf_char(&name, host.p[i]);
	}
	buf_cstr(&name);
}

static int
make_file(struct maildir *m, char name[160])
{
	struct utsname host;
	uint64_t chance;

	if (uname(&host) == -1)
		return later(m, "ask for the name of this host");
	if (getrandom(&chance, sizeof chance, 0) != sizeof chance)
		return later(m, "get random bits");
	maildir_name(name, clock_wall_us(), chance, span_of(host.nodename));
	m->file = openat(m->tmp, name,
		O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	return m->file == -1 ? later(m, "make a file in tmp") : 0;
}

static int
write_all(struct maildir *m, const char *p, size_t n)
{
	while (n) {
		ssize_t put = write(m->file, p, n);

		if (put == -1 && errno == EINTR)
			continue;
		if (put == -1)
			return later(m, "write the message");
		p += put;
		n -= (size_t)put;
		m->octets += (uint64_t)put;
	}
	return 0;
}

/* The two fields of final delivery, at the start of `out`. */
static size_t
print_head(const struct maildir_message *message)
{
	struct buf head = BUF(out);

	buf_str(&head, "Return-Path: <");
	buf_span(&head, message->sender);
	buf_str(&head, ">\nDelivered-To: ");
	buf_span(&head, message->recipient);
	buf_char(&head, '\n');
	return head.len;
}

/* Copies the text. A file shorter than the job says is a doubt about our own
 * side: nothing is delivered. */
static int
write_text(struct maildir *m, const struct maildir_message *message)
{
	uint64_t done = 0;

	final_begin(&final, message->recipient);
	while (done < message->size && !final.loop) {
		uint64_t left = message->size - done;
		size_t want = left < sizeof in ? (size_t)left : sizeof in;
		ssize_t n = pread(
			message->fd, in, want, (off_t)(message->offset + done));

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return later(m, "read the message");
		if (n == 0)
			return refuse(m, "the message ends before its size");
		done += (uint64_t)n;
		if (write_all(m, out,
			    final_feed(&final, (struct span){ in, (size_t)n },
				    out)) == -1)
			return -1;
	}
	return write_all(m, out, final_end(&final, out));
}

static bool
has_quota(const struct maildir_message *message)
{
	return message->quota.octets || message->quota.messages;
}

/* Sets the name in new/: readers of a Maildir with a quota look for the size
 * there. */
static void
set_name(struct maildir *m, const char *in_tmp, bool with_size)
{
	struct buf name = BUF(m->result.name);

	buf_str(&name, in_tmp);
	if (with_size) {
		buf_str(&name, ",S=");
		buf_number(&name, m->octets);
	}
	buf_cstr(&name);
}

/* new/ is the reader's: from the rename on the message is seen there. File
 * systems without RENAME_NOREPLACE get the older link and unlink. */
static int
publish(struct maildir *m, const char *in_tmp)
{
	const char *name = m->result.name;

	if (renameat2(m->tmp, in_tmp, m->new, name, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return later(m, "move the message into new");
	if (linkat(m->tmp, in_tmp, m->new, name, 0) == -1)
		return later(m, "link the message into new");
	if (unlinkat(m->tmp, in_tmp, 0) == 0)
		return 0;
	later(m, "remove the message from tmp");
	unlinkat(m->new, name, 0);
	return -1;
}

static int
sync_file(struct maildir *m)
{
	int fd = m->file;

	if (fsync(fd) == -1)
		return later(m, "sync the message");
	m->file = -1;
	return close(fd) == -1 ? later(m, "close the message") : 0;
}

/* Asks the account whether what is in tmp fits. */
static int
check_quota(struct maildir *m, const struct maildir_message *message)
{
	int fits;

	if (!has_quota(message))
		return 0;
	fits = maildirsize_fits(
		m->dir, m->tmp, &message->quota, m->octets, &m->result.held);
	if (fits == -1)
		return later(m, "count what is in the Maildir");
	if (fits == 0)
		m->result.verdict = MAILDIR_OVER;
	return fits == 1 ? 0 : -1;
}

/* Fills the file in tmp and publishes it. Returns -1 when it must go. */
static int
fill_file(struct maildir *m, const struct maildir_message *message,
	const char *in_tmp)
{
	if (write_all(m, out, print_head(message)) == -1 ||
		write_text(m, message) == -1)
		return -1;
	if (final.loop) {
		m->result.verdict = MAILDIR_LOOP;
		return -1;
	}
	if (check_quota(m, message) == -1 || sync_file(m) == -1)
		return -1;
	set_name(m, in_tmp, has_quota(message));
	return publish(m, in_tmp);
}

static void
store(struct maildir *m, const char *path,
	const struct maildir_message *message)
{
	char in_tmp[160];

	if (open_maildir(m, path) == -1 || open_dirs(m) == -1 ||
		make_file(m, in_tmp) == -1)
		return;
	if (fill_file(m, message, in_tmp) == -1) {
		unlinkat(m->tmp, in_tmp, 0);
		return;
	}
	if (fsync(m->new) == -1) {
		later(m, "sync new of the Maildir");
		unlinkat(m->new, m->result.name, 0);
		return;
	}
	/* an account that lacks it is put right when it is counted again */
	if (has_quota(message) && maildirsize_add(m->dir, m->octets) == -1)
		m->result.step = "add the message to maildirsize";
}

struct maildir_result
maildir_deliver(const char *path, const struct maildir_message *message)
{
	struct maildir m = { .dir = -1, .tmp = -1, .new = -1, .file = -1 };
	const int *fds[] = { &m.file, &m.new, &m.tmp, &m.dir };
	char trimmed[LIMIT_PATH];
	struct buf text = BUF(trimmed);
	struct span whole = span_of(path);

	/* Behind a slash O_NOFOLLOW would follow after all. */
	while (whole.n > 1 && whole.p[whole.n - 1] == '/')
		whole.n--;
	buf_span(&text, whole);
	buf_cstr(&text);
	if (text.over)
		refuse(&m, "the path of the Maildir is too long");
	else
		store(&m, trimmed, message);
	for (size_t i = 0; i < LEN(fds); i++)
		if (*fds[i] != -1)
			close(*fds[i]);
	return m.result;
}

/* SPDX-License-Identifier: ISC */
#include "sys/vault.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/clock.h"
#include "sys/io.h"
#include "sys/user.h"

enum { LOCK_PAUSE_MS = 50 };

int
vault_open(struct vault *v, const char *path, bool create)
{
	struct stat st;
	int error;

	if (create && mkdir(path, 0750) == -1 && errno != EEXIST)
		return -1;
	v->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (v->dir == -1)
		return -1;
	if (fstat(v->dir, &st) == 0 &&
		user_become_id(st.st_uid, st.st_gid) == 0)
		return 0;
	error = errno;
	vault_close(v);
	errno = error;
	return -1;
}

void
vault_close(struct vault *v)
{
	if (v->dir != -1)
		close(v->dir);
	v->dir = -1;
}

/* NAME and its suffix as a C string. Returns 0, or -1 with errno. */
static int
name_of(struct buf *out, struct span name, const char *suffix)
{
	buf_span(out, name);
	buf_str(out, suffix);
	buf_cstr(out);
	if (!out->over && name.n && span_find(name, '/') == name.n &&
		name.p[0] != '.')
		return 0;
	errno = EINVAL;
	return -1;
}

int
vault_lock(const struct vault *v, struct span name, int64_t deadline)
{
	char text[128];
	struct buf file = BUF(text);
	int error;
	int fd;

	if (name_of(&file, name, ".lock") == -1)
		return -1;
	fd = openat(v->dir, text,
		O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	if (fd == -1)
		return -1;
	while (flock(fd, LOCK_EX | LOCK_NB) == -1) {
		error = errno;
		if (error == EWOULDBLOCK && clock_ms() < deadline) {
			poll(NULL, 0, LOCK_PAUSE_MS);
			continue;
		}
		close(fd);
		errno = error == EWOULDBLOCK ? ETIMEDOUT : error;
		return -1;
	}
	return fd;
}

/* Reads to the end. Returns 0, or -1 with errno. */
static int
read_all(int fd, struct buf *out)
{
	for (;;) {
		ssize_t n = read(fd, out->p + out->len, out->cap - out->len);

		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return (int)n;
		out->len += (size_t)n;
		if (out->len == out->cap) {
			errno = EFBIG;
			return -1;
		}
	}
}

int
vault_read(const struct vault *v, struct span name, const char *suffix,
	struct buf *out)
{
	char text[128];
	struct buf file = BUF(text);
	struct stat st;
	int result = -1;
	int error;
	int fd;

	if (name_of(&file, name, suffix) == -1)
		return -1;
	fd = openat(
		v->dir, text, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd == -1)
		return errno == ENOENT ? 0 : -1;
	errno = EINVAL;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		result = read_all(fd, out);
	error = errno;
	close(fd);
	errno = error;
	return result == -1 ? -1 : 1;
}

int
vault_token(const struct vault *v, struct span name, const char *suffix,
	char text[LIMIT_TOKEN_FILE], struct token *out)
{
	struct buf in = { text, LIMIT_TOKEN_FILE, 0, false };
	int found = vault_read(v, name, suffix, &in);

	*out = (struct token){ .access = SPAN("") };
	if (found == -1 && errno != EFBIG)
		return -1;
	if (found == 1 && token_parse(buf_text(&in), out) != NULL)
		*out = (struct token){ .access = SPAN("") };
	return 0;
}

int
vault_begin(struct vault_file *f, const struct vault *v, struct span name,
	const char *suffix, mode_t mode, size_t room)
{
	struct buf old = BUF(f->name);
	struct buf new = BUF(f->new);
	int error;

	*f = (struct vault_file){ .dir = v->dir, .fd = -1 };
	if (name_of(&old, name, suffix) == -1)
		return -1;
	buf_char(&new, '.');
	buf_span(&new, buf_text(&old));
	buf_str(&new, ".new");
	buf_cstr(&new);
	unlinkat(f->dir, f->new, 0); /* of one that was killed */
	f->fd = openat(f->dir, f->new,
		O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (f->fd == -1)
		return -1;
	error = posix_fallocate(f->fd, 0, (off_t)room);
	if (error == 0 && fchmod(f->fd, mode) == 0)
		return 0;
	if (error == 0)
		error = errno;
	vault_drop(f);
	errno = error;
	return -1;
}

int
vault_publish(struct vault_file *f, struct span text)
{
	if (io_write_at(f->fd, text.p, text.n, 0) == -1 ||
		ftruncate(f->fd, (off_t)text.n) == -1 || fsync(f->fd) == -1 ||
		renameat(f->dir, f->new, f->dir, f->name) == -1)
		return -1;
	f->new[0] = '\0';
	return fsync(f->dir);
}

void
vault_drop(struct vault_file *f)
{
	if (f->fd == -1)
		return;
	if (f->new[0])
		unlinkat(f->dir, f->new, 0);
	close(f->fd);
	f->fd = -1;
}

/* SPDX-License-Identifier: ISC */
#include "sys/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int
fail(char why[256], const char *path, const char *text)
{
	snprintf(why, 256, "%.100s: %s", path, text);
	return -1;
}

int
secret_path(struct span where, char path[LIMIT_PATH], char why[256])
{
	static const struct span file = SPAN_INIT("file:");
	static const struct span credential = SPAN_INIT("credential:");
	struct buf out = { path, LIMIT_PATH, 0, false };

	if (span_begins_nocase(where, file)) {
		buf_span(&out, span_from(where, file.n));
	} else if (span_begins_nocase(where, credential)) {
		const char *dir = getenv("CREDENTIALS_DIRECTORY");
		struct span name = span_from(where, credential.n);

		if (!dir) {
			snprintf(why, 256,
				"credential %.*s: the service manager gives it "
				"to the unit alone; start the unit instead of "
				"the command",
				(int)span_head(name, 64).n, name.p);
			return -1;
		}
		buf_str(&out, dir);
		buf_char(&out, '/');
		buf_span(&out, name);
	} else {
		buf_span(&out, where);
	}
	buf_cstr(&out);
	return out.over ? fail(why, "secret", "its path is too long") : 0;
}

/* Reads at most `room` octets. Returns their number, or -1 with errno. */
static ssize_t
read_some(int fd, char *to, size_t room)
{
	size_t held = 0;

	while (held < room) {
		ssize_t n = read(fd, to + held, room - held);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		if (n == 0)
			break;
		held += (size_t)n;
	}
	return (ssize_t)held;
}

static int
read_line(int fd, const char *path, struct buf *out, char why[256])
{
	struct stat st;
	struct span line;
	ssize_t n;

	if (fstat(fd, &st) == -1)
		return fail(why, path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return fail(why, path, "not a regular file");
	if (st.st_mode & S_IROTH)
		return fail(why, path, "everybody may read it; chmod 400");
	n = read_some(fd, out->p + out->len, out->cap - out->len);
	if (n == -1)
		return fail(why, path, strerror(errno));
	line = (struct span){ out->p + out->len, (size_t)n };
	line.n = span_find(line, '\n');
	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	if (line.n == 0)
		return fail(why, path, "its first line is empty");
	if (line.n == out->cap - out->len)
		return fail(why, path, "its first line is too long");
	out->len += line.n;
	return 0;
}

int
secret_read(struct span where, struct buf *out, char why[256])
{
	char path[LIMIT_PATH];
	int result;
	int fd;

	if (secret_path(where, path, why) == -1)
		return -1;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd == -1)
		return fail(why, path, strerror(errno));
	result = read_line(fd, path, out, why);
	close(fd);
	return result;
}

/* SPDX-License-Identifier: ISC */
#include "admin/loginfile.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pure/limits.h"
#include "pure/verifier.h"
#include "sys/home.h"
#include "sys/io.h"

static const char name_of_file[] = "logins";

static const char head[] =
	"# Who may log in; `postern passwd NAME` writes the lines. The first "
	"is nobody's:\n"
	"# by it, names that are not here are answered as if they were. Keep "
	"it.\n";

/* Is this the line of that name? */
static bool
is_line_of(struct span line, struct span name)
{
	size_t colon;

	line = span_trim(line);
	colon = span_find(line, ':');
	return line.n && line.p[0] != '#' && colon < line.n &&
	       span_eq_nocase(span_trim(span_head(line, colon)), name);
}

static void
put_line(struct buf *out, struct span name, struct span verifier)
{
	buf_span(out, name);
	buf_str(out, ": ");
	buf_span(out, verifier);
	buf_char(out, '\n');
}

int
loginfile_edit(struct buf *out, struct span text, struct span name,
	struct span verifier, struct span nobody)
{
	bool found = false;

	if (text.n == 0 && verifier.n) {
		buf_str(out, head);
		put_line(out, SPAN("nobody"), nobody);
	}
	while (text.n) {
		size_t end = span_find(text, '\n');
		struct span line = span_head(text, end);

		text = span_from(text, end + 1);
		if (!is_line_of(line, name)) {
			buf_span(out, line);
			buf_char(out, '\n');
			continue;
		}
		if (!found && verifier.n)
			put_line(out, name, verifier);
		found = true;
	}
	if (!found && verifier.n)
		put_line(out, name, verifier);
	if (out->over)
		return -1;
	return found || verifier.n;
}

/* Reads what is there, up to the limit of a control file. */
static int
read_text(struct loginfile *file, int fd)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return -1;
	if (!S_ISREG(st.st_mode) || st.st_size > LIMIT_CONTROL_FILE) {
		errno = S_ISREG(st.st_mode) ? EFBIG : EINVAL;
		return -1;
	}
	file->there = true;
	file->mode = st.st_mode & 0777;
	file->owner = st.st_uid;
	file->group = st.st_gid;
	file->text = malloc((size_t)st.st_size + 1);
	if (!file->text)
		return -1;
	while (file->length < (size_t)st.st_size) {
		ssize_t n = read(fd, file->text + file->length,
			(size_t)st.st_size - file->length);

		if (n == -1)
			return -1;
		if (n == 0)
			break;
		file->length += (size_t)n;
	}
	return 0;
}

int
loginfile_open(struct loginfile *file)
{
	char path[LIMIT_PATH];
	int fd;
	int result;

	*file = (struct loginfile){ .dir = -1 };
	if (!home_control(path))
		return -1;
	file->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (file->dir == -1 || flock(file->dir, LOCK_EX) == -1)
		return -1;
	fd = openat(file->dir, name_of_file,
		O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	if (fd == -1)
		return errno == ENOENT ? 0 : -1;
	result = read_text(file, fd);
	close(fd);
	return result;
}

/* Who may read the new file: those of the old one; or the service. */
static int
give_rights(const struct loginfile *file, int fd)
{
	const struct group *service = getgrnam("postern-auth");
	mode_t mode = 0600;

	if (file->there) {
		if (fchown(fd, file->owner, file->group) == -1)
			return -1;
		mode = file->mode;
	} else if (service && geteuid() == 0 && !getenv("POSTERN_HOME")) {
		if (fchown(fd, (uid_t)-1, service->gr_gid) == -1)
			return -1;
		mode = 0640;
	}
	return fchmod(fd, mode);
}

int
loginfile_write(struct loginfile *file, struct span text)
{
	char tmp[64];
	int saved;
	int fd;

	snprintf(tmp, sizeof tmp, ".%s.%ld.tmp", name_of_file, (long)getpid());
	(void)unlinkat(file->dir, tmp, 0);
	fd = openat(file->dir, tmp,
		O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd == -1)
		return -1;
	if (io_write_at(fd, text.p, text.n, 0) == 0 &&
		give_rights(file, fd) == 0 && fsync(fd) == 0 &&
		renameat(file->dir, tmp, file->dir, name_of_file) == 0) {
		close(fd);
		return fsync(file->dir);
	}
	saved = errno;
	close(fd);
	(void)unlinkat(file->dir, tmp, 0);
	errno = saved;
	return -1;
}

void
loginfile_close(struct loginfile *file)
{
	if (file->text)
		explicit_bzero(file->text, file->length);
	free(file->text);
	if (file->dir != -1)
		close(file->dir);
	*file = (struct loginfile){ .dir = -1 };
}

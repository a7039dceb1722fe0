/* SPDX-License-Identifier: ISC */
#include "deliver/maildirsize.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/clock.h"

#define OPEN_DIR (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

static const char file_name[] = "maildirsize";

/* A count of the Maildir, and the latest change of a directory it saw. */
struct count {
	struct quota_sum sum;
	int64_t changed;
};

/* Takes the next name off a directory but . and ..; NULL with errno 0 at its
 * end. */
static const struct dirent *
next_entry(DIR *d)
{
	const struct dirent *e;

	do {
		errno = 0;
		e = readdir(d);
	} while (e &&
		 (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0));
	return e;
}

/* Opens a directory below another. NULL with errno; it is a stream. */
static DIR *
open_below(int dir, const char *name)
{
	int fd = openat(dir, name, OPEN_DIR);
	DIR *d = fd == -1 ? NULL : fdopendir(fd);

	if (fd != -1 && !d)
		close(fd);
	return d;
}

/* A message that was moved meanwhile counts where it was moved to, or not. */
static void
count_file(int dir, const char *name, struct quota_sum *sum)
{
	uint64_t octets = 0;
	struct stat st;
	int known = quota_name(span_of(name), &octets);

	if (known == -1)
		return;
	if (known == 0) {
		if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == -1 ||
			!S_ISREG(st.st_mode))
			return;
		octets = (uint64_t)st.st_size;
	}
	sum->messages++;
	if (octets > INT64_MAX || __builtin_add_overflow(sum->octets,
					  (int64_t)octets, &sum->octets))
		sum->octets = INT64_MAX;
}

/* Counts new or cur of a folder; one that is missing holds nothing. */
static int
count_dir(int folder, const char *name, struct count *c)
{
	const struct dirent *e;
	struct stat st;
	DIR *d = open_below(folder, name);
	int error;

	if (!d)
		return errno == ENOENT ? 0 : -1;
	if (fstat(dirfd(d), &st) == 0 && st.st_mtime > c->changed)
		c->changed = st.st_mtime;
	while ((e = next_entry(d)) != NULL)
		if (e->d_name[0] != '.')
			count_file(dirfd(d), e->d_name, &c->sum);
	error = errno;
	closedir(d);
	errno = error;
	return error ? -1 : 0;
}

static int
count_folder(int folder, struct count *c)
{
	return count_dir(folder, "new", c) == -1 ||
			       count_dir(folder, "cur", c) == -1
		       ? -1
		       : 0;
}

/* Counts a folder of the Maildir; what is no directory is none. */
static int
count_subfolder(int dir, const char *name, struct count *c)
{
	int folder = openat(dir, name, OPEN_DIR);
	int result;

	if (folder == -1)
		return errno == ENOENT || errno == ENOTDIR || errno == ELOOP
			       ? 0
			       : -1;
	result = count_folder(folder, c);
	close(folder);
	return result;
}

static int
count_all(int dir, struct count *c)
{
	const struct dirent *e;
	DIR *d = open_below(dir, ".");
	int result = 0;

	*c = (struct count){ .changed = 0 };
	if (!d)
		return -1;
	result = count_folder(dir, c);
	while (result == 0 && (e = next_entry(d)) != NULL)
		if (e->d_name[0] == '.' && strcmp(e->d_name, ".Trash") != 0)
			result = count_subfolder(dir, e->d_name, c);
	if (result == 0 && errno)
		result = -1;
	closedir(d);
	return result;
}

static void
print_line(struct buf *out, int64_t octets, int64_t messages)
{
	char text[48];

	snprintf(text, sizeof text, "%jd %jd\n", (intmax_t)octets,
		(intmax_t)messages);
	buf_str(out, text);
}

static int
write_file(int tmp, const char *name, struct span text)
{
	int fd = openat(tmp, name,
		O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	int result = 0;

	if (fd == -1)
		return -1;
	if (write(fd, text.p, text.n) != (ssize_t)text.n)
		result = -1;
	if (close(fd) == -1)
		result = -1;
	if (result == -1)
		unlinkat(tmp, name, 0);
	return result;
}

/* Puts a fresh account in the place of the old one. */
static int
replace_file(int dir, int tmp, const struct quota *quota,
	const struct quota_sum *sum)
{
	char text[128];
	struct buf out = BUF(text);
	char name_text[64];
	struct buf name = BUF(name_text);
	uint64_t chance;

	quota_print(&out, quota);
	buf_char(&out, '\n');
	print_line(&out, sum->octets, sum->messages);
	if (getrandom(&chance, sizeof chance, 0) != sizeof chance)
		return -1;
	buf_str(&name, "maildirsize.");
	buf_hex(&name, chance, 16);
	if (write_file(tmp, buf_cstr(&name), buf_text(&out)) == -1)
		return -1;
	if (renameat(tmp, name_text, dir, file_name) == 0)
		return 0;
	unlinkat(tmp, name_text, 0);
	return -1;
}

/* Counts and writes it down. What changed while it was counted may be in the
 * count or not: then the account is taken away again, and the next one who
 * wants it counts. */
static int
count_anew(int dir, int tmp, const struct quota *quota, struct quota_sum *sum)
{
	struct count before;
	struct count after;

	if (count_all(dir, &before) == -1)
		return -1;
	*sum = before.sum;
	sum->lines = 1;
	if (replace_file(dir, tmp, quota, sum) == -1)
		return -1;
	if (count_all(dir, &after) == 0 && after.changed == before.changed &&
		after.sum.octets == before.sum.octets &&
		after.sum.messages == before.sum.messages)
		return 0;
	unlinkat(dir, file_name, 0);
	return 0;
}

/* Reads the account. Returns 0 and its age in seconds; -1: there is none that
 * is any good. */
static int
read_file(
	int dir, const struct quota *quota, struct quota_sum *sum, int64_t *age)
{
	char text[QUOTA_FILE + 1];
	struct stat st;
	ssize_t n = -1;
	int fd = openat(
		dir, file_name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd == -1)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		n = read(fd, text, sizeof text);
	close(fd);
	if (n <= 0)
		return -1;
	*age = clock_wall_us() / 1000000 - st.st_mtime;
	return quota_read((struct span){ text, (size_t)n }, quota, sum);
}

int
maildirsize_fits(int dir, int tmp, const struct quota *quota, uint64_t octets,
	struct quota_sum *sum)
{
	int64_t age;

	if (read_file(dir, quota, sum, &age) == 0) {
		if (quota_fits(quota, sum, octets))
			return 1;
		if (sum->lines == 1 && age >= 0 && age < MAILDIRSIZE_FRESH)
			return 0;
	}
	if (count_anew(dir, tmp, quota, sum) == -1)
		return -1;
	return quota_fits(quota, sum, octets);
}

int
maildirsize_add(int dir, uint64_t octets)
{
	char text[64];
	struct buf out = BUF(text);
	/* the message is stored: a pipe in the place must not make us wait */
	int fd = openat(dir, file_name,
		O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	int result;

	if (fd == -1)
		return errno == ENOENT ? 0 : -1;
	print_line(&out, octets > INT64_MAX ? INT64_MAX : (int64_t)octets, 1);
	result = write(fd, text, out.len) == (ssize_t)out.len ? 0 : -1;
	close(fd);
	return result;
}

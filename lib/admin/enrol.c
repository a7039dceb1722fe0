/* SPDX-License-Identifier: ISC */
#include "admin/enrol.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/home.h"
#include "sys/io.h"

/* In front of readers' names; the dot keeps them from seeing it. */
#define NEW_FILE ".oauth2.new"

static bool
is_setting(const char *word)
{
	return strchr(word, '=') != NULL;
}

const char *
enrol_parse(struct enrolment *e, int argc, char **argv)
{
	const char *name = argv[0];

	e->line = BUF(e->text);
	for (int i = 1; i < argc; i++)
		if (!is_setting(argv[i])) {
			if (name != argv[0])
				return "one name is enough";
			name = argv[i];
		}
	buf_str(&e->line, name);
	buf_str(&e->line, ": provider=");
	buf_str(&e->line, argv[0]);
	for (int i = 1; i < argc; i++) {
		if (!is_setting(argv[i]))
			continue;
		for (const char *at = argv[i]; *at; at++)
			if (*at <= ' ' || *at == 0x7f)
				return "no blanks in a setting";
		buf_char(&e->line, ' ');
		buf_str(&e->line, argv[i]);
	}
	return e->line.over ? "too long for a line"
			    : oauth2_parse(buf_text(&e->line), &e->account);
}

/* Appends the file as it is. Returns 0, or -1 with errno. */
static int
copy_old(int from, struct buf *text, struct stat *st)
{
	ssize_t n;

	if (fstat(from, st) == -1)
		return -1;
	while ((n = read(from, text->p + text->len, text->cap - text->len)) > 0)
		text->len += (size_t)n;
	if (n == -1)
		return -1;
	if (text->len && text->p[text->len - 1] != '\n')
		buf_char(text, '\n');
	return 0;
}

/* Writes the new file and puts it in the old one's place; it is for the same
 * people. */
static int
replace(int dir, struct span text, const struct stat *like)
{
	const char *name = control_file(CONTROL_OAUTH2)->name;
	int result = -1;
	int error;
	int fd = openat(dir, NEW_FILE,
		O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd == -1)
		return -1;
	if (io_write_at(fd, text.p, text.n, 0) == 0 &&
		(geteuid() != 0 ||
			fchown(fd, like->st_uid, like->st_gid) == 0) &&
		fchmod(fd, like->st_mode & 0777) == 0 && fsync(fd) == 0 &&
		renameat(dir, NEW_FILE, dir, name) == 0)
		result = fsync(dir);
	error = errno;
	close(fd);
	if (result == -1)
		unlinkat(dir, NEW_FILE, 0);
	errno = error;
	return result;
}

int
enrol_write(const struct enrolment *e, const struct control *c)
{
	const char *name = control_file(CONTROL_OAUTH2)->name;
	size_t cap = LIMIT_CONTROL_FILE + LIMIT_CONTROL_LINE + 2;
	struct buf text = { malloc(cap), cap, 0, false };
	struct stat like = { .st_mode = 0644 };
	int result = -1;
	int known = 0;
	int old;

	if (!text.p)
		return -1;
	old = openat(c->dir, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (old != -1) {
		known = copy_old(old, &text, &like);
		close(old);
	} else if (errno != ENOENT) {
		known = -1;
	}
	if (known != -1) {
		buf_span(&text, buf_text(&e->line));
		buf_char(&text, '\n');
		errno = EFBIG;
		if (!text.over)
			result = replace(c->dir, buf_text(&text), &like);
	}
	free(text.p);
	return result;
}

const char *
enrol_smarthost(const struct oauth2_account *account)
{
	struct span provider = account->says[OAUTH2_PROVIDER];

	if (span_eq(provider, SPAN("microsoft")))
		return "[smtp.office365.com]:587";
	if (span_eq(provider, SPAN("google")))
		return "[smtp.gmail.com]:587";
	return NULL;
}

/* SPDX-License-Identifier: ISC
 *
 * postern-metrics: what `postern status` knows, as figures for a monitoring
 * system (OpenMetrics text).
 *
 *	fd 1    the figures, unless they go to a file
 *	fd 2    what is wrong
 *	reads   the queue directory, as its owner when root starts it; every
 *		control file
 *	writes  the file of --textfile, by a rename
 *	starts  nothing
 *	exit    0; 100 the call is wrong, or the queue may not be read; 111 the
 *		queue could not be read, or the file not written */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admin/entry.h"
#include "admin/meters.h"
#include "sys/clock.h"
#include "sys/log.h"

enum { OPTION_TEXTFILE = 1, OPTION_HELP };

static struct spool spool;
static struct health health;
static const char *textfile;

/* Returns -1, or the exit code. */
static int
read_options(int argc, char **argv)
{
	static const struct option options[] = {
		{"textfile", required_argument, NULL, OPTION_TEXTFILE },
		{ "help",      no_argument, NULL, OPTION_HELP },
		{ 0        },
	};
	const char *why = NULL;
	int c;

	opterr = 0;
	while (!why && (c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == OPTION_HELP) {
			puts("usage: postern metrics [--textfile PATH]\n"
			     "  --textfile PATH  into that file, all at once");
			return 0;
		}
		textfile = optarg;
		if (c == '?')
			why = "there is no such option, or it needs a word";
		else if (!*textfile)
			why = "a file has a name";
	}
	if (!why && optind != argc)
		why = "it takes no words";
	return why ? entry_misused("metrics", why) : -1;
}

static int
failed(const char *path)
{
	fprintf(stderr, "postern metrics: cannot write %s: %s\n", path,
		strerror(errno));
	return DIE_LATER;
}

static int
print_here(void)
{
	meters_print(stdout, &health);
	if (fflush(stdout) == 0 && !ferror(stdout))
		return 0;
	return failed("the standard output");
}

/* Writes the figures into a new file. Returns 0, or -1 with errno. */
static int
write_new(const char *path)
{
	int fd = open(path,
		O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	FILE *out = fd == -1 ? NULL : fdopen(fd, "w");
	bool bad;

	if (!out)
		return -1;
	meters_print(out, &health);
	bad = fchmod(fd, 0644) == -1 || ferror(out);
	return fclose(out) == EOF || bad ? -1 : 0;
}

/* A rename would put a file in the place of what is none, such as
 * /dev/stdout. */
static bool
is_in_the_way(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && !S_ISREG(st.st_mode);
}

/* Whoever reads the file sees the old one or the new one. */
static int
print_there(void)
{
	char path[LIMIT_PATH];
	struct buf new = BUF(path);

	if (is_in_the_way(textfile)) {
		fprintf(stderr,
			"postern metrics: %s is there, and no regular file\n",
			textfile);
		return DIE_SETUP;
	}
	buf_str(&new, textfile);
	buf_str(&new, ".new");
	buf_cstr(&new);
	if (new.over) {
		errno = ENAMETOOLONG;
		return failed(textfile);
	}
	unlink(path); /* of one that was killed */
	if (write_new(path) == 0 && rename(path, textfile) == 0)
		return 0;
	failed(textfile);
	unlink(path);
	return DIE_LATER;
}

int
main(int argc, char **argv)
{
	int code = read_options(argc, argv);

	if (code != -1)
		return code;
	code = entry_open(&spool, "metrics");
	if (code)
		return code;
	if (health_look(&health, &spool, clock_wall_us() / 1000000, 0) == -1)
		return entry_failed("metrics");
	return textfile ? print_there() : print_here();
}

/* SPDX-License-Identifier: ISC
 *
 * postern-cdb: compile a control table into its .cdb, all at once or not at
 * all: readers see the old database or the new one, never a part.
 *
 *	postern-cdb morercpthosts           from control/morercpthosts
 *	postern-cdb mailboxes FILE          from a file of that form (-: fd 0)
 *	postern-cdb aliases FILE            the same
 *	postern-cdb senders FILE            the same
 *	postern-cdb tlsclients FILE         the same
 *	postern-cdb logins FILE             the same; with that file's mode
 *
 *	fd 1    what was done
 *	fd 2    what is wrong, FILE:LINE: WHY
 *	writes  control/TABLE.cdb
 *	starts  nothing
 *	exit    0 done; 100 the call or the text is wrong; 111 try later */
#include <cdb.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control/mailboxes.h"
#include "control/rewrite.h"
#include "control/senders.h"
#include "control/tlsclients.h"
#include "pure/address.h"
#include "pure/ascii.h"
#include "pure/verifier.h"
#include "sys/home.h"
#include "sys/log.h"

/* So many mistakes are shown in one run. */
#define MISTAKES 20

/* Splits an entry into key and value. Returns NULL, or what is wrong. */
typedef const char *entry_split(
	struct span entry, struct span *key, struct span *value);

/* What is compiled, from where, into what. */
struct job {
	const struct control_file *table;
	entry_split *split;
	const char *source; /* as shown */
	FILE *in;
	int dir;
	char tmp[64];
	char cdb[64];
	struct cdb_make make;
	unsigned long entries;
	unsigned mistakes;
};

static volatile sig_atomic_t stop;

static void
on_signal(int number)
{
	stop = number;
}

/* A read that waits is interrupted, and the program ends in good order. */
static void
catch_signals(void)
{
	static const int numbers[] = { SIGHUP, SIGINT, SIGTERM };
	const struct sigaction leave = { .sa_handler = on_signal };

	for (size_t i = 0; i < LEN(numbers); i++)
		sigaction(numbers[i], &leave, NULL);
}

/* One domain a line, as in control/rcpthosts. */
static const char *
split_host(struct span entry, struct span *key, struct span *value)
{
	*key = entry;
	*value = SPAN("");
	if (entry.n > 1 && entry.p[0] == '.')
		entry = span_from(entry, 1);
	return address_domain_valid(entry, true) ? NULL : "not a domain";
}

/* The tables that have a .cdb. */
static const struct {
	enum control_id id;
	entry_split *split;
} tables[] = {
	{CONTROL_ALIASES,        rewrite_alias   },
	{ CONTROL_LOGINS,        verifier_entry  },
	{ CONTROL_MAILBOXES,     mailboxes_entry },
	{ CONTROL_MORERCPTHOSTS, split_host      },
	{ CONTROL_SENDERS,       senders_entry   },
	{ CONTROL_TLSCLIENTS,    tlsclients_entry},
};

static void
mistake(struct job *job, unsigned long line, const char *why)
{
	if (++job->mistakes > MISTAKES)
		return;
	fprintf(stderr, "%s:%lu: %s\n", job->source, line, why);
}

/* The entry of a line as getline gave it: without its end, trimmed. Returns
 * 0, 1 when there is none on it, -1 when the line is no text. */
static int
take_entry(struct job *job, unsigned long number, struct span line,
	struct span *entry)
{
	const char *why = NULL;

	if (line.n && line.p[line.n - 1] == '\n')
		line.n--;
	if (line.n && line.p[line.n - 1] == '\r')
		why = "line ends in CR LF; save it with LF alone";
	else if (line.n > LIMIT_CONTROL_LINE)
		why = "line too long";
	for (size_t i = 0; i < line.n && !why; i++)
		if (ascii_control(line.p[i]) && line.p[i] != '\t')
			why = "control byte in text";
	if (why) {
		mistake(job, number, why);
		return -1;
	}
	*entry = span_trim(line);
	return entry->n == 0 || entry->p[0] == '#';
}

static void
add_entry(struct job *job, unsigned long number, struct span entry)
{
	char lower[LIMIT_CONTROL_LINE];
	struct span key;
	struct span value;
	const char *why = job->split(entry, &key, &value);
	int put;

	if (why) {
		mistake(job, number, why);
		return;
	}
	for (size_t i = 0; i < key.n; i++)
		lower[i] = ascii_lower(key.p[i]);
	put = cdb_make_put(&job->make, lower, (unsigned)key.n, value.p,
		(unsigned)value.n, CDB_PUT_INSERT);
	if (put < 0)
		die_errno(DIE_LATER, "write %s", job->tmp);
	if (put > 0)
		mistake(job, number, "a second line for the same name");
	job->entries++;
}

static void
add_entries(struct job *job)
{
	char *line = NULL;
	size_t cap = 0;
	unsigned long number = 0;
	struct span entry;
	ssize_t n;

	while (!stop && (n = getline(&line, &cap, job->in)) != -1) {
		struct span text = { line, (size_t)n };

		if (take_entry(job, ++number, text, &entry) == 0)
			add_entry(job, number, entry);
	}
	free(line);
	if (stop)
		die(DIE_LATER, "finish: signal %d", (int)stop);
	if (ferror(job->in))
		die_errno(DIE_LATER, "read %s", job->source);
}

/* Finds the table that the call names. */
static void
learn_table(struct job *job, int argc, char **argv)
{
	for (size_t i = 0; i < LEN(tables) && argc > 1; i++)
		if (strcmp(control_file(tables[i].id)->name, argv[1]) == 0) {
			job->table = control_file(tables[i].id);
			job->split = tables[i].split;
		}
	if (!job->table || argc > 3) {
		fputs("usage: postern-cdb morercpthosts [FILE]\n"
		      "       postern-cdb mailboxes FILE\n"
		      "       postern-cdb aliases FILE\n"
		      "       postern-cdb senders FILE\n"
		      "       postern-cdb tlsclients FILE\n"
		      "       postern-cdb logins FILE\n",
			stderr);
		exit(DIE_SETUP);
	}
	/* Both mailboxes and mailboxes.cdb are asked: a name that is taken
	 * out of the text alone would live on in the database. */
	if (argc == 2 && job->table->kind == CONTROL_TABLE)
		die(DIE_SETUP,
			"compile control/%s: it is read as it is; keep the "
			"text of the database elsewhere, and name it",
			job->table->name);
}

static void
open_control(struct job *job)
{
	char path[LIMIT_PATH];

	if (!home_control(path))
		die_errno(DIE_SETUP, "find the control directory");
	job->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (job->dir == -1)
		die_errno(DIE_SETUP, "open %s", path);
}

/* The source is a file of the admin's, or the text in the control directory. */
static void
open_source(struct job *job, const char *file)
{
	int fd = STDIN_FILENO;

	job->source = file ? file : job->table->name;
	if (!file)
		fd = openat(job->dir, job->source, O_RDONLY | O_CLOEXEC);
	else if (strcmp(file, "-") == 0)
		job->source = "standard input";
	else
		fd = open(file, O_RDONLY | O_CLOEXEC);
	job->in = fd == -1 ? NULL : fdopen(fd, "r");
	if (!job->in)
		die_errno(DIE_SETUP, "open %s", job->source);
}

/* Makes the temporary file; its name begins with a dot, which readers of the
 * control directory pass over. */
static void
begin(struct job *job)
{
	struct buf cdb = BUF(job->cdb);
	struct buf tmp = BUF(job->tmp);
	uint64_t chance;
	int fd;

	if (getrandom(&chance, sizeof chance, 0) != sizeof chance)
		die_errno(DIE_LATER, "get random bits");
	buf_str(&cdb, job->table->name);
	buf_str(&cdb, ".cdb");
	buf_char(&tmp, '.');
	buf_str(&tmp, buf_cstr(&cdb));
	buf_char(&tmp, '.');
	buf_hex(&tmp, chance, 16);
	buf_cstr(&tmp);
	fd = openat(job->dir, job->tmp,
		O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd == -1)
		die_errno(DIE_LATER, "make %s", job->tmp);
	if (cdb_make_start(&job->make, fd) != 0)
		die_errno(DIE_LATER, "write %s", job->tmp);
}

/* The umask does not decide who may read a control file. Logins are for those
 * who may read their text. */
static int
give_rights(const struct job *job, int fd)
{
	struct stat st;

	if (job->table != control_file(CONTROL_LOGINS))
		return fchmod(fd, 0644);
	if (fstat(fileno(job->in), &st) == -1)
		return -1;
	if (!S_ISREG(st.st_mode))
		return fchmod(fd, 0600);
	if (fchown(fd, st.st_uid, st.st_gid) == -1)
		return -1;
	return fchmod(fd, st.st_mode & 0770);
}

static void
publish(struct job *job)
{
	int fd = job->make.cdb_fd;

	if (cdb_make_finish(&job->make) != 0 || give_rights(job, fd) == -1 ||
		fsync(fd) == -1 || close(fd) == -1)
		die_errno(DIE_LATER, "write %s", job->tmp);
	if (renameat(job->dir, job->tmp, job->dir, job->cdb) == -1)
		die_errno(DIE_LATER, "replace %s", job->cdb);
	*job->tmp = '\0';
	if (fsync(job->dir) == -1)
		die_errno(DIE_LATER, "sync the control directory");
}

static struct job job = { .dir = -1 };

/* However the program ends, kill -9 apart, its temporary file goes. */
static void
clean(void)
{
	if (*job.tmp)
		unlinkat(job.dir, job.tmp, 0);
}

int
main(int argc, char **argv)
{
	/* Learn. */
	log_program("postern-cdb");
	learn_table(&job, argc, argv);
	open_control(&job);
	open_source(&job, argc == 3 ? argv[2] : NULL);

	/* Work. */
	if (atexit(clean) != 0)
		die(DIE_LATER, "prepare to clean up");
	catch_signals();
	begin(&job);
	add_entries(&job);
	if (job.mistakes) {
		fprintf(stderr, "%s: %u mistakes; %s stays as it was\n",
			job.source, job.mistakes, job.cdb);
		return DIE_SETUP;
	}
	publish(&job);

	/* Leave. */
	printf("%s: %lu entries from %s\n", job.cdb, job.entries, job.source);
	if (fflush(stdout) == EOF)
		die_errno(DIE_LATER, "say what was done");
	return 0;
}

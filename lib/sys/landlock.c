/* SPDX-License-Identifier: ISC */
#include "sys/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pure/span.h"

/* linux/landlock.h, which not every C library comes with. */
enum {
	CREATE = 444, /* the same on all architectures */
	ADD = 445,
	RESTRICT = 446,
	ASK = 1, /* for the version */
	BENEATH = 1,
	EXECUTE = 1 << 0,
	WRITE_FILE = 1 << 1,
	READ_FILE = 1 << 2,
	READ_DIR = 1 << 3,
	REMOVE_DIR = 1 << 4,
	REMOVE_FILE = 1 << 5,
	MAKE_DIR = 1 << 7,
	MAKE_REG = 1 << 8,
	REFER = 1 << 13,
	TRUNCATE = 1 << 14,
	OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE,
	CONNECT_TCP = 1 << 1,
};

struct ruleset {
	uint64_t files;
	uint64_t network;
	uint64_t scope;
};

struct beneath {
	uint64_t files;
	int32_t parent;
} __attribute__((packed));

/* What each version of it has learnt to forbid. */
static const struct ruleset lessons[] = {
	{ .files = 0x1fff }, /* all of 2021 */
	{ .files = REFER },  /* from one directory to another */
	{ .files = TRUNCATE }, { .network = 3 }, /* bind and connect of TCP */
	{ .files = 1 << 15 },                    /* ioctl of devices */
	{ .scope = 3 },                          /* abstract sockets, signals */
};

static const struct {
	unsigned right;
	uint64_t files;
} meanings[] = {
	{LANDLOCK_READ,    READ_FILE | READ_DIR          },
	{ LANDLOCK_WRITE,  WRITE_FILE | TRUNCATE         },
	{ LANDLOCK_MAKE,   MAKE_REG | REMOVE_FILE | REFER},
	{ LANDLOCK_FOLDER, MAKE_DIR | REMOVE_DIR | REFER },
	{ LANDLOCK_EXEC,   EXECUTE | READ_FILE           },
};

int
landlock_version(void)
{
	long version = syscall(CREATE, NULL, (size_t)0, ASK);

	return version > 0 ? (int)version : 0;
}

static struct ruleset
all_of(int version)
{
	struct ruleset all = { 0 };

	for (int i = 0; i < version && i < (int)LEN(lessons); i++) {
		all.files |= lessons[i].files;
		all.network |= lessons[i].network;
		all.scope |= lessons[i].scope;
	}
	return all;
}

static uint64_t
files_of(unsigned rights)
{
	uint64_t files = 0;

	for (size_t i = 0; i < LEN(meanings); i++)
		if (rights & meanings[i].right)
			files |= meanings[i].files;
	return files;
}

/* Returns 0, also for what is not there; -1 with errno. */
static int
add(int set, const struct ruleset *all, const struct landlock_rule *rule)
{
	struct beneath beneath = { files_of(rule->rights) & all->files, -1 };
	struct stat what;
	int result = 0;

	beneath.parent = open(rule->path, O_PATH | O_CLOEXEC);
	if (beneath.parent == -1)
		return errno == ENOENT || errno == ENOTDIR || errno == EACCES
			       ? 0
			       : -1;
	if (fstat(beneath.parent, &what) == 0 && !S_ISDIR(what.st_mode))
		beneath.files &= OF_FILES;
	if (beneath.files)
		result = (int)syscall(ADD, set, BENEATH, &beneath, 0);
	close(beneath.parent);
	return result;
}

static int
restrict_to(
	const struct ruleset *all, const struct landlock_rule *rules, size_t n)
{
	/* older kernels know a shorter form */
	size_t size = all->scope     ? sizeof *all
		      : all->network ? offsetof(struct ruleset, scope)
				     : offsetof(struct ruleset, network);
	int set = (int)syscall(CREATE, all, size, 0);
	int result = set == -1 ? -1 : 0;

	for (size_t i = 0; i < n && result == 0; i++)
		result = add(set, all, &rules[i]);
	if (result == 0)
		result = (int)syscall(RESTRICT, set, 0);
	if (set != -1)
		close(set);
	return result;
}

int
landlock_close(const struct landlock_rule *rules, size_t n, bool connect)
{
	int version = landlock_version();
	struct ruleset all = all_of(version);

	if (version == 0) {
		errno = ENOSYS;
		return -1;
	}
	if (connect)
		all.network &= ~(uint64_t)CONNECT_TCP;
	for (size_t i = 0; i < n; i++)
		if (version == 1 && rules[i].rights & LANDLOCK_MAKE)
			return 0;
	return restrict_to(&all, rules, n);
}

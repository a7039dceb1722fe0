/* SPDX-License-Identifier: ISC */
#include "sys/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
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
	PORT = 2,
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
	BIND_TCP = 1 << 0,
	CONNECT_TCP = 1 << 1,
};

struct ruleset {
	uint64_t files;
	uint64_t network;
	uint64_t scope;
};

struct port {
	uint64_t network;
	uint64_t number;
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
	{LANDLOCK_READ,    READ_FILE                     },
	{ LANDLOCK_WRITE,  WRITE_FILE | TRUNCATE         },
	{ LANDLOCK_MAKE,   MAKE_REG | REMOVE_FILE | REFER},
	{ LANDLOCK_FOLDER, MAKE_DIR | REMOVE_DIR | REFER },
	{ LANDLOCK_EXEC,   EXECUTE | READ_FILE           },
	{ LANDLOCK_LIST,   READ_DIR                      },
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
	int result;

	beneath.parent = openat(AT_FDCWD, rule->path, O_PATH | O_CLOEXEC);
	if (beneath.parent == -1)
		return errno == ENOENT || errno == ENOTDIR || errno == EACCES
			       ? 0
			       : -1;
	result = (int)syscall(ADD, set, BENEATH, &beneath, 0);
	/* a file knows no rights of directories */
	beneath.files &= OF_FILES;
	if (result == -1 && errno == EINVAL && beneath.files)
		result = (int)syscall(ADD, set, BENEATH, &beneath, 0);
	close(beneath.parent);
	return result;
}

/* Port 0: the one that the kernel chooses. */
static int
add_any_port(int set, const struct ruleset *all)
{
	struct port any = { all->network & BIND_TCP, 0 };

	return any.network ? (int)syscall(ADD, set, PORT, &any, 0) : 0;
}

/* Older kernels know a shorter form. */
static size_t
size_of(const struct ruleset *all)
{
	if (all->scope)
		return sizeof *all;
	return all->network ? offsetof(struct ruleset, scope)
			    : offsetof(struct ruleset, network);
}

/* A set of all that this version can forbid. Returns its descriptor, or -1. */
static int
create(struct ruleset *all, int version, bool connect)
{
	*all = all_of(version);
	if (connect)
		all->network &= ~(uint64_t)CONNECT_TCP;
	return (int)syscall(CREATE, all, size_of(all), 0);
}

static bool
makes_files(const struct landlock_rule *rules, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (rules[i].rights & LANDLOCK_MAKE)
			return true;
	return false;
}

int
landlock_close(const struct landlock_rule *rules, size_t n, bool connect)
{
	struct ruleset all;
	int version = LEN(lessons);
	int set = create(&all, version, connect);
	int result = 0;

	if (set == -1) { /* an older kernel, or none */
		version = landlock_version();
		set = version ? create(&all, version, connect) : -1;
	}
	if (set == -1)
		return -1;
	if (connect)
		result = add_any_port(set, &all);
	for (size_t i = 0; i < n && result == 0; i++)
		result = add(set, &all, &rules[i]);
	if (result == 0 && (version > 1 || !makes_files(rules, n)))
		result = (int)syscall(RESTRICT, set, 0);
	close(set);
	return result;
}

/* SPDX-License-Identifier: ISC */
#include "sys/jail.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pure/span.h"

/* --- the table ------------------------------------------------------------ */

/* clang-format off */

/* Octets between two sockets, memory, the time, the end. */
static const int tls_calls[] = {
	SYS_recvfrom, SYS_sendto,
#ifdef SYS_poll
	SYS_poll,
#endif
	SYS_ppoll, SYS_read, SYS_write, SYS_getpid,
	SYS_recvmsg, SYS_shutdown, SYS_setsockopt, SYS_getsockopt,
#ifdef SYS_dup2
	SYS_dup2,
#endif
	SYS_dup3, SYS_close,
	SYS_getrandom, SYS_futex, SYS_clock_gettime, SYS_gettimeofday,
#ifdef SYS_time
	SYS_time,
#endif
	SYS_brk, SYS_munmap, SYS_mremap, SYS_madvise,
	SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_restart_syscall,
	SYS_exit, SYS_exit_group,
};

/* Packets between two sockets, memory, a little sleep, the end. */
static const int auth_calls[] = {
#ifdef SYS_poll
	SYS_poll,
#endif
	SYS_ppoll, SYS_recvmsg, SYS_sendmsg, SYS_sendto, SYS_write, SYS_close,
	SYS_getpid, SYS_getrandom, SYS_futex, SYS_clock_gettime,
	SYS_gettimeofday, SYS_nanosleep, SYS_clock_nanosleep,
#ifdef SYS_time
	SYS_time,
#endif
	SYS_brk, SYS_munmap, SYS_mremap, SYS_madvise,
	SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_restart_syscall,
	SYS_exit, SYS_exit_group,
};

/* syslog(3) connects again when its socket has gone: it fails without harm. */
static const int tls_denied[] = { SYS_socket, SYS_connect };

static const struct row {
	const char *program;
	const int *calls;      /* allowed, those that are made most first */
	size_t calls_n;
	const int *denied;     /* fail with EPERM */
	size_t denied_n;
	rlim_t descriptors;
	rlim_t memory;         /* octets beyond what there is */
} rows[JAIL_COUNT] = {
	[JAIL_TLS] = { "postern-tls",
		tls_calls, LEN(tls_calls), tls_denied, LEN(tls_denied),
		8, 32 << 20 },
	[JAIL_AUTH] = { "postern-auth",
		auth_calls, LEN(auth_calls), tls_denied, LEN(tls_denied),
		8, 64 << 20 },
};
/* clang-format on */

/* --- limits --------------------------------------------------------------- */

/* Octets of data this process has, which RLIMIT_DATA counts; 0: not known. */
static rlim_t
data_now(void)
{
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	char text[128];
	ssize_t n = fd == -1 ? -1 : read(fd, text, sizeof text);
	struct span rest = { text, n > 0 ? (size_t)n : 0 };
	uint64_t pages = 0;

	if (fd != -1)
		close(fd);
	/* size resident shared text lib data */
	for (int i = 0; i < 5; i++)
		rest = span_from(rest, span_find(rest, ' ') + 1);
	if (span_number(span_head(rest, span_find(rest, ' ')), &pages))
		return 0;
	return (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

static struct rlimit
just(rlim_t n)
{
	return (struct rlimit){ n, n };
}

static void
set_limits(const struct row *row)
{
	const struct rlimit none = just(0);
	const struct rlimit descriptors = just(row->descriptors);
	const struct rlimit data = just(data_now() + row->memory);
	struct stat log;

	(void)setrlimit(RLIMIT_CORE, &none);
	(void)setrlimit(RLIMIT_NOFILE, &descriptors);
	/* the log may be a file */
	if (fstat(STDERR_FILENO, &log) == 0 && !S_ISREG(log.st_mode))
		(void)setrlimit(RLIMIT_FSIZE, &none);
#ifdef __SANITIZE_ADDRESS__
	(void)data;
#else
	if (data.rlim_cur > row->memory)
		(void)setrlimit(RLIMIT_DATA, &data);
#endif
}

/* --- Landlock (landlock(7)) ----------------------------------------------- */

enum {
	LANDLOCK_CREATE = 444, /* the same on all architectures */
	LANDLOCK_RESTRICT = 446,
	LANDLOCK_ASK = 1, /* for the version */
};

struct landlock {
	uint64_t files;
	uint64_t network;
	uint64_t scope;
};

/* What each version of it has learnt to forbid. */
static const struct landlock lessons[] = {
	{ .files = 0x1fff },  /* all of 2021 */
	{ .files = 1 << 13 }, /* refer */
	{ .files = 1 << 14 }, /* truncate */
	{ .network = 3 },     /* bind and connect of TCP */
	{ .files = 1 << 15 }, /* ioctl of devices */
	{ .scope = 3 },       /* abstract sockets, signals */
};

static long
landlock_version(void)
{
	return syscall(LANDLOCK_CREATE, NULL, (size_t)0, LANDLOCK_ASK);
}

bool
jail_landlock(void)
{
	return landlock_version() > 0;
}

/* A set of rules that forbids everything and allows nothing. */
static void
close_files(void)
{
	struct landlock all = { 0 };
	long version = landlock_version();
	long fd;

	for (long i = 0; i < version && i < (long)LEN(lessons); i++) {
		all.files |= lessons[i].files;
		all.network |= lessons[i].network;
		all.scope |= lessons[i].scope;
	}
	fd = version > 0 ? syscall(LANDLOCK_CREATE, &all, sizeof all, 0) : -1;
	if (fd == -1)
		return;
	(void)syscall(LANDLOCK_RESTRICT, fd, 0);
	close((int)fd);
}

/* --- seccomp (seccomp(2)) ------------------------------------------------- */

#ifdef __SANITIZE_ADDRESS__

/* The sanitizers make calls of their own. */
static int
filter_calls(const struct row *row)
{
	(void)row;
	return 0;
}

#else

#if defined(__x86_64__)
#define ARCHITECTURE 0xc000003eU
#elif defined(__aarch64__)
#define ARCHITECTURE 0xc00000b7U
#endif

/* linux/filter.h and linux/seccomp.h, which not every C library comes with. */
struct instruction {
	uint16_t code;
	uint8_t then;
	uint8_t otherwise;
	uint32_t k;
};

struct filter {
	unsigned short n;
	struct instruction *code;
};

enum {
	LOAD = 0x20,
	EQUALS = 0x15,
	HAS_BITS = 0x45,
	RETURN = 0x06,
	AT_NUMBER = 0, /* struct seccomp_data */
	AT_ARCHITECTURE = 4,
	AT_THIRD = 32, /* the lower half, on a little-endian machine */
	MODE_FILTER = 2,
	FILTER_MAX = 160,
};

#define KILL  0x80000000U
#define ALLOW 0x7fff0000U
#define DENY  (0x00050000U | EPERM)

static struct instruction code[FILTER_MAX];
static unsigned short code_n;

static void
put(uint16_t what, uint32_t k, uint8_t then, uint8_t otherwise)
{
	if (code_n < FILTER_MAX)
		code[code_n++] =
			(struct instruction){ what, then, otherwise, k };
}

static void
put_calls(const int *calls, size_t n, uint32_t verdict)
{
	for (size_t i = 0; i < n; i++) {
		put(EQUALS, (uint32_t)calls[i], 0, 1);
		put(RETURN, verdict, 0, 0);
	}
}

/* Memory may be had, but none to run code in. */
static void
put_memory(uint32_t call)
{
	put(EQUALS, call, 0, 4);
	put(LOAD, AT_THIRD, 0, 0);
	put(HAS_BITS, PROT_EXEC, 1, 0);
	put(RETURN, ALLOW, 0, 0);
	put(RETURN, KILL, 0, 0);
}

static int
filter_calls(const struct row *row)
{
#ifdef ARCHITECTURE
	struct filter filter = { .code = code };

	code_n = 0;
	put(LOAD, AT_ARCHITECTURE, 0, 0);
	put(EQUALS, ARCHITECTURE, 1, 0);
	put(RETURN, KILL, 0, 0);
	put(LOAD, AT_NUMBER, 0, 0);
	put_calls(row->calls, row->calls_n, ALLOW);
	put_calls(row->denied, row->denied_n, DENY);
	put_memory(SYS_mmap);
	put_memory(SYS_mprotect);
	put(RETURN, KILL, 0, 0);
	if (code_n == FILTER_MAX) {
		errno = E2BIG;
		return -1;
	}
	filter.n = code_n;
	return prctl(PR_SET_SECCOMP, MODE_FILTER, &filter, 0, 0);
#else
	(void)row;
	errno = ENOSYS;
	return -1;
#endif
}

#endif

int
jail_close(enum jail jail)
{
	const struct row *row = &rows[jail];

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
		prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == -1)
		return -1;
	set_limits(row);
	close_files();
	return filter_calls(row);
}

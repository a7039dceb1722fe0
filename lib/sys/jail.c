/* SPDX-License-Identifier: ISC */
#include "sys/jail.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pure/buf.h"
#include "sys/home.h"
#include "sys/log.h"
#include "sys/places.h"
#include "sys/seccomp.h"

/* Calls that newer machines know only in another form. */
#ifndef SYS_open
#define SYS_open     (-1)
#define SYS_stat     (-1)
#define SYS_poll     (-1)
#define SYS_dup2     (-1)
#define SYS_link     (-1)
#define SYS_unlink   (-1)
#define SYS_mkdir    (-1)
#define SYS_readlink (-1)
#define SYS_access   (-1)
#define SYS_vfork    (-1)
#endif
#ifndef SYS_time
#define SYS_time (-1)
#endif
#ifndef SYS_modify_ldt
#define SYS_modify_ldt (-1)
#define SYS_iopl       (-1)
#define SYS_ioperm     (-1)
#endif
/* ... or that older headers do not know: the same on all architectures. */
#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438
#endif
#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif

/* --- the table ------------------------------------------------------------ */

/* clang-format off */

#define ROWS(type, ...)                                                        \
	(const type[]){ __VA_ARGS__ },                                         \
		sizeof((const type[]){ __VA_ARGS__ }) / sizeof(type)
#define CALLS(...)  ROWS(int, __VA_ARGS__)
#define PLACES(...) ROWS(struct jail_place, __VA_ARGS__)
#define NOTHING     NULL, 0

#define READ   LANDLOCK_READ
#define WRITE  LANDLOCK_WRITE
#define MAKE   LANDLOCK_MAKE
#define FOLDER LANDLOCK_FOLDER
#define LIST   LANDLOCK_LIST
#define EXEC   LANDLOCK_EXEC

#define MIB ((size_t)1 << 20)

/* What nobody needs who takes or delivers mail. */
#define BARRED                                                                 \
	SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_kcmp,     \
	SYS_pidfd_getfd, SYS_bpf, SYS_perf_event_open, SYS_userfaultfd,        \
	SYS_add_key, SYS_request_key, SYS_keyctl, SYS_unshare, SYS_setns,      \
	SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_open_tree,     \
	SYS_move_mount, SYS_fsopen, SYS_fsconfig, SYS_fsmount, SYS_fspick,     \
	SYS_mount_setattr, SYS_open_by_handle_at, SYS_name_to_handle_at,       \
	SYS_fanotify_init, SYS_quotactl, SYS_swapon, SYS_swapoff, SYS_acct,    \
	SYS_io_uring_setup, SYS_io_uring_enter, SYS_io_uring_register,         \
	SYS_vmsplice, SYS_init_module, SYS_finit_module, SYS_delete_module,    \
	SYS_kexec_load, SYS_kexec_file_load, SYS_reboot, SYS_settimeofday,     \
	SYS_clock_settime, SYS_clock_adjtime, SYS_adjtimex, SYS_sethostname,   \
	SYS_setdomainname, SYS_syslog, SYS_personality, SYS_modify_ldt,        \
	SYS_iopl, SYS_ioperm

/* Of whoever starts rewrite and queue, and of the two. Landlock knows
 * truncate(2) since Linux 6.2 only. */
#define BEFORE_QUEUE                                                           \
	PLACES({ "program/queue", EXEC }, { "program/rewrite", EXEC },         \
		{ "control", READ | LIST }, { "links", READ | LIST },          \
		{ "queue/tmp", READ | WRITE | MAKE },                          \
		{ "queue/new", LIST | MAKE }, { "/dev/null", READ | WRITE })

/* Every program: memory, the time, chance, its log, the end. Memory may be
 * had, but none to run code in: SYS_mmap and SYS_mprotect, looked at closely,
 * come along. */
static const int common[] = {
	SYS_brk, SYS_munmap, SYS_mremap, SYS_madvise,
	SYS_clock_gettime, SYS_gettimeofday, SYS_time, SYS_getrandom,
	SYS_write, SYS_sendto, SYS_close, SYS_getpid, SYS_futex,
	SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_restart_syscall,
	SYS_exit, SYS_exit_group,
};
static const int memory[] = { SYS_mmap, SYS_mprotect };

static const struct jail_row rows[JAIL_COUNT] = {
	/* A file made in tmp/ and named in new/; nothing that was there is
	 * opened. */
	[JAIL_QUEUE] = { "postern-queue",
		CALLS(SYS_read, SYS_poll, SYS_ppoll, SYS_umask, SYS_chdir,
			SYS_open, SYS_openat, SYS_fstatfs, SYS_pwrite64,
			SYS_linkat, SYS_link, SYS_renameat2, SYS_unlink,
			SYS_unlinkat, SYS_fsync, SYS_syncfs, SYS_readlink,
			SYS_readlinkat, SYS_rt_sigaction),
		CALLS(SYS_socket, SYS_connect),
		PLACES({ "queue/tmp", READ | WRITE | MAKE },
			{ "queue/new", LIST | MAKE }),
		.writes = true },

	/* The same, of messages that are handed over, and what control/ says
	 * of each. */
	[JAIL_QUEUE_SERVICE] = { "postern-queue-service",
		CALLS(SYS_read, SYS_poll, SYS_ppoll, SYS_umask, SYS_chdir,
			SYS_open, SYS_openat, SYS_fstatfs, SYS_pwrite64,
			SYS_linkat, SYS_link, SYS_renameat2, SYS_unlink,
			SYS_unlinkat, SYS_fsync, SYS_syncfs, SYS_readlink,
			SYS_readlinkat, SYS_rt_sigaction,
			SYS_accept4, SYS_recvmsg, SYS_getdents64, SYS_fstat,
			SYS_fcntl),
		CALLS(SYS_socket, SYS_connect),
		PLACES({ "control", READ | LIST },
			{ "links", READ | LIST },
			{ "queue/tmp", READ | WRITE | MAKE },
			{ "queue/new", LIST | MAKE }),
		.writes = true },

	/* The next program runs already: text from one pipe to the other. */
	[JAIL_REWRITE] = { "postern-rewrite",
		CALLS(SYS_read, SYS_poll, SYS_ppoll, SYS_pread64, SYS_lseek,
			SYS_wait4),
		CALLS(SYS_socket, SYS_connect),
		NOTHING, .connects = false },

	/* Octets between two sockets. syslog(3) connects again when its
	 * socket has gone: it fails without harm. */
	[JAIL_TLS] = { "postern-tls",
		CALLS(SYS_recvfrom, SYS_poll, SYS_ppoll, SYS_read,
			SYS_shutdown, SYS_setsockopt),
		CALLS(SYS_socket, SYS_connect),
		NOTHING,
		.descriptors = 8, .memory = 32 * MIB },

	/* Packets between two sockets, a little sleep. */
	[JAIL_AUTH] = { "postern-auth",
		CALLS(SYS_poll, SYS_ppoll, SYS_recvmsg, SYS_sendmsg,
			SYS_nanosleep, SYS_clock_nanosleep),
		CALLS(SYS_socket, SYS_connect),
		NOTHING,
		.descriptors = 8, .memory = 64 * MIB },

	/* The client, the services, what control/ says of each address. A
	 * service that has gone since the session began would be started by
	 * hand: that is refused, and the client comes again. */
	[JAIL_SMTPD] = { "postern-smtpd",
		CALLS(SYS_read, SYS_recvfrom, SYS_poll, SYS_ppoll, SYS_ioctl,
			SYS_shutdown, SYS_socket, SYS_connect, SYS_setsockopt,
			SYS_sendmsg, SYS_recvmsg, SYS_pipe2, SYS_dup2, SYS_dup3,
			SYS_openat, SYS_open, SYS_fstat, SYS_newfstatat,
			SYS_statfs),
		CALLS(SYS_socketpair, SYS_vfork, SYS_clone, SYS_execve,
			SYS_readlink, SYS_readlinkat, SYS_access,
			SYS_faccessat, SYS_faccessat2),
		PLACES({ "control", READ | LIST }),
		.descriptors = 32 },

	/* The same from the copy on (sys/template.h), which makes no more. */
	[JAIL_SMTPD_COPIED] = { "postern-smtpd-copied",
		CALLS(SYS_read, SYS_recvfrom, SYS_poll, SYS_ppoll, SYS_ioctl,
			SYS_shutdown, SYS_socket, SYS_connect, SYS_setsockopt,
			SYS_sendmsg, SYS_recvmsg, SYS_pipe2, SYS_dup2, SYS_dup3,
			SYS_openat, SYS_open, SYS_fstat, SYS_newfstatat,
			SYS_statfs,
			SYS_clone, SYS_prlimit64, SYS_close_range, SYS_fcntl,
			SYS_getsockname, SYS_getpeername, SYS_getsockopt,
			SYS_getdents64, SYS_rt_sigaction, SYS_stat),
		CALLS(SYS_socketpair, SYS_vfork, SYS_execve,
			SYS_readlink, SYS_readlinkat, SYS_access,
			SYS_faccessat, SYS_faccessat2),
		PLACES({ "control", READ | LIST }),
		.descriptors = 32 },

	/* What control/ says, and the Maildirs that it names; with
	 * mailboxes.cdb, which may name any, all directories. Nothing is
	 * sent, nothing started. */
	[JAIL_LOCAL] = { "postern-local",
		CALLS(SYS_read, SYS_recvmsg, SYS_sendmsg,
			SYS_open, SYS_openat, SYS_fstat, SYS_newfstatat,
			SYS_pread64, SYS_getdents64, SYS_fcntl,
			SYS_geteuid, SYS_uname, SYS_fsync,
			SYS_renameat2, SYS_renameat, SYS_linkat, SYS_unlinkat,
			SYS_mkdir, SYS_mkdirat),
		CALLS(SYS_socket, SYS_connect),
		PLACES({ "control", READ | LIST },
			{ "links", READ | LIST },
			{ "named", READ | WRITE | MAKE | FOLDER | LIST }),
		.writes = true },

	/* Hosts, name servers, LMTP on this machine; authorities, and the
	 * directories of what control/authremote and tlscafile name. */
	[JAIL_REMOTE] = { "postern-remote",
		CALLS(SYS_read, SYS_recvfrom, SYS_recvmsg, SYS_sendmsg,
			SYS_poll, SYS_ppoll, SYS_socket, SYS_bind, SYS_connect,
			SYS_getsockname, SYS_getsockopt, SYS_setsockopt,
			SYS_fcntl, SYS_pread64, SYS_lseek, SYS_open, SYS_openat,
			SYS_fstat, SYS_newfstatat, SYS_stat, SYS_getdents64,
			SYS_sysinfo),
		CALLS(SYS_readlink, SYS_readlinkat),
		PLACES({ "named", READ | LIST }),
		.connects = true,
		.descriptors = 64, .memory = 64 * MIB },

	/* The message, kept in a file without a name; the service that takes
	 * it, again when there are many recipients; syslog(3). Whoever calls it
	 * may be in a unit whose own list ends a process that asks for
	 * Landlock: no call opens anything that is there. */
	[JAIL_SENDMAIL] = { "postern-sendmail",
		CALLS(SYS_read, SYS_recvfrom, SYS_poll, SYS_ppoll, SYS_ioctl,
			SYS_writev, SYS_pread64, SYS_pwrite64, SYS_sendfile,
			SYS_memfd_create, SYS_openat, SYS_socket, SYS_connect,
			SYS_setsockopt, SYS_getuid, SYS_geteuid, SYS_uname),
		CALLS(SYS_open, SYS_socketpair, SYS_fstat, SYS_newfstatat),
		NOTHING,
		.writes = true, .anywhere = true, .unnamed = true },

	/* Its workers, its reports and their filters need files, networks and
	 * calls of their own, and are in what it is in: this takes away what
	 * nobody who delivers mail needs. */
	[JAIL_SEND] = { "postern-send", NOTHING, CALLS(BARRED), NOTHING,
		.connects = true, .writes = true, .starts = true,
		.anywhere = true },

	/* The same, around sessions of smtpd. */
	[JAIL_LISTEN] = { "postern-listen", NOTHING, CALLS(BARRED), NOTHING,
		.connects = true, .writes = true, .starts = true,
		.anywhere = true },

	/* And around the verbs of an admin, and what sendmail starts. */
	[JAIL_POSTERN] = { "postern", NOTHING, CALLS(BARRED), NOTHING,
		.connects = true, .writes = true, .starts = true,
		.anywhere = true },

	/* A message goes to rewrite and queue: no other program, what those
	 * read and make, no network. */
	[JAIL_SMTPD_QUEUE] = { "postern-smtpd-queue", NOTHING,
		CALLS(BARRED, SYS_truncate), BEFORE_QUEUE,
		.writes = true, .starts = true },

	/* Keys, logins and what filters need may lie anywhere. */
	[JAIL_SMTPD_OTHERS] = { "postern-smtpd-others", NOTHING, CALLS(BARRED),
		NOTHING, .connects = true, .writes = true, .starts = true,
		.anywhere = true },

	/* A report goes the same way, or to the service of queue. */
	[JAIL_BOUNCE] = { "postern-bounce", NOTHING,
		CALLS(BARRED, SYS_truncate), BEFORE_QUEUE,
		.writes = true, .starts = true },
};
/* clang-format on */

const struct jail_row *
jail_row(enum jail jail)
{
	return &rows[jail];
}

static size_t
add_calls(int calls[JAIL_CALLS], size_t n, const int *more, size_t more_n)
{
	for (size_t i = 0; i < more_n && n < JAIL_CALLS; i++)
		calls[n++] = more[i];
	return n;
}

size_t
jail_calls(enum jail jail, int calls[JAIL_CALLS])
{
	size_t n;

	if (rows[jail].starts)
		return 0; /* no list of what is allowed */
	n = add_calls(calls, 0, common, LEN(common));
	n = add_calls(calls, n, memory, LEN(memory));
	return add_calls(calls, n, rows[jail].calls, rows[jail].calls_n);
}

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

/* The sanitizers need memory of their own. */
static void
limit_memory(size_t more)
{
#ifndef __SANITIZE_ADDRESS__
	rlim_t now = more ? data_now() : 0;
	const struct rlimit data = just(now + more);

	if (now)
		(void)setrlimit(RLIMIT_DATA, &data);
#else
	(void)more;
	(void)data_now;
#endif
}

static void
set_limits(const struct jail_row *row)
{
	const struct rlimit descriptors = just(row->descriptors);
	const struct rlimit none = just(0);
	struct stat log;

	if (row->descriptors)
		(void)setrlimit(RLIMIT_NOFILE, &descriptors);
	/* the log may be a file */
	if (!row->writes && fstat(STDERR_FILENO, &log) == 0 &&
		!S_ISREG(log.st_mode))
		(void)setrlimit(RLIMIT_FSIZE, &none);
	limit_memory(row->memory);
}

/* --- files ---------------------------------------------------------------- */

enum { RULES_MAX = 32, PATHS_MAX = 6 };

struct rules {
	struct landlock_rule few[RULES_MAX];
	struct landlock_rule *rule;
	size_t max;
	size_t n;
	size_t paths; /* of path, used */
	char path[PATHS_MAX][LIMIT_PATH];
	struct places links; /* of control/ */
};

static void
add_rule(struct rules *r, const char *path, unsigned rights)
{
	if (path && r->n < r->max)
		r->rule[r->n++] = (struct landlock_rule){ path, rights };
}

/* Where a place is that has its name from somewhere else. */
static const char *
place_path(struct rules *r, const char *place)
{
	struct span text = span_of(place);
	struct span beneath = span_from(text, span_find(text, '/'));
	char *path = r->path[r->paths];
	struct buf out;

	if (r->paths == LEN(r->path))
		return NULL;
	if (*place == 'p')
		return home_program(path, beneath.p + 1) ? r->path[r->paths++]
							 : NULL;
	if (!(*place == 'q' ? home_queue(path) : home_control(path)))
		return NULL;
	out = (struct buf){ path, LIMIT_PATH, strlen(path), false };
	buf_span(&out, beneath);
	r->paths++;
	return buf_cstr(&out);
}

/* Adds the directories that links in control/ lead to. */
static void
add_links(struct rules *r, unsigned rights)
{
	char control[LIMIT_PATH];

	if (home_control(control))
		places_add_links(&r->links, control);
	for (size_t i = 0; i < r->links.n; i++)
		add_rule(r, r->links.path[i], rights);
}

/* Room for the rules: of what has none, nothing is allowed. */
static void
begin_rules(struct rules *r, const char *const named[])
{
	size_t more = 0;

	while (named && named[more])
		more++;
	r->n = 0;
	r->paths = 0;
	r->max = RULES_MAX;
	r->rule = more ? calloc(RULES_MAX + more, sizeof *r->rule) : NULL;
	if (r->rule)
		r->max += more;
	else
		r->rule = r->few;
}

/* Returns 0, or -1 with errno. */
static int
close_files(const struct jail_row *row, const char *const named[])
{
	static struct rules rules;
	int result;
	int error;

	begin_rules(&rules, named);
#ifdef __SANITIZE_ADDRESS__
	if (row->starts) /* programs with libraries */
		add_rule(&rules, "/", READ | EXEC | LIST);
	add_rule(&rules, "/proc", READ | LIST); /* at the end, for leaks */
#endif
	for (size_t i = 0; i < row->places_n; i++) {
		const struct jail_place *place = &row->places[i];

		if (*place->path == 'l')
			add_links(&rules, place->rights);
		else if (*place->path == '/')
			add_rule(&rules, place->path, place->rights);
		else if (*place->path != 'n')
			add_rule(&rules, place_path(&rules, place->path),
				place->rights);
		else
			for (size_t k = 0; named && named[k]; k++)
				add_rule(&rules, named[k], place->rights);
	}
	result = landlock_close(rules.rule, rules.n, row->connects);
	error = errno;
	if (rules.rule != rules.few)
		free(rules.rule);
	places_free(&rules.links);
	errno = error;
	return result;
}

/* --- calls ---------------------------------------------------------------- */

static size_t
list_calls(struct seccomp_call *list, size_t n, const int *calls,
	size_t calls_n, enum seccomp_verdict verdict)
{
	for (size_t i = 0; i < calls_n && n < SECCOMP_CALLS; i++)
		list[n++] = (struct seccomp_call){ calls[i], verdict };
	return n;
}

/* Of these the arguments count, too. */
static const struct seccomp_call closely[] = {
	{SYS_ioctl,      SECCOMP_COUNT},
	{ SYS_prlimit64, SECCOMP_SELF },
	{ SYS_clone,     SECCOMP_COPY },
};

static enum seccomp_verdict
looked_at(const struct jail_row *row, const struct seccomp_call *call)
{
	if (call->number == SYS_openat && row->unnamed)
		return SECCOMP_NEW;
	if (call->number == SYS_socket)
		return row->connects ? SECCOMP_HOSTS : SECCOMP_LOCAL;
	if (call->verdict != SECCOMP_ALLOW)
		return call->verdict;
	for (size_t i = 0; i < LEN(closely); i++)
		if (closely[i].number == call->number)
			return closely[i].verdict;
	return SECCOMP_ALLOW;
}

static int
filter_calls(const struct jail_row *row)
{
	static struct seccomp_call list[SECCOMP_CALLS];
	size_t n = 0;

	if (row->starts) {
		n = list_calls(
			list, n, row->denied, row->denied_n, SECCOMP_DENY);
		if (!row->connects)
			list[n++] = (struct seccomp_call){ SYS_socket,
				SECCOMP_LOCAL };
		return seccomp_close(list, n, SECCOMP_ALLOW);
	}
	n = list_calls(list, n, common, LEN(common), SECCOMP_ALLOW);
	n = list_calls(list, n, memory, LEN(memory), SECCOMP_MEMORY);
	n = list_calls(list, n, row->calls, row->calls_n, SECCOMP_ALLOW);
	for (size_t i = 0; i < n; i++)
		list[i].verdict = looked_at(row, &list[i]);
	n = list_calls(list, n, row->denied, row->denied_n, SECCOMP_DENY);
	return seccomp_close(list, n, SECCOMP_KILL);
}

void
jail_alone(void)
{
	const struct rlimit none = just(0);

	(void)setrlimit(RLIMIT_NPROC, &none);
}

/* --- what the kernel lacks ------------------------------------------------ */

enum lack { NO_CALLS, NO_FILES };

static const struct {
	enum log_level level;
	const char *what;
	const char *remedy;
} lacks[] = {
	[NO_CALLS] = {LOG_LEVEL_ERROR,    "system calls are not filtered: ",
		      "; that takes a kernel with CONFIG_SECCOMP_FILTER, on x86-64 "
		"or arm64"                      },
	[NO_FILES] = { LOG_LEVEL_WARNING, "files are not closed by Landlock: ",
		      "; that takes Linux 5.19 or later with landlock in lsm=, and a "
		"container that lets it through"},
};

/* A bit for each that was said: who is started from here says it no more. */
#define SAID "POSTERN_NO_JAIL"

static unsigned
said(void)
{
	const char *digit = getenv(SAID);

	return digit && *digit >= '0' ? (unsigned)(*digit - '0') : 0;
}

static void
say(enum lack lack, int error)
{
	char text[256];
	struct buf reason = BUF(text);
	unsigned all = said() | 1U << lack;
	const char digit[] = { (char)('0' + all), '\0' };

	if (all == said())
		return;
	buf_str(&reason, lacks[lack].what);
	buf_str(&reason, strerror(error));
	buf_str(&reason, lacks[lack].remedy);
	log_reason(lacks[lack].level, "no-jail", buf_cstr(&reason));
	(void)setenv(SAID, digit, 1);
}

void
jail_look(void)
{
	if (seccomp_check() == -1)
		say(NO_CALLS, errno);
	if (landlock_version() == 0)
		say(NO_FILES, errno);
}

/* --- all of it ------------------------------------------------------------ */

static int
close_jail(const struct jail_row *row, const char *const named[], int *files)
{
	*files = 0;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
		prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == -1)
		return -1;
	log_ready();
	set_limits(row);
	if (!row->anywhere && close_files(row, named) == -1)
		*files = errno;
	return filter_calls(row);
}

int
jail_close(enum jail jail, const char *const named[])
{
	int files;

	return close_jail(&rows[jail], named, &files);
}

void
jail_close_or_say(enum jail jail, const char *const named[])
{
	int files;

	if (close_jail(&rows[jail], named, &files) == -1)
		say(NO_CALLS, errno);
	if (files)
		say(NO_FILES, files);
}

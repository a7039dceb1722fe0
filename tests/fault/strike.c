/* SPDX-License-Identifier: ISC
 *
 * strike: run a command, and at one system call of one program in it do what
 * the machine might do.
 *
 *   strike [-o RECORD] [-p PROGRAM] [-k K] [-n NAME,...] [-f FAULT] COMMAND...
 *
 *   -p PROGRAM  the program's file name; all its processes count as one, and
 *               the children it makes until their exec. Without: the command's.
 *   -k K        its K-th call, from 1 on; 0: every one (the default)
 *   -n NAMES    only where the call has one of these names
 *   -f FAULT    kill: SIGKILL in front of the call
 *               errno=N: the call is not made and fails with N
 *               lie: the call is not made and returns 0
 *               short: it reads or writes one octet
 *
 * RECORD gets a line for each call of the program, when it returns:
 *
 *   PID K NAME RESULT ARG0 ARG1 ARG2 PATH PATH MARK
 *
 * RESULT is ? where it did not return; a missing PATH is -; MARK is the fault,
 * or -. A process that ends leaves: PID end PROGRAM STATUS (of wait).
 * Exit: the command's code, or 128 and its signal; 77 where this cannot be
 * done.
 *
 * strace can do most of it, but not by program in a tree of processes, not a
 * short write that writes, and not past a system call filter: a call that is
 * not made becomes close(-1), which every filter lets through. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef __x86_64__

int
main(void)
{
	fputs("strike: knows the registers of x86-64 only\n", stderr);
	return 77;
}

#else

#include <linux/ptrace.h>

#define LEN(a) (sizeof(a) / sizeof *(a))

enum { PROCESSES = 256, PATHS = 2, PATH_MOST = 255 };

enum fault { NONE, KILL, ERRNO, LIE, SHORT };

/* How the record says it. */
static const char *const marks[] = { "-", "kill", "errno", "lie", "short" };

struct process {
	pid_t pid; /* 0: a free place */
	char program[32];
	bool counted; /* it is the program we want */
	bool inside;  /* of a system call */
	unsigned long k;
	struct user_regs_struct regs; /* as they were at its entry */
	enum fault mark;
	char path[PATHS][PATH_MOST + 1];
};

static struct process processes[PROCESSES];
static const char *target;
static const char *names;
static unsigned long strike_at;
static enum fault fault;
static long error;
static unsigned long count;
static FILE *record;

static const struct {
	long number;
	const char *name;
} calls[] = {
#include "callnames.h"
};

/* Which arguments are paths, of calls that make and move names. */
static const struct {
	long number;
	int path[PATHS];
} with_paths[] = {
	{SYS_openat,     { 1, -1 }},
	{ SYS_open,      { 0, -1 }},
	{ SYS_linkat,    { 1, 3 } },
	{ SYS_link,      { 0, 1 } },
	{ SYS_rename,    { 0, 1 } },
	{ SYS_renameat,  { 1, 3 } },
	{ SYS_renameat2, { 1, 3 } },
	{ SYS_unlink,    { 0, -1 }},
	{ SYS_unlinkat,  { 1, -1 }},
	{ SYS_mkdir,     { 0, -1 }},
	{ SYS_mkdirat,   { 1, -1 }},
	{ SYS_execve,    { 0, -1 }},
};

/* What may be short: its third argument says how much is wanted. */
static const long may_be_short[] = { SYS_read, SYS_write, SYS_pread64,
	SYS_pwrite64 };

static const char *
name_of(long number)
{
	for (size_t i = 0; i < LEN(calls); i++)
		if (calls[i].number == number)
			return calls[i].name;
	return "?";
}

static void
fail(const char *what)
{
	fprintf(stderr, "strike: %s: %s\n", what, strerror(errno));
	exit(77);
}

/* --- processes --- */

/* The file name of the program that the process runs. */
static void
look_at_program(struct process *p)
{
	char link[64];
	char path[4096];
	const char *name;
	ssize_t n;

	snprintf(link, sizeof link, "/proc/%d/exe", (int)p->pid);
	n = readlink(link, path, sizeof path - 1);
	path[n > 0 ? n : 0] = '\0';
	name = strrchr(path, '/');
	snprintf(p->program, sizeof p->program, "%.31s", name ? name + 1 : "?");
	p->counted = strcmp(p->program, target) == 0;
}

static struct process *
find(pid_t pid)
{
	struct process *free_place = NULL;

	for (size_t i = 0; i < PROCESSES; i++) {
		if (processes[i].pid == pid)
			return &processes[i];
		if (!processes[i].pid && !free_place)
			free_place = &processes[i];
	}
	errno = ENOSPC;
	if (!free_place)
		fail("follow so many processes");
	*free_place = (struct process){ .pid = pid };
	look_at_program(free_place);
	return free_place;
}

/* --- the record --- */

static unsigned long long
argument(const struct process *p, int n)
{
	const struct user_regs_struct *r = &p->regs;
	const unsigned long long all[] = { r->rdi, r->rsi, r->rdx, r->r10 };

	return all[n];
}

/* A path as one word. */
static void
read_path(struct process *p, int which, int n)
{
	char *to = p->path[which];
	struct iovec here = { to, PATH_MOST };
	struct iovec there = { (void *)(uintptr_t)argument(p, n), PATH_MOST };
	ssize_t got;

	/* the page behind it may not be there */
	for (got = -1; got == -1 && there.iov_len; there.iov_len /= 2)
		got = process_vm_readv(p->pid, &here, 1, &there, 1, 0);
	to[got > 0 ? got : 0] = '\0';
	for (char *at = to; *at; at++)
		if (*at <= ' ' || *at > '~')
			*at = '?';
}

static void
read_paths(struct process *p)
{
	p->path[0][0] = p->path[1][0] = '\0';
	for (size_t i = 0; i < LEN(with_paths); i++)
		if (with_paths[i].number == (long)p->regs.orig_rax)
			for (int n = 0; n < PATHS; n++)
				if (with_paths[i].path[n] >= 0)
					read_path(p, n, with_paths[i].path[n]);
}

static void
write_call(const struct process *p, const char *result)
{
	if (!record)
		return;
	fprintf(record, "%d %lu %s %s %lld %lld %lld %s %s %s\n", (int)p->pid,
		p->k, name_of((long)p->regs.orig_rax), result,
		(long long)argument(p, 0), (long long)argument(p, 1),
		(long long)argument(p, 2), p->path[0][0] ? p->path[0] : "-",
		p->path[1][0] ? p->path[1] : "-", marks[p->mark]);
}

static void
write_end(struct process *p, int status)
{
	if (p->counted && p->inside)
		write_call(p, "?");
	if (record)
		fprintf(record, "%d end %s %d\n", (int)p->pid, p->program,
			status);
	p->pid = 0;
}

/* --- the fault --- */

static bool
is_named(const char *name)
{
	size_t n = strlen(name);

	if (!names)
		return true;
	for (const char *at = names; at; at = strchr(at, ',')) {
		at += *at == ',';
		if (strncmp(at, name, n) == 0 && (!at[n] || at[n] == ','))
			return true;
	}
	return false;
}

static bool
can_be_short(const struct process *p)
{
	for (size_t i = 0; i < LEN(may_be_short); i++)
		if (may_be_short[i] == (long)p->regs.orig_rax)
			return p->regs.rdx > 1;
	return false;
}

static bool
is_struck(const struct process *p)
{
	if (fault == NONE || (strike_at && p->k != strike_at))
		return false;
	if (fault == SHORT && !can_be_short(p))
		return false;
	return is_named(name_of((long)p->regs.orig_rax));
}

static void
set_registers(const struct process *p, const struct user_regs_struct *regs)
{
	if (ptrace(PTRACE_SETREGS, p->pid, 0, regs) == -1 && errno != ESRCH)
		fail("set registers");
}

static void
strike(struct process *p)
{
	struct user_regs_struct regs = p->regs;

	p->mark = fault;
	if (fault == KILL) {
		kill(p->pid, SIGKILL);
	} else if (fault == SHORT) {
		regs.rdx = 1;
		set_registers(p, &regs);
	} else {
		regs.orig_rax = SYS_close;
		regs.rdi = (unsigned long long)-1;
		set_registers(p, &regs);
	}
}

/* The call has returned: its arguments are what they were, its result is what
 * we say. */
static long
mend(struct process *p, struct user_regs_struct now)
{
	now.orig_rax = p->regs.orig_rax;
	now.rdi = p->regs.rdi;
	now.rdx = p->regs.rdx;
	if (p->mark != SHORT)
		now.rax = (unsigned long long)(p->mark == ERRNO ? -error : 0);
	set_registers(p, &now);
	return (long)now.rax;
}

/* --- what happens --- */

static void
enter(struct process *p, const struct user_regs_struct *regs)
{
	p->inside = true;
	p->regs = *regs;
	p->k = ++count;
	p->mark = NONE;
	read_paths(p);
	if (is_struck(p))
		strike(p);
}

static void
leave(struct process *p, const struct user_regs_struct *regs)
{
	char result[32];
	long value = (long)regs->rax;

	p->inside = false;
	if (p->mark != NONE)
		value = mend(p, *regs);
	snprintf(result, sizeof result, "%ld", value);
	write_call(p, result);
}

static void
stopped_at_call(struct process *p)
{
	struct user_regs_struct regs;

	if (ptrace(PTRACE_GETREGS, p->pid, 0, &regs) == -1)
		return; /* it was killed */
	if (p->inside)
		leave(p, &regs);
	else
		enter(p, &regs);
}

/* The old program's exec is done; in the new one nothing has run. */
static void
stopped_at_exec(struct process *p)
{
	bool told = p->counted && p->inside;

	look_at_program(p);
	if (told && !p->counted)
		write_call(p, "0");
	/* exec's own return is still to come */
	p->inside = p->counted;
	if (!told)
		p->regs = (struct user_regs_struct){ .orig_rax = SYS_execve };
}

static void
go_on(const struct process *p, int signal)
{
	if (ptrace(p->counted ? PTRACE_SYSCALL : PTRACE_CONT, p->pid, 0,
		    (long)signal) == -1 &&
		errno != ESRCH)
		fail("let it go on");
}

static void
stopped(struct process *p, int status)
{
	int signal = WSTOPSIG(status);
	int event = status >> 16;

	if (signal == (SIGTRAP | 0x80))
		stopped_at_call(p);
	else if (event == PTRACE_EVENT_EXEC)
		stopped_at_exec(p);
	go_on(p, event || signal == (SIGTRAP | 0x80) ? 0 : signal);
}

/* Until the last one has ended. Returns the first one's status. */
static int
watch(pid_t first)
{
	int result = 0;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, __WALL)) != -1 || errno == EINTR) {
		struct process *p;

		if (pid == -1)
			continue;
		p = find(pid);
		if (WIFSTOPPED(status)) {
			stopped(p, status);
			continue;
		}
		if (pid == first)
			result = status;
		write_end(p, status);
	}
	return result;
}

/* --- the beginning --- */

/* Waits until it is followed, then becomes the command. */
static _Noreturn void
become(char **command, int go)
{
	char octet;

	if (read(go, &octet, 1) == 1)
		execvp(command[0], command);
	_exit(127);
}

static pid_t
start(char **command)
{
	const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC |
			     PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
			     PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL;
	int go[2];
	pid_t pid;

	if (pipe2(go, O_CLOEXEC) == -1 || (pid = fork()) == -1)
		fail("fork");
	if (pid == 0)
		become(command, go[0]);
	if (ptrace(PTRACE_SEIZE, pid, 0, options) == -1)
		fail("follow the command");
	if (write(go[1], "", 1) != 1)
		fail("start the command");
	close(go[0]);
	close(go[1]);
	return pid;
}

static void
set_fault(const char *word)
{
	for (size_t i = 1; i < LEN(marks); i++)
		if (strncmp(word, marks[i], strlen(marks[i])) == 0)
			fault = (enum fault)i;
	if (fault == ERRNO)
		error = strtol(word + strlen("errno="), NULL, 10);
	errno = EINVAL;
	if (fault == NONE || (fault == ERRNO && error <= 0))
		fail(word);
}

static void
set_options(int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "+o:p:k:n:f:")) != -1) {
		if (c == 'o' && !(record = fopen(optarg, "we")))
			fail(optarg);
		else if (c == 'p')
			target = optarg;
		else if (c == 'k')
			strike_at = strtoul(optarg, NULL, 10);
		else if (c == 'n')
			names = optarg;
		else if (c == 'f')
			set_fault(optarg);
		else if (c == '?')
			exit(77);
	}
	errno = EINVAL;
	if (optind == argc)
		fail("start no command");
}

int
main(int argc, char **argv)
{
	int status;

	set_options(argc, argv);
	if (!target) {
		const char *slash = strrchr(argv[optind], '/');

		target = slash ? slash + 1 : argv[optind];
	}
	status = watch(start(argv + optind));
	if (record && fclose(record) == EOF)
		fail("write the record");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

#endif

/* SPDX-License-Identifier: ISC
 *
 * jail: from inside nothing can be opened, started, traced or killed, and the
 * work can be done. Each try is a process of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/jail.h"

/* Returns 0 when it did what it wanted. */
typedef int deed(void);

enum { FAILED = 1, DONE = 0 };

static int
open_file(void)
{
	return open("/etc/passwd", O_RDONLY) == -1;
}

static int
create_file(void)
{
	return open("/tmp", O_TMPFILE | O_RDWR, 0600) == -1;
}

static int
start_program(void)
{
	return execl("/bin/true", "true", (char *)NULL) == -1;
}

static int
split(void)
{
	return fork() == -1;
}

static int
make_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) == -1;
}

static int
trace(void)
{
	return ptrace(PTRACE_ATTACH, getppid(), NULL, NULL) == -1;
}

static int
end_another(void)
{
	return kill(getppid(), 0) == -1;
}

static int
run_memory(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED;
}

static int
turn_memory(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED || mprotect(p, 4096, PROT_EXEC) == -1;
}

static int
raise_limits(void)
{
	return prctl(PR_SET_DUMPABLE, 1) == -1;
}

/* Memory has an end. */
static int
hoard(void)
{
	void *p = malloc(256 << 20);

	free(p);
	return p == NULL;
}

/* How a process ends that does it in the jail. */
static int
inside(deed *what)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		if (jail_close(JAIL_TLS, NULL) == -1)
			_exit(99);
		_exit(what());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static bool
is_killed(deed *what)
{
	int status = inside(what);

	return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
}

/* Sanitizers make calls of their own, and the filter is left out. */
static void
need_filter(void)
{
#ifdef __SANITIZE_ADDRESS__
	skip();
#endif
}

static void
attacks_end_the_process(void **state)
{
	deed *const attacks[] = { open_file, create_file, start_program, split,
		trace, end_another, run_memory, turn_memory, raise_limits };

	(void)state;
	need_filter();
	for (size_t i = 0; i < sizeof attacks / sizeof attacks[0]; i++)
		assert_true(is_killed(attacks[i]));
}

static int
end_with(deed *what)
{
	int status = inside(what);

	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
what_the_c_library_tries_fails(void **state)
{
	(void)state;
	need_filter();
	assert_int_equal(end_with(make_socket), FAILED);
	assert_int_equal(end_with(hoard), FAILED);
}

static int
work_plainly(void)
{
	void *room = malloc(1 << 20);
	char octets[16];
	struct pollfd p = { .fd = STDERR_FILENO, .events = POLLOUT };

	free(room);
	return !room || poll(&p, 1, 0) == -1 ||
	       getrandom(octets, sizeof octets, 0) != sizeof octets;
}

static void
the_work_can_be_done(void **state)
{
	(void)state;
	assert_int_equal(end_with(work_plainly), DONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(attacks_end_the_process),
		cmocka_unit_test(what_the_c_library_tries_fails),
		cmocka_unit_test(the_work_can_be_done),
	};

	return cmocka_run_group_tests_name("jail", tests, NULL, NULL);
}

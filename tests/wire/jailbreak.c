/* SPDX-License-Identifier: ISC
 *
 * jailbreak: goes into a program's jail and tries to get out of it.
 *
 *	jailbreak PROGRAM [NUMBER]   PROGRAM: a row of lib/sys/jail, or "none"
 *	jailbreak                    prints the programs that have a row
 *	                             and start nothing
 *
 * Every attack of lib/sys/exploit is a process of its own, with a parent that
 * is in no jail. Prints a line for each, "NAME killed", "NAME refused",
 * "NAME errno=N" or "NAME DONE". NUMBER is the process or the port to attack.
 * Exit 77: no such row, or the kernel takes no filter. */
#define POSTERN_EXPLOIT

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/sys/exploit.c"
#include "sys/jail.h"

static int
row_of(const char *name)
{
	for (int i = 0; i < JAIL_COUNT; i++)
		if (strcmp(jail_row((enum jail)i)->program, name) == 0)
			return i;
	return -1;
}

static _Noreturn void
be_inside(int row, size_t which)
{
	long result;

	if (row != -1 && jail_close((enum jail)row, NULL) == -1)
		_exit(98);
	errno = 0;
	result = attacks[which].run();
	_exit(result == -1 ? errno : 0);
}

static void
print(size_t which, int status)
{
	printf("%s ", attacks[which].name);
	if (WIFSIGNALED(status))
		puts("killed");
	else if (WEXITSTATUS(status) == 0)
		puts("DONE");
	else if (WEXITSTATUS(status) == EPERM || WEXITSTATUS(status) == EACCES)
		puts("refused");
	else
		printf("errno=%d\n", WEXITSTATUS(status));
}

static int
print_rows(void)
{
	for (int i = 0; i < JAIL_COUNT; i++)
		if (!jail_row((enum jail)i)->starts)
			puts(jail_row((enum jail)i)->program);
	return 0;
}

int
main(int argc, char **argv)
{
	int row = argc > 1 ? row_of(argv[1]) : -1;
	int status;

	if (argc < 2)
		return print_rows();
	if (row == -1 && strcmp(argv[1], "none") != 0)
		return 77;
	victim = argc > 2 ? atol(argv[2]) : getppid();
	for (size_t i = 0; exploit_name(i); i++) {
		pid_t pid = fork();

		if (pid == 0)
			be_inside(row, i);
		if (pid == -1 || waitpid(pid, &status, 0) == -1)
			return 1;
		if (WIFEXITED(status) && WEXITSTATUS(status) == 98)
			return 77;
		print(i, status);
	}
	return 0;
}

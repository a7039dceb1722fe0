/* SPDX-License-Identifier: ISC
 *
 * steps: how many instructions a program runs in user space, from its start to
 * its end, counted one by one (ptrace(2)): no emulator that a jail would kill,
 * no counter that a virtual machine may lack. Programs it starts run freely.
 *
 *	steps FILE PROGRAM [ARGUMENT...]	the number goes to FILE
 *	exit	the program's; 111 when it cannot be counted or was killed */
#include <stdint.h>
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

/* Returns the exit code, or -1. */
static int
count(pid_t pid, uint64_t *steps)
{
	int status;
	int signal = 0;

	while (waitpid(pid, &status, 0) == pid) {
		if (WIFEXITED(status))
			return WEXITSTATUS(status);
		if (WIFSIGNALED(status))
			return -1;
		signal = WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status);
		(*steps)++;
		if (ptrace(PTRACE_SINGLESTEP, pid, NULL,
			    (void *)(intptr_t)signal) == -1)
			return -1;
	}
	return -1;
}

int
main(int argc, char **argv)
{
	uint64_t steps = 0;
	FILE *out;
	pid_t pid;
	int code;

	if (argc < 3 || !(out = fopen(argv[1], "we")))
		return 111;
	pid = fork();
	if (pid == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0)
			execv(argv[2], argv + 2);
		_exit(111);
	}
	code = pid == -1 ? -1 : count(pid, &steps);
	fprintf(out, "%llu\n", (unsigned long long)steps);
	return fclose(out) == 0 && code != -1 ? code : 111;
}

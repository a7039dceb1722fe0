/* SPDX-License-Identifier: ISC
 *
 * floor: what the kernel alone asks for a process per connection and one
 * durable file per message, without any mail in it. N workers in parallel,
 * each COUNT times: start an empty static program, start another, write 4 KiB
 * into a new file, fsync, publish by link, fsync the directory.
 *
 *	floor DIR PROGRAM WORKERS COUNT		prints rounds per second */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void
fail(const char *what)
{
	perror(what);
	exit(111);
}

static void
start(char *program)
{
	char *argv[] = { program, NULL };
	char *env[] = { NULL };
	pid_t pid;

	if (posix_spawn(&pid, program, NULL, NULL, argv, env) != 0 ||
		waitpid(pid, NULL, 0) == -1)
		fail(program);
}

static void
publish(int dir, int worker, int round)
{
	static char text[4096];
	char tmp[64];
	char name[64];
	int fd;

	snprintf(tmp, sizeof tmp, "tmp.%d.%d", worker, round);
	snprintf(name, sizeof name, "new.%d.%d", worker, round);
	fd = openat(dir, tmp, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
	if (fd == -1 || write(fd, text, sizeof text) != sizeof text ||
		fsync(fd) == -1 || renameat(dir, tmp, dir, name) == -1 ||
		fsync(dir) == -1 || close(fd) == -1)
		fail(tmp);
}

int
main(int argc, char **argv)
{
	struct timespec a;
	struct timespec b;
	int dir;
	int workers;
	int count;

	if (argc != 5) {
		fprintf(stderr, "usage: floor DIR PROGRAM WORKERS COUNT\n");
		return 100;
	}
	dir = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir == -1)
		fail(argv[1]);
	workers = (int)strtol(argv[3], NULL, 10);
	count = (int)strtol(argv[4], NULL, 10);
	clock_gettime(CLOCK_MONOTONIC, &a);
	for (int w = 0; w < workers; w++) {
		pid_t pid = fork();

		if (pid == -1)
			fail("fork");
		for (int i = 0; pid == 0 && i < count; i++) {
			start(argv[2]);
			start(argv[2]);
			publish(dir, w, i);
		}
		if (pid == 0)
			_exit(0);
	}
	while (wait(NULL) != -1)
		;
	clock_gettime(CLOCK_MONOTONIC, &b);
	printf("%.1f\n",
		(double)workers * count /
			((double)(b.tv_sec - a.tv_sec) +
				(double)(b.tv_nsec - a.tv_nsec) / 1e9));
	return 0;
}

/* SPDX-License-Identifier: ISC
 *
 * leap: a wall clock that leaps, for programs that are linked dynamically
 * (LD_PRELOAD). It shows the time plus the seconds that the file LEAP holds, a
 * 64-bit number of this machine. The monotonic clock is as it is. */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static int (*real)(clockid_t, struct timespec *);
static const volatile int64_t *leap;

__attribute__((constructor)) static void
begin(void)
{
	const char *path = getenv("LEAP");
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	void *map = fd == -1 ? MAP_FAILED
			     : mmap(NULL, sizeof *leap, PROT_READ, MAP_SHARED,
				       fd, 0);

	if (map == MAP_FAILED)
		abort();
	close(fd);
	leap = map;
	*(void **)(void *)&real = dlsym(RTLD_NEXT, "clock_gettime");
}

int
clock_gettime(clockid_t id, struct timespec *now)
{
	int result = real(id, now);

	if (result == 0 && id == CLOCK_REALTIME)
		now->tv_sec += *leap;
	return result;
}

time_t
time(time_t *to)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	if (to)
		*to = now.tv_sec;
	return now.tv_sec;
}

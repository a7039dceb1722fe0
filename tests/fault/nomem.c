/* SPDX-License-Identifier: ISC
 *
 * nomem.so, for LD_PRELOAD: in one program one allocation fails.
 *
 *   NOMEM_PROGRAM  the program's file name; in others nothing fails
 *   NOMEM_AT       which allocation, from 1 on; 0: none
 *   NOMEM_STAY     is it there, all later ones fail too
 *   NOMEM_COUNT    a file of 8 octets: how many there were, of all processes
 *
 * The count is of all processes together: their order is not always the same,
 * but every one of them is met. */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* glibc's own, behind the names that we take. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static atomic_ulong none;
static atomic_ulong *count = &none;
static unsigned long fail_at;
static bool stay;

__attribute__((constructor)) static void
begin(void)
{
	const char *program = getenv("NOMEM_PROGRAM");
	const char *at = getenv("NOMEM_AT");
	const char *path = getenv("NOMEM_COUNT");
	void *map;
	int fd;

	if (!program || !path ||
		strcmp(program, program_invocation_short_name) != 0)
		return;
	fd = open(path, O_RDWR | O_CLOEXEC);
	map = mmap(
		NULL, sizeof *count, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (map == MAP_FAILED)
		_exit(99);
	count = map;
	fail_at = at ? strtoul(at, NULL, 10) : 0;
	stay = getenv("NOMEM_STAY") != NULL;
}

static bool
fails(void)
{
	unsigned long n;

	if (count == &none)
		return false;
	n = atomic_fetch_add(count, 1) + 1;
	if (!fail_at || n < fail_at || (n > fail_at && !stay))
		return false;
	errno = ENOMEM;
	return true;
}

void *
malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

void *
calloc(size_t n, size_t size)
{
	return fails() ? NULL : __libc_calloc(n, size);
}

void *
realloc(void *old, size_t size)
{
	return fails() ? NULL : __libc_realloc(old, size);
}

void *
reallocarray(void *old, size_t n, size_t size)
{
	size_t all;

	if (__builtin_mul_overflow(n, size, &all)) {
		errno = ENOMEM;
		return NULL;
	}
	return realloc(old, all);
}

void *
aligned_alloc(size_t alignment, size_t size)
{
	return fails() ? NULL : __libc_memalign(alignment, size);
}

int
posix_memalign(void **out, size_t alignment, size_t size)
{
	void *got = aligned_alloc(alignment, size);

	if (!got)
		return ENOMEM;
	*out = got;
	return 0;
}

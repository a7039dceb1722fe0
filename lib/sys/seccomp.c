/* SPDX-License-Identifier: ISC */
#include "sys/seccomp.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "pure/span.h"

#ifdef __SANITIZE_ADDRESS__

int
seccomp_close(struct seccomp_call *calls, size_t n, enum seccomp_verdict others)
{
	(void)calls;
	(void)n;
	(void)others;
	return 0;
}

int
seccomp_check(void)
{
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
	AT_LEAST = 0x35,
	HAS_BITS = 0x45,
	RETURN = 0x06,
	AND = 0x54,
	TYPE_BITS = 0xf, /* of socket(2), without its flags */
	AT_NUMBER = 0,   /* struct seccomp_data */
	AT_ARCHITECTURE = 4,
	AT_FIRST = 16, /* the lower half, on a little-endian machine */
	AT_SECOND = 24,
	AT_THIRD = 32,
	MODE_FILTER = 2,
	X32 = 0x40000000, /* and above: calls of that architecture */
	EDGES_MAX = 2 * SECCOMP_CALLS + 3,
	CODE_MAX = 2 * EDGES_MAX + 32,
};

#define KILL  0x80000000U
#define ALLOW 0x7fff0000U
#define DENY  (0x00050000U | EPERM)

/* From this number on the verdict holds, up to the next edge. */
struct edge {
	uint32_t from;
	enum seccomp_verdict verdict;
};

static struct edge edges[EDGES_MAX];
static size_t edges_n;
static struct instruction code[CODE_MAX];
static size_t code_n;

static void
put(uint16_t what, uint32_t k, uint8_t then, uint8_t otherwise)
{
	if (code_n < CODE_MAX)
		code[code_n++] =
			(struct instruction){ what, then, otherwise, k };
}

/* Fails, unless the argument is this one. */
static void
put_only(uint32_t argument, uint32_t value)
{
	put(LOAD, argument, 0, 0);
	put(EQUALS, value, 1, 0);
	put(RETURN, DENY, 0, 0);
}

static void
put_verdict(enum seccomp_verdict verdict)
{
	static const uint32_t verdicts[] = {
		[SECCOMP_ALLOW] = ALLOW,
		[SECCOMP_DENY] = DENY,
		[SECCOMP_MEMORY] = ALLOW,
		[SECCOMP_LOCAL] = ALLOW,
		[SECCOMP_HOSTS] = ALLOW,
		[SECCOMP_COUNT] = ALLOW,
		[SECCOMP_SELF] = ALLOW,
		[SECCOMP_NEW] = ALLOW,
		[SECCOMP_COPY] = ALLOW,
		[SECCOMP_KILL] = KILL,
	};

	if (verdict == SECCOMP_MEMORY) {
		put(LOAD, AT_THIRD, 0, 0);
		put(HAS_BITS, PROT_EXEC, 0, 1);
		put(RETURN, KILL, 0, 0);
	}
	if (verdict == SECCOMP_NEW) {
		put(LOAD, AT_THIRD, 0, 0);
		put(HAS_BITS, O_TMPFILE & ~O_DIRECTORY, 1, 0);
		put(RETURN, DENY, 0, 0);
	}
	if (verdict == SECCOMP_LOCAL)
		put_only(AT_FIRST, AF_UNIX);
	if (verdict == SECCOMP_HOSTS) {
		put(LOAD, AT_FIRST, 0, 0);
		put(EQUALS, AF_UNIX, 3, 0);
		put(EQUALS, AF_INET, 2, 0);
		put(EQUALS, AF_INET6, 1, 0);
		put(RETURN, DENY, 0, 0);
		put(LOAD, AT_SECOND, 0, 0);
		put(AND, TYPE_BITS, 0, 0);
		put(EQUALS, SOCK_RAW, 0, 1);
		put(RETURN, DENY, 0, 0);
	}
	if (verdict == SECCOMP_COUNT)
		put_only(AT_SECOND, FIONREAD);
	if (verdict == SECCOMP_SELF)
		put_only(AT_FIRST, 0);
	if (verdict == SECCOMP_COPY)
		put_only(AT_FIRST, CLONE_PARENT | SIGCHLD);
	put(RETURN, verdicts[verdict], 0, 0);
}

/* The number is searched by halves: the kernel runs the filter for each
 * number there is when it takes it. */
static void
put_search(size_t first, size_t last)
{
	size_t middle = first + (last - first + 1) / 2;
	size_t at = code_n;

	if (first == last) {
		put_verdict(edges[first].verdict);
		return;
	}
	put(AT_LEAST, edges[middle].from, 0, 0);
	put_search(first, middle - 1);
	if (code_n - at - 1 > UINT8_MAX)
		code_n = CODE_MAX; /* no jump is that long */
	else
		code[at].then = (uint8_t)(code_n - at - 1);
	put_search(middle, last);
}

static void
sort(struct seccomp_call *calls, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct seccomp_call moved = calls[i];
		size_t to = i;

		for (; to &&
			(calls[to - 1].number > moved.number ||
				(calls[to - 1].number == moved.number &&
					calls[to - 1].verdict > moved.verdict));
			to--)
			calls[to] = calls[to - 1];
		calls[to] = moved;
	}
}

static void
put_edge(uint32_t from, enum seccomp_verdict verdict)
{
	struct edge *last = edges_n ? &edges[edges_n - 1] : NULL;

	if (last && last->from == from)
		edges_n--;
	if (edges_n && edges[edges_n - 1].verdict == verdict)
		return;
	if (edges_n < EDGES_MAX)
		edges[edges_n++] = (struct edge){ from, verdict };
}

static void
find_edges(
	const struct seccomp_call *calls, size_t n, enum seccomp_verdict others)
{
	int before = -1;

	edges_n = 0;
	put_edge(0, others);
	for (size_t i = 0; i < n; i++) {
		if (calls[i].number == before || calls[i].number < 0)
			continue;
		before = calls[i].number;
		put_edge((uint32_t)before, calls[i].verdict);
		put_edge((uint32_t)before + 1, others);
	}
	put_edge(X32, SECCOMP_KILL);
	/* no call at all: a tracer makes one be left out by this number */
	put_edge(UINT32_MAX, SECCOMP_ALLOW);
}

int
seccomp_close(struct seccomp_call *calls, size_t n, enum seccomp_verdict others)
{
#ifdef ARCHITECTURE
	struct filter filter = { .code = code };

	sort(calls, n);
	find_edges(calls, n, others);
	code_n = 0;
	put(LOAD, AT_ARCHITECTURE, 0, 0);
	put(EQUALS, ARCHITECTURE, 1, 0);
	put(RETURN, KILL, 0, 0);
	put(LOAD, AT_NUMBER, 0, 0);
	put_search(0, edges_n - 1);
	if (edges_n == EDGES_MAX || code_n == CODE_MAX) {
		errno = E2BIG;
		return -1;
	}
	filter.n = (unsigned short)code_n;
	return prctl(PR_SET_SECCOMP, MODE_FILTER, &filter, 0, 0);
#else
	(void)calls;
	(void)n;
	(void)others;
	errno = ENOSYS;
	return -1;
#endif
}

int
seccomp_check(void)
{
#ifdef ARCHITECTURE
	/* no filter at all: only who would take one comes to look for it */
	if (prctl(PR_SET_SECCOMP, MODE_FILTER, NULL) == -1 && errno == EFAULT)
		return 0;
#else
	errno = ENOSYS;
#endif
	return -1;
}

#endif

/* SPDX-License-Identifier: ISC
 *
 * jailtable: print the table of lib/sys/jail.c, one line for each fact:
 *
 *	PROGRAM calls NAME ...     may be made, once the jail is closed
 *	PROGRAM denied NAME ...    fail with EPERM
 *	PROGRAM files PATH RIGHT ...   read, write, make, folder, exec, list
 *	PROGRAM network connect    TCP to other hosts
 *	PROGRAM descriptors N
 *	PROGRAM memory OCTETS      beyond what there is */
#include <stdio.h>
#include <sys/syscall.h>

#include "pure/span.h"
#include "sys/jail.h"

static const struct {
	int number;
	const char *name;
} names[] = {
#include "syscalls.inc"
};

static const struct {
	unsigned right;
	const char *name;
} rights[] = {
	{LANDLOCK_READ,    "read"  },
	{ LANDLOCK_WRITE,  "write" },
	{ LANDLOCK_MAKE,   "make"  },
	{ LANDLOCK_FOLDER, "folder"},
	{ LANDLOCK_EXEC,   "exec"  },
	{ LANDLOCK_LIST,   "list"  },
};

static void
print_calls(const char *program, const char *what, const int *calls, size_t n)
{
	if (n == 0)
		return;
	printf("%s %s", program, what);
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < LEN(names) && calls[i] >= 0; j++)
			if (names[j].number == calls[i])
				printf(" %s", names[j].name);
	putchar('\n');
}

static void
print_place(const char *program, const struct jail_place *place)
{
	printf("%s files %s", program, place->path);
	for (size_t i = 0; i < LEN(rights); i++)
		if (place->rights & rights[i].right)
			printf(" %s", rights[i].name);
	putchar('\n');
}

static void
print_row(enum jail jail)
{
	const struct jail_row *row = jail_row(jail);
	int calls[JAIL_CALLS];

	if (row->starts) /* what those do is not its own */
		return;
	print_calls(row->program, "calls", calls, jail_calls(jail, calls));
	print_calls(row->program, "denied", row->denied, row->denied_n);
	for (size_t i = 0; i < row->places_n; i++)
		print_place(row->program, &row->places[i]);
	if (row->connects)
		printf("%s network connect\n", row->program);
	if (row->descriptors)
		printf("%s descriptors %u\n", row->program, row->descriptors);
	if (row->memory)
		printf("%s memory %zu\n", row->program, row->memory);
}

int
main(void)
{
	for (int i = 0; i < JAIL_COUNT; i++)
		print_row((enum jail)i);
	return 0;
}

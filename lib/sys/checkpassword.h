/* SPDX-License-Identifier: ISC
 *
 * checkpassword: asks a program of the interface that DJB's checkpassword has:
 * on its fd 3 it reads the name, a NUL, the password, a NUL, a time, a NUL;
 * when it is content it becomes the program that its arguments name. */
#ifndef SYS_CHECKPASSWORD_H
#define SYS_CHECKPASSWORD_H

#include <stdint.h>

#include "pure/span.h"

enum checkpassword_answer {
	CHECKPASSWORD_GOOD,
	CHECKPASSWORD_BAD,   /* exit code 1 */
	CHECKPASSWORD_LATER, /* any other, a signal, the deadline */
};

/* Starts `command`, a path and arguments with blanks between them, with
 * /bin/true behind it, PATH as its environment, fd 0 and 1 empty and fd 2 ours.
 * The secret goes through a pipe. *code is the exit code, 128 + signal, or -1
 * with errno when it could not be started. */
enum checkpassword_answer checkpassword_ask(struct span command,
	struct span name, struct span password, int64_t deadline, int *code);

#endif

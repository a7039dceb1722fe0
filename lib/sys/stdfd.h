/* SPDX-License-Identifier: ISC */
#ifndef SYS_STDFD_H
#define SYS_STDFD_H

#include <stdbool.h>

/* Makes sure that descriptors 0, 1 and 2 are open, so that no file opened
 * later becomes one of them: what is closed becomes /dev/null. Returns 0, or
 * -1 with errno; -1 with EBADF means that descriptor 0 was closed. */
int stdfd_fill(void);

/* Closes what else came from outside: no business of ours or our children's.
 * With `later`, when one of them starts another program. */
void stdfd_close_others(bool later);

#endif

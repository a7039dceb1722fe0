/* SPDX-License-Identifier: ISC
 *
 * own: `postern list` for those who may not read the queue. A unix socket that
 * everybody may connect to starts `postern list --own` as the queue's user; it
 * lists what the kernel says that the caller himself has sent.
 *
 * The caller sends his arguments, each with a NUL behind it, ends his side,
 * and reads the list. */
#ifndef ADMIN_OWN_H
#define ADMIN_OWN_H

#include "pure/span.h"

/* Octets and number of the arguments. */
enum { OWN_REQUEST = 4096, OWN_ARGUMENTS = 64 };

/* Who is at fd 0, and what does he ask for? Writes the C record of his
 * messages ("uid N") to `client`, or "" when he may see all: root, and the
 * user this process runs as. argv gets at most OWN_ARGUMENTS arguments behind
 * argv[0], and a NULL. Returns their number with argv[0], or -1 with errno. */
int own_take(char client[32], char *argv[OWN_ARGUMENTS + 2]);

/* The caller's side: passes the arguments on and copies the list to fd 1.
 * Returns 0, or -1 with errno when nobody is there who answers. */
int own_ask(char **argv);

#endif

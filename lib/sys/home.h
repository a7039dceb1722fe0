/* SPDX-License-Identifier: ISC
 *
 * home: where things are. With POSTERN_HOME=DIR everything is in a private
 * world: DIR/control, DIR/queue, and siblings are started from the directory
 * of the running program, unless it is an installed one. Without it the places
 * chosen at build time hold: /etc/postern, /var/spool/postern, and the libexec
 * folder.
 *
 * Each call writes a C string into out (LIMIT_PATH octets) and returns it, or
 * returns NULL with errno ENAMETOOLONG (or what readlink said). */
#ifndef SYS_HOME_H
#define SYS_HOME_H

#include "pure/limits.h"
#include "pure/span.h"

/* The control directory. */
const char *home_control(char out[LIMIT_PATH]);

/* The queue directory. */
const char *home_queue(char out[LIMIT_PATH]);

/* The program postern-NAME that only other programs start. */
const char *home_program(char out[LIMIT_PATH], const char *name);

/* The program postern-NAME that people start, where it was installed; in a
 * private world beside the running program, unless that is an installed one. */
const char *home_command(char out[LIMIT_PATH], const char *name);

/* The socket that takes mail from this machine: POSTERN_SUBMIT in the
 * environment, DIR/submit in a private world, or /run/postern/submit. */
const char *home_submit(char out[LIMIT_PATH]);

/* The socket of the mailq service: DIR/mailq in a private world, or
 * /run/postern/mailq. */
const char *home_mailq(char out[LIMIT_PATH]);

/* The socket on which the service NAME (tls, auth) is asked: DIR/ask/NAME in a
 * private world, or /run/postern/ask/NAME. */
const char *home_ask(char out[LIMIT_PATH], const char *name);

/* The directory of the token files: DIR/oauth2 in a private world, or
 * /var/lib/postern-oauth2. */
const char *home_oauth2(char out[LIMIT_PATH]);

/* The program postern-NAME in the directory of the running program, whatever
 * link that was started by. */
const char *home_sibling(char out[LIMIT_PATH], const char *name);

/* A path as a control file gives it: absolute, or, in a private world only,
 * relative to POSTERN_HOME. Elsewhere a relative path is NULL with EINVAL. */
const char *home_path(char out[LIMIT_PATH], struct span path);

#endif

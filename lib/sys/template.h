/* SPDX-License-Identifier: ISC
 *
 * template: a program that starts once and is copied for each connection: what
 * a start costs (exec, the reading of its pages) is paid once. Each copy is a
 * process of its own, made from memory that no client has touched, and a child
 * of whoever asked, who waits for it. Copies share one layout of addresses: the
 * asker begins a new template when one of them crashed, and now and then.
 *
 * Between the two stands a SOCK_SEQPACKET pair: a packet with the variables of
 * the connection (NAME=value, each with a NUL) and its descriptor goes there,
 * the pid, or the negative errno, comes back. */
#ifndef SYS_TEMPLATE_H
#define SYS_TEMPLATE_H

#include <stdbool.h>
#include <sys/types.h>

#include "pure/span.h"

/* Starts argv[0] with the other end of a pair on its fd 0. Returns this end
 * (close-on-exec), or -1 with errno. The child ends when this end is closed. */
int template_start(char *const argv[], char *const env[]);

/* Has a copy made that has `fd` as its fd 0 and 1. Returns the pid of a child
 * of this process; or -1 with errno: EAGAIN and ENOMEM when no process can be
 * had, others when the template is gone or has not answered in five seconds. */
pid_t template_copy(int template, struct span variables, int fd);

/* In the program: makes copies as they are asked for, as long as it is `fit`
 * for that (NULL: always). Returns 0 in each copy,
 * whose fds 0 and 1 are the connection and whose environment holds the
 * variables; 1 in the template itself when nobody can ask
 * any more, or it is fit no longer; or -1 with
 * errno when fd is no such socket. */
int template_serve(int fd, bool (*fit)(void));

#endif

/* SPDX-License-Identifier: ISC
 *
 * audit: the whole control directory judged at once. Every file is read by
 * the module that reads it at work, each apart from the others, so that one
 * mistake does not hide the next. */
#ifndef ADMIN_AUDIT_H
#define ADMIN_AUDIT_H

#include "control/control.h"

/* Takes one finding: what and where, and the remedy. */
typedef void audit_each(void *ctx, const char *text);

/* Opens the directory and calls `fault` for each file that is not known, and
 * for each that its reader would refuse. Files are reported once, with their
 * first mistake. c is open afterwards. Returns how many. */
unsigned audit_control(struct control *c, audit_each *fault, void *ctx);

/* What is no mistake, and may still not be meant. For a directory without
 * faults. */
void audit_advice(struct control *c, audit_each *advice, void *ctx);

#endif

/* SPDX-License-Identifier: ISC
 *
 * ground: what postern stands on: its users, the control directory, the
 * spool, its programs, the mail store. Each looks at one of them, says what it
 * saw (admin/step.h), and returns 0, or the exit code of the first fault.
 *
 * Modes are judged for the users postern and postern-in; in a private world,
 * or where there are no such users, for the one who asks. */
#ifndef ADMIN_GROUND_H
#define ADMIN_GROUND_H

#include "control/control.h"

/* Every file of the directory is one its reader takes. Opens c. */
int ground_control(struct control *c);

/* ... and both users can read it, and nobody else write it. */
int ground_permissions(const struct control *c);

int ground_spool(struct control *c);

/* The programs of libexec and of control/filters are there and can start. */
int ground_programs(struct control *c);

/* The directories above the Maildirs are there, and postern may write them. */
int ground_mailboxes(struct control *c);

/* Root has looked; what strangers say is for the user postern to hear. Does
 * nothing for anybody but root, and where there is no such user. */
int ground_leave_root(void);

#endif

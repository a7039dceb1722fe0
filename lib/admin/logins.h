/* SPDX-License-Identifier: ISC
 *
 * logins: what `postern check` says of control/authremote: is every secret
 * there, and can postern-remote read it? */
#ifndef ADMIN_LOGINS_H
#define ADMIN_LOGINS_H

#include "control/control.h"

/* To be asked as the user who delivers (ground_leave_root). Returns 0, or the
 * exit code of the first fault. Credentials of the unit are known to the unit
 * alone and are passed over. */
int logins_check(struct control *c);

#endif

/* SPDX-License-Identifier: ISC
 *
 * delivery: the control files as postern-send reads them, all together: what
 * no file alone has wrong. */
#ifndef ADMIN_DELIVERY_H
#define ADMIN_DELIVERY_H

#include "control/control.h"

/* Opens the directory anew, reads, and closes it. Returns 0, or -1 with the
 * control error set in c. */
int delivery_read(struct control *c);

#endif

/* SPDX-License-Identifier: ISC
 *
 * setting: what holds now for a control file, and where that stands. */
#ifndef ADMIN_SETTING_H
#define ADMIN_SETTING_H

#include "control/control.h"

/* Takes one value; `source` is FILE:LINE, NAME.cdb, or "default" and more. */
typedef void setting_each(void *ctx, struct span value, struct span source);

/* Calls `each` for every value of the file, or for its default. Returns 0, or
 * -1 with the control error set. */
int setting_values(
	struct control *c, enum control_id id, setting_each *each, void *ctx);

/* True when a file gives the value. */
bool setting_given(const struct control *c, enum control_id id);

#endif

/* SPDX-License-Identifier: ISC
 *
 * reach: the way out as `postern check` walks it: name servers, then every
 * next hop up to the moment where a message would be handed over. What it
 * finds it says (admin/step.h); each returns 0, or the exit code of the first
 * fault. Uses the modules that deliver. */
#ifndef ADMIN_REACH_H
#define ADMIN_REACH_H

#include "control/control.h"

/* Reads what all below needs. */
int reach_begin(struct control *c);

/* Does one name server answer? Matters only where a name has to be asked. */
int reach_dns(void);

/* Every next hop that smtproutes and senderroutes name. */
int reach_routes(void);

/* Where mail to this address goes, and whether it would be taken there. */
int reach_address(const char *address);

#endif

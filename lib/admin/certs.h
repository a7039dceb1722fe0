/* SPDX-License-Identifier: ISC
 *
 * certs: what `postern check` says of certificates and keys. postern-tls looks
 * at them itself (-n), so that nothing else reads a key. */
#ifndef ADMIN_CERTS_H
#define ADMIN_CERTS_H

#include "control/control.h"

/* Says what postern-tls finds, and whether its service can use it
 * (admin/step.h); nothing without control/tlscert. Returns 0, or the exit code
 * of the first fault. */
int certs_check(const struct control *c);

#endif

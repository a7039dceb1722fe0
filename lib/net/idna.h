/* SPDX-License-Identifier: ISC
 *
 * idna: a domain above ASCII as the DNS knows it (RFC 5891, UTS 46), by
 * libidn2, which appears here only. */
#ifndef NET_IDNA_H
#define NET_IDNA_H

#include "pure/buf.h"

/* Appends the domain with its U-labels as A-labels; an ASCII domain is copied
 * as it stands. Returns 0; -1 when it is no domain of IDNA 2008 or does not
 * fit; -2 for want of memory. */
int idna_domain(struct buf *out, struct span domain);

#endif

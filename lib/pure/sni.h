/* SPDX-License-Identifier: ISC
 *
 * sni: the host name that a TLS client asks for (RFC 6066 3), and the names
 * that certificates here are filed under. */
#ifndef PURE_SNI_H
#define PURE_SNI_H

#include "pure/buf.h"
#include "pure/limits.h"

/* Appends the host name of a server_name extension, in lower case and without
 * a dot at its end. Returns 0, or -1 and appends nothing when there is none
 * that is a host name: letters, digits, hyphens and underscores between dots,
 * at most LIMIT_DOMAIN octets. */
int sni_parse(struct span extension, struct buf *name);

/* Appends the name that a certificate is filed under, in lower case: a host
 * name, or _.domain for *.domain. Returns 0, or -1 when it is neither. */
int sni_filed(struct span file, struct buf *name);

#endif

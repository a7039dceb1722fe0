/* SPDX-License-Identifier: ISC */
#ifndef PURE_DATE_H
#define PURE_DATE_H

#include "pure/buf.h"

/* Appends a date of RFC 5322 3.3: "Mon, 23 Nov 2026 12:00:00 +0000". Always
 * in UTC: right across DST and years from 1970 to 9999, without a zone file
 * to read. */
void date_print(struct buf *out, int64_t seconds_since_1970);

#endif

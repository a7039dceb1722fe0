/* SPDX-License-Identifier: ISC
 *
 * stamp: the time that a syslog or journalctl put in front of a log line, or
 * that an admin wrote.
 *
 *	1795437123.123456           seconds since 1970
 *	2026-11-23T09:12:03.1+01:00 RFC 3339, T or a blank, zone or none
 *	2026-11-23 09:12, 2026-11-23
 *	Nov 23 09:12:03             RFC 3164: no year, no zone
 */
#ifndef PURE_STAMP_H
#define PURE_STAMP_H

#include "pure/span.h"

struct stamp {
	bool epoch;      /* `seconds` says it all */
	int64_t seconds; /* since 1970 */
	int year;        /* 0: not said */
	int month;       /* 1 to 12 */
	int day;
	int hour;
	int minute;
	int second;
	bool zoned; /* `offset` was said; else local time */
	int offset; /* seconds east of UTC */
};

/* Reads the stamp that text begins with; what stands behind it, a host, does
 * not count. False when there is none. */
bool stamp_read(struct span text, struct stamp *out);

#endif

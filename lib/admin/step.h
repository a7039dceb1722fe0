/* SPDX-License-Identifier: ISC
 *
 * step: what `postern check` says of each thing it looks at: one line, a
 * grade, a topic, a sentence. Text may hold what strangers said. */
#ifndef ADMIN_STEP_H
#define ADMIN_STEP_H

#include <stdbool.h>

#include "sys/log.h"

/* It is well. */
void step_ok(const char *topic, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* It works, and may not be meant so. */
void step_note(const char *topic, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Nothing works from here on; the sentence holds the remedy. Returns the
 * code, for the way out. */
int step_fault(enum die_code code, const char *topic, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* While true a fault is said as a note: there is another way. */
void step_forgive(bool forgive);

#endif

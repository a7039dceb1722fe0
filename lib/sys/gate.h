/* SPDX-License-Identifier: ISC
 *
 * gate: log lines that a stranger could cause again and again: one a second,
 * with a count of the others.
 *
 *	if (!gate_opens(&gate, clock_ms()))
 *		return;
 *	log_begin(&line, LOG_LEVEL_WARNING, "refused");
 *	gate_write(&gate, &line); */
#ifndef SYS_GATE_H
#define SYS_GATE_H

#include <stdbool.h>

#include "sys/log.h"

/* All zero is a gate where nothing has happened. */
struct gate {
	int64_t next;    /* clock_ms: no line before */
	uint64_t missed; /* events since the last line */
};

/* May a line be written now? Counts the event when not. */
bool gate_opens(struct gate *gate, int64_t now);

/* Adds more=COUNT of what was passed over since the last line, and writes. */
void gate_write(struct gate *gate, struct log *line);

/* A line for the last events of a flood that is over: call it now and then. */
void gate_finish(struct gate *gate, const char *event, int64_t now);

#endif

/* SPDX-License-Identifier: ISC */
#include "sys/gate.h"

enum { PERIOD = 1000 }; /* milliseconds */

bool
gate_opens(struct gate *gate, int64_t now)
{
	if (now < gate->next) {
		gate->missed++;
		return false;
	}
	gate->next = now + PERIOD;
	return true;
}

void
gate_write(struct gate *gate, struct log *line)
{
	if (gate->missed)
		log_number(line, "more", gate->missed);
	gate->missed = 0;
	log_write(line);
}

void
gate_finish(struct gate *gate, const char *event, int64_t now)
{
	struct log line;

	if (!gate->missed || now < gate->next)
		return;
	gate->next = now + PERIOD;
	log_begin(&line, LOG_LEVEL_WARNING, event);
	gate_write(gate, &line);
}

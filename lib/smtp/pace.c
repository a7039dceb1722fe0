/* SPDX-License-Identifier: ISC */
#include "smtp/pace.h"

void
pace_begin(struct pace *pace, uint64_t rate, int64_t now)
{
	*pace = (struct pace){ .need = rate * (PACE_WINDOW / 1000),
		.start = now };
}

int64_t
pace_deadline(const struct pace *pace)
{
	return pace->need ? pace->start + PACE_WINDOW : INT64_MAX;
}

bool
pace_step(struct pace *pace, uint64_t octets, int64_t now)
{
	pace->got += octets;
	if (now < pace_deadline(pace))
		return true;
	if (pace->got < pace->need)
		return false;
	pace->start = now;
	pace->got = 0;
	return true;
}

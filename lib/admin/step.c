/* SPDX-License-Identifier: ISC */
#include "admin/step.h"

#include <stdarg.h>
#include <stdio.h>

#include "sys/screen.h"

enum { TOPIC_COLUMN = 7, TEXT_COLUMN = 21 };

static bool forgiving;

__attribute__((format(printf, 4, 0))) static void
step(enum screen_ink ink, const char *grade, const char *topic,
	const char *format, va_list args)
{
	char text[1024];
	int n = vsnprintf(text, sizeof text, format, args);

	screen_done();
	screen_ink(ink);
	screen_str(grade);
	screen_ink(INK_PLAIN);
	screen_field(TOPIC_COLUMN);
	screen_str(topic);
	screen_field(TEXT_COLUMN);
	screen_text((struct span){ text, n < 0 ? 0
					 : (size_t)n < sizeof text
						 ? (size_t)n
						 : sizeof text - 1 });
	screen_line();
	screen_flush();
}

void
step_ok(const char *topic, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	step(INK_GOOD, "ok", topic, format, args);
	va_end(args);
}

void
step_note(const char *topic, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	step(INK_WARN, "note", topic, format, args);
	va_end(args);
}

int
step_fault(enum die_code code, const char *topic, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (forgiving)
		step(INK_WARN, "note", topic, format, args);
	else
		step(INK_BAD, "FAULT", topic, format, args);
	va_end(args);
	return (int)code;
}

void
step_forgive(bool forgive)
{
	forgiving = forgive;
}

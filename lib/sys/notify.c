/* SPDX-License-Identifier: ISC */
#include "sys/notify.h"

#include <stdarg.h>
#include <stdio.h>
#include <systemd/sd-daemon.h>

void
notify_ready(void)
{
	sd_notify(0, "READY=1");
}

void
notify_status(const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	sd_notifyf(0, "STATUS=%s", text);
}

void
notify_stopping(void)
{
	sd_notify(0, "STOPPING=1");
}

/* SPDX-License-Identifier: ISC
 *
 * notify: tells the service manager how it goes (sd_notify). Without one
 * nothing happens, and a failure changes nothing. */
#ifndef SYS_NOTIFY_H
#define SYS_NOTIFY_H

/* Ready for work. */
void notify_ready(void);

/* One line for `systemctl status`; control bytes must not be in it. */
void notify_status(const char *format, ...)
	__attribute__((format(printf, 1, 2)));

/* On the way out. */
void notify_stopping(void);

#endif

/* SPDX-License-Identifier: ISC
 *
 * log: one event = one line on fd 2, `event key=value key=value`. Values with
 * anything but visible ASCII are quoted, and quotes, backslashes, control and
 * 8-bit bytes inside are escaped as \" \\ \xHH: a line stays one line and its
 * fields can be read back whatever a stranger sent.
 *
 *	struct log line;
 *
 *	log_begin(&line, LOG_LEVEL_INFO, "accepted");
 *	log_text(&line, "id", id);
 *	log_number(&line, "size", size);
 *	log_write(&line);
 *
 * Under journald (JOURNAL_STREAM is set) a line begins with its <level>, else
 * with the program's name and pid. A failing write is ignored: logging never
 * decides over mail. */
#ifndef SYS_LOG_H
#define SYS_LOG_H

#include <stdint.h>

#include "pure/buf.h"
#include "pure/limits.h"

/* The levels of syslog(3) that postern uses, under names of our own. */
enum log_level {
	LOG_LEVEL_ERROR = 3,   /* an admin must act */
	LOG_LEVEL_WARNING = 4, /* something was refused or put off */
	LOG_LEVEL_INFO = 6,    /* what happened to mail */
	LOG_LEVEL_DEBUG = 7,
};

struct log {
	enum log_level level;
	struct buf line;
	char text[LIMIT_LOG_LINE];
};

/* Says who writes; call once, before anything else here. `program` must stay
 * valid. Reads JOURNAL_STREAM. */
void log_program(const char *program);

/* inetd makes descriptor 2 the client, too, and a log line there would be
 * read as SMTP. Where 2 is the same socket as fd, lines go to syslog(3) from
 * now on, those of programs started later as well (POSTERN_SYSLOG in the
 * environment), and 2 becomes /dev/null. Returns 0, or -1 with errno. */
int log_apart_from(int fd);

/* Opens what a line needs, for programs that will not be able to later on
 * (sys/jail.h). */
void log_ready(void);

/* Sends lines to syslog(3) from now on, and to fd 2 as well when told so: for
 * commands that an admin types, whose fd 2 nobody keeps. */
void log_to_system(bool here_too);

void log_begin(struct log *log, enum log_level level, const char *event);
void log_text(struct log *log, const char *key, struct span value);
void log_number(struct log *log, const char *key, uint64_t value);

/* Sends the line with one write(2). */
void log_write(struct log *log);

/* A line with one field: `event reason="..."`. */
void log_reason(enum log_level level, const char *event, const char *reason);

/* Appends value to out as the fields of a line print it. */
void log_escape(struct buf *out, struct span value);

/* Exit codes of every program (DESIGN.md, "Exit codes"). */
enum die_code {
	DIE_SETUP = 100, /* you must fix something */
	DIE_LATER = 111, /* a later try may work */
};

/* Logs `cannot reason="VERB NOUN: why"` and exits with the code. The
 * second form takes the reason from errno. */
_Noreturn void die(enum die_code code, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
_Noreturn void die_errno(enum die_code code, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif

/* SPDX-License-Identifier: ISC */
#include "sys/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "pure/ascii.h"

/* Room for the newline, and for the mark of a value that had to be cut. */
#define LOG_TAIL SPAN("...\"\n")

/* Longest value shown; what is cut is marked with "...". */
#define LOG_VALUE 1000

static const char *log_name = "postern";
static bool log_to_journal;
static bool log_to_syslog;

static void
use_syslog(int options)
{
	log_to_syslog = true;
	openlog(log_name, LOG_PID | options, LOG_MAIL);
}

void
log_program(const char *program)
{
	log_name = program;
	log_to_journal = getenv("JOURNAL_STREAM") != NULL;
	if (getenv("POSTERN_SYSLOG"))
		use_syslog(0);
}

int
log_apart_from(int fd)
{
	struct stat client;
	struct stat log;
	int null;

	if (fstat(STDERR_FILENO, &log) == -1)
		return -1;
	if (!S_ISSOCK(log.st_mode))
		return 0;
	if (fstat(fd, &client) == -1)
		return -1;
	if (client.st_dev != log.st_dev || client.st_ino != log.st_ino)
		return 0;
	null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (null == -1 || dup2(null, STDERR_FILENO) == -1 ||
		setenv("POSTERN_SYSLOG", "yes", 1) == -1)
		return -1;
	close(null);
	use_syslog(0);
	return 0;
}

void
log_ready(void)
{
	if (!log_to_syslog)
		return;
	tzset();
	use_syslog(LOG_NDELAY);
}

void
log_to_system(bool here_too)
{
	use_syslog(here_too ? LOG_PERROR : 0);
}

void
log_begin(struct log *log, enum log_level level, const char *event)
{
	log->line = (struct buf){ log->text, sizeof log->text - LOG_TAIL.n, 0,
		false };
	log->level = level;
	if (log_to_syslog) {
		; /* which says who and how bad it is */
	} else if (log_to_journal) {
		buf_char(&log->line, '<');
		buf_number(&log->line, level);
		buf_char(&log->line, '>');
	} else {
		buf_str(&log->line, log_name);
		buf_char(&log->line, '[');
		buf_number(&log->line, (uint64_t)getpid());
		buf_str(&log->line, "] ");
	}
	buf_str(&log->line, event);
}

static bool
needs_quotes(struct span value)
{
	if (value.n == 0)
		return true;
	for (size_t i = 0; i < value.n; i++)
		if (!ascii_visible(value.p[i]) || value.p[i] == '"' ||
			value.p[i] == '\\')
			return true;
	return false;
}

void
log_escape(struct buf *out, struct span value)
{
	bool quoted = needs_quotes(value);
	struct span shown = span_head(value, LOG_VALUE);

	if (quoted)
		buf_char(out, '"');
	for (size_t i = 0; i < shown.n && !out->over; i++) {
		char c = shown.p[i];

		if (ascii_control(c) || ascii_high(c)) {
			buf_str(out, "\\x");
			buf_hex(out, (unsigned char)c, 2);
			continue;
		}
		if (c == '"' || c == '\\')
			buf_char(out, '\\');
		buf_char(out, c);
	}
	if (shown.n < value.n)
		buf_str(out, "...");
	if (quoted)
		buf_char(out, '"');
}

void
log_text(struct log *log, const char *key, struct span value)
{
	size_t start = log->line.len;

	if (log->line.over)
		return;
	buf_char(&log->line, ' ');
	buf_str(&log->line, key);
	buf_char(&log->line, '=');
	log_escape(&log->line, value);
	if (log->line.over) /* a field is shown whole or not at all */
		log->line.len = start;
}

void
log_number(struct log *log, const char *key, uint64_t value)
{
	char digits[20];
	struct buf b = BUF(digits);

	buf_number(&b, value);
	log_text(log, key, buf_text(&b));
}

void
log_write(struct log *log)
{
	log->line.cap = sizeof log->text;
	if (log->line.over) {
		log->line.over = false;
		buf_str(&log->line, " ...");
	}
	if (log_to_syslog) {
		syslog((int)log->level, "%.*s", (int)log->line.len, log->text);
		return;
	}
	buf_char(&log->line, '\n');
	if (write(STDERR_FILENO, log->text, log->line.len) == -1)
		return; /* nobody listens; see log.h */
}

void
log_reason(enum log_level level, const char *event, const char *reason)
{
	struct log log;

	log_begin(&log, level, event);
	log_text(&log, "reason", span_of(reason));
	log_write(&log);
}

/* Both ways to die: error is 0 or an errno to name. */
__attribute__((format(printf, 3, 0))) static _Noreturn void
die_with(enum die_code code, int error, const char *format, va_list args)
{
	char text[LIMIT_LOG_LINE / 2];
	int n = vsnprintf(text, sizeof text, format, args);

	if (error && n >= 0 && (size_t)n < sizeof text)
		snprintf(text + n, sizeof text - (size_t)n, ": %s",
			strerror(error));
	log_reason(LOG_LEVEL_ERROR, "cannot", text);
	exit((int)code);
}

void
die(enum die_code code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	die_with(code, 0, format, args);
}

void
die_errno(enum die_code code, const char *format, ...)
{
	int error = errno;
	va_list args;

	va_start(args, format);
	die_with(code, error, format, args);
}

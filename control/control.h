/* SPDX-License-Identifier: ISC
 *
 * control: the plain files of the control directory. control.c holds the one
 * table of every file postern knows: its kind, default, limits and readers;
 * control/README is that table in words, and tests/style keeps them equal.
 *
 * A file holds one value, or one entry a line. Spaces at the ends of a line,
 * empty lines and lines that begin with # do not count. A missing file means
 * the default. A file that is unreadable, malformed or unknown is an error
 * whose text names file, line and remedy: callers answer it with a temporary
 * failure, never with an empty list (THREATS.md R11). */
#ifndef CONTROL_CONTROL_H
#define CONTROL_CONTROL_H

#include <stdbool.h>
#include <stdint.h>

#include "pure/buf.h"
#include "pure/limits.h"

/* One for every row of the table in control.c, in its order. */
enum control_id {
	CONTROL_ACTIVEMAX,
	CONTROL_ALIASES,
	CONTROL_ALLOWRECIPIENTS,
	CONTROL_AUTHINSECURE,
	CONTROL_AUTHLIMIT,
	CONTROL_AUTHMECHANISMS,
	CONTROL_AUTHPROGRAM,
	CONTROL_AUTHREMOTE,
	CONTROL_AUTHTRACE,
	CONTROL_BADMAILFROM,
	CONTROL_BOUNCEFROM,
	CONTROL_BOUNCEHOST,
	CONTROL_BOUNCERATE,
	CONTROL_BOUNCESENDER,
	CONTROL_CONCURRENCYCLIENT,
	CONTROL_CONCURRENCYDEST,
	CONTROL_CONCURRENCYINCOMING,
	CONTROL_CONCURRENCYLOCAL,
	CONTROL_CONCURRENCYREMOTE,
	CONTROL_COPYALL,
	CONTROL_DATABYTES,
	CONTROL_DATARATE,
	CONTROL_DEFAULTHOST,
	CONTROL_DELAYWARN,
	CONTROL_DENYFROM,
	CONTROL_DOUBLEBOUNCETO,
	CONTROL_FILTERS,
	CONTROL_HELOHOST,
	CONTROL_HIDERECEIVED,
	CONTROL_LINEMAX,
	CONTROL_LOCALS,
	CONTROL_LOGINS,
	CONTROL_LOOSEDOTS,
	CONTROL_MAILBOXES,
	CONTROL_MAILMAX,
	CONTROL_ME,
	CONTROL_MOREIPME,
	CONTROL_MORERCPTHOSTS,
	CONTROL_MXLOCAL,
	CONTROL_NAMESERVERS,
	CONTROL_NEXTHOPS,
	CONTROL_NORMALIZE,
	CONTROL_OAUTH2,
	CONTROL_OTHERRECIPIENTS,
	CONTROL_OVERQUOTA,
	CONTROL_POSTMASTER,
	CONTROL_PROXIES,
	CONTROL_QUEUELIFETIME,
	CONTROL_QUEUERESERVE,
	CONTROL_QUOTA,
	CONTROL_RCPTHOSTS,
	CONTROL_RCPTMAX,
	CONTROL_RECIPIENTS,
	CONTROL_REDIRECTALL,
	CONTROL_RELAYFROM,
	CONTROL_RETRYMAX,
	CONTROL_RETRYMIN,
	CONTROL_SENDER,
	CONTROL_SENDERROUTES,
	CONTROL_SENDERS,
	CONTROL_SENDIDLE,
	CONTROL_SESSIONTIME,
	CONTROL_SMTPGREETING,
	CONTROL_SMTPROUTES,
	CONTROL_SUBADDRESS,
	CONTROL_SYNC,
	CONTROL_TIMEOUTCONNECT,
	CONTROL_TIMEOUTREMOTE,
	CONTROL_TIMEOUTSMTPD,
	CONTROL_TLSCAFILE,
	CONTROL_TLSCERT,
	CONTROL_TLSCIPHERS,
	CONTROL_TLSCLIENTS,
	CONTROL_TLSFALLBACK,
	CONTROL_TLSKEY,
	CONTROL_TLSPOLICY,
	CONTROL_TLSREQUIRED,
	CONTROL_USERRATE,
	CONTROL_COUNT
};

/* How a file is read. */
enum control_kind {
	CONTROL_LINE,   /* one value: the first line that counts */
	CONTROL_NUMBER, /* one decimal number between min and max */
	CONTROL_LIST,   /* entries, one a line */
	CONTROL_TABLE,  /* NAME (entries `key:value`) or NAME.cdb, or both */
	CONTROL_CDB,    /* NAME.cdb; NAME is the text it is made from */
};

struct control_file {
	const char *name;
	enum control_kind kind;
	const char *preset; /* default in words or as a number */
	uint64_t min;
	uint64_t max;
};

/* The row of a file; rows are in alphabetical order. */
const struct control_file *control_file(enum control_id id);

/* An opened control directory: which files are there, and what went wrong. */
struct control {
	int dir;
	bool links; /* some of them are links, maybe to elsewhere */
	bool text[CONTROL_COUNT]; /* the file NAME is there */
	bool cdb[CONTROL_COUNT];  /* the file NAME.cdb is there */
	char error[512];
};

/* Opens the control directory of this world (sys/home.h) and looks once at
 * what is in it. A missing directory is an empty one.
 * Returns 0, or -1: unreadable, or a file that postern does not know (dot
 * files, editors' and package managers' leftovers, README and directories of
 * other names are passed over). The error stays in c->error. */
int control_open(struct control *c);

/* The same for a report: goes on behind a file that is not known. `fault` is
 * called for each, with the words in c->error. Returns 0, or -1 when the
 * directory cannot be read. */
typedef void control_fault(void *ctx, const struct control *c);
int control_survey(struct control *c, control_fault *fault, void *ctx);

/* The name of the control file that `name` may be a misspelling of, or NULL. */
const char *control_nearest(struct span name);

/* Closes what control_open opened; c->error stays. */
void control_close(struct control *c);

/* What went wrong, in words for the log: "control/rcpthost: ...; ...". */
const char *control_error(const struct control *c);

/* Records that `file`, line `line` (0: none) is wrong. Returns -1. */
int control_fail(
	struct control *c, const char *file, unsigned line, const char *why);

/* The one value of a LINE file, as a C string. Returns 1 when the file gave
 * it, 0 when there is none (out is then ""), -1 with the error set: control
 * bytes, or longer than cap - 1. */
int control_line(struct control *c, enum control_id id, char *out, size_t cap);

/* The number of a NUMBER file, or its default. Returns 0 or -1. */
int control_number(struct control *c, enum control_id id, uint64_t *out);

/* The entries of a LIST or TABLE text file. */
struct control_list {
	const char *name; /* for control_fail */
	char *text;       /* owned; NULL when the file is missing */
	size_t len;
	size_t at;
	unsigned line; /* number of the entry that was given last */
};

/* Loads a list. Returns 1 when the file is there (maybe without entries), 0
 * when it is missing (an empty list), -1 with the error set: unreadable, over
 * LIMIT_CONTROL_FILE, a line over LIMIT_CONTROL_LINE, NUL or control bytes. */
int control_list(
	struct control *c, enum control_id id, struct control_list *list);

/* The next entry, trimmed. False at the end. */
bool control_next(struct control_list *list, struct span *entry);

/* Starts again from the first entry. */
void control_rewind(struct control_list *list);

/* How many entries there are; starts again from the first. */
size_t control_count(struct control_list *list);

/* Splits `key: value` at the first colon that is neither in quotes nor in
 * brackets. False when there is none: then *key is all of it. */
bool control_split(struct span entry, struct span *key, struct span *value);

void control_list_free(struct control_list *list);

/* The name of this host: control/me, else the kernel's host name when it has
 * a dot, else "". Returns 0 or -1. `out` must hold LIMIT_DOMAIN + 1. */
int control_me(struct control *c, char *out);

#endif

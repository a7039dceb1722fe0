/* SPDX-License-Identifier: ISC */
#include "control/control.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "pure/ascii.h"
#include "sys/home.h"

#define DAY  86400
#define YEAR (365 * DAY)

/* Every file there is. control/README says the same in words. */
/* clang-format off */
static const struct control_file files[CONTROL_COUNT] = {
/* id                             name                  kind            default       min  max */
[CONTROL_ACTIVEMAX]           = { "activemax",          CONTROL_NUMBER, "1000000",    100, 10000000 },
[CONTROL_ALIASES]             = { "aliases",            CONTROL_TABLE,  "",           0, 0 },
[CONTROL_ALLOWRECIPIENTS]     = { "allowrecipients",    CONTROL_LIST,   "",           0, 0 },
[CONTROL_AUTHINSECURE]        = { "authinsecure",       CONTROL_LIST,   "",           0, 0 },
[CONTROL_AUTHLIMIT]           = { "authlimit",          CONTROL_NUMBER, "30",          0, 1000000 },
[CONTROL_AUTHMECHANISMS]      = { "authmechanisms",     CONTROL_LIST,   "",            0, 0 },
[CONTROL_AUTHPROGRAM]         = { "authprogram",        CONTROL_LINE,   "",           0, 0 },
[CONTROL_AUTHREMOTE]          = { "authremote",         CONTROL_LIST,   "",           0, 0 },
[CONTROL_AUTHTRACE]           = { "authtrace",          CONTROL_NUMBER, "0",          0, 1 },
[CONTROL_BADMAILFROM]         = { "badmailfrom",        CONTROL_LIST,   "",           0, 0 },
[CONTROL_BOUNCEFROM]          = { "bouncefrom",         CONTROL_LINE,   "MAILER-DAEMON",0, 0 },
[CONTROL_BOUNCEHOST]          = { "bouncehost",         CONTROL_LINE,   "me",         0, 0 },
[CONTROL_BOUNCERATE]          = { "bouncerate",         CONTROL_NUMBER, "100",        0, 1000000 },
[CONTROL_BOUNCESENDER]        = { "bouncesender",       CONTROL_LINE,   "",           0, 0 },
[CONTROL_CONCURRENCYCLIENT]   = { "concurrencyclient",  CONTROL_NUMBER, "20",         1, 100000 },
[CONTROL_CONCURRENCYDEST]     = { "concurrencydest",    CONTROL_NUMBER, "10",         1, 1000 },
[CONTROL_CONCURRENCYINCOMING] = { "concurrencyincoming", CONTROL_NUMBER, "500",       1, 100000 },
[CONTROL_CONCURRENCYLOCAL]    = { "concurrencylocal",   CONTROL_NUMBER, "4",          1, 1000 },
[CONTROL_CONCURRENCYREMOTE]   = { "concurrencyremote",  CONTROL_NUMBER, "20",         1, 1000 },
[CONTROL_COPYALL]             = { "copyall",            CONTROL_LINE,   "",           0, 0 },
[CONTROL_DATABYTES]           = { "databytes",          CONTROL_NUMBER, "52428800",   0, 1ULL << 50 },
[CONTROL_DATARATE]            = { "datarate",           CONTROL_NUMBER, "100",        0, 1 << 30 },
[CONTROL_DEFAULTHOST]         = { "defaulthost",        CONTROL_LINE,   "me",         0, 0 },
[CONTROL_DELAYWARN]           = { "delaywarn",          CONTROL_NUMBER, "14400",      0, YEAR },
[CONTROL_DENYFROM]            = { "denyfrom",           CONTROL_LIST,   "",           0, 0 },
[CONTROL_DOUBLEBOUNCETO]      = { "doublebounceto",     CONTROL_LINE,   "",           0, 0 },
[CONTROL_FILTERS]             = { "filters",            CONTROL_LIST,   "",           0, 0 },
[CONTROL_HELOHOST]            = { "helohost",           CONTROL_LINE,   "me",         0, 0 },
[CONTROL_HIDERECEIVED]        = { "hidereceived",       CONTROL_LIST,   "",           0, 0 },
[CONTROL_LINEMAX]             = { "linemax",            CONTROL_NUMBER, "0",          0, 1 << 30 },
[CONTROL_LOCALS]              = { "locals",             CONTROL_LIST,   "",           0, 0 },
[CONTROL_LOGINS]              = { "logins",             CONTROL_TABLE,  "",           0, 0 },
[CONTROL_LOOSEDOTS]           = { "loosedots",          CONTROL_NUMBER, "0",          0, 1 },
[CONTROL_MAILBOXES]           = { "mailboxes",          CONTROL_TABLE,  "",           0, 0 },
[CONTROL_MAILMAX]             = { "mailmax",            CONTROL_NUMBER, "1000",       1, 999999 },
[CONTROL_ME]                  = { "me",                 CONTROL_LINE,   "host name",  0, 0 },
[CONTROL_MOREIPME]            = { "moreipme",           CONTROL_LIST,   "",           0, 0 },
[CONTROL_MORERCPTHOSTS]       = { "morercpthosts",      CONTROL_CDB,    "",           0, 0 },
[CONTROL_MXLOCAL]             = { "mxlocal",            CONTROL_NUMBER, "0",          0, 1 },
[CONTROL_NAMESERVERS]         = { "nameservers",        CONTROL_LIST,   "/etc/resolv.conf", 0, 0 },
[CONTROL_NEXTHOPS]            = { "nexthops",           CONTROL_LIST,   "",           0, 0 },
[CONTROL_NORMALIZE]           = { "normalize",          CONTROL_LIST,   "",           0, 0 },
[CONTROL_OAUTH2]              = { "oauth2",             CONTROL_LIST,   "",           0, 0 },
[CONTROL_OTHERRECIPIENTS]     = { "otherrecipients",    CONTROL_LINE,   "",           0, 0 },
[CONTROL_OVERQUOTA]           = { "overquota",          CONTROL_LINE,   "later",      0, 0 },
[CONTROL_POSTMASTER]          = { "postmaster",         CONTROL_LINE,   "postmaster@me", 0, 0 },
[CONTROL_PROXIES]             = { "proxies",            CONTROL_LIST,   "",           0, 0 },
[CONTROL_QUEUELIFETIME]       = { "queuelifetime",      CONTROL_NUMBER, "432000",     0, YEAR },
[CONTROL_QUEUERESERVE]        = { "queuereserve",       CONTROL_NUMBER, "33554432",   0, 1ULL << 50 },
[CONTROL_QUOTA]               = { "quota",              CONTROL_LIST,   "",           0, 0 },
[CONTROL_RCPTHOSTS]           = { "rcpthosts",          CONTROL_LIST,   "",           0, 0 },
[CONTROL_RCPTMAX]             = { "rcptmax",            CONTROL_NUMBER, "1000",       1, 999999 },
[CONTROL_RECIPIENTS]          = { "recipients",         CONTROL_LIST,   "",           0, 0 },
[CONTROL_REDIRECTALL]         = { "redirectall",        CONTROL_LINE,   "",           0, 0 },
[CONTROL_RELAYFROM]           = { "relayfrom",          CONTROL_LIST,   "",           0, 0 },
[CONTROL_RETRYMAX]            = { "retrymax",           CONTROL_NUMBER, "10800",      1, YEAR },
[CONTROL_RETRYMIN]            = { "retrymin",           CONTROL_NUMBER, "400",        1, DAY },
[CONTROL_SENDER]              = { "sender",             CONTROL_LIST,   "",           0, 0 },
[CONTROL_SENDERROUTES]       = { "senderroutes",       CONTROL_LIST,   "",           0, 0 },
[CONTROL_SENDERS]             = { "senders",            CONTROL_TABLE,  "",           0, 0 },
[CONTROL_SENDIDLE]            = { "sendidle",           CONTROL_NUMBER, "30",         0, YEAR },
[CONTROL_SESSIONTIME]         = { "sessiontime",        CONTROL_NUMBER, "7200",       60, DAY },
[CONTROL_SMTPGREETING]        = { "smtpgreeting",       CONTROL_LINE,   "me ESMTP",   0, 0 },
[CONTROL_SMTPROUTES]          = { "smtproutes",         CONTROL_LIST,   "",           0, 0 },
[CONTROL_SUBADDRESS]          = { "subaddress",         CONTROL_LINE,   "+",          0, 0 },
[CONTROL_SYNC]                = { "sync",               CONTROL_LINE,   "auto",       0, 0 },
[CONTROL_TIMEOUTCONNECT]      = { "timeoutconnect",     CONTROL_NUMBER, "30",         1, 3600 },
[CONTROL_TIMEOUTREMOTE]       = { "timeoutremote",      CONTROL_NUMBER, "0",          0, DAY },
[CONTROL_TIMEOUTSMTPD]        = { "timeoutsmtpd",       CONTROL_NUMBER, "300",        1, DAY },
[CONTROL_TLSCAFILE]           = { "tlscafile",          CONTROL_LINE,   "system's store", 0, 0 },
[CONTROL_TLSCERT]             = { "tlscert",            CONTROL_LINE,   "",           0, 0 },
[CONTROL_TLSCIPHERS]          = { "tlsciphers",         CONTROL_LIST,   "",           0, 0 },
[CONTROL_TLSCLIENTS]          = { "tlsclients",         CONTROL_TABLE,  "",           0, 0 },
[CONTROL_TLSFALLBACK]         = { "tlsfallback",        CONTROL_NUMBER, "1",          0, 1 },
[CONTROL_TLSKEY]              = { "tlskey",             CONTROL_LINE,   "tlscert",    0, 0 },
[CONTROL_TLSPOLICY]           = { "tlspolicy",          CONTROL_LIST,   "",           0, 0 },
[CONTROL_TLSREQUIRED]         = { "tlsrequired",        CONTROL_NUMBER, "0",          0, 1 },
[CONTROL_USERRATE]            = { "userrate",           CONTROL_NUMBER, "0",          0, 1000000 },
};
/* clang-format on */

const struct control_file *
control_file(enum control_id id)
{
	return &files[id];
}

const char *
control_error(const struct control *c)
{
	return c->error;
}

int
control_fail(
	struct control *c, const char *file, unsigned line, const char *why)
{
	struct buf b = BUF(c->error);

	buf_str(&b, "control/");
	buf_str(&b, file);
	if (line) {
		buf_char(&b, ':');
		buf_number(&b, line);
	}
	buf_str(&b, ": ");
	buf_str(&b, why);
	buf_cstr(&b);
	return -1;
}

static int
fail_errno(struct control *c, const char *file)
{
	char why[160];
	struct buf b = BUF(why);
	bool mode = errno == EACCES;

	buf_str(&b, strerror(errno));
	if (mode && strcmp(file, files[CONTROL_LOGINS].name) == 0)
		buf_str(&b, "; let postern-auth read it, and nobody else "
			    "(chgrp postern-auth, chmod 640)");
	else if (mode)
		buf_str(&b, *file ? "; let postern and postern-in read it "
				    "(chmod 644)"
				  : "; let postern and postern-in enter it "
				    "(chmod 755)");
	return control_fail(c, file, 0, buf_cstr(&b));
}

/* The row NAME or NAME.cdb belongs to, or CONTROL_COUNT. */
static enum control_id
file_of(struct span name)
{
	for (int i = 0; i < CONTROL_COUNT; i++)
		if (span_eq(name, span_of(files[i].name)))
			return (enum control_id)i;
	return CONTROL_COUNT;
}

/* What editors and package managers leave in directories. */
static bool
is_leftover(struct span name)
{
	static const struct span tails[] = { SPAN_INIT("~"), SPAN_INIT(".bak"),
		SPAN_INIT(".orig"), SPAN_INIT(".rej"), SPAN_INIT(".swp"),
		SPAN_INIT(".tmp"), SPAN_INIT(".dpkg-old"),
		SPAN_INIT(".dpkg-new"), SPAN_INIT(".dpkg-dist"),
		SPAN_INIT(".ucf-old"), SPAN_INIT(".ucf-new"),
		SPAN_INIT(".ucf-dist") };

	if (name.p[0] == '.' || name.p[0] == '#' ||
		span_eq(name, SPAN("README")))
		return true;
	for (size_t i = 0; i < LEN(tails); i++)
		if (span_ends_nocase(name, tails[i]))
			return true;
	return false;
}

const char *
control_nearest(struct span name)
{
	const char *nearest = NULL;
	unsigned least = 3;

	for (int i = 0; i < CONTROL_COUNT; i++) {
		unsigned far = span_distance(name, span_of(files[i].name));

		if (far < least) {
			least = far;
			nearest = files[i].name;
		}
	}
	return nearest;
}

/* Unknown names are errors, so that a misspelt file is never silence. */
static int
fail_unknown(struct control *c, const char *name)
{
	const char *nearest = control_nearest(span_of(name));
	char why[160];
	struct buf b = BUF(why);

	buf_str(&b, "no such control file is known; ");
	if (nearest) {
		buf_str(&b, "did you mean ");
		buf_str(&b, nearest);
		buf_str(&b, "?");
	} else {
		buf_str(&b, "remove it, or see control/README for the names");
	}
	return control_fail(c, name, 0, buf_cstr(&b));
}

/* Some file systems leave the type open until one asks. */
static bool
is_dir(const struct control *c, const char *name, unsigned char type)
{
	struct stat st;

	if (type != DT_UNKNOWN)
		return type == DT_DIR;
	return fstatat(c->dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISDIR(st.st_mode);
}

/* Takes note of one directory entry. A directory under a file's name counts
 * as the file, and reading it will say so: container engines make one where a
 * file to be mounted is missing. */
static int
note_entry(struct control *c, const char *file, unsigned char type)
{
	struct span name = span_of(file);
	bool cdb = span_ends_nocase(name, SPAN(".cdb"));
	enum control_id id;

	if (is_leftover(name))
		return 0;
	if (cdb)
		name.n -= 4;
	id = file_of(name);
	if (id == CONTROL_COUNT || (cdb && files[id].kind != CONTROL_TABLE &&
					   files[id].kind != CONTROL_CDB))
		return is_dir(c, file, type) ? 0 : fail_unknown(c, file);
	(cdb ? c->cdb : c->text)[id] = true;
	if (type != DT_REG && type != DT_DIR)
		c->links = true;
	return 0;
}

/* What getdents64(2) gives, entry after entry. */
struct entry {
	uint64_t inode;
	int64_t offset;
	unsigned short length;
	unsigned char type;
	char name[];
};

/* One read of the directory is cheaper than asking for every file that might
 * be there, and it finds the names nobody asks for. Without opendir, whose
 * memory takes nine system calls more in a program that is over in thirty. */
static int
note_entries(struct control *c, control_fault *fault, void *ctx)
{
	static _Alignas(struct entry) char entries[4096];
	long n;

	while ((n = syscall(SYS_getdents64, c->dir, entries, sizeof entries)) >
		0) {
		for (long at = 0; at < n;) {
			const struct entry *e = (const void *)(entries + at);

			if (note_entry(c, e->name, e->type) == -1) {
				if (!fault)
					return -1;
				fault(ctx, c);
			}
			at += e->length;
		}
	}
	return n == -1 ? fail_errno(c, "") : 0;
}

/* Which directory that was is the first question. */
static int
fail_dir(struct control *c, const char *path)
{
	char text[sizeof c->error - sizeof "control/: "];
	struct buf why = BUF(text);

	buf_str(&why, strerror(errno));
	if (strlen(path) + 2 < why.cap - why.len) {
		buf_str(&why, ": ");
		buf_str(&why, path);
	}
	return control_fail(c, "", 0, buf_cstr(&why));
}

int
control_survey(struct control *c, control_fault *fault, void *ctx)
{
	char path[LIMIT_PATH];

	*c = (struct control){ .dir = -1 };
	if (!home_control(path))
		return fail_errno(c, "");
	c->dir = openat(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (c->dir == -1)
		return errno == ENOENT ? 0 : fail_dir(c, path);
	return note_entries(c, fault, ctx);
}

int
control_open(struct control *c)
{
	return control_survey(c, NULL, NULL);
}

void
control_close(struct control *c)
{
	if (c->dir != -1)
		close(c->dir);
	c->dir = -1;
}

/* Where a short file is read to, so that a session needs no allocator. */
struct room {
	char *text;
	size_t n;
};

static void
release(const struct room *room, char **text)
{
	if (*text != room->text)
		free(*text);
	*text = NULL;
}

/* Reads all of a file with a NUL behind it, into the room where it fits, or
 * into memory of its own. */
static int
read_file(struct control *c, const char *name, const struct room *room,
	char **text, size_t *len)
{
	struct stat st;
	size_t cap;
	int fd = openat(c->dir, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	*text = NULL;
	*len = 0;
	if (fd == -1)
		return fail_errno(c, name);
	if (fstat(fd, &st) == -1)
		goto fail;
	if (!S_ISREG(st.st_mode)) {
		close(fd);
		return control_fail(c, name, 0,
			"not a regular file; put the file in its place, or "
			"remove it");
	}
	if (st.st_size > LIMIT_CONTROL_FILE) {
		close(fd);
		return control_fail(c, name, 0,
			"over 1 MiB; tables of that size go into a .cdb file");
	}
	cap = (size_t)st.st_size;
	*text = cap < room->n ? room->text : malloc(cap + 1);
	if (!*text)
		goto fail;
	while (*len < cap) {
		ssize_t n = read(fd, *text + *len, cap - *len);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			goto fail;
		if (n == 0)
			break;
		*len += (size_t)n;
	}
	(*text)[*len] = '\0';
	close(fd);
	return 0;
fail:
	fail_errno(c, name);
	release(room, text);
	close(fd);
	return -1;
}

/* Lines are text: no controls but the tab, and none too long to be meant. */
static int
check_text(struct control *c, const struct control_list *list)
{
	static const char mark[] = "\xef\xbb\xbf"; /* of some editors' UTF-8 */
	unsigned line = 1;
	size_t start = 0;

	if (list->len >= 3 && memcmp(list->text, mark, 3) == 0)
		return control_fail(c, list->name, line,
			"byte order mark before the text; save it without");
	for (size_t i = 0; i < list->len; i++) {
		char ch = list->text[i];

		if (ch == '\n') {
			line++;
			start = i + 1;
		} else if (ch == '\r' && i + 1 < list->len &&
			   list->text[i + 1] == '\n') {
			return control_fail(c, list->name, line,
				"line ends in CR LF; save it with LF alone");
		} else if (ascii_control(ch) && ch != '\t') {
			return control_fail(c, list->name, line,
				"control byte in text; take it out");
		} else if (i - start >= LIMIT_CONTROL_LINE) {
			return control_fail(c, list->name, line,
				"line too long; 2048 octets at most");
		}
	}
	return 0;
}

static int
read_list(struct control *c, enum control_id id, const struct room *room,
	struct control_list *list)
{
	*list = (struct control_list){ .name = files[id].name };
	if (!c->text[id])
		return 0;
	if (read_file(c, list->name, room, &list->text, &list->len) == -1)
		return -1;
	if (check_text(c, list) == 0)
		return 1;
	release(room, &list->text);
	return -1;
}

int
control_list(struct control *c, enum control_id id, struct control_list *list)
{
	static const struct room none;

	return read_list(c, id, &none, list);
}

bool
control_next(struct control_list *list, struct span *entry)
{
	while (list->at < list->len) {
		struct span rest = { list->text + list->at,
			list->len - list->at };
		size_t end = span_find(rest, '\n');

		list->at += end + 1;
		list->line++;
		*entry = span_trim(span_head(rest, end));
		if (entry->n && entry->p[0] != '#')
			return true;
	}
	return false;
}

void
control_rewind(struct control_list *list)
{
	list->at = 0;
	list->line = 0;
}

size_t
control_count(struct control_list *list)
{
	struct span entry;
	size_t n = 0;

	control_rewind(list);
	while (control_next(list, &entry))
		n++;
	control_rewind(list);
	return n;
}

bool
control_split(struct span entry, struct span *key, struct span *value)
{
	bool inside = false;
	bool quoted = false;
	size_t i;

	for (i = 0; i < entry.n; i++) {
		char c = entry.p[i];

		if (c == '\\' && quoted)
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (c == '[' || c == ']')
			inside = c == '[';
		else if (c == ':' && !inside && !quoted)
			break;
	}
	*key = span_trim(span_head(entry, i));
	*value = span_trim(span_from(entry, i + 1));
	return i < entry.n;
}

void
control_list_free(struct control_list *list)
{
	free(list->text);
	list->text = NULL;
	list->len = 0;
}

int
control_line(struct control *c, enum control_id id, char *out, size_t cap)
{
	struct control_list list;
	struct span entry;
	struct span more;
	char text[LIMIT_CONTROL_LINE / 2];
	const struct room room = { text, sizeof text };
	int result = read_list(c, id, &room, &list);

	out[0] = '\0';
	if (result != 1)
		return result;
	if (!control_next(&list, &entry)) {
		result = control_fail(c, list.name, 0,
			"holds no value; write one line, or remove the file");
	} else if (entry.n >= cap) {
		result = control_fail(c, list.name, list.line, "too long");
	} else {
		memcpy(out, entry.p, entry.n);
		out[entry.n] = '\0';
		if (control_next(&list, &more))
			result = control_fail(c, list.name, list.line,
				"a second value; this file holds one");
	}
	release(&room, &list.text);
	return result;
}

int
control_number(struct control *c, enum control_id id, uint64_t *out)
{
	const struct control_file *file = &files[id];
	char text[64];
	char why[120];
	int result = control_line(c, id, text, sizeof text);

	if (result == -1)
		return -1;
	if (result == 0)
		return span_number(span_of(file->preset), out);
	if (span_number(span_of(text), out) == 0 && *out >= file->min &&
		*out <= file->max)
		return 0;
	snprintf(why, sizeof why, "not a whole number from %llu to %llu",
		(unsigned long long)file->min, (unsigned long long)file->max);
	return control_fail(c, file->name, 0, why);
}

int
control_me(struct control *c, char *out)
{
	struct utsname host;
	size_t n;

	if (control_line(c, CONTROL_ME, out, LIMIT_DOMAIN + 1) == -1)
		return -1;
	if (*out || uname(&host) == -1 || !strchr(host.nodename, '.'))
		return 0;
	n = strlen(host.nodename);
	if (n <= LIMIT_DOMAIN)
		memcpy(out, host.nodename, n + 1);
	return 0;
}

/* SPDX-License-Identifier: ISC */
#include "admin/ground.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admin/audit.h"
#include "admin/step.h"
#include "control/mailboxes.h"
#include "queue/place.h"
#include "queue/store.h"
#include "smtp/inject.h"
#include "sys/home.h"
#include "sys/user.h"

enum { GROUPS = 64, MAY_READ = 4, MAY_WRITE = 2, MAY_ENTER = 1 };

/* --- who ---------------------------------------------------------------- */

struct user {
	const char *name;
	uid_t uid;
	gid_t group[GROUPS];
	int groups;
};

/* The one who delivers and the one who runs sessions. */
static struct {
	bool ready;
	bool apart; /* they are two users of their own */
	struct user delivers;
	struct user sessions;
} who;

static bool
user_find(struct user *u, const char *name)
{
	const struct passwd *p = getpwnam(name);

	if (!p)
		return false;
	u->name = name;
	u->uid = p->pw_uid;
	u->groups = GROUPS;
	return getgrouplist(name, p->pw_gid, u->group, &u->groups) != -1;
}

static void
user_self(struct user *u)
{
	u->name = "you";
	u->uid = geteuid();
	u->groups = getgroups(GROUPS - 1, u->group);
	if (u->groups < 0)
		u->groups = 0;
	u->group[u->groups++] = getegid();
}

static void
learn_users(void)
{
	const char *home = getenv("POSTERN_HOME");

	if (who.ready)
		return;
	who.ready = true;
	who.apart = !(home && *home) && user_find(&who.delivers, "postern") &&
		    user_find(&who.sessions, "postern-in");
	if (who.apart)
		return;
	user_self(&who.delivers);
	user_self(&who.sessions);
}

static bool
may(const struct user *u, uid_t owner, gid_t group, mode_t mode, mode_t wanted)
{
	if (u->uid == 0)
		return true;
	if (u->uid == owner)
		return (mode >> 6 & wanted) == wanted;
	for (int i = 0; i < u->groups; i++)
		if (u->group[i] == group)
			return (mode >> 3 & wanted) == wanted;
	return (mode & wanted) == wanted;
}

static bool
may_file(const struct user *u, const struct stat *st, mode_t wanted)
{
	return may(u, st->st_uid, st->st_gid, st->st_mode, wanted);
}

/* --- control ------------------------------------------------------------ */

struct findings {
	unsigned count;
	char first[512];
};

static void
keep_first(void *ctx, const char *text)
{
	struct findings *f = ctx;

	if (f->count++ == 0)
		snprintf(f->first, sizeof f->first, "%s", text);
}

static void
note_advice(void *ctx, const char *text)
{
	(void)ctx;
	step_note("control", "%s", text);
}

int
ground_control(struct control *c)
{
	struct findings faults = { .count = 0 };
	unsigned files = 0;
	char path[LIMIT_PATH];

	audit_control(c, keep_first, &faults);
	if (faults.count == 1)
		return step_fault(DIE_SETUP, "control", "%s", faults.first);
	if (faults.count)
		return step_fault(DIE_SETUP, "control",
			"%s (and %u more; postern config names them all)",
			faults.first, faults.count - 1);
	for (int i = 0; i < CONTROL_COUNT; i++)
		files += c->text[i] + c->cdb[i];
	step_ok("control", "%u files in %s, each of them right", files,
		home_control(path) ? path : "?");
	audit_advice(c, note_advice, NULL);
	return 0;
}

/* One name of the control directory. */
static int
judge_file(const char *name, const struct stat *st)
{
	const struct user *users[] = { &who.delivers, &who.sessions };
	bool dir = S_ISDIR(st->st_mode);

	for (size_t i = 0; i < LEN(users); i++)
		if (!may_file(users[i], st,
			    dir ? MAY_READ | MAY_ENTER : MAY_READ))
			return step_fault(DIE_SETUP, "permissions",
				"%s cannot read control/%s; chmod %s it",
				users[i]->name, name, dir ? "755" : "644");
	if (st->st_mode & 02)
		return step_fault(DIE_SETUP, "permissions",
			"everybody may write control/%s; chmod o-w it", name);
	return 0;
}

/* The logins are for postern-auth alone, and not for the programs that read
 * strangers' bytes. */
static int
judge_secret(const char *name, const struct stat *st)
{
	struct user auth;

	if (st->st_mode & 07)
		return step_fault(DIE_SETUP, "permissions",
			"everybody may read control/%s; chmod 640 it", name);
	if (!who.apart)
		return 0;
	if (may_file(&who.sessions, st, MAY_READ))
		return step_fault(DIE_SETUP, "permissions",
			"%s, who talks to strangers, may read control/%s; "
			"chgrp postern-auth it",
			who.sessions.name, name);
	if (user_find(&auth, "postern-auth") && !may_file(&auth, st, MAY_READ))
		return step_fault(DIE_SETUP, "permissions",
			"%s cannot read control/%s; chgrp it to that group, "
			"chmod 640 it",
			auth.name, name);
	return 0;
}

static int
judge_name(const struct control *c, enum control_id id, bool cdb)
{
	char name[64];
	struct stat st;

	snprintf(name, sizeof name, "%s%s", control_file(id)->name,
		cdb ? ".cdb" : "");
	if (fstatat(c->dir, name, &st, 0) == -1)
		return step_fault(DIE_SETUP, "permissions",
			"cannot look at control/%s: %s", name, strerror(errno));
	return id == CONTROL_LOGINS ? judge_secret(name, &st)
				    : judge_file(name, &st);
}

int
ground_permissions(const struct control *c)
{
	struct stat st;
	int code = 0;

	learn_users();
	if (c->dir == -1)
		return 0;
	if (fstat(c->dir, &st) == -1)
		return step_fault(DIE_SETUP, "permissions",
			"cannot look at control/: %s", strerror(errno));
	code = judge_file("", &st);
	for (int i = 0; i < CONTROL_COUNT && code == 0; i++) {
		if (c->text[i])
			code = judge_name(c, (enum control_id)i, false);
		if (c->cdb[i] && code == 0)
			code = judge_name(c, (enum control_id)i, true);
	}
	if (code)
		return code;
	if (who.apart)
		step_ok("permissions", "postern and postern-in can read the "
				       "control files, nobody else writes "
				       "them");
	else
		step_ok("permissions",
			"you can read the control files (judged for you: %s)",
			getenv("POSTERN_HOME")
				? "a private world"
				: "there are no users postern and postern-in");
	return 0;
}

/* --- spool -------------------------------------------------------------- */

static int
judge_room(const struct place *p, const struct place_room *room)
{
	const struct user *u = &who.delivers;
	mode_t wanted = MAY_READ | MAY_WRITE | MAY_ENTER;

	if (room->error)
		return step_fault(DIE_SETUP, "spool",
			"%s/%s: %s; make it with systemd-tmpfiles --create "
			"postern.conf, or start postern-send once",
			p->path, room->name, strerror(room->error));
	if (!may(u, room->uid, room->gid, room->mode, wanted))
		return step_fault(DIE_SETUP, "spool",
			"%s may not write %s/%s (mode %04o); "
			"systemd-tmpfiles --create postern.conf mends it",
			u->name, p->path, room->name, (unsigned)room->mode);
	u = &who.sessions;
	wanted = room->session ? MAY_WRITE | MAY_ENTER : MAY_ENTER;
	if ((room->session || *room->name == '.') &&
		!may(u, room->uid, room->gid, room->mode, wanted))
		return step_fault(DIE_SETUP, "spool",
			"%s may not make files in %s/%s (mode %04o); "
			"systemd-tmpfiles --create postern.conf mends it",
			u->name, p->path, room->name, (unsigned)room->mode);
	if (*room->name != '.' && room->mode & 06)
		return step_fault(DIE_SETUP, "spool",
			"everybody may read or write %s/%s (mode %04o); "
			"chmod o-rw it",
			p->path, room->name, (unsigned)room->mode);
	return 0;
}

static const char *
sync_words(const struct place *p, enum store_order order)
{
	if (p->fs == NULL || strcmp(p->fs, "tmpfs") == 0)
		return "in memory: a reboot loses mail that was accepted";
	if (order == STORE_FILE && !p->one_sync)
		return "one sync a message, which this file system is not "
		       "known to keep its promise with; remove control/sync";
	if (order == STORE_FILE || (order == STORE_KNOWN && p->one_sync))
		return "one sync a message";
	return "two syncs a message";
}

static int
judge_disk(const struct place *p, struct control *c)
{
	enum store_order order;
	uint64_t reserve;

	if (control_number(c, CONTROL_QUEUERESERVE, &reserve) == -1 ||
		store_order_read(c, &order) == -1)
		return step_fault(DIE_SETUP, "spool", "%s", control_error(c));
	if (p->read_only)
		return step_fault(DIE_SETUP, "spool",
			"%s is mounted read-only; mount it read-write",
			p->path);
	if (p->octets < reserve)
		return step_fault(DIE_LATER, "spool",
			"%llu MiB are free at %s, and queuereserve keeps %llu "
			"MiB; no mail is taken until there is more space",
			(unsigned long long)p->octets >> 20, p->path,
			(unsigned long long)reserve >> 20);
	if (p->files == 0)
		return step_fault(DIE_LATER, "spool",
			"%s has no inode left; no mail is taken", p->path);
	if (p->network)
		step_note("spool",
			"%s lies on %s, where locks may not hold: give it to "
			"one host alone",
			p->path, p->fs);
	if (p->octets == UINT64_MAX)
		step_ok("spool", "%s on %s: %s", p->path, p->fs,
			sync_words(p, order));
	else
		step_ok("spool", "%s on %s, %llu MiB free: %s", p->path, p->fs,
			(unsigned long long)p->octets >> 20,
			sync_words(p, order));
	return 0;
}

int
ground_spool(struct control *c)
{
	struct place p;
	int code = 0;

	learn_users();
	if (place_look(&p) == -1)
		return step_fault(DIE_SETUP, "spool",
			"%s: %s; make it with systemd-tmpfiles --create "
			"postern.conf",
			p.path, strerror(errno));
	if (p.room[0].error == EACCES) {
		step_note("spool",
			"only root and postern may look into %s; passed over",
			p.path);
		return 0;
	}
	for (size_t i = 0; i < PLACE_ROOMS && code == 0; i++)
		code = judge_room(&p, &p.room[i]);
	return code ? code : judge_disk(&p, c);
}

/* --- programs ----------------------------------------------------------- */

static int
judge_program(const char *path, const struct user *u)
{
	struct stat st;

	if (stat(path, &st) == -1)
		return step_fault(DIE_SETUP, "programs",
			"%s: %s; make install puts postern's programs there",
			path, strerror(errno));
	if (!S_ISREG(st.st_mode) || !(st.st_mode & 0111) ||
		!may_file(u, &st, MAY_ENTER))
		return step_fault(DIE_SETUP, "programs",
			"%s cannot run %s; chmod 755 it", u->name, path);
	if (st.st_mode & 06000)
		return step_fault(DIE_SETUP, "programs",
			"%s is setuid or setgid, which postern never needs; "
			"chmod 755 it",
			path);
	return 0;
}

static int
judge_filters(struct control *c, unsigned *filters)
{
	static struct inject_plan plan;
	char *none[] = { NULL };
	int code = 0;

	*filters = 0;
	if (inject_plan(&plan, c, none, false) == -1)
		return step_fault(
			DIE_SETUP, "programs", "%s", control_error(c));
	/* the last one is postern-queue */
	for (size_t i = 0; plan.argv[i] && code == 0; i++) {
		code = judge_program(plan.argv[i], &who.sessions);
		*filters += plan.argv[i + 1] != NULL;
	}
	control_list_free(&plan.filters);
	return code;
}

int
ground_programs(struct control *c)
{
	char program[LIMIT_CONTROL_LINE + 1];
	static const char *const names[] = { "remote", "local", "bounce" };
	char path[LIMIT_PATH];
	unsigned filters;
	int code;

	learn_users();
	for (size_t i = 0; i < LEN(names); i++) {
		if (!home_program(path, names[i]))
			return step_fault(DIE_SETUP, "programs", "%s: %s",
				names[i], strerror(errno));
		code = judge_program(path, &who.delivers);
		if (code)
			return code;
	}
	if (control_line(c, CONTROL_AUTHPROGRAM, program, sizeof program) ==
		1) {
		program[strcspn(program, " \t")] = '\0';
		code = judge_program(program, &who.sessions);
		if (code)
			return code;
	}
	code = judge_filters(c, &filters);
	if (code == 0)
		step_ok("programs", "all there; %u in front of the queue",
			filters);
	return code;
}

/* --- mail store --------------------------------------------------------- */

/* The Maildir itself is made when mail comes; what it lies in is not. */
static int
judge_above(const struct control_list *list, const char *path)
{
	char above[LIMIT_PATH];
	struct stat st;
	size_t n = strlen(path);

	while (n > 1 && path[n - 1] == '/')
		n--;
	while (n > 1 && path[n - 1] != '/')
		n--;
	memcpy(above, path, n);
	above[n] = '\0';
	if (stat(path, &st) == 0) {
		memcpy(above, path, strlen(path) + 1);
	} else if (stat(above, &st) == -1 && errno == EACCES && geteuid()) {
		step_note("mailboxes", "only root may look into %s", above);
		return 0;
	} else if (stat(above, &st) == -1) {
		return step_fault(DIE_SETUP, "mailboxes",
			"control/%s:%u: %s: %s; make it, owned by postern",
			list->name, list->line, above, strerror(errno));
	}
	if (!S_ISDIR(st.st_mode) ||
		!may_file(&who.delivers, &st, MAY_WRITE | MAY_ENTER))
		return step_fault(DIE_SETUP, "mailboxes",
			"control/%s:%u: %s may not write %s; chown it to "
			"postern",
			list->name, list->line, who.delivers.name, above);
	return 0;
}

int
ground_mailboxes(struct control *c)
{
	struct control_list list;
	struct span entry;
	struct span name;
	struct span value;
	char path[LIMIT_PATH];
	unsigned count = 0;
	int code = 0;

	learn_users();
	if (control_list(c, CONTROL_MAILBOXES, &list) != 1)
		return 0;
	while (code == 0 && control_next(&list, &entry)) {
		if (mailboxes_entry(entry, &name, &value) != NULL ||
			!home_path(path, value))
			continue; /* the audit has read it */
		code = judge_above(&list, path);
		count++;
	}
	control_list_free(&list);
	if (code == 0)
		step_ok("mailboxes", "%u of control/mailboxes can be written",
			count);
	return code;
}

int
ground_leave_root(void)
{
	learn_users();
	if (geteuid() != 0 || !who.apart ||
		user_become(who.delivers.name, NULL) == 0)
		return 0;
	return step_fault(DIE_LATER, "permissions", "cannot become postern: %s",
		strerror(errno));
}

/* SPDX-License-Identifier: ISC */
#include "smtp/settings.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/statvfs.h>

#include "sys/ask.h"
#include "sys/home.h"

/* Who we are when control/me does not say: the address the client reached,
 * or, on a pipe, this machine. */
static void
name_ourselves(struct settings *set, const struct peer *peer)
{
	struct buf me = BUF(set->me);

	if (peer->local.family == IP_NONE)
		buf_str(&me, "localhost");
	else
		ip_print_literal(&me, &peer->local);
	buf_cstr(&me);
}

static int
read_numbers(struct settings *set)
{
	const struct {
		enum control_id id;
		uint64_t *to;
	} numbers[] = {
		{CONTROL_AUTHTRACE,     &set->authtrace  },
		{ CONTROL_DATABYTES,    &set->databytes  },
		{ CONTROL_DATARATE,     &set->datarate   },
		{ CONTROL_LINEMAX,      &set->linemax    },
		{ CONTROL_LOOSEDOTS,    &set->loosedots  },
		{ CONTROL_MAILMAX,      &set->mailmax    },
		{ CONTROL_QUEUERESERVE, &set->reserve    },
		{ CONTROL_RCPTMAX,      &set->rcptmax    },
		{ CONTROL_SESSIONTIME,  &set->sessiontime},
		{ CONTROL_TIMEOUTSMTPD, &set->timeout    },
		{ CONTROL_TLSREQUIRED,  &set->tlsrequired},
		{ CONTROL_USERRATE,     &set->userrate   },
	};

	for (size_t i = 0; i < LEN(numbers); i++)
		if (control_number(&set->control, numbers[i].id, numbers[i].to))
			return -1;
	return 0;
}

static int
read_tls(struct settings *set)
{
	set->tls = set->control.text[CONTROL_TLSCERT];
	if (set->tlsrequired && !set->tls)
		return control_fail(&set->control, "tlsrequired", 0,
			"nobody can have TLS without control/tlscert");
	if (set->tlsfirst && !set->tls)
		return control_fail(&set->control, "tlscert", 0,
			"missing, and TLS was asked for with -t; write the "
			"path of a certificate to it");
	return 0;
}

/* Who could log in, and, on a port where everybody must, that somebody can. */
static int
read_logins(struct settings *set)
{
	const struct control *c = &set->control;

	set->logins = c->text[CONTROL_LOGINS] || c->cdb[CONTROL_LOGINS] ||
		      c->text[CONTROL_AUTHPROGRAM] ||
		      c->text[CONTROL_TLSCLIENTS] || c->cdb[CONTROL_TLSCLIENTS];
	if (set->submission && !set->logins)
		return control_fail(&set->control, "logins", 0,
			"missing, and a login is required with -s; make one "
			"with postern passwd NAME");
	return 0;
}

static int
read_greeting(struct settings *set)
{
	struct buf greeting = BUF(set->greeting);
	int found = control_line(&set->control, CONTROL_SMTPGREETING,
		set->greeting, sizeof set->greeting);

	if (found != 0)
		return found == 1 ? 0 : -1;
	buf_str(&greeting, set->me);
	buf_str(&greeting, " ESMTP");
	buf_cstr(&greeting);
	return 0;
}

static int
read_names(struct settings *set, const struct peer *peer)
{
	char me[LIMIT_DOMAIN + 1];

	if (control_me(&set->control, me))
		return -1;
	if (*me && !address_domain_valid(span_of(me), false) && *me != '[')
		return control_fail(&set->control, "me", 0,
			"not a host name; write one like mail.example.org");
	if (*me)
		memcpy(set->me, me, sizeof me);
	else
		name_ourselves(set, peer);
	return read_greeting(set);
}

int
settings_load(struct settings *set, const struct peer *peer, char **env)
{
	name_ourselves(set, peer);
	set->timeout = 300;
	set->sessiontime = 300;
	if ((!set->surveyed && control_open(&set->control)) ||
		read_names(set, peer) || read_numbers(set) || read_tls(set) ||
		read_logins(set) ||
		policy_open(&set->policy, &set->control, peer,
			getenv("RELAYCLIENT"), &gateway_default_paths) ||
		(set->submission && policy_submission(&set->policy)))
		return -1;
	if (!home_queue(set->queue))
		return control_fail(&set->control, "", 0, strerror(errno));
	return inject_plan(&set->plan, &set->control, env, set->submission);
}

bool
settings_want_nothing(const struct settings *set)
{
	/* argv[1]: filters, or postern-rewrite, stand before the queue */
	return !set->plan.argv[1];
}

/* Are tls and auth asked at their sockets, as far as they are wanted? */
static bool
others_there(const struct settings *set)
{
	return (!set->tls || ask_there("tls")) &&
	       (!set->logins || ask_there("auth"));
}

bool
settings_start_nothing(const struct settings *set)
{
	return settings_want_nothing(set) && ask_there("queue") &&
	       others_there(set);
}

enum jail
settings_jail(const struct settings *set)
{
	if (inject_filtered(&set->plan) || !others_there(set))
		return JAIL_SMTPD_OTHERS;
	/* whose place knows no links */
	return settings_want_nothing(set) && !set->control.links &&
			       ask_there("queue")
		       ? JAIL_SMTPD
		       : JAIL_SMTPD_QUEUE;
}

bool
settings_read_inside(const struct settings *set)
{
	const struct control *c = &set->control;

	return !c->links && !c->text[CONTROL_RELAYFROM] &&
	       !c->cdb[CONTROL_RELAYFROM];
}

void
settings_unload(struct settings *set, bool keep)
{
	struct settings before = { .tlsfirst = set->tlsfirst,
		.submission = set->submission,
		.surveyed = keep };

	policy_close(&set->policy);
	control_list_free(&set->plan.filters);
	if (keep)
		before.control = set->control;
	else
		control_close(&set->control);
	*set = before;
}

int
settings_space(const struct settings *set, uint64_t size)
{
	struct statvfs fs;
	uint64_t free_bytes;
	uint64_t need;

	if (statvfs(set->queue, &fs) == -1)
		return -1;
	if (fs.f_blocks == 0 || /* a file system that does not say */
		__builtin_mul_overflow(fs.f_bavail, fs.f_frsize, &free_bytes))
		return 1;
	return !__builtin_add_overflow(set->reserve, size, &need) &&
	       free_bytes >= need;
}

/* SPDX-License-Identifier: ISC */
#include "net/starter.h"

#include <unistd.h>

#include "sys/child.h"

/* What a session may know of the world it was started in. */
static const char *const whitelist[] = { "PATH", "TZ", "POSTERN_HOME",
	"RELAYCLIENT", "JOURNAL_STREAM", "CREDENTIALS_DIRECTORY" };

enum { CONNECTION_VARS = 5 };

_Static_assert(LEN(whitelist) + CONNECTION_VARS < STARTER_ENV,
	"room for every variable and the NULL");

static bool
is_kept(const char *variable)
{
	struct span text = span_of(variable);
	struct span name = span_head(text, span_find(text, '='));

	for (size_t i = 0; i < LEN(whitelist); i++)
		if (span_eq(name, span_of(whitelist[i])))
			return true;
	return false;
}

void
starter_init(struct starter *s, char *const argv[], char *const env[])
{
	*s = (struct starter){ .argv = argv };
	for (; *env && s->kept < LEN(whitelist); env++)
		if (is_kept(*env))
			s->env[s->kept++] = *env;
}

static void
set_ip(char var[STARTER_VAR], const char *name, const struct ip *ip)
{
	struct buf b = { var, STARTER_VAR, 0, false };

	buf_str(&b, name);
	ip_print(&b, ip);
	buf_cstr(&b);
}

static void
set_port(char var[STARTER_VAR], const char *name, uint16_t port)
{
	struct buf b = { var, STARTER_VAR, 0, false };

	buf_str(&b, name);
	buf_number(&b, port);
	buf_cstr(&b);
}

static void
set_connection(
	struct starter *s, const struct end *there, const struct end *here)
{
	char **env = s->env + s->kept;
	struct buf proto = BUF(s->proto);
	bool tcp = here->ip.family != IP_NONE;

	buf_str(&proto, tcp ? "PROTO=TCP" : "PROTO=UNIX");
	buf_cstr(&proto);
	*env++ = s->proto;
	if (tcp) {
		set_ip(s->local_ip, "TCPLOCALIP=", &here->ip);
		set_port(s->local_port, "TCPLOCALPORT=", here->port);
		set_ip(s->remote_ip, "TCPREMOTEIP=", &there->ip);
		set_port(s->remote_port, "TCPREMOTEPORT=", there->port);
		*env++ = s->local_ip;
		*env++ = s->local_port;
		*env++ = s->remote_ip;
		*env++ = s->remote_port;
	}
	*env = NULL;
}

pid_t
starter_start(struct starter *s, int fd, const struct end *there,
	const struct end *here)
{
	const struct child_fd fds[] = {
		{fd,  STDIN_FILENO },
                { fd, STDOUT_FILENO}
	};

	set_connection(s, there, here);
	return child_start(s->argv, s->env, fds, LEN(fds));
}

/* SPDX-License-Identifier: ISC */
#include "net/starter.h"

#include <errno.h>
#include <unistd.h>

#include "sys/child.h"
#include "sys/clock.h"
#include "sys/template.h"

/* What a session may know of the world it was started in. */
static const char *const whitelist[] = { "PATH", "TZ", "POSTERN_HOME",
	"RELAYCLIENT", "JOURNAL_STREAM", "CREDENTIALS_DIRECTORY",
	"POSTERN_NO_JAIL" };

enum {
	CONNECTION_VARS = 5,
	TEMPLATE_REST = 1000, /* milliseconds after one that failed */
};

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
	*s = (struct starter){ .argv = argv, .template = -1 };
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

bool
starter_copies(struct starter *s)
{
	static char flag[] = "-k";
	size_t n = 0;

	while (s->argv[n])
		n++;
	if (n > STARTER_ARGS)
		return false;
	s->template_argv[0] = s->argv[0];
	s->template_argv[1] = flag;
	for (size_t i = 1; i < n; i++)
		s->template_argv[i + 1] = s->argv[i];
	return true;
}

void
starter_renew(struct starter *s)
{
	if (s->template != -1)
		close(s->template);
	s->template = -1;
	s->copies = 0;
}

static bool
have_template(struct starter *s)
{
	if (!s->template_argv[0])
		return false;
	if (s->copies == STARTER_COPIES)
		starter_renew(s);
	if (s->template == -1 && clock_ms() >= s->template_after) {
		s->env[s->kept] = NULL;
		s->template = template_start(s->template_argv, s->env);
	}
	return s->template != -1;
}

/* Returns the pid, or -1: the template failed us, and rests. */
static pid_t
copy(struct starter *s, int fd)
{
	char text[(CONNECTION_VARS + 1) * STARTER_VAR];
	struct buf variables = BUF(text);
	pid_t pid;

	for (char **var = s->env + s->kept; *var; var++) {
		buf_str(&variables, *var);
		buf_char(&variables, '\0');
	}
	pid = template_copy(s->template, buf_text(&variables), fd);
	s->copies++;
	if (pid == -1 && errno != EAGAIN && errno != ENOMEM) {
		starter_renew(s);
		s->template_after = clock_ms() + TEMPLATE_REST;
	}
	return pid;
}

pid_t
starter_start(struct starter *s, int fd, const struct end *there,
	const struct end *here)
{
	const struct child_fd fds[] = {
		{fd,  STDIN_FILENO },
                { fd, STDOUT_FILENO}
	};

	pid_t pid = have_template(s) ? 0 : -1;

	set_connection(s, there, here);
	if (pid == 0)
		pid = copy(s, fd);
	if (pid != -1)
		return pid;
	return child_start(s->argv, s->env, fds, LEN(fds));
}

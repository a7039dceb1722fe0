/* SPDX-License-Identifier: ISC */
#include "smtp/submit.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pure/address.h"
#include "pure/ascii.h"
#include "pure/command.h"
#include "smtp/text.h"
#include "sys/child.h"
#include "sys/clock.h"
#include "sys/home.h"
#include "sys/io.h"
#include "sys/unixsock.h"

enum {
	CONNECT_MS = 60000, /* for a service that does not accept */
	KEPT = 6,           /* variables that a service of our own gets */
};

/* --- what goes wrong ------------------------------------------------------ */

__attribute__((format(printf, 3, 4))) static int
fail(struct submit *s, int code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(s->why, sizeof s->why, format, args);
	va_end(args);
	s->code = code;
	return -1;
}

/* What a refusal for good means to the caller, by its enhanced code
 * (RFC 3463); the first row that fits. */
static const struct {
	struct span status;
	int code;
} meanings[] = {
	{SPAN_INIT("5.1.7"),  EX_DATAERR    }, /* the sender's address */
	{ SPAN_INIT("5.1.8"), EX_DATAERR    },
	{ SPAN_INIT("5.1."),  EX_NOUSER     },
	{ SPAN_INIT("5.3.4"), EX_DATAERR    }, /* too big */
	{ SPAN_INIT("5.5."),  EX_PROTOCOL   },
	{ SPAN_INIT("5.6."),  EX_DATAERR    }, /* the text */
	{ SPAN_INIT("5.7."),  EX_NOPERM     },
	{ SPAN_INIT("5."),    EX_UNAVAILABLE},
};

static int
meaning(const struct reply *reply)
{
	if (reply->code / 100 == 4)
		return EX_TEMPFAIL;
	for (size_t i = 0; i < LEN(meanings); i++)
		if (span_begins_nocase(reply_status(reply), meanings[i].status))
			return meanings[i].code;
	return EX_UNAVAILABLE;
}

/* A reply that says no. */
static int
refused(struct submit *s, struct span what)
{
	struct span words = reply_text(&s->client.link.reply);

	return fail(s, meaning(&s->client.link.reply), "%.*s: %.*s",
		(int)what.n, what.p, (int)words.n, words.p);
}

/* The connection is of no use any more; the client says why. */
static int
lost(struct submit *s, enum client_verdict verdict)
{
	const struct words *words = &s->client.words;

	return fail(s, verdict == CLIENT_REFUSED ? EX_UNAVAILABLE : EX_TEMPFAIL,
		"the mail service: %.*s", (int)words->text_len, words->text);
}

/* --- a service ------------------------------------------------------------ */

/* May we put a message into the queue ourselves? */
static bool
queue_open(const char *queue)
{
	static const char *const dirs[] = { "/tmp", "/new" };
	char path[LIMIT_PATH + 8];

	for (size_t i = 0; i < LEN(dirs); i++) {
		struct buf b = BUF(path);

		buf_str(&b, queue);
		buf_str(&b, dirs[i]);
		if (faccessat(AT_FDCWD, buf_cstr(&b), W_OK | X_OK,
			    AT_EACCESS) == -1)
			return false;
	}
	return true;
}

/* The environment of a service of our own: nothing that a web server or a
 * supervisor has told us about somebody else. */
struct own_env {
	char *env[KEPT + 1];
};

static void
print_env(struct own_env *own, char **env)
{
	static const char *const kept[] = {
		"PATH=", "TZ=", "POSTERN_HOME=", "POSTERN_SYSLOG="
	};
	static char local[] = "POSTERN_LOCAL=1";
	static char to_syslog[] = "POSTERN_SYSLOG=1";
	size_t n = 0;

	own->env[n++] = local;
	/* its log is no business of who sends mail */
	if (!getenv("POSTERN_HOME"))
		own->env[n++] = to_syslog;
	for (; *env; env++)
		for (size_t i = 0; i < LEN(kept) && n < KEPT; i++)
			if (strncmp(*env, kept[i], strlen(kept[i])) == 0)
				own->env[n++] = *env;
	own->env[n] = NULL;
}

bool
submit_starts(struct submit *s)
{
	if (s->asked)
		return !s->barred;
	s->asked = true;
	errno = ENAMETOOLONG;
	s->barred = !home_queue(s->queue) || !queue_open(s->queue) ||
				    !home_command(s->smtpd, "smtpd") ||
				    faccessat(AT_FDCWD, s->smtpd, X_OK,
					    AT_EACCESS) == -1
			    ? errno
			    : 0;
	return !s->barred;
}

/* Nobody listens, and why we cannot do it ourselves. */
static int
no_service(struct submit *s, const char *path, const char *why)
{
	const char *remedy = "as root: systemctl start postern-submit.socket";

	if (strcmp(why, strerror(EACCES)) == 0)
		remedy = "its SocketMode= and SocketGroup= say who may";
	if (strcmp(why, strerror(EAFNOSUPPORT)) == 0)
		why = "this service may not use unix sockets; is AF_UNIX "
		      "missing in its RestrictAddressFamilies=?";
	return fail(s, EX_TEMPFAIL,
		"no mail service at %s (%s), and uid %lu cannot queue by "
		"itself in %s (%s); %s",
		path, why, (unsigned long)geteuid(), s->queue,
		strerror(s->barred), remedy);
}

/* Finds the way in. Returns a socket; or -1 with *start, when a service is to
 * be started; or -1 with code and why set. */
static int
find_service(struct submit *s, bool *start)
{
	char path[LIMIT_PATH];
	bool starts = submit_starts(s);
	int fd;

	*start = false;
	if (!home_submit(path) || s->barred == ENAMETOOLONG)
		return fail(s, EX_CONFIG, "POSTERN_HOME: %s",
			strerror(ENAMETOOLONG));
	fd = unixsock_connect(span_of(path), SOCK_STREAM, CONNECT_MS);
	if (fd != -1)
		return fd;
	if (errno == EAGAIN)
		return fail(s, EX_TEMPFAIL,
			"the mail service at %s does not answer", path);
	*start = starts;
	return starts ? -1 : no_service(s, path, strerror(errno));
}

/* Starts a service of our own. Returns our end of it, or -1. */
static int
start_service(struct submit *s, char **env)
{
	char *argv[] = { s->smtpd, NULL };
	struct own_env own;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == -1)
		return fail(s, EX_OSERR, "socketpair: %s", strerror(errno));
	print_env(&own, env);
	s->pid = child_start(argv, own.env,
		(const struct child_fd[]){
			{pair[1],  STDIN_FILENO },
                        { pair[1], STDOUT_FILENO}
        },
		2);
	close(pair[1]);
	if (s->pid != -1)
		return pair[0];
	s->pid = 0;
	close(pair[0]);
	return fail(
		s, EX_OSERR, "cannot start %s: %s", s->smtpd, strerror(errno));
}

/* How we call ourselves: this host, or what stands for it. */
static struct span
own_name(char text[LIMIT_HELO + 1])
{
	if (gethostname(text, LIMIT_HELO) == -1)
		return SPAN("localhost");
	text[LIMIT_HELO] = '\0';
	return address_domain_valid(span_of(text), false) ? span_of(text)
							  : SPAN("localhost");
}

/* The first word of the reply to EHLO is the server's name (RFC 5321
 * 4.1.1.1). */
static void
note_host(struct submit *s)
{
	struct span name = span_from(reply_text(&s->client.link.reply), 4);
	struct buf host = BUF(s->host);
	bool good;

	name = span_head(name, span_find(name, ' '));
	good = name.n &&
	       (name.p[0] == '[' || address_domain_valid(name, false));
	buf_span(&host, good ? name : SPAN("localhost"));
	buf_cstr(&host);
	if (host.over)
		memcpy(s->host, "localhost", sizeof "localhost");
}

int
submit_open(struct submit *s, char **env)
{
	char helo[LIMIT_HELO + 1];
	enum client_verdict verdict;
	bool start;
	int fd;

	client_init(&s->client);
	s->env = env;
	s->pid = 0;
	fd = find_service(s, &start);
	if (fd == -1 && start)
		fd = start_service(s, env);
	if (fd == -1)
		return -1;
	verdict = client_open(&s->client, fd, own_name(helo));
	if (verdict != CLIENT_DONE)
		return lost(s, verdict);
	note_host(s);
	return 0;
}

void
submit_close(struct submit *s)
{
	client_quit(&s->client);
	if (s->pid)
		child_wait(s->pid);
	s->pid = 0;
}

struct span
submit_reply(const struct submit *s)
{
	return reply_text(&s->client.link.reply);
}

/* --- a message ------------------------------------------------------------ */

/* Sends a command that was made, or not. Returns 0, or -1. */
static int
ask(struct submit *s, int made, const struct buf *line, enum client_phase phase)
{
	struct client *c = &s->client;
	struct span out = buf_text(line);
	enum link_verdict written;
	enum client_verdict verdict;

	if (made == -1)
		return fail(s, EX_DATAERR,
			"an address or a parameter that no command can carry");
	if (!client_quiet(c))
		return lost(s, client_unasked(c, phase));
	written = link_write(&c->link, &out, client_deadline(c, phase));
	if (written == LINK_INPUT)
		return lost(s, client_unasked(c, phase));
	verdict = written == LINK_OK ? client_reply(c, phase)
				     : client_judge(c, written, phase);
	return verdict == CLIENT_DONE ? 0 : lost(s, verdict);
}

/* The answers of the other side by their first digit. */
static bool
says(const struct submit *s, int digit)
{
	return s->client.link.reply.code / 100 == digit;
}

static bool
has_domain(struct span address)
{
	return address_domain_of(address).n > 0;
}

static bool
is_utf8(const struct submission *how, const struct people *to)
{
	return ascii_has_high(how->sender) ||
	       ascii_has_high((struct span){ to->text, to->len });
}

static int
say_mail(struct submit *s, const struct submission *how,
	const struct people *to, const struct draft *draft)
{
	const struct job job = {
		.sender = how->sender, .envid = how->envid, .ret = how->ret
	};
	char text[LIMIT_COMMAND];
	struct buf line = BUF(text);
	bool eight_bit =
		how->eight_bit || draft->eight.header || draft->eight.body;
	int made = command_mail(&line, &job, &s->client.offers, draft->size,
		eight_bit, is_utf8(how, to));

	if (ask(s, made, &line, PHASE_MAIL) == -1)
		return -1;
	return says(s, 2) ? 0 : refused(s, SPAN("the mail service"));
}

/* The server has enough recipients for one transaction (RFC 5321
 * 4.5.3.1.10). */
static bool
says_enough(const struct submit *s)
{
	const struct reply *reply = &s->client.link.reply;

	return reply->code == 452 &&
	       span_eq(reply_status(reply), SPAN("4.5.3"));
}

/* Asks for one recipient. Returns 1 when he is taken, 0 when he is to come in
 * the next transaction, -1. */
static int
say_rcpt(struct submit *s, const struct submission *how, struct span address)
{
	char full[LIMIT_ADDRESS + LIMIT_DOMAIN + 2];
	char text[LIMIT_COMMAND];
	struct buf name = BUF(full);
	struct buf line = BUF(text);
	struct job_rcpt rcpt = { .notify = how->notify };
	int made;

	buf_span(&name, address);
	if (!has_domain(address)) {
		buf_char(&name, '@');
		buf_span(&name, how->host);
	}
	rcpt.address = buf_text(&name);
	made = command_rcpt(&line, &rcpt, &s->client.offers);
	if (ask(s, made, &line, PHASE_RCPT) == -1)
		return -1;
	if (says(s, 2))
		return 1;
	return says_enough(s) ? 0 : refused(s, rcpt.address);
}

/* Asks for as many recipients as the transaction takes, from *at on. Returns
 * their number, or -1. */
static int64_t
say_rcpts(struct submit *s, const struct submission *how,
	const struct people *to, size_t *at)
{
	uint64_t most = s->client.offers.rcpt_max;
	int64_t count = 0;
	struct span address;
	size_t next = *at;

	while ((!most || (uint64_t)count < most) &&
		people_next(to, &next, &address)) {
		int taken = say_rcpt(s, how, address);

		if (taken == -1 || (taken == 0 && count == 0))
			return taken == -1 ? -1 : refused(s, address);
		if (taken == 0)
			break;
		*at = next;
		count++;
	}
	return count;
}

static int
say_text(struct submit *s, const struct draft *draft)
{
	static struct content content;
	char text[8];
	struct buf line = BUF(text);
	enum client_verdict verdict;

	buf_str(&line, "DATA\r\n");
	if (ask(s, 0, &line, PHASE_DATA) == -1)
		return -1;
	if (!says(s, 3))
		return refused(s, SPAN("the message is refused"));
	draft_content(draft, &content);
	verdict = text_send(&s->client, &content, false);
	if (verdict != CLIENT_DONE)
		return lost(s, verdict);
	return says(s, 2) ? 0 : refused(s, SPAN("the message is refused"));
}

/* One transaction, for recipients from *at on. */
static int
transact(struct submit *s, const struct submission *how,
	const struct people *to, const struct draft *draft, size_t *at)
{
	int64_t count;

	if (say_mail(s, how, to, draft) == -1)
		return -1;
	count = say_rcpts(s, how, to, at);
	if (count == -1 || say_text(s, draft) == -1)
		return -1;
	s->taken += (uint64_t)count;
	s->client.mails++;
	return 0;
}

/* The server may take no more messages on this connection (RFC 9422). */
static int
go_on(struct submit *s)
{
	uint64_t most = s->client.offers.mail_max;

	if (!most || s->client.mails < most)
		return 0;
	submit_close(s);
	return submit_open(s, s->env);
}

int
submit_send(struct submit *s, const struct submission *how,
	const struct people *to, const struct draft *draft)
{
	size_t at = 0;

	s->taken = 0;
	client_clock(&s->client, draft->size);
	while (at < to->len) {
		if (transact(s, how, to, draft, &at) == -1)
			return -1;
		if (at < to->len && go_on(s) == -1)
			return -1;
	}
	s->code = EX_OK;
	return 0;
}

/* --- somebody else's client ----------------------------------------------- */

/* Passes on what there is. Returns whether there can be more. */
static bool
pass_on(int from, int to)
{
	static char text[65536];
	ssize_t n = read(from, text, sizeof text);

	if (n == -1)
		return errno == EINTR || errno == EAGAIN;
	return n > 0 && io_write(to, text, (size_t)n, CLOCK_NEVER) == 0;
}

/* Until the service has said its last. */
static void
pass_both(int in, int out, int service)
{
	struct pollfd fds[] = {
		{.fd = service, .events = POLLIN},
		{ .fd = in,     .events = POLLIN}
	};

	for (;;) {
		if (poll(fds, LEN(fds), -1) == -1 && errno != EINTR)
			return;
		if (fds[0].revents && !pass_on(service, out))
			return;
		if (fds[1].fd == -1 || !fds[1].revents || pass_on(in, service))
			continue;
		shutdown(service, SHUT_WR);
		fds[1].fd = -1;
	}
}

int
submit_through(struct submit *s, int in, int out, char **env)
{
	char *argv[] = { s->smtpd, NULL };
	struct own_env own;
	bool start;
	int fd = find_service(s, &start);

	if (fd == -1 && !start)
		return -1;
	if (fd != -1) {
		pass_both(in, out, fd);
		close(fd);
		return 0;
	}
	print_env(&own, env);
	execve(s->smtpd, argv, own.env);
	return fail(
		s, EX_OSERR, "cannot start %s: %s", s->smtpd, strerror(errno));
}

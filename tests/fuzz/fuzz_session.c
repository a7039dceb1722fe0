/* SPDX-License-Identifier: ISC
 *
 * session: random sequences of commands, good and bad, against a small model
 * of RFC 5321 that knows nothing of the verb table: every reply code and the
 * state after it must be the model's (S-176). Octets over 7F pick from lines of
 * their own that no model knows; there the transaction must keep its shape. */
#include "tests/fuzz/fuzz.h"

#include "smtp/session.h"
#include "sys/clock.h"

enum { MODEL_RCPTS = 3 };

struct model {
	bool greeted;
	bool esmtp;
	bool mail;
	unsigned rcpts;
};

static void
forget(struct model *m)
{
	m->mail = false;
	m->rcpts = 0;
}

static unsigned
greet(struct model *m, bool esmtp)
{
	forget(m);
	m->greeted = true;
	m->esmtp = esmtp;
	return 250;
}

static unsigned
ehlo(struct model *m)
{
	return greet(m, true);
}

static unsigned
helo(struct model *m)
{
	return greet(m, false);
}

static unsigned
mail(struct model *m)
{
	if (!m->greeted || m->mail)
		return 503;
	m->mail = true;
	return 250;
}

static unsigned
mail_size(struct model *m)
{
	return m->greeted && !m->mail && !m->esmtp ? 555 : mail(m);
}

static unsigned
mail_big(struct model *m)
{
	if (!m->greeted || m->mail)
		return 503;
	return m->esmtp ? 552 : 555;
}

static unsigned
mail_bad(struct model *m)
{
	return m->greeted && !m->mail ? 501 : 503;
}

static unsigned
rcpt(struct model *m)
{
	if (!m->mail)
		return 503;
	if (m->rcpts == MODEL_RCPTS)
		return 452;
	m->rcpts++;
	return 250;
}

static unsigned
rcpt_foreign(struct model *m)
{
	if (!m->mail)
		return 503;
	return m->rcpts == MODEL_RCPTS ? 452 : 550;
}

static unsigned
rcpt_bad(struct model *m)
{
	return m->mail ? 501 : 503;
}

static unsigned
data(struct model *m)
{
	if (!m->rcpts)
		return 503;
	forget(m);
	return 354;
}

static unsigned
data_bad(struct model *m)
{
	return m->rcpts ? 501 : 503;
}

static unsigned
rset(struct model *m)
{
	forget(m);
	return 250;
}

static unsigned
always(struct model *m)
{
	(void)m;
	return 0;
}

/* Somebody could log in, but not outside TLS. */
static unsigned
auth(const struct model *m, unsigned code)
{
	return m->esmtp && m->greeted && !m->mail ? code : 503;
}

static unsigned
auth_bare(struct model *m)
{
	return auth(m, 501);
}

static unsigned
auth_foo(struct model *m)
{
	return auth(m, 504);
}

static unsigned
auth_plain(struct model *m)
{
	return auth(m, 538);
}

static const struct {
	const char *line;
	unsigned (*expect)(struct model *m);
	unsigned code; /* when `expect` says 0 */
} moves[] = {
	{"EHLO c.example",                     ehlo,         0  },
	{ "HELO c.example",                    helo,         0  },
	{ "EHLO",			      always,       501},
	{ "MAIL FROM:<a@b.example>",           mail,         0  },
	{ "mail from:<>",                      mail,         0  },
	{ "MAIL FROM:<a@b.example> SIZE=1",    mail_size,    0  },
	{ "MAIL FROM:<a@b.example> SIZE=1001", mail_big,     0  },
	{ "MAIL FROM:a@b.example",             mail_bad,     0  },
	{ "MAIL",			      mail_bad,     0  },
	{ "RCPT TO:<u@ours.example>",          rcpt,         0  },
	{ "RCPT TO:<u@elsewhere.example>",     rcpt_foreign, 0  },
	{ "RCPT TO:<u@ours.example",           rcpt_bad,     0  },
	{ "RCPT TO:<>",			rcpt_bad,     0  },
	{ "DATA",			      data,         0  },
	{ "DATA x",			    data_bad,     0  },
	{ "RSET",			      rset,         0  },
	{ "RSET x",			    always,       501},
	{ "NOOP",			      always,       250},
	{ "VRFY x",			    always,       252},
	{ "VRFY",			      always,       501},
	{ "EXPN x",			    always,       502},
	{ "HELP",			      always,       214},
	{ "TURN",			      always,       502},
	{ "STARTTLS",			  always,       502},
	{ "AUTH",			      auth_bare,    0  },
	{ "AUTH FOO",			  auth_foo,     0  },
	{ "AUTH PLAIN AGFwcABwdw==",           auth_plain,   0  },
	{ "FOO",			       always,       500},
	{ "",				  always,       500},
	{ "QUIT",			      always,       221},
};

static struct settings set;
static struct session session;
static char rcpthosts[] = "ours.example\n";

static void
begin(void)
{
	static const struct peer peer = {
		.kind = PEER_INET, .ip = {IP_V4, { 192, 0, 2, 7 }}
	};

	set.databytes = 1000;
	set.logins = true;
	set.mailmax = UINT64_MAX;
	set.rcptmax = MODEL_RCPTS;
	memcpy(set.queue, "/", 2);
	set.policy.control = &set.control;
	set.policy.rcpthosts = (struct control_list){ .name = "rcpthosts",
		.text = rcpthosts,
		.len = sizeof rcpthosts - 1 };
	session.conn = (struct connection){ .denied = false };
	session.login = (struct login){ .tried = false };
	session_begin(&session, &set, &peer, -1, -1, NULL);
}

static enum session_state
state_of(const struct model *m)
{
	if (!m->greeted)
		return IN_START;
	if (!m->mail)
		return IN_GREETED;
	return m->rcpts ? IN_RCPT : IN_MAIL;
}

static void
keeps_its_shape(void)
{
	MUST(session.mail.open || session.mail.rcpts == 0);
	MUST((session.mail.rcpts == 0) == (session.rcpts.len == 0));
	MUST(!session.rcpts.over);
	MUST(session.mail.open || session.mail.sender_len == 0);
	MUST(session.mail.rcpts <= MODEL_RCPTS);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct model model = { .greeted = false };
	bool wild = false;

	begin();
	for (size_t i = 0; i < n; i++) {
		enum event event;
		unsigned code;

		session.detail.len = 0;
		if (bytes[i] >= 0x80) { /* a line of the fuzzer's own */
			size_t len = bytes[i] & 0x7f;

			len = len < n - i - 1 ? len : n - i - 1;
			event = session_command(&session,
				(struct span){
					(const char *)bytes + i + 1, len });
			MUST(event < EVENT_COUNT);
			if (event == EVENT_DATA)
				session_reset(&session);
			keeps_its_shape();
			i += len;
			wild = true;
			continue;
		}
		event = session_command(
			&session, span_of(moves[bytes[i] % LEN(moves)].line));
		if (event == EVENT_DATA)
			session_reset(&session);
		keeps_its_shape();
		if (wild)
			continue;
		code = moves[bytes[i] % LEN(moves)].expect(&model);
		if (!code)
			code = moves[bytes[i] % LEN(moves)].code;
		MUST(reply_of(event)->code == code);
		MUST(session_state(&session) == state_of(&model));
	}
	return 0;
}

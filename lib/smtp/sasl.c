/* SPDX-License-Identifier: ISC */
#include "smtp/sasl.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "pure/limits.h"
#include "sys/clock.h"
#include "sys/io.h"
#include "sys/log.h"
#include "sys/packet.h"

#define REMEDY "see systemctl status postern-auth.socket"

/* Says what an admin must know. Returns -1. */
static int
lack(const char *reason, const char *what, int error)
{
	char text[LIMIT_PATH + 512];
	struct buf out = BUF(text);

	buf_str(&out, reason);
	buf_str(&out, what);
	if (error) {
		buf_str(&out, ": ");
		buf_str(&out, strerror(error));
		buf_str(&out, "; " REMEDY);
	}
	buf_cstr(&out);
	log_reason(LOG_LEVEL_ERROR, "auth", text);
	return -1;
}

/* Waits for a packet. */
static int
hear(struct sasl *a, int wait)
{
	ssize_t n = -1;

	if (io_wait_read(a->ask.fd, clock_ms() + wait, NULL) == 0)
		n = packet_receive(
			a->ask.fd, a->packet, sizeof a->packet, NULL, false);
	if (n == 0)
		errno = ECONNRESET;
	if (n <= 0)
		return lack("postern-auth does not answer", "", errno);
	if (authtalk_parse((struct span){ a->packet, (size_t)n }, &a->talk) ==
		-1)
		return lack("postern-auth says what is no answer", "", EBADMSG);
	return 0;
}

int
sasl_open(struct sasl *a)
{
	const char *program;

	if (ask_open(&a->ask, "auth", SOCK_SEQPACKET, &program) == -1)
		return lack("cannot reach ", program, errno);
	if (hear(a, SASL_READY_WAIT) == 0) {
		char words[200];
		struct buf why = BUF(words);

		if (a->talk.mechanisms.n)
			return 0;
		buf_span(&why, span_head(a->talk.later, sizeof words - 1));
		lack("nobody can log in: ", buf_cstr(&why), 0);
	}
	sasl_close(a);
	return -1;
}

int
sasl_ask(struct sasl *a, const struct authtalk *say)
{
	static char text[AUTHTALK_MAX];
	struct buf out = BUF(text);
	int sent;

	authtalk_print(&out, say);
	errno = EMSGSIZE;
	sent = out.over ? -1
			: packet_send(a->ask.fd, buf_text(&out), -1, false);
	explicit_bzero(text, sizeof text);
	if (sent == -1)
		return lack("cannot ask postern-auth", "", errno);
	return hear(a, SASL_WAIT);
}

void
sasl_close(struct sasl *a)
{
	ask_close(&a->ask);
	a->talk = (struct authtalk){ .mechanisms = SPAN("") };
	explicit_bzero(a->packet, sizeof a->packet);
}

/* SPDX-License-Identifier: ISC */
#include "smtp/secure.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/ask.h"
#include "sys/clock.h"
#include "sys/home.h"
#include "sys/io.h"
#include "sys/log.h"
#include "sys/packet.h"

#define REMEDY "see systemctl status postern-tls.socket"

/* Says what an admin must know. Returns -1. */
static int
lack(const char *reason, const char *path, int error)
{
	char text[HANDOVER_MAX + LIMIT_PATH + 256];
	struct buf out = BUF(text);

	buf_str(&out, reason);
	if (path) {
		buf_char(&out, ' ');
		buf_str(&out, path);
	}
	if (error) {
		buf_str(&out, ": ");
		buf_str(&out, strerror(error));
	}
	if (error == EACCES)
		buf_str(&out, "; run postern-tls.socket, or let postern-in "
			      "read it");
	log_reason(LOG_LEVEL_ERROR, "tls", buf_cstr(&out));
	return -1;
}

bool
secure_possible(int in_fd, int out_fd)
{
	struct stat in;
	struct stat out;

	return fstat(in_fd, &in) == 0 && fstat(out_fd, &out) == 0 &&
	       S_ISSOCK(in.st_mode) && in.st_dev == out.st_dev &&
	       in.st_ino == out.st_ino;
}

/* --- words ---------------------------------------------------------------- */

static int
read_exactly(int fd, char *to, size_t n, int64_t until,
	const volatile sig_atomic_t *stop)
{
	while (n) {
		ssize_t got = io_read(fd, to, n, until, stop);

		if (got == 0)
			errno = ECONNRESET;
		if (got <= 0)
			return -1;
		to += got;
		n -= (size_t)got;
	}
	return 0;
}

/* Reads one word and nothing behind it. Returns 0, or -1 with errno. */
static int
read_word(struct secure *s, int fd, int64_t until,
	const volatile sig_atomic_t *stop)
{
	struct span text = { s->text, HANDOVER_HEAD };
	int n;

	if (read_exactly(fd, s->text, text.n, until, stop) == -1)
		return -1;
	n = handover_length(text);
	if (n != -1) {
		text = (struct span){ s->text, (size_t)n };
		if (read_exactly(fd, s->text, text.n, until, stop) == -1)
			return -1;
	}
	if (n == -1 || handover_parse(text, &s->word) == -1) {
		s->word = (struct handover){ .error = SPAN("") };
		errno = EBADMSG;
		return -1;
	}
	return 0;
}

/* Waits for the word that comes at once. Returns 1, or -1 when it is not
 * "ready". */
static int
hear_ready(struct secure *s)
{
	char why[HANDOVER_MAX + 64];
	struct buf text = BUF(why);

	if (read_word(s, s->ask.fd, clock_ms() + SECURE_READY_WAIT, NULL) ==
		-1) {
		lack("postern-tls does not say that it is ready; " REMEDY, NULL,
			errno);
	} else if (s->word.error.n) {
		buf_str(&text, "postern-tls is not ready: ");
		buf_span(&text, s->word.error);
		lack(buf_cstr(&text), NULL, 0);
	} else {
		return 1;
	}
	s->word = (struct handover){ .error = SPAN("") };
	ask_close(&s->ask);
	return -1;
}

/* --- the service ---------------------------------------------------------- */

/* Is the connection that was kept still of use? Whatever is said on it now is
 * no good. */
static bool
alive(const struct secure *s)
{
	return io_wait_read(s->ask.fd, 0, NULL) == -1 && errno == ETIMEDOUT;
}

/* Returns 1: the service is ready; 0: there is none; -1: it is not. */
static int
service_ready(struct secure *s)
{
	const char *path;
	int found;

	if (s->ask.fd != -1 && alive(s))
		return 1;
	ask_close(&s->ask);
	found = ask_service(&s->ask, "tls", SOCK_STREAM, &path);
	if (found == -1)
		return lack("cannot reach", path, errno);
	return found == 1 ? hear_ready(s) : 0;
}

/* --- the child ------------------------------------------------------------ */

/* The path in a control file, or in `otherwise` when there is none. */
static int
read_path(struct control *c, enum control_id id, enum control_id otherwise,
	char out[LIMIT_PATH])
{
	char text[LIMIT_PATH];
	int given;

	if (!c->text[id])
		id = otherwise;
	given = control_line(c, id, text, sizeof text);
	if (given == 1 && home_path(out, span_of(text)))
		return 0;
	if (given == 1)
		control_fail(c, control_file(id)->name, 0,
			"not a path that begins with /");
	return lack(control_error(c), NULL, 0);
}

static bool
child_possible(struct control *c)
{
	char path[LIMIT_PATH];
	const enum control_id files[] = { CONTROL_TLSCERT, CONTROL_TLSKEY };

	for (size_t i = 0; i < LEN(files); i++) {
		if (read_path(c, files[i], CONTROL_TLSCERT, path) == -1)
			return false;
		if (faccessat(AT_FDCWD, path, R_OK, 0) == -1) {
			lack("cannot read", path, errno);
			return false;
		}
	}
	if (!home_program(path, "tls") ||
		faccessat(AT_FDCWD, path, X_OK, 0) == -1) {
		lack("cannot start", path, errno);
		return false;
	}
	return true;
}

/* --- both ----------------------------------------------------------------- */

bool
secure_ready(struct secure *s, struct control *c)
{
	int service = service_ready(s);

	return service == 0 ? child_possible(c) : service == 1;
}

int
secure_open(struct secure *s)
{
	const char *path;

	if (s->ask.fd != -1 && alive(s))
		return 0;
	ask_close(&s->ask);
	if (ask_open(&s->ask, "tls", SOCK_STREAM, &path) == -1)
		return lack("cannot reach", path, errno);
	return hear_ready(s) == 1 ? 0 : -1;
}

/* Sends the request with the client beside it, and makes the connection the
 * client. */
static int
hand_over(struct secure *s, const struct peer *peer, const char *service,
	int in_fd, int out_fd)
{
	char text[HANDOVER_MAX];
	char client[IP_TEXT + 16];
	struct buf out = BUF(text);
	struct buf name = BUF(client);
	int sent;

	peer_print(&name, peer);
	handover_print(&out, &(struct handover){ .service = span_of(service),
				     .client = buf_text(&name) });
	sent = packet_send(s->ask.fd, buf_text(&out), in_fd, false);
	if (sent == 0 &&
		(dup2(s->ask.fd, in_fd) == -1 || dup2(s->ask.fd, out_fd) == -1))
		sent = -1;
	close(s->ask.fd);
	s->ask.fd = -1;
	return sent;
}

int
secure_shake(struct secure *s, const struct peer *peer, const char *service,
	int in_fd, int out_fd, int64_t until, const volatile sig_atomic_t *stop,
	struct span *why)
{
	int64_t patience = clock_ms() + SECURE_SHAKE_WAIT;

	if (hand_over(s, peer, service, in_fd, out_fd) == -1 ||
		read_word(s, in_fd, until < patience ? until : patience,
			stop) == -1) {
		*why = span_of(errno == ETIMEDOUT ? "no end to the handshake"
			       : errno == EINTR   ? "closing down"
						  : "postern-tls ended it");
		return -1;
	}
	if (!s->word.error.n && s->word.version.n && s->word.cipher.n) {
		s->on = true;
		return 0;
	}
	*why = s->word.error.n ? s->word.error
			       : SPAN("postern-tls does not say what came of "
				      "it");
	return -1;
}

void
secure_end(struct secure *s, int out_fd)
{
	if (s->ask.pid)
		(void)shutdown(out_fd, SHUT_WR);
	ask_close(&s->ask);
}

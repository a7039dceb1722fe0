/* SPDX-License-Identifier: ISC
 *
 * tls: load and sink for the figures with TLS, which smtp-source and smtp-sink
 * have not.
 *
 *   tls load [-r] [-s SESSIONS] [-m COUNT] [-l OCTETS] PORT
 *       COUNT sessions, SESSIONS at a time, each with STARTTLS and one message;
 *       -r: with the ticket of an earlier one. Says how many were resumed.
 *   tls idle COUNT PORT
 *       COUNT sessions that stand still behind their second EHLO; says `ready`
 *       and keeps them until its standard input ends.
 *   tls sink CERT KEY PORT
 *       takes everything; writes one octet for each message.
 *
 * All on 127.0.0.1. The client alone chooses: TLS 1.3, X25519,
 * TLS_AES_256_GCM_SHA384, so that every server does the same work. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct wire {
	int fd;
	SSL *ssl; /* NULL: clear text */
	size_t at, len;
	char text[16384];
};

static SSL_SESSION *kept;

__attribute__((format(printf, 1, 2), noreturn)) static void
stop(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("tls: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	ERR_print_errors_fp(stderr);
	exit(1);
}

static void
put(struct wire *w, const char *text, size_t n)
{
	while (n) {
		ssize_t m = w->ssl ? SSL_write(w->ssl, text, (int)n)
				   : write(w->fd, text, n);

		if (m <= 0)
			stop("write: %s", strerror(errno));
		text += m;
		n -= (size_t)m;
	}
}

static void
say(struct wire *w, const char *text)
{
	put(w, text, strlen(text));
}

/* A line without its end; false at the end of all. */
static bool
line(struct wire *w, char *out, size_t room)
{
	size_t n = 0;

	for (;;) {
		ssize_t m;

		while (w->at < w->len) {
			char c = w->text[w->at++];

			if (c == '\n') {
				out[n - (n && out[n - 1] == '\r')] = '\0';
				return true;
			}
			if (n < room - 1)
				out[n++] = c;
		}
		m = w->ssl ? SSL_read(w->ssl, w->text, sizeof w->text)
			   : read(w->fd, w->text, sizeof w->text);
		if (m <= 0)
			return false;
		w->at = 0;
		w->len = (size_t)m;
	}
}

/* --- the client --- */

static void
expect(struct wire *w, char digit)
{
	char text[1024];

	do
		if (!line(w, text, sizeof text))
			stop("the server has gone");
	while (text[0] && text[3] == '-');
	if (text[0] != digit)
		stop("%c.. wanted, got: %s", digit, text);
}

static void
ask(struct wire *w, const char *text, char digit)
{
	say(w, text);
	expect(w, digit);
}

static int
keep(SSL *ssl, SSL_SESSION *session)
{
	(void)ssl;
	SSL_SESSION_free(kept);
	kept = session;
	return 1;
}

static SSL_CTX *
client_context(bool resume)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

	if (!ctx || !SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION) ||
		!SSL_CTX_set_ciphersuites(ctx, "TLS_AES_256_GCM_SHA384") ||
		!SSL_CTX_set1_groups_list(ctx, "X25519"))
		stop("no context");
	if (resume) {
		SSL_CTX_set_session_cache_mode(
			ctx, SSL_SESS_CACHE_CLIENT |
				     SSL_SESS_CACHE_NO_INTERNAL_STORE);
		SSL_CTX_sess_set_new_cb(ctx, keep);
	}
	return ctx;
}

static struct sockaddr_in
loopback(const char *port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_port = htons((uint16_t)strtoul(port, NULL, 10)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

static void
at_once(int fd)
{
	static const int on = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

/* Up to the second EHLO. */
static void
greet(struct wire *w, SSL_CTX *ctx, const char *port)
{
	struct sockaddr_in name = loopback(port);

	*w = (struct wire){ .fd = socket(AF_INET, SOCK_STREAM, 0) };
	if (connect(w->fd, (struct sockaddr *)&name, sizeof name) == -1)
		stop("connect: %s", strerror(errno));
	at_once(w->fd);
	expect(w, '2');
	ask(w, "EHLO source.example\r\n", '2');
	ask(w, "STARTTLS\r\n", '2');
	w->ssl = SSL_new(ctx);
	if (kept) {
		/* a copy: the library uses one only once, and not every server
		 * gives a new one each time */
		SSL_SESSION *copy = SSL_SESSION_dup(kept);

		SSL_set_session(w->ssl, copy);
		SSL_SESSION_free(copy);
	}
	SSL_set_fd(w->ssl, w->fd);
	if (SSL_connect(w->ssl) != 1)
		stop("no handshake");
	ask(w, "EHLO source.example\r\n", '2');
}

static void
leave(struct wire *w)
{
	ask(w, "QUIT\r\n", '2');
	SSL_shutdown(w->ssl);
	SSL_free(w->ssl);
	close(w->fd);
}

static char *
message(size_t octets)
{
	static const char head[] = "From: <a@bench.example>\r\n"
				   "Subject: bench\r\n\r\n";
	char *text = malloc(octets + 128);
	size_t n = sizeof head - 1;

	memcpy(text, head, n);
	while (n < octets) {
		memset(text + n, 'X', 78);
		memcpy(text + n + 78, "\r\n", 2);
		n += 80;
		if (n + 80 > octets)
			break;
	}
	memcpy(text + n, ".\r\n", 4);
	return text;
}

/* Returns how many sessions were resumed. */
static unsigned
work(unsigned count, bool resume, size_t octets, const char *port)
{
	SSL_CTX *ctx = client_context(resume);
	char *text = message(octets);
	static struct wire w;
	unsigned resumed = 0;

	if (resume) {
		greet(&w, ctx, port);
		leave(&w);
	}
	for (; count; count--) {
		greet(&w, ctx, port);
		resumed += SSL_session_reused(w.ssl) == 1;
		ask(&w, "MAIL FROM:<a@bench.example>\r\n", '2');
		ask(&w, "RCPT TO:<b@sink.example>\r\n", '2');
		ask(&w, "DATA\r\n", '3');
		ask(&w, text, '2');
		leave(&w);
	}
	return resumed;
}

static void
load(int argc, char **argv)
{
	unsigned sessions = 10, count = 100, resumed = 0, sum = 0;
	size_t octets = 4096;
	bool resume = false;
	int pipes[2], status, c;

	while ((c = getopt(argc, argv, "rs:m:l:")) != -1) {
		if (c == 'r')
			resume = true;
		else if (c == 's')
			sessions = (unsigned)strtoul(optarg, NULL, 10);
		else if (c == 'm')
			count = (unsigned)strtoul(optarg, NULL, 10);
		else if (c == 'l')
			octets = strtoul(optarg, NULL, 10);
		else
			stop("usage: see tests/bench/tls.c");
	}
	if (optind + 1 != argc || !sessions || pipe(pipes) == -1)
		stop("usage: see tests/bench/tls.c");
	for (unsigned i = 0; i < sessions; i++) {
		unsigned share = count / sessions + (i < count % sessions);

		if (fork() != 0)
			continue;
		resumed = work(share, resume, octets, argv[optind]);
		_exit(write(pipes[1], &resumed, sizeof resumed) !=
			sizeof resumed);
	}
	for (unsigned i = 0; i < sessions; i++)
		if (wait(&status) == -1 || status != 0)
			stop("a worker failed");
	for (unsigned i = 0; i < sessions; i++)
		if (read(pipes[0], &resumed, sizeof resumed) == sizeof resumed)
			sum += resumed;
	printf("%u of %u resumed\n", sum, count);
}

static void
idle(unsigned count, const char *port)
{
	SSL_CTX *ctx = client_context(false);
	struct wire *w = calloc(count, sizeof *w);

	for (unsigned i = 0; i < count; i++)
		greet(&w[i], ctx, port);
	puts("ready");
	fflush(stdout);
	while (getchar() != EOF)
		continue;
	exit(0);
}

/* --- the sink --- */

static void
take_text(struct wire *w)
{
	char text[2048];

	do
		if (!line(w, text, sizeof text))
			_exit(0);
	while (strcmp(text, ".") != 0);
}

static void
serve(int fd, SSL_CTX *ctx)
{
	static struct wire w;
	char text[2048];

	w.fd = fd;
	say(&w, "220 sink.example ESMTP\r\n");
	while (line(&w, text, sizeof text)) {
		if (strncasecmp(text, "EHLO", 4) == 0) {
			say(&w, "250-sink.example\r\n250-PIPELINING\r\n");
			if (!w.ssl)
				say(&w, "250-STARTTLS\r\n");
			say(&w, "250 8BITMIME\r\n");
		} else if (strncasecmp(text, "STARTTLS", 8) == 0) {
			say(&w, "220 go ahead\r\n");
			w.ssl = SSL_new(ctx);
			SSL_set_fd(w.ssl, fd);
			if (SSL_accept(w.ssl) != 1)
				stop("no handshake");
		} else if (strncasecmp(text, "DATA", 4) == 0) {
			say(&w, "354 go ahead\r\n");
			take_text(&w);
			if (write(STDOUT_FILENO, ".", 1) != 1)
				stop("write: %s", strerror(errno));
			say(&w, "250 taken\r\n");
		} else {
			bool quit = strncasecmp(text, "QUIT", 4) == 0;

			say(&w, quit ? "221 bye\r\n" : "250 ok\r\n");
			if (quit)
				break;
		}
	}
	if (w.ssl)
		SSL_shutdown(w.ssl);
}

static void
sink(const char *cert, const char *key, const char *port)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	struct sockaddr_in name = loopback(port);
	int door = socket(AF_INET, SOCK_STREAM, 0);
	static const int on = 1;

	if (!ctx || SSL_CTX_use_certificate_chain_file(ctx, cert) != 1 ||
		SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1)
		stop("no context");
	setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(door, (struct sockaddr *)&name, sizeof name) == -1 ||
		listen(door, 1000) == -1)
		stop("listen: %s", strerror(errno));
	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		int fd = accept(door, NULL, NULL);

		if (fd == -1)
			continue;
		if (fork() == 0) {
			close(door);
			at_once(fd);
			serve(fd, ctx);
			_exit(0);
		}
		close(fd);
	}
}

int
main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	if (argc > 2 && strcmp(argv[1], "load") == 0)
		load(argc - 1, argv + 1);
	else if (argc == 4 && strcmp(argv[1], "idle") == 0)
		idle((unsigned)strtoul(argv[2], NULL, 10), argv[3]);
	else if (argc == 5 && strcmp(argv[1], "sink") == 0)
		sink(argv[2], argv[3], argv[4]);
	else
		stop("usage: see tests/bench/tls.c");
	return 0;
}

/* SPDX-License-Identifier: ISC */
#include "net/tlsclient.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "net/idna.h"
#include "pure/ascii.h"
#include "pure/route.h"
#include "sys/clock.h"

enum {
	FIRST = 4,        /* octets that show who speaks clear text */
	KEY = 4096,       /* of a session */
	NAMES = 160,      /* octets of a certificate's names that are shown */
	LEVEL_WEAK = 1,   /* OpenSSL's security levels: nobody is checked ... */
	LEVEL_STRONG = 2, /* ... or somebody is */
};

struct connection {
	struct stream stream;
	SSL *ssl; /* NULL: none */
	int fd;
	bool wait;   /* the next read of the socket may wait */
	bool broken; /* nothing more can be said */
	bool end;    /* of what the peer sends, by TCP */
	size_t firsts;
	unsigned char first[FIRST]; /* octets that came */
	char names[NAMES];          /* of a certificate that is not trusted */
};

struct tlsclient_state {
	SSL_CTX *ctx;
	BIO_METHOD *method;
	bool store;           /* the authorities are there */
	SSL_SESSION *session; /* of the last connection ... */
	size_t key_len;       /* ... which wanted this */
	char key[KEY];
	struct connection connection;
};

bool
tlsclient_trusts(enum tlspolicy_level level, bool certificate, long result,
	bool listed, enum tlsclient_trust *trust)
{
	*trust = TLSCLIENT_NOBODY;
	switch (level) {
	case TLSPOLICY_MAY:
	case TLSPOLICY_ENCRYPT:
		return true;
	case TLSPOLICY_VERIFY:
		if (!certificate || result != X509_V_OK)
			return false;
		*trust = TLSCLIENT_NAME;
		return true;
	case TLSPOLICY_FINGERPRINT:
		if (!certificate || !listed)
			return false;
		*trust = TLSCLIENT_FINGERPRINT;
		return true;
	default:
		return false;
	}
}

/* --- words --- */

__attribute__((format(printf, 2, 3))) static void
say(struct tlsclient_result *out, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(out->words, sizeof out->words, format, args);
	va_end(args);
}

/* OpenSSL's reason for the last failure, or the system's. */
static const char *
openssl_reason(void)
{
	unsigned long error = ERR_peek_last_error();
	const char *why = error ? ERR_reason_error_string(error) : NULL;

	if (error && ERR_SYSTEM_ERROR(error))
		return strerror(ERR_GET_REASON(error));
	return why ? why : "the connection was lost";
}

static enum tlsclient_verdict
ours(struct tlsclient_result *out, const char *what)
{
	say(out, "cannot use TLS: %s: %s", what, openssl_reason());
	ERR_clear_error();
	return TLSCLIENT_OURS;
}

/* --- the socket under it --- */

/* OpenSSL's own way to a socket raises SIGPIPE, and would need one that never
 * waits. */
static int
bio_read(BIO *bio, char *to, int n)
{
	struct connection *c = BIO_get_data(bio);
	ssize_t got = recv(c->fd, to, (size_t)n, c->wait ? 0 : MSG_DONTWAIT);

	c->wait = false;
	c->end = got == 0;
	BIO_clear_retry_flags(bio);
	if (got == -1 && (errno == EAGAIN || errno == EINTR))
		BIO_set_retry_read(bio);
	for (ssize_t i = 0; i < got && c->firsts < FIRST; i++)
		c->first[c->firsts++] = (unsigned char)to[i];
	return (int)got;
}

static int
bio_write(BIO *bio, const char *from, int n)
{
	struct connection *c = BIO_get_data(bio);
	ssize_t put = send(c->fd, from, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL);

	BIO_clear_retry_flags(bio);
	if (put == -1 && (errno == EAGAIN || errno == EINTR))
		BIO_set_retry_write(bio);
	return (int)put;
}

static long
bio_ctrl(BIO *bio, int command, long number, void *at)
{
	const struct connection *c = BIO_get_data(bio);

	(void)number;
	(void)at;
	if (command == BIO_CTRL_EOF)
		return c->end;
	return command == BIO_CTRL_FLUSH;
}

static BIO_METHOD *
method_new(void)
{
	BIO_METHOD *m = BIO_meth_new(
		BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "link");

	if (!m || !BIO_meth_set_read(m, bio_read) ||
		!BIO_meth_set_write(m, bio_write) ||
		!BIO_meth_set_ctrl(m, bio_ctrl)) {
		BIO_meth_free(m);
		return NULL;
	}
	return m;
}

/* --- the stream above it --- */

static struct connection *
connection_of(struct stream *s)
{
	return (struct connection *)(void *)s; /* its first member */
}

/* What a call that gave nothing means: -1 with errno, or 0 at the end. */
static ssize_t
without(struct connection *c, int result)
{
	switch (SSL_get_error(c->ssl, result)) {
	case SSL_ERROR_WANT_READ:
		c->stream.events = POLLIN;
		errno = EAGAIN;
		return -1;
	case SSL_ERROR_WANT_WRITE:
		c->stream.events = POLLOUT;
		errno = EAGAIN;
		return -1;
	case SSL_ERROR_ZERO_RETURN:
		return 0;
	case SSL_ERROR_SYSCALL:
		/* TCP has failed, not TLS: its session stays good */
		SSL_set_shutdown(
			c->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
		/* fall through */
	default:
		c->broken = true;
		ERR_clear_error();
		errno = EPROTO;
		return -1;
	}
}

static ssize_t
stream_read(struct stream *s, void *to, size_t n, bool wait)
{
	struct connection *c = connection_of(s);
	int got;

	if (c->broken) {
		errno = EPROTO;
		return -1;
	}
	c->wait = wait;
	got = SSL_read(c->ssl, to, n < INT_MAX ? (int)n : INT_MAX);
	c->wait = false;
	return got > 0 ? got : without(c, got);
}

static ssize_t
stream_write(struct stream *s, const void *from, size_t n)
{
	struct connection *c = connection_of(s);
	int put;

	if (c->broken) {
		errno = EPROTO;
		return -1;
	}
	put = SSL_write(c->ssl, from, n < INT_MAX ? (int)n : INT_MAX);
	if (put > 0)
		return put;
	if (without(c, put) == 0) /* the peer has said farewell */
		errno = EPIPE;
	return -1;
}

static void
stream_close(struct stream *s)
{
	struct connection *c = connection_of(s);

	if (!c->broken && SSL_is_init_finished(c->ssl))
		SSL_shutdown(c->ssl);
	SSL_free(c->ssl);
	c->ssl = NULL;
	ERR_clear_error();
}

/* --- what connections share --- */

/* TLS 1.3 gives sessions after the handshake, 1.2 at its end. */
static int
session_take(SSL *ssl, SSL_SESSION *session)
{
	struct tlsclient_state *s = SSL_get_app_data(ssl);

	SSL_SESSION_free(s->session);
	s->session = session;
	return 1;
}

static SSL_CTX *
ctx_new(void)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

	if (!ctx)
		return NULL;
	/* an end without close_notify is an end as well: SMTP says itself what
	 * is complete, and the session can be taken up again */
	SSL_CTX_set_options(ctx, SSL_OP_NO_COMPRESSION |
					 SSL_OP_NO_RENEGOTIATION |
					 SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE |
				      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_read_ahead(ctx, 1);
	SSL_CTX_set_session_cache_mode(
		ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
	SSL_CTX_sess_set_new_cb(ctx, session_take);
	if (SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION))
		return ctx;
	SSL_CTX_free(ctx);
	return NULL;
}

static enum tlsclient_verdict
state_need(struct tlsclient *t, struct tlsclient_result *out)
{
	struct tlsclient_state *s = t->state;

	if (s)
		return TLSCLIENT_OK;
	s = calloc(1, sizeof *s);
	if (s)
		s->ctx = ctx_new();
	if (s && s->ctx)
		s->method = method_new();
	if (s && s->method) {
		t->state = s;
		return TLSCLIENT_OK;
	}
	if (s)
		SSL_CTX_free(s->ctx);
	free(s);
	return ours(out, "no memory");
}

/* True for a directory with at least one certificate under the name by which
 * OpenSSL looks for it. */
static bool
has_authorities(const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *e = NULL;
	bool found = false;

	while (dir && !found && (e = readdir(dir)) != NULL) {
		size_t n = 0;

		while (ascii_hex(e->d_name[n]) != -1)
			n++;
		found = n == 8 && e->d_name[n] == '.' &&
			ascii_digit(e->d_name[n + 1]);
	}
	if (dir)
		closedir(dir);
	return found;
}

static bool
store_load(SSL_CTX *ctx, const char *path)
{
	struct stat st;

	if (stat(path, &st) == -1) {
		ERR_raise(ERR_LIB_SYS, errno);
		return false;
	}
	return S_ISDIR(st.st_mode) ? SSL_CTX_load_verify_dir(ctx, path) == 1
				   : SSL_CTX_load_verify_file(ctx, path) == 1;
}

void
tlsclient_prepare(const struct tlsclient *t, struct places *places)
{
	OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CONFIG, NULL);
	if (*t->cafile) {
		places_add_readable(places, t->cafile);
		return;
	}
	places_add_readable(places, X509_get_default_cert_dir());
	places_add_readable(places, X509_get_default_cert_file());
}

/* A directory costs one file a connection; a file with all of them, the whole
 * of it. */
static enum tlsclient_verdict
store_need(struct tlsclient *t, struct tlsclient_result *out)
{
	struct tlsclient_state *s = t->state;
	const char *dir = X509_get_default_cert_dir();
	const char *file = X509_get_default_cert_file();

	if (s->store)
		return TLSCLIENT_OK;
	if (*t->cafile)
		s->store = store_load(s->ctx, t->cafile);
	else
		s->store =
			store_load(s->ctx, has_authorities(dir) ? dir : file);
	if (s->store)
		return TLSCLIENT_OK;
	if (*t->cafile)
		say(out,
			"control/tlscafile: cannot read authorities from %s: "
			"%s",
			t->cafile, openssl_reason());
	else
		say(out,
			"no authorities in %s: install ca-certificates, or "
			"name a file in control/tlscafile",
			dir);
	ERR_clear_error();
	return TLSCLIENT_OURS;
}

/* The first names of the certificate, for whoever wonders. */
static void
print_names(struct buf *out, const X509 *cert)
{
	GENERAL_NAMES *names =
		X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	int count = sk_GENERAL_NAME_num(names);
	int shown = 0;

	for (int i = 0; i < count && shown < 3; i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
		const unsigned char *text;
		int n;

		if (name->type != GEN_DNS)
			continue;
		text = ASN1_STRING_get0_data(name->d.dNSName);
		n = ASN1_STRING_length(name->d.dNSName);
		buf_str(out, shown++ ? " " : "");
		for (int k = 0; k < n && k < 64; k++)
			buf_char(out, ascii_visible((char)text[k])
					      ? (char)text[k]
					      : '?');
	}
	if (!shown)
		buf_str(out, "no name");
	GENERAL_NAMES_free(names);
}

/* Takes notes of a certificate that OpenSSL does not trust; decides nothing. */
static int
note_names(int trusted, X509_STORE_CTX *store)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(
		store, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct tlsclient_state *s = SSL_get_app_data(ssl);
	struct buf names = BUF(s->connection.names);
	const X509 *cert = X509_STORE_CTX_get0_cert(store);

	if (!trusted && cert) {
		print_names(&names, cert);
		buf_cstr(&names);
	}
	return trusted;
}

/* --- what a connection must be --- */

/* Appends a name as DNS has it. */
static bool
name_ascii(struct buf *out, struct span name)
{
	if (name.n && name.p[0] == '.') {
		buf_char(out, '.');
		name = span_from(name, 1);
	}
	return idna_domain(out, name) == 0;
}

/* The names of which one must be in the certificate, or else the address.
 * Returns how many there are, or -1. */
static int
want_names(SSL *ssl, const struct tlsclient_want *want)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(ssl);
	struct span rest = want->names;
	struct span name;
	int count = 0;

	SSL_set_hostflags(ssl, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT |
				       X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	while (route_next(&rest, &name)) {
		char text[LIMIT_DOMAIN + 2];
		struct buf ascii = BUF(text);

		if (!name_ascii(&ascii, name) ||
			!X509_VERIFY_PARAM_add1_host(param, text, ascii.len))
			return -1;
		count++;
	}
	if (!count && want->ip && want->ip->family) {
		size_t n = want->ip->family == IP_V4 ? 4 : 16;

		if (!X509_VERIFY_PARAM_set1_ip(param, want->ip->byte, n))
			return -1;
		count++;
	}
	return count;
}

static bool
want_sni(SSL *ssl, struct span sni)
{
	char text[LIMIT_DOMAIN + 1];
	struct buf ascii = BUF(text);

	if (sni.n == 0)
		return true;
	if (!name_ascii(&ascii, sni))
		return false;
	return SSL_set_tlsext_host_name(ssl, buf_cstr(&ascii)) == 1;
}

static enum tlsclient_verdict
want_all(struct tlsclient *t, SSL *ssl, const struct tlsclient_want *want,
	struct tlsclient_result *out)
{
	bool checks = want->level >= TLSPOLICY_VERIFY;
	int names;

	SSL_set_security_level(ssl, checks ? LEVEL_STRONG : LEVEL_WEAK);
	if (!want_sni(ssl, want->sni))
		return ours(out, "the host's name");
	if (want->level != TLSPOLICY_VERIFY)
		return TLSCLIENT_OK;
	names = want_names(ssl, want);
	if (names == -1)
		return ours(out, "a name to verify");
	if (names == 0) {
		say(out, "nothing is known to verify the server by");
		return TLSCLIENT_OURS;
	}
	SSL_set_verify(ssl, SSL_VERIFY_PEER, note_names);
	return store_need(t, out);
}

/* Takes up the last session if that was for a connection that wanted the same,
 * else forgets it. */
static void
session_offer(struct tlsclient_state *s, const struct tlsclient_want *want)
{
	char key[KEY];
	struct buf b = BUF(key);
	SSL_SESSION *session = s->session;

	buf_number(&b, (uint64_t)want->level);
	buf_char(&b, ' ');
	buf_span(&b, want->sni);
	buf_char(&b, ' ');
	buf_span(&b, want->names);
	buf_char(&b, ' ');
	buf_span(&b, want->fingerprints);
	if (want->ip)
		ip_print(&b, want->ip);
	if (session && !b.over &&
		span_eq(buf_text(&b), (struct span){ s->key, s->key_len }) &&
		SSL_SESSION_is_resumable(session))
		SSL_set_session(s->connection.ssl, session);
	/* a ticket is used once (RFC 8446 C.4) */
	SSL_SESSION_free(session);
	s->session = NULL;
	s->key_len = b.over ? 0 : b.len;
	memcpy(s->key, key, s->key_len);
}

/* --- the handshake --- */

static enum tlsclient_verdict
wait_for(struct connection *c, int64_t deadline)
{
	struct pollfd p = { .fd = c->fd, .events = c->stream.events };
	int n;

	do {
		int64_t left = deadline - clock_ms();

		if (left <= 0)
			return TLSCLIENT_LATE;
		n = poll(&p, 1, left > INT_MAX ? INT_MAX : (int)left);
	} while (n == 0 || (n == -1 && errno == EINTR));
	return n == -1 ? TLSCLIENT_FAILED : TLSCLIENT_OK;
}

/* Nothing that begins a TLS record is printable. */
static bool
is_clear_text(const struct connection *c)
{
	size_t i = 0;

	while (i < c->firsts && c->first[i] >= ' ' && c->first[i] < 0x7f)
		i++;
	return c->firsts == FIRST && i == FIRST;
}

/* Returns TLSCLIENT_FAILED with the reason in OpenSSL's queue. */
static enum tlsclient_verdict
handshake(struct connection *c, int64_t deadline)
{
	enum tlsclient_verdict verdict = TLSCLIENT_OK;

	ERR_clear_error();
	while (verdict == TLSCLIENT_OK) {
		int done = SSL_connect(c->ssl);

		if (done == 1)
			break;
		switch (SSL_get_error(c->ssl, done)) {
		case SSL_ERROR_WANT_READ:
			c->stream.events = POLLIN;
			verdict = wait_for(c, deadline);
			break;
		case SSL_ERROR_WANT_WRITE:
			c->stream.events = POLLOUT;
			verdict = wait_for(c, deadline);
			break;
		default:
			c->broken = true;
			verdict = TLSCLIENT_FAILED;
			break;
		}
	}
	return verdict;
}

/* --- who it is --- */

static bool
is_listed(X509 *cert, struct span fingerprints, char *seen, size_t room)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned char known[TLSPOLICY_DIGEST];
	unsigned char *der = NULL;
	int der_len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &der);
	struct buf text = { seen, room - 1, 0, false };
	struct span word;
	unsigned n = 0;
	bool listed = false;

	if (der_len <= 0 || !EVP_Digest(der, (size_t)der_len, digest, &n,
				    EVP_sha256(), NULL))
		n = 0;
	OPENSSL_free(der);
	for (unsigned i = 0; i < n; i++)
		buf_hex(&text, digest[i], 2);
	buf_cstr(&text);
	while (n == TLSPOLICY_DIGEST && route_next(&fingerprints, &word))
		listed |= tlspolicy_fingerprint(word, known) == 0 &&
			  CRYPTO_memcmp(known, digest, n) == 0;
	return listed;
}

static void
say_untrusted(const struct connection *c, const struct tlsclient_want *want,
	long result, const char *seen, struct tlsclient_result *out)
{
	if (want->level == TLSPOLICY_FINGERPRINT && *seen) {
		say(out, "the server's public key is another: SHA256:%s", seen);
	} else if (result == X509_V_ERR_HOSTNAME_MISMATCH) {
		say(out, "the certificate is for %s, not for %.*s", c->names,
			(int)(want->names.n < 80 ? want->names.n : 80),
			want->names.p);
	} else if (result != X509_V_OK) {
		say(out, "the certificate is not trusted: %s",
			X509_verify_cert_error_string(result));
	} else {
		say(out, "the server shows no certificate");
	}
}

/* What there is to know of the server goes to the one who decides. */
static enum tlsclient_verdict
judge(const struct connection *c, const struct tlsclient_want *want,
	struct tlsclient_result *out)
{
	static const char *const words[] = { "no", "name", "fingerprint" };
	X509 *cert = SSL_get0_peer_certificate(c->ssl);
	char seen[2 * EVP_MAX_MD_SIZE + 1] = "";
	bool listed = cert && want->level == TLSPOLICY_FINGERPRINT &&
		      is_listed(cert, want->fingerprints, seen, sizeof seen);
	long result = SSL_get_verify_result(c->ssl);

	if (!tlsclient_trusts(
		    want->level, cert != NULL, result, listed, &out->trust)) {
		say_untrusted(c, want, result, seen, out);
		return TLSCLIENT_UNTRUSTED;
	}
	snprintf(out->session, sizeof out->session, "%s/%s/%s",
		SSL_get_version(c->ssl), SSL_get_cipher_name(c->ssl),
		words[out->trust]);
	out->resumed = SSL_session_reused(c->ssl);
	return TLSCLIENT_OK;
}

/* Why OpenSSL ended the handshake. */
static enum tlsclient_verdict
explain_failed(const struct connection *c, const struct tlsclient_want *want,
	struct tlsclient_result *out)
{
	long result = SSL_get_verify_result(c->ssl);

	if (want->level == TLSPOLICY_VERIFY && result != X509_V_OK) {
		say_untrusted(c, want, result, "", out);
		return TLSCLIENT_UNTRUSTED;
	}
	if (is_clear_text(c)) {
		say(out, "the server answered in clear text");
		return TLSCLIENT_CLEAR;
	}
	say(out, "TLS handshake failed: %s", openssl_reason());
	return TLSCLIENT_FAILED;
}

/* --- all of it --- */

static enum tlsclient_verdict
connection_begin(
	struct tlsclient_state *s, int fd, struct tlsclient_result *out)
{
	struct connection *c = &s->connection;
	BIO *bio;

	*c = (struct connection){
		.stream = {stream_read, stream_write, stream_close, 0},
		.fd = fd
	};
	c->ssl = SSL_new(s->ctx);
	bio = c->ssl ? BIO_new(s->method) : NULL;
	if (!bio) {
		SSL_free(c->ssl);
		c->ssl = NULL;
		return ours(out, "no memory");
	}
	BIO_set_data(bio, c);
	BIO_set_init(bio, 1);
	SSL_set_bio(c->ssl, bio, bio);
	SSL_set_app_data(c->ssl, s);
	return TLSCLIENT_OK;
}

enum tlsclient_verdict
tlsclient_start(struct tlsclient *t, int fd, const struct tlsclient_want *want,
	int64_t deadline, struct tlsclient_result *out)
{
	enum tlsclient_verdict verdict;
	struct connection *c;

	*out = (struct tlsclient_result){ .stream = NULL };
	verdict = state_need(t, out);
	if (verdict == TLSCLIENT_OK)
		verdict = connection_begin(t->state, fd, out);
	if (verdict != TLSCLIENT_OK)
		return verdict;
	c = &t->state->connection;
	verdict = want_all(t, c->ssl, want, out);
	if (verdict == TLSCLIENT_OK) {
		session_offer(t->state, want);
		verdict = handshake(c, deadline);
		if (verdict == TLSCLIENT_OK)
			verdict = judge(c, want, out);
		else if (verdict == TLSCLIENT_FAILED)
			verdict = explain_failed(c, want, out);
		else
			say(out, "the TLS handshake did not end in time");
	}
	if (verdict == TLSCLIENT_OK)
		out->stream = &c->stream;
	else
		stream_close(&c->stream);
	return verdict;
}

/* The certificate's hash, by the digest of its signature unless that is weak
 * (RFC 5929 4.1). Returns its octets, 0: none. */
static unsigned
end_point(SSL *ssl, unsigned char digest[EVP_MAX_MD_SIZE])
{
	X509 *cert = SSL_get0_peer_certificate(ssl);
	const EVP_MD *md = NULL;
	unsigned n = 0;
	int nid;

	if (!cert || !X509_get_signature_info(cert, &nid, NULL, NULL, NULL))
		return 0;
	if (nid == NID_md5 || nid == NID_sha1)
		nid = NID_sha256;
	md = EVP_get_digestbynid(nid);
	return md && X509_digest(cert, md, digest, &n) ? n : 0;
}

void
tlsclient_binding(const struct tlsclient *t, struct span *name, struct buf *out)
{
	static const char label[] = "EXPORTER-Channel-Binding";
	unsigned char data[EVP_MAX_MD_SIZE];
	SSL *ssl = t->state ? t->state->connection.ssl : NULL;
	unsigned n = 0;

	*name = SPAN("");
	if (ssl && SSL_version(ssl) >= TLS1_3_VERSION) {
		*name = SPAN("tls-exporter");
		if (SSL_export_keying_material(ssl, data, 32, label,
			    sizeof label - 1, NULL, 0, 0) == 1)
			n = 32;
	} else if (ssl) {
		*name = SPAN("tls-server-end-point");
		n = end_point(ssl, data);
	}
	if (n == 0)
		*name = SPAN("");
	buf_span(out, (struct span){ (char *)data, n });
}

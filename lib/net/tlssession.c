/* SPDX-License-Identifier: ISC */
#include "net/tlssession.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/hmac.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>

#include "net/tlsasker.h"
#include "net/tlspump.h"
#include "net/tlswords.h"
#include "pure/sni.h"
#include "sys/clock.h"
#include "sys/exploit.h"
#include "sys/jail.h"

enum {
	EXPORTED = 32, /* octets of tls-exporter, RFC 9266 2 */
	HEX = 2 * EVP_MAX_MD_SIZE,
	WHY = 200,
};

/* What the callbacks of OpenSSL share: this process has one session. */
static struct handshake {
	struct tlssession *s;
	SSL *ssl;
	struct tlswire wire;
	const struct tlsname *shown;
	char name[LIMIT_DOMAIN + 1]; /* what the client asked for */
	size_t name_n;
} shake;

/* --- callbacks --- */

/* Shows the name's certificate, and lets no session of another be resumed. */
static bool
show(const struct tlsname *name)
{
	const struct tlspair *pair = name->pair;
	unsigned char context[EVP_MAX_MD_SIZE];
	unsigned n;

	if (name != shake.shown) {
		SSL_certs_clear(shake.ssl);
		if (SSL_use_cert_and_key(shake.ssl, pair->leaf, pair->key,
			    pair->chain, 1) != 1)
			return false;
		shake.shown = name;
	}
	return HMAC(EVP_sha256(), pair->hash, sizeof pair->hash,
		       (const unsigned char *)shake.s->service.p,
		       shake.s->service.n, context, &n) &&
	       SSL_set_session_id_context(shake.ssl, context, n) == 1;
}

/* Called for a ClientHello before anything is made of it. */
static int
on_hello(SSL *ssl, int *alert, void *ctx)
{
	struct buf name = BUF(shake.name);
	const unsigned char *p = NULL;
	size_t n = 0;

	(void)ctx;
	if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name, &p, &n) ==
		1)
		(void)sni_parse((struct span){ (const char *)p, n }, &name);
	shake.name_n = name.len;
	exploit_seen(buf_text(&name));
	if (show(name.len ? tlsstore_find(shake.s->store, buf_text(&name))
			  : &shake.s->store->fallback))
		return SSL_CLIENT_HELLO_SUCCESS;
	*alert = SSL_AD_INTERNAL_ERROR;
	return SSL_CLIENT_HELLO_ERROR;
}

/* A name that is not known is no fault of a mail client's (T-011). */
static int
on_name(SSL *ssl, int *alert, void *ctx)
{
	(void)ssl;
	(void)alert;
	(void)ctx;
	return shake.shown == &shake.s->store->fallback ? SSL_TLSEXT_ERR_NOACK
							: SSL_TLSEXT_ERR_OK;
}

static int
on_status(SSL *ssl, void *ctx)
{
	const struct tlspair *pair = shake.shown->pair;
	unsigned char *copy;

	(void)ctx;
	if (!pair->staple || time(NULL) >= pair->staple_until)
		return SSL_TLSEXT_ERR_NOACK;
	copy = OPENSSL_memdup(pair->staple, pair->staple_n);
	if (!copy)
		return SSL_TLSEXT_ERR_NOACK;
	SSL_set_tlsext_status_ocsp_resp(ssl, copy, (long)pair->staple_n);
	return SSL_TLSEXT_ERR_OK;
}

/* Tickets are for one certificate, and for one who was asked for his own or
 * was not. */
static int
on_ticket(SSL *ssl, unsigned char name[16], unsigned char *iv,
	EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int making)
{
	char text[TLSPAIR_HASH + 1];

	(void)ssl;
	memcpy(text, shake.shown->pair->hash, TLSPAIR_HASH);
	text[TLSPAIR_HASH] = shake.s->store->clients ? 'c' : '-';
	return tlsticket_key(shake.s->ticket,
		(struct span){ text, sizeof text }, name, iv, cipher, mac,
		making);
}

static void
set_tickets(SSL_CTX *ctx, const struct tlsticket *ticket)
{
	if (ticket->count) {
		SSL_CTX_set_tlsext_ticket_key_evp_cb(ctx, on_ticket);
		SSL_CTX_set_num_tickets(ctx, 1);
		SSL_CTX_set_timeout(ctx, TLSTICKET_LIFE);
	} else {
		SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
		SSL_CTX_set_num_tickets(ctx, 0);
	}
}

/* --- the handshake --- */

static bool
begin(struct tlssession *s)
{
	static const int on = 1;
	SSL_CTX *ctx = s->store->ctx;
	BIO *bio;

	SSL_CTX_set_client_hello_cb(ctx, on_hello, NULL);
	SSL_CTX_set_tlsext_servername_callback(ctx, on_name);
	SSL_CTX_set_tlsext_status_cb(ctx, on_status);
	set_tickets(ctx, s->ticket);
	/* refused by a client on a unix socket, who has no need of it */
	(void)setsockopt(s->client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	shake = (struct handshake){
		.s = s, .ssl = SSL_new(ctx), .shown = &s->store->fallback
	};
	bio = tlswire_open(&shake.wire, s->client);
	if (!shake.ssl || !bio) {
		SSL_free(shake.ssl);
		BIO_free(bio);
		return false;
	}
	SSL_set_bio(shake.ssl, bio, bio);
	return true;
}

/* Waits until the client's socket is ready. Returns NULL, or why not. */
static const char *
await_client(short events, int64_t deadline)
{
	struct pollfd fds[] = {
		{.fd = shake.s->client,  .events = events},
		{ .fd = shake.s->inside, .events = POLLIN},
	};
	int64_t left = deadline - clock_ms();

	if (left <= 0)
		return "no handshake within 30 seconds";
	if (poll(fds, LEN(fds), (int)left) == -1)
		return errno == EINTR ? NULL : strerror(errno);
	if (fds[1].revents)
		return "the session has gone";
	return NULL;
}

/* Why a handshake came to its end. */
static const char *
failure(int error, char text[WHY])
{
	struct buf words = { text, WHY - 1, 0, false };

	if (shake.wire.spent)
		return "too many octets for a handshake";
	if (shake.wire.ended)
		return "the client has closed the connection";
	if (error == SSL_ERROR_SYSCALL && ERR_peek_error() == 0)
		return errno ? strerror(errno) : "the connection broke";
	tlswords(&words);
	buf_cstr(&words);
	return text;
}

/* Returns NULL when hands are shaken, or why not. */
static const char *
shake_hands(char text[WHY])
{
	int64_t deadline = clock_ms() + HANDOVER_SECONDS * 1000;
	const char *why = NULL;

	while (!why) {
		int result;
		int error;

		ERR_clear_error();
		errno = 0;
		result = SSL_accept(shake.ssl);
		if (result == 1)
			return NULL;
		error = SSL_get_error(shake.ssl, result);
		if (error == SSL_ERROR_WANT_READ)
			why = await_client(POLLIN, deadline);
		else if (error == SSL_ERROR_WANT_WRITE)
			why = await_client(POLLOUT, deadline);
		else
			why = failure(error, text);
	}
	return why;
}

/* --- what came of it --- */

static struct span
hex_of(char text[HEX], const unsigned char *p, size_t n)
{
	struct buf out = { text, HEX, 0, false };

	for (size_t i = 0; i < n; i++)
		buf_hex(&out, p[i], 2);
	return buf_text(&out);
}

/* SHA-256 of the client's public key, by which it is known. */
static struct span
fingerprint(char text[HEX])
{
	X509 *cert = SSL_get0_peer_certificate(shake.ssl);
	unsigned char hash[EVP_MAX_MD_SIZE];
	unsigned char *der = NULL;
	unsigned n = 0;
	int der_n =
		cert ? i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &der) : -1;

	if (der_n <= 0 || EVP_Digest(der, (size_t)der_n, hash, &n, EVP_sha256(),
				  NULL) != 1)
		n = 0;
	OPENSSL_free(der);
	return hex_of(text, hash, n);
}

/* RFC 9266: in TLS 1.2 only with an extended master secret (RFC 7627). */
static struct span
exporter(char text[HEX])
{
	static const char label[] = "EXPORTER-Channel-Binding";
	unsigned char value[EXPORTED];
	bool fit = SSL_version(shake.ssl) >= TLS1_3_VERSION ||
		   SSL_get_extms_support(shake.ssl) == 1;

	if (!fit || SSL_export_keying_material(shake.ssl, value, sizeof value,
			    label, sizeof label - 1, NULL, 0, 0) != 1)
		return SPAN("");
	return hex_of(text, value, sizeof value);
}

/* RFC 5929 4.1: the hash of the certificate's signature, but not a weak one;
 * none where the signature has none of its own. */
static struct span
endpoint(char text[HEX])
{
	X509 *leaf = shake.shown->pair->leaf;
	unsigned char hash[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	int digest = NID_undef;

	if (X509_get_signature_info(leaf, &digest, NULL, NULL, NULL) != 1 ||
		digest == NID_undef)
		return SPAN("");
	if (digest == NID_md5 || digest == NID_sha1)
		digest = NID_sha256;
	if (!EVP_get_digestbynid(digest) ||
		X509_digest(leaf, EVP_get_digestbynid(digest), hash, &n) != 1)
		return SPAN("");
	return hex_of(text, hash, n);
}

static int
tell_inside(const struct tlssession *s)
{
	char finger[HEX];
	char export[HEX];
	char end[HEX];
	const struct handover word = {
		.version = span_of(SSL_get_version(shake.ssl)),
		.cipher = span_of(SSL_get_cipher_name(shake.ssl)),
		.name = {shake.name, shake.name_n},
		.fingerprint = fingerprint(finger),
		.exporter = exporter(export),
		.endpoint = endpoint(end),
	};
	int result = tlsasker_say(s->inside, &word);

	OPENSSL_cleanse(export, sizeof export);
	return result;
}

static void
log_session(const struct tlssession *s)
{
	struct log line;

	log_begin(&line, LOG_LEVEL_INFO, "handshake");
	log_text(&line, "client", s->peer);
	log_text(&line, "service", s->service);
	log_text(&line, "version", span_of(SSL_get_version(shake.ssl)));
	log_text(&line, "cipher", span_of(SSL_get_cipher_name(shake.ssl)));
	if (shake.name_n)
		log_text(&line, "sni",
			(struct span){ shake.name, shake.name_n });
	log_text(&line, "resumed",
		SSL_session_reused(shake.ssl) ? SPAN("yes") : SPAN("no"));
	log_write(&line);
}

/* A failed handshake ends the connection: nobody falls back to clear text
 * (T-007). */
static int
give_up(const struct tlssession *s, const char *why)
{
	struct log line;

	log_begin(&line, LOG_LEVEL_WARNING, "handshake-failed");
	log_text(&line, "client", s->peer);
	log_text(&line, "service", s->service);
	log_text(&line, "reason", span_of(why));
	log_write(&line);
	(void)tlsasker_refuse(s->inside, why);
	shutdown(s->inside, SHUT_RDWR);
	tlspump_linger(s->client);
	return -1;
}

void
tlssession_confine(void)
{
	jail_close_or_say(JAIL_TLS, NULL);
}

int
tlssession_run(struct tlssession *s)
{
	char text[WHY];
	const char *why;
	int result = -1;

	tlsticket_narrow(s->ticket, s->service);
	if (!begin(s))
		return give_up(s, "out of memory");
	why = shake_hands(text);
	tlsticket_wipe(s->ticket);
	if (!why && tell_inside(s) == -1)
		why = "the session has gone";
	if (why) {
		give_up(s, why);
	} else {
		log_session(s);
		tlswire_useful(&shake.wire);
		tlspump_run(shake.ssl, &shake.wire, s->inside);
		result = 0;
	}
	SSL_free(shake.ssl);
	return result;
}

/* SPDX-License-Identifier: ISC
 *
 * tlsclient: TLS from the side that connects, by OpenSSL: 1.2 and later, no
 * renegotiation, no compression. OpenSSL is not asked for anything, and the
 * store of authorities is not touched, before the first connection that needs
 * them.
 *
 * What the server's certificate must be is said by a level of
 * control/tlspolicy.h. Names are compared by OpenSSL (RFC 9525: DNS-ID and
 * iPAddress of subjectAltName; the common name does not count, a wildcard only
 * as the whole leftmost label). Whether the server is who it should be is
 * decided in one place, tlsclient_trusts, which says no to whatever it does
 * not know. */
#ifndef NET_TLSCLIENT_H
#define NET_TLSCLIENT_H

#include "control/tlspolicy.h"
#include "pure/ip.h"
#include "sys/places.h"
#include "sys/stream.h"

enum {
	TLSCLIENT_WORDS = 256,
	TLSCLIENT_BINDING = 64,
	/* version/cipher/how far the peer was verified */
	TLSCLIENT_SESSION = 96,
};

/* How far it is known who the server is. */
enum tlsclient_trust {
	TLSCLIENT_NOBODY, /* not at all */
	TLSCLIENT_NAME,   /* its certificate is trusted, and for its name */
	TLSCLIENT_FINGERPRINT, /* it has a public key that was named to us */
};

enum tlsclient_verdict {
	TLSCLIENT_OK,
	TLSCLIENT_LATE,      /* the handshake did not end in time */
	TLSCLIENT_FAILED,    /* it failed */
	TLSCLIENT_CLEAR,     /* the server answered it in clear text */
	TLSCLIENT_UNTRUSTED, /* the server is not who it should be */
	TLSCLIENT_OURS,      /* a fault of our own side */
};

/* What connections share. All zero, but for cafile, before the first. */
struct tlsclient {
	char cafile[LIMIT_PATH]; /* PEM file or directory of authorities;
				  * empty: the system's */
	struct tlsclient_state *state;
};

/* What a connection must be. */
struct tlsclient_want {
	enum tlspolicy_level level; /* not TLSPOLICY_NONE */
	struct span sni;            /* the host's name; empty: it has none */
	/* VERIFY: names that the certificate may be for, blanks between, a
	 * leading dot stands for any below; or this address (NULL: none). Above
	 * ASCII they are looked for as A-labels. */
	struct span names;
	const struct ip *ip;
	struct span fingerprints; /* FINGERPRINT */
};

/* What it is. */
struct tlsclient_result {
	struct stream *stream; /* after TLSCLIENT_OK */
	enum tlsclient_trust trust;
	char session[TLSCLIENT_SESSION]; /* "TLSv1.3/CIPHER/name", a word */
	char words[TLSCLIENT_WORDS];     /* why, after anything else */
	bool resumed;
};

/* In front of a jail (sys/jail.h): loads what OpenSSL's configuration wants to
 * have loaded, and adds where authorities are read from. */
void tlsclient_prepare(const struct tlsclient *t, struct places *places);

/* Shakes hands over a connected, blocking socket, which stays the caller's.
 * One connection at a time: the stream of the one before must be closed. The
 * session is kept for the next connection that wants the same. */
enum tlsclient_verdict tlsclient_start(struct tlsclient *t, int fd,
	const struct tlsclient_want *want, int64_t deadline,
	struct tlsclient_result *out);

/* What binds a login to the connection that was begun last (RFC 5929, 9266):
 * the name of the binding, and its data, at most TLSCLIENT_BINDING octets, in
 * out. TLS 1.3: tls-exporter; before that tls-server-end-point. Both empty
 * when there is none. */
void tlsclient_binding(
	const struct tlsclient *t, struct span *name, struct buf *out);

/* The decision. `certificate`: the server showed one; `result`: OpenSSL's, of
 * chain, dates and name (X509_V_OK or why not); `listed`: its public key has a
 * fingerprint of the policy. True, and *trust says how far, or false. */
bool tlsclient_trusts(enum tlspolicy_level level, bool certificate, long result,
	bool listed, enum tlsclient_trust *trust);

#endif

/* SPDX-License-Identifier: ISC
 *
 * scram: the four messages of SCRAM (RFC 5802 7; RFC 7677), as grammar. Keys
 * and proofs are in net/scramkey.
 *
 *	client-first	n,,n=user,r=abc
 *	server-first	r=abcDEF,s=c2FsdA==,i=4096
 *	client-final	c=biws,r=abcDEF,p=cHJvb2Y=
 *	server-final	v=c2lnbmF0dXJl, or e=invalid-proof
 *
 * Readers return 0, or -1: not this message. Extensions behind what is known
 * are passed over; a mandatory one (m=) is refused, as 5.1 asks. Spans point
 * into the message. Values of base64 are left encoded. */
#ifndef PURE_SCRAM_H
#define PURE_SCRAM_H

#include "pure/buf.h"

enum {
	SCRAM_MAX = 8192,         /* octets of a message that we take or make */
	SCRAM_NONCE = 24,         /* characters of a nonce that we make */
	SCRAM_NONCE_MAX = 512,    /* of one that we take */
	SCRAM_ITERATIONS = 4096,  /* the fewest (RFC 7677 4) */
	SCRAM_TURNS_MAX = 600000, /* the most that a server may ask of us */
	SCRAM_NAME = 255,         /* octets of a user's name, plain */
};

struct scram_first {
	char binding;        /* n: none, y: the client could, p: bound */
	struct span cbname;  /* for p: tls-exporter, tls-server-end-point */
	struct span authzid; /* escaped; empty: not given */
	struct span header;  /* gs2: up to and with its second comma */
	struct span bare;    /* what stands behind it */
	struct span user;    /* escaped */
	struct span nonce;
};

int scram_first_parse(struct span message, struct scram_first *out);

/* Appends a client-first message; reads all but header and bare. user and
 * authzid are plain here. */
void scram_first_print(struct buf *out, const struct scram_first *first);

struct scram_challenge {
	struct span nonce;   /* the client's and the server's */
	struct span salt;    /* base64, not empty */
	uint64_t iterations; /* at least 1: limits are the reader's */
};

/* `mine` is the client's nonce, with which the server's must begin, and be
 * longer. */
int scram_challenge_parse(
	struct span message, struct span mine, struct scram_challenge *out);
void scram_challenge_print(
	struct buf *out, const struct scram_challenge *challenge);

struct scram_final {
	struct span binding; /* base64 of the gs2 header and the binding data */
	struct span nonce;
	struct span proof;    /* base64 */
	struct span unproved; /* the message without ,p= */
};

int scram_final_parse(struct span message, struct scram_final *out);

/* Appends c=...,r=...: the message without its proof. What follows is ,p= and
 * the proof in base64. */
void scram_final_print(struct buf *out, struct span binding, struct span nonce);

struct scram_end {
	struct span signature; /* base64; empty: */
	struct span error;     /* the server's word why not */
};

int scram_end_parse(struct span message, struct scram_end *out);

/* Appends what is proved and signed, AuthMessage (3): the three messages with
 * commas between them. */
void scram_message(struct buf *out, struct span bare, struct span challenge,
	struct span unproved);

/* Appends a name escaped: a comma as =2C, = as =3D; or plain again, returning
 * 0, or -1 when it is empty, has another =, or a NUL, or is not UTF-8. */
void scram_name_print(struct buf *out, struct span name);
int scram_name_plain(struct buf *out, struct span name);

#endif

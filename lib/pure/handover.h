/* SPDX-License-Identifier: ISC
 *
 * handover: what postern-smtpd and postern-tls say to each other over a unix
 * stream socket, before that socket becomes the client (RFC 3207).
 *
 *	tls    a word at once: it can serve, or why it cannot
 *	smtpd  a request, with the client's socket beside it (SCM_RIGHTS)
 *	tls    a word when hands are shaken: what came of it
 *	       from here on both pass the session's octets, in clear text
 *
 * A word is a block: four hex digits of its length, then records
 *(pure/record.h) of so many octets. Nothing is read beyond it.
 *
 *	E text		an error, in words for the log; nothing else is in it
 *	S service	request: the name under which tickets count, "smtp"
 *	C client	request: its address, for the log
 *	V version	status: "TLSv1.3"
 *	K cipher	status: "TLS_AES_256_GCM_SHA384"
 *	N name		status: what the client asked for (SNI), A-labels
 *	F hex		status: SHA-256 of the client's public key (SPKI)
 *	X hex		status: tls-exporter (RFC 9266)
 *	P hex		status: tls-server-end-point (RFC 5929 4)
 *
 * What cannot be known is left out. The word "ready" holds no record. */
#ifndef PURE_HANDOVER_H
#define PURE_HANDOVER_H

#include "pure/buf.h"
#include "pure/limits.h"

enum {
	HANDOVER_HEAD = 4,     /* octets of the length */
	HANDOVER_MAX = 2048,   /* octets of a block, with its head */
	HANDOVER_SECONDS = 30, /* for a handshake (T-013) */
};

/* All empty: "ready". Spans point into what was read. */
struct handover {
	struct span error;
	struct span service;
	struct span client;
	struct span version;
	struct span cipher;
	struct span name;
	struct span fingerprint;
	struct span exporter;
	struct span endpoint;
};

/* Appends a block. Values must be printable ASCII; out->over when the block
 * is longer than HANDOVER_MAX. */
void handover_print(struct buf *out, const struct handover *word);

/* How long the block is that begins with these HANDOVER_HEAD octets, its head
 * not counted. Returns -1 when they begin none. */
int handover_length(struct span head);

/* Reads the records behind the head. Returns 0, or -1 as record_parse. */
int handover_parse(struct span records, struct handover *word);

#endif

/* SPDX-License-Identifier: ISC
 *
 * job: what send and its workers (remote, local) say to each other over a
 * SOCK_SEQPACKET pair, fd 0 of the worker. Packets are records as in
 * pure/envelope.h: a letter, a value, a NUL.
 *
 * send to worker: one packet a job, with the message's file as a read-only
 * descriptor (SCM_RIGHTS):
 *
 *	I id
 *	M offset size       where the message text lies in the file, octets
 *	W seconds           arrival, since 1970
 *	X route             next hop from the recipient's domain (pure/route.h)
 *	S route             next hop from smtproutes: a smarthost; X or S once,
 *	                    neither for local
 *	K number            so many next hops of the route, from the first on,
 *	                    did not answer lately: they are asked last
 *	F B U E R Q         as in the envelope; the letters that were there
 *	T N O ...           recipients, in order; the answers count them from 0
 *
 * worker to send: any number of packets of records, one record a recipient,
 * and one last record for the job:
 *
 *	d r t f h           delivered, relayed, deferred, failed, held; the
 *	                    value is
 *	                    RCPT SP STATUS SP PEER SP TEXT
 *	                    (index, enhanced code, peer's name or "-", words)
 *	s                   in front of one of these: the TLS session it came
 *	                    over, VERSION/CIPHER/VERIFIED (no, name,
 *fingerprint) .                   end of the job; the value is two letters: k
 *the connection is kept for the next job, c it is closed; then u the next hop
 *is up, d it is down (nothing could be asked of it), - cannot say (local); and
 *	                    unless it is the first, the number of the route's
 *	                    next hop that is up, from 0
 *
 * A worker that closes before "." has deferred what it did not answer. To
 * end a worker send closes the pair; it says QUIT and leaves. */
#ifndef PURE_JOB_H
#define PURE_JOB_H

#include "pure/buf.h"
#include "pure/route.h"

enum {
	JOB_PACKET = 131072, /* octets of a job at most */
	JOB_ANSWER = 16384,  /* octets of an answer packet at most */
	JOB_RCPTS =
		100,    /* recipients of one job at most (RFC 5321 4.5.3.1.8) */
	JOB_TEXT = 512, /* octets of a peer's words at most */
};

struct job_rcpt {
	struct span address;
	struct span notify; /* empty: not given */
	struct span orcpt;
};

struct job {
	struct span id;
	uint64_t offset;
	uint64_t size;
	int64_t arrival;
	struct span route;
	bool smarthost;
	size_t first; /* the next hop of the route to begin with */
	struct span sender;
	struct span body; /* "", "7BIT", "8BITMIME" */
	bool smtputf8;
	bool requiretls;
	struct span envid;
	struct span ret;
	size_t rcpts;
	struct job_rcpt rcpt[JOB_RCPTS];
};

/* The fates of a recipient. */
enum job_fate {
	JOB_DELIVERED = 'd',
	JOB_RELAYED = 'r',  /* delivered to a host without DSN, and NOTIFY has
			     * SUCCESS: the sender has to hear of it from us */
	JOB_DEFERRED = 't', /* try again later */
	JOB_FAILED = 'f',   /* for good */
	JOB_HELD = 'h',     /* a fault of our own; wait until it is mended */
};

struct job_answer {
	bool end; /* the last record: only kept and hop count */
	bool kept;
	char hop;  /* 'u', 'd', '-' */
	size_t at; /* the next hop of the route that is up */
	enum job_fate fate;
	size_t rcpt;
	struct span status; /* "2.0.0" */
	struct span peer;
	struct span text; /* cleaned: printable ASCII */
	struct span tls;  /* session; empty: clear text, or nobody asked */
};

/* Appends the whole job to out (JOB_PACKET octets); out->over when it does
 * not fit. */
void job_print(struct buf *out, const struct job *job);

/* Reads a packet; the spans point into it. Returns 0, or -1 when it is not a
 * complete job. */
int job_parse(struct span packet, struct job *job);

/* Appends one answer record. Bytes of text and peer that are not printable
 * ASCII become '?', text is cut at JOB_TEXT. */
void job_answer_print(struct buf *out, const struct job_answer *answer);

/* Takes the next answer off the packet. Returns 1 and the answer, 0 at the
 * end of the packet, -1 when the packet is not made of answers. */
int job_answer_parse(struct span *packet, struct job_answer *answer);

#endif

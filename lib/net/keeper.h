/* SPDX-License-Identifier: ISC
 *
 * keeper: what postern-auth remembers between exchanges: failures by address
 * (an IPv6 client is its /64), and recipients by login. The parent keeps it;
 * each exchange is a process of its own that asks over a SOCK_SEQPACKET pair,
 * and learns nothing but the answers. */
#ifndef NET_KEEPER_H
#define NET_KEEPER_H

#include "pure/bucket.h"
#include "pure/buf.h"

enum {
	KEEPER_KEY = 255,
	KEEPER_STEP_MS = 500,   /* each failure makes the next answer so much */
	KEEPER_DELAY_MS = 5000, /* later, up to this */
};

struct keeper {
	uint64_t limit; /* failures of an address; 0: any (control/authlimit) */
	uint64_t rate;  /* recipients of a login; 0: any (control/userrate) */
	struct buckets failures;
	struct buckets recipients;
};

enum keeper_what {
	KEEPER_MAY,    /* may this address try? */
	KEEPER_FAILED, /* it has, and failed */
	KEEPER_SENDS,  /* this login sends to `number` recipients: may it? */
};

/* One question; both ends are this program. */
struct keeper_question {
	uint32_t what;
	uint32_t number;
	uint32_t length;
	char key[KEEPER_KEY];
};

struct keeper_answer {
	uint32_t yes;
	uint32_t delay_ms; /* before the client hears of it */
};

/* Answers, and takes note. `ms` is a clock's. */
struct keeper_answer keeper_judge(
	struct keeper *k, const struct keeper_question *question, int64_t ms);

/* Reads a question from an exchange and answers it. Returns 1, 0 when the
 * exchange is over, -1 when it asked nonsense. */
int keeper_serve(struct keeper *k, int fd, int64_t ms);

/* Asks; fd -1 is nobody, who says yes. Returns 0, or -1 when the parent is gone
 * or the key too long. */
int keeper_ask(int fd, enum keeper_what what, struct span key, uint32_t number,
	struct keeper_answer *answer);

/* Is there nothing worth remembering? */
bool keeper_empty(struct keeper *k, int64_t ms);

/* Appends the key of a client's address: itself, or its /64. What is no address
 * is its own key. */
void keeper_place(struct buf *out, struct span client);

#endif

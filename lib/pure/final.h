/* SPDX-License-Identifier: ISC
 *
 * final: message text on its way into a mailbox, the last change it sees
 * (RFC 5321 4.4): CR LF becomes LF, as files here end their lines; every
 * Return-Path field of the header section is left out, because final delivery
 * writes its own; a Delivered-To field that names the recipient is noted:
 * this message was here before. A CR that is not before LF stays. */
#ifndef PURE_FINAL_H
#define PURE_FINAL_H

#include "pure/limits.h"
#include "pure/span.h"

/* Room that final_feed needs beyond the octets it is given. */
enum { FINAL_HOLD = 16 };

/* Set it up with final_begin. */
struct final {
	int state;
	bool cr;   /* a CR waits for what follows it */
	bool loop; /* Delivered-To named the recipient */
	struct span recipient;
	char name[FINAL_HOLD - 1]; /* start of a field, not yet given */
	size_t name_len;
	char value[LIMIT_ADDRESS + 2]; /* of Delivered-To */
	size_t value_len;
};

/* The recipient's text must stay valid. */
void final_begin(struct final *f, struct span recipient);

/* Takes all of `in`; writes text to out, which has room for in.n + FINAL_HOLD
 * octets. Returns how many were written. What comes out does not depend on
 * how the bytes are split. f->loop may be read after each call and is final
 * after final_end. */
size_t final_feed(struct final *f, struct span in, char *out);

/* The message is over: writes what was held, at most FINAL_HOLD octets. */
size_t final_end(struct final *f, char *out);

#endif

/* SPDX-License-Identifier: ISC
 *
 * outcome: writes down what became of recipients and messages, and says so in
 * the log. */
#ifndef DELIVER_OUTCOME_H
#define DELIVER_OUTCOME_H

#include "deliver/sender.h"

/* Recipient i of m is answered for. `tried` is when the hop was asked, which
 * may be long ago for one that is left alone: a message that is too old fails
 * now if the attempt came after its time. */
void outcome_mark(struct sender *s, struct message *m, uint32_t i,
	const struct hop *hop, const struct verdict *verdict, int64_t tried);

/* The same for every recipient of a delivery who is still open. */
void outcome_mark_all(struct sender *s, const struct delivery *d,
	const struct verdict *verdict, int64_t tried);

/* A delivery is over, and is freed. With its last one the message is done
 * for this round: removed, moved to failed/, or put off. */
void outcome_end(struct sender *s, struct delivery *d);

/* Ends the round of a message without deliveries. */
void outcome_finish(struct sender *s, struct message *m);

/* Tries again what could not be written. */
void outcome_unstick(struct sender *s);

/* The next of a sequence of random numbers, for spreading times. */
uint64_t sender_random(struct sender *s);

#endif

/* SPDX-License-Identifier: ISC
 *
 * intake: finds what is due and takes it up: reads control and the queue
 * directory, opens messages, sorts their recipients by next hop. */
#ifndef DELIVER_INTAKE_H
#define DELIVER_INTAKE_H

#include "deliver/sender.h"

/* Takes up what is due, as far as there is room. */
void intake_fill(struct sender *s);

/* A file appeared in new/. */
void intake_arrived(struct sender *s, struct span name);

/* Forgets a message in hand and closes it. */
void intake_drop(struct sender *s, struct message *m);

/* True when something could be taken up now. */
bool intake_due(const struct sender *s);

/* When to look again, in milliseconds on the clock of s->tick. */
int64_t intake_next(const struct sender *s);

/* Puts off, without a try, all that waits for a hop that is left alone. */
void intake_put_off(struct sender *s, struct hop *hop);

/* Gives back all that waits and is not in a worker's hands: it is found in
 * the queue again. */
void intake_recall(struct sender *s);

/* Takes up again what was set aside at a hop, if it has little to do. */
void intake_unpark(struct sender *s, struct hop *hop, size_t most);

#endif

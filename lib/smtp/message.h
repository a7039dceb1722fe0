/* SPDX-License-Identifier: ISC
 *
 * message: the text behind DATA on its way into the queue. */
#ifndef SMTP_MESSAGE_H
#define SMTP_MESSAGE_H

#include "smtp/session.h"

/* Makes the id of the open transaction's message. Returns EVENT_DATA, or what
 * to say instead. The queue is started by message_take, when a message of
 * usual size has come whole, or when a larger one does not fit here. */
enum event message_begin(struct session *s);

/* Gives up a message that message_take has not ended. */
void message_abort(struct session *s);

/* Reads the text up to its true end (RFC 5321 4.1.1.4) and judges it there;
 * then the queue decides. Whatever the event, nothing is on its way any more;
 * EVENT_ACCEPTED: the message is durable, logged, and s->id names it. */
enum event message_take(struct session *s);

#endif

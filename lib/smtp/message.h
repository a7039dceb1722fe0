/* SPDX-License-Identifier: ISC
 *
 * message: the text behind DATA on its way into the queue. */
#ifndef SMTP_MESSAGE_H
#define SMTP_MESSAGE_H

#include "smtp/session.h"

/* Starts the queue for the open transaction. Returns EVENT_DATA, or what to
 * say instead; nothing is on its way then. */
enum event message_begin(struct session *s);

/* Gives up what message_begin started. */
void message_abort(struct session *s);

/* Reads the text up to its true end (RFC 5321 4.1.1.4) and judges it there;
 * then the queue decides. Whatever the event, nothing is on its way any more;
 * EVENT_ACCEPTED: the message is durable, logged, and s->id names it. */
enum event message_take(struct session *s);

#endif

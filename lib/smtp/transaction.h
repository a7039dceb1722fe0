/* SPDX-License-Identifier: ISC
 *
 * transaction: messages over a client connection: MAIL, RCPT, DATA and the
 * text, in one group where the server offers PIPELINING, else one by one, and
 * who of the recipients gets what answer (RFC 5321 3.3, 4.5.3.1.10; RFC 2920
 * 3.1; RFC 9422). */
#ifndef SMTP_TRANSACTION_H
#define SMTP_TRANSACTION_H

#include "smtp/client.h"

/* Sends a message to its open recipients, in as many transactions as the
 * server wants. Returns CLIENT_DONE when all have an answer, or are put off
 * for another next hop (mail_put_off). Else the
 * connection is closed, c->words say why, some recipients have no answer yet,
 * and none of them has been sent the text:
 *   CLIENT_NEXT  another server, or this one again, may be tried for them;
 *   CLIENT_HELD  a fault of our own.
 * After CLIENT_DONE the connection is kept for the next message unless it has
 * failed or the server takes no more (client_connected). */
enum client_verdict transaction_send(struct client *c, struct mail *m);

#endif

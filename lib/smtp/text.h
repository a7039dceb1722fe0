/* SPDX-License-Identifier: ISC
 *
 * text: the text of a message behind DATA: read, turned into 7-bit where the
 * server wants that, stuffed, sent, and ended. */
#ifndef SMTP_TEXT_H
#define SMTP_TEXT_H

#include "smtp/client.h"

/* Turns the text into 7-bit (pure/mime7.h) without sending it, to learn
 * whether that can be done and how many octets it makes. Returns 1 and *size;
 * 0 when it cannot be done without changing what the message means; -1 with
 * errno when the text cannot be read. */
int text_measure7(struct content *text, uint64_t *size);

/* Sends the text and its end and reads the reply to that; `seven_bit` after
 * text_measure7 has said 1 of the same text. Returns CLIENT_DONE
 * with the reply in c->link.reply; CLIENT_NEXT as client_reply, also when the
 * server answers before the end; CLIENT_HELD when the text cannot be read:
 * then the connection is closed without the end (C-047). */
enum client_verdict text_send(
	struct client *c, struct content *text, bool seven_bit);

/* Sends an end without a text, for a server that wants the text of a message
 * that nobody gets (RFC 2920 3.1), and reads the reply to it. */
enum client_verdict text_send_none(struct client *c);

#endif

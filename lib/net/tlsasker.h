/* SPDX-License-Identifier: ISC
 *
 * tlsasker: postern-smtpd as postern-tls sees it: the words of pure/handover
 * over the socket between them. */
#ifndef NET_TLSASKER_H
#define NET_TLSASKER_H

#include "pure/handover.h"

/* Says a word without waiting: there is room for it, or the asker is no good.
 * Returns 0, or -1 with errno. */
int tlsasker_say(int fd, const struct handover *word);

/* The word that it cannot be done, in words. */
int tlsasker_refuse(int fd, const char *why);

/* Hears the request, which comes in one piece with one descriptor, a stream
 * socket (*client, close-on-exec). The request points into text. Waits as fd
 * does. Returns 1, 0 when the asker has gone, or -1 with errno: EPROTO when
 * what it said is no request, EAGAIN. */
int tlsasker_hear(
	int fd, char text[HANDOVER_MAX], struct handover *request, int *client);

#endif

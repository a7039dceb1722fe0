/* SPDX-License-Identifier: ISC
 *
 * mime7: turn an 8-bit message into a 7-bit one that means the same, in one
 * pass and constant memory: the body of each leaf part that holds 8-bit text
 * becomes quoted-printable (text) or base64 (all else), and its
 * Content-Transfer-Encoding says so (RFC 6152 3, RFC 2045 6). A message
 * without MIME gets MIME-Version, Content-Type: text/plain;
 * charset=unknown-8bit (RFC 1428) and its encoding. Parts that are 7-bit or
 * encoded already are left as they are, byte by byte. */
#ifndef PURE_MIME7_H
#define PURE_MIME7_H

#include "pure/buf.h"

/* Opaque to callers: see mime7.c. Large; keep one, static. */
struct mime7;

/* Where converted bytes go. Returns 0, or -1 to stop. */
typedef int mime7_sink(void *ctx, const char *bytes, size_t n);

/* The size of struct mime7, for callers that allocate it. */
size_t mime7_size(void);

void mime7_begin(struct mime7 *m, mime7_sink *sink, void *ctx);

/* Feeds message text in pieces of any size (CRLF line ends). Returns 0; -1
 * when the sink stopped; -2 when the message cannot be converted without
 * changing what it means: 8-bit header field, signed or encrypted multipart
 * with 8-bit inside, nesting deeper than 20, a part labelled 8-bit under an
 * encoding that may not be nested. */
int mime7_feed(struct mime7 *m, const char *bytes, size_t n);

/* Ends the message. As mime7_feed. */
int mime7_end(struct mime7 *m);

#endif

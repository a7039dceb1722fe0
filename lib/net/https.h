/* SPDX-License-Identifier: ISC
 *
 * https: a form is posted to an address, and an answer of bounded size comes
 * back in bounded time. The server's certificate is verified always; redirects
 * are not followed; no cookies, no other protocols. https_proxy and no_proxy
 * in the environment count, but not for http. What libcurl frees is wiped. */
#ifndef NET_HTTPS_H
#define NET_HTTPS_H

#include "pure/span.h"

enum { HTTPS_ANSWER = 65536 }; /* octets */

/* C strings of the caller's. */
struct https_request {
	const char *url;    /* https://, or http:// for this machine */
	const char *cafile; /* NULL: the system's */
	const char *form;
	const char *user; /* NULL: no Authorization */
	const char *password;
	long timeout_ms;
};

struct https_answer {
	long status;
	int64_t retry_after; /* seconds; 0: not said */
	size_t len;
	char body[HTTPS_ANSWER];
	char error[256]; /* when there is no answer: why */
};

/* Prepares libcurl. Call once. Returns 0, or -1. */
int https_begin(void);

/* Returns 0 when a whole answer came, whatever its status; -1 with `error`:
 * no connection, a certificate that is not good, no answer in time, one that
 * is too long. The caller wipes both. */
int https_post(const struct https_request *request, struct https_answer *out);

#endif

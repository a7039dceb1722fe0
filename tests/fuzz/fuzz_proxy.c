/* SPDX-License-Identifier: ISC
 *
 * proxy: what is read does not depend on the splits; no octet behind the
 * header is taken; a header that names a client names two addresses (S-249).
 * The first octet sets the split. */
#include <stdlib.h>

#include "pure/proxy.h"

#define MUST(fact)                                                             \
	do {                                                                   \
		if (!(fact))                                                   \
			abort();                                               \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* Feeds at most `step` octets at a time; returns how many were taken. */
static size_t
feed(struct proxy *p, struct span in, size_t step, enum proxy_verdict *verdict)
{
	size_t taken = 0;

	*p = (struct proxy){ .len = 0 };
	*verdict = PROXY_MORE;
	while (taken < in.n && *verdict == PROXY_MORE) {
		struct span piece = span_head(span_from(in, taken), step);
		size_t had = piece.n;

		*verdict = proxy_feed(p, &piece);
		MUST(*verdict != PROXY_MORE || piece.n == 0);
		taken += had - piece.n;
	}
	return taken;
}

/* How long the header says it is, read anew. */
static size_t
length(struct span in)
{
	const unsigned char *p = (const unsigned char *)in.p;

	return in.p[0] == 'P' ? span_find(in, '\n') + 1
			      : 16 + ((size_t)p[14] << 8) + p[15];
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	enum proxy_verdict whole;
	enum proxy_verdict split;
	struct proxy a;
	struct proxy b;
	struct span in;
	size_t taken;

	if (n < 2)
		return 0;
	in = (struct span){ (const char *)data + 1, n - 1 };
	taken = feed(&a, in, SIZE_MAX, &whole);
	MUST(feed(&b, in, 1 + data[0] % 19, &split) == taken);
	MUST(whole == split);
	MUST(taken <= PROXY_HEAD + LIMIT_PROXY);
	MUST(in.p[0] != 'P' || taken <= LIMIT_PROXY_LINE);
	switch (whole) {
	case PROXY_MORE:
		MUST(taken == in.n);
		break;
	case PROXY_CLIENT:
		MUST(a.there.ip.family && a.here.ip.family);
		MUST(ip_eq(&a.there.ip, &b.there.ip));
		MUST(a.there.port == b.there.port);
		MUST(taken == length(in));
		break;
	case PROXY_SELF:
		MUST(taken == length(in));
		break;
	case PROXY_BAD:
		MUST(a.why && a.why == b.why);
		break;
	}
	return 0;
}

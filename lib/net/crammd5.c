/* SPDX-License-Identifier: ISC */
#include "net/crammd5.h"

#include <openssl/evp.h>

enum { DIGEST = 16 };

int
crammd5_answer(struct buf *out, struct span user, struct span password,
	struct span challenge)
{
	unsigned char digest[DIGEST];
	size_t n = 0;

	if (!EVP_Q_mac(NULL, "HMAC", NULL, "MD5", NULL, password.p, password.n,
		    (const unsigned char *)challenge.p, challenge.n, digest,
		    sizeof digest, &n) ||
		n != DIGEST)
		return -1;
	buf_span(out, user);
	buf_char(out, ' ');
	for (size_t i = 0; i < DIGEST; i++)
		buf_hex(out, digest[i], 2);
	return 0;
}

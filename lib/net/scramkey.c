/* SPDX-License-Identifier: ISC */
#include "net/scramkey.h"

#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

_Static_assert(SCRAMKEY_LENGTH == SHA256_DIGEST_LENGTH,
	"SCRAM-SHA-256 has keys of a digest's length");

int
scramkey_sign(
	uint8_t out[SCRAMKEY_LENGTH], struct span key, struct span message)
{
	if (key.n > INT_MAX ||
		!HMAC(EVP_sha256(), key.p, (int)key.n,
			(const unsigned char *)message.p, message.n, out, NULL))
		return -1;
	return 0;
}

static struct span
key_span(const uint8_t key[SCRAMKEY_LENGTH])
{
	return (struct span){ (const char *)key, SCRAMKEY_LENGTH };
}

int
scramkey_derive(struct scramkey *key, struct span password, struct span salt,
	uint64_t iterations)
{
	uint8_t salted[SCRAMKEY_LENGTH];
	int done = -1;

	if (password.n > INT_MAX || salt.n > INT_MAX || iterations == 0 ||
		iterations > INT_MAX)
		return -1;
	if (PKCS5_PBKDF2_HMAC(password.p, (int)password.n,
		    (const unsigned char *)salt.p, (int)salt.n, (int)iterations,
		    EVP_sha256(), sizeof salted, salted) &&
		scramkey_sign(key->client, key_span(salted),
			SPAN("Client Key")) == 0 &&
		scramkey_sign(key->server, key_span(salted),
			SPAN("Server Key")) == 0 &&
		SHA256(key->client, sizeof key->client, key->stored))
		done = 0;
	OPENSSL_cleanse(salted, sizeof salted);
	return done;
}

static void
key_xor(uint8_t out[SCRAMKEY_LENGTH], const uint8_t with[SCRAMKEY_LENGTH])
{
	for (size_t i = 0; i < SCRAMKEY_LENGTH; i++)
		out[i] = (uint8_t)(out[i] ^ with[i]);
}

int
scramkey_proof(uint8_t out[SCRAMKEY_LENGTH], const struct scramkey *key,
	struct span message)
{
	if (scramkey_sign(out, key_span(key->stored), message) == -1)
		return -1;
	key_xor(out, key->client);
	return 0;
}

bool
scramkey_proved(const uint8_t stored[SCRAMKEY_LENGTH], struct span message,
	struct span proof)
{
	uint8_t client[SCRAMKEY_LENGTH];
	uint8_t hash[SCRAMKEY_LENGTH];
	bool same;

	if (proof.n != SCRAMKEY_LENGTH ||
		scramkey_sign(client, key_span(stored), message) == -1)
		return false;
	key_xor(client, (const uint8_t *)proof.p);
	same = SHA256(client, sizeof client, hash) &&
	       scramkey_same(key_span(hash), key_span(stored));
	OPENSSL_cleanse(client, sizeof client);
	return same;
}

bool
scramkey_same(struct span a, struct span b)
{
	return a.n == b.n && CRYPTO_memcmp(a.p, b.p, a.n) == 0;
}

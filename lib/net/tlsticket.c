/* SPDX-License-Identifier: ISC */
#include "net/tlsticket.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

/* What is made of a secret for one certificate. */
struct keys {
	unsigned char name[32]; /* the first half is used */
	unsigned char cipher[32];
	unsigned char mac[32];
};

/* out = HMAC-SHA256(secret, label || text): a PRF, and no label begins
 * another. */
static int
derive(unsigned char out[32], const unsigned char *secret, char label,
	struct span text)
{
	unsigned char message[128];
	unsigned int n = 32;

	if (text.n >= sizeof message)
		return -1;
	message[0] = (unsigned char)label;
	memcpy(message + 1, text.p, text.n);
	return HMAC(EVP_sha256(), secret, TLSTICKET_SECRET, message, text.n + 1,
		       out, &n)
		       ? 0
		       : -1;
}

static int
derive_keys(struct keys *k, const unsigned char *secret, struct span text)
{
	if (derive(k->name, secret, 'n', text) == -1 ||
		derive(k->cipher, secret, 'c', text) == -1)
		return -1;
	return derive(k->mac, secret, 'm', text);
}

int
tlsticket_turn(struct tlsticket *t, int64_t now)
{
	int64_t age = (now - t->born) / 1000;
	unsigned char fresh[TLSTICKET_SECRET];

	if (t->count && age < TLSTICKET_LIFE)
		return 0;
	if (RAND_priv_bytes(fresh, sizeof fresh) != 1)
		return -1;
	t->count = t->count && age < 2 * TLSTICKET_LIFE ? 2 : 1;
	memcpy(t->secret[1], t->secret[0], sizeof fresh);
	memcpy(t->secret[0], fresh, sizeof fresh);
	if (t->count == 1)
		OPENSSL_cleanse(t->secret[1], sizeof fresh);
	OPENSSL_cleanse(fresh, sizeof fresh);
	t->born = now;
	return 0;
}

void
tlsticket_narrow(struct tlsticket *t, struct span service)
{
	for (unsigned i = 0; i < t->count; i++) {
		unsigned char own[32];

		if (derive(own, t->secret[i], 's', service) == -1) {
			tlsticket_wipe(t);
			return;
		}
		memcpy(t->secret[i], own, sizeof own);
		OPENSSL_cleanse(own, sizeof own);
	}
}

static int
begin(const struct keys *k, unsigned char *iv, EVP_CIPHER_CTX *cipher,
	EVP_MAC_CTX *mac, bool making)
{
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY,
			(void *)(uintptr_t)k->mac, sizeof k->mac),
		OSSL_PARAM_construct_utf8_string(
			OSSL_MAC_PARAM_DIGEST, (char[]){ "SHA256" }, 0),
		OSSL_PARAM_construct_end(),
	};

	if (EVP_MAC_CTX_set_params(mac, params) != 1)
		return -1;
	return EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), NULL, k->cipher, iv,
		       making) == 1
		       ? 1
		       : -1;
}

static int
make(const struct tlsticket *t, struct span certificate, struct keys *k,
	unsigned char name[16], unsigned char *iv)
{
	if (!t->count)
		return 0;
	if (derive_keys(k, t->secret[0], certificate) == -1 ||
		RAND_bytes(iv, EVP_MAX_IV_LENGTH) != 1)
		return -1;
	memcpy(name, k->name, 16);
	return 1;
}

/* Returns 1 for the newest keys, 2 for older ones: give a new ticket; 0: not
 * ours any more. */
static int
find(const struct tlsticket *t, struct span certificate, struct keys *k,
	const unsigned char name[16])
{
	for (unsigned i = 0; i < t->count; i++) {
		if (derive_keys(k, t->secret[i], certificate) == -1)
			return -1;
		if (CRYPTO_memcmp(name, k->name, 16) == 0)
			return i == 0 ? 1 : 2;
	}
	return 0;
}

int
tlsticket_key(const struct tlsticket *t, struct span certificate,
	unsigned char name[16], unsigned char *iv, EVP_CIPHER_CTX *cipher,
	EVP_MAC_CTX *mac, bool making)
{
	struct keys k;
	int result = making ? make(t, certificate, &k, name, iv)
			    : find(t, certificate, &k, name);

	if (result > 0 && begin(&k, iv, cipher, mac, making) == -1)
		result = -1;
	OPENSSL_cleanse(&k, sizeof k);
	return result;
}

void
tlsticket_wipe(struct tlsticket *t)
{
	OPENSSL_cleanse(t, sizeof *t);
}

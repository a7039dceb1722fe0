/* SPDX-License-Identifier: ISC */
#include "net/password.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <sys/random.h>

#include "net/scramkey.h"
#include "pure/ascii.h"
#include "pure/base64.h"
#include "sys/hashing.h"

bool
password_valid(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (ascii_control(s.p[i]))
			return false;
	return s.n > 0 && s.n <= PASSWORD_MAX && utf8_valid(s);
}

static int
check_scram(const struct verifier *v, struct span password)
{
	char room[VERIFIER_SALT];
	char wanted[VERIFIER_SALT];
	struct buf salt = BUF(room);
	struct buf stored = BUF(wanted);
	struct scramkey key;
	int result;

	if (base64_decode(&salt, v->salt) == -1 ||
		base64_decode(&stored, v->stored) == -1 ||
		scramkey_derive(
			&key, password, buf_text(&salt), v->iterations) == -1)
		return -1;
	result = scramkey_same(buf_text(&stored),
		(struct span){ (const char *)key.stored, sizeof key.stored });
	OPENSSL_cleanse(&key, sizeof key);
	return result;
}

static int
check_crypt(const struct verifier *v, struct span password)
{
	char made[HASHING_MAX];
	struct buf hash = BUF(made);
	int result = hashing_make(&hash, password, v->hash);

	if (result == 0)
		result = scramkey_same(buf_text(&hash), v->hash);
	OPENSSL_cleanse(made, sizeof made);
	return result;
}

int
password_check(const struct verifier *verifier, struct span password)
{
	return verifier->scram ? check_scram(verifier, password)
			       : check_crypt(verifier, password);
}

int
password_scram(struct buf *out, struct span password)
{
	char salt[PASSWORD_SALT];
	struct scramkey key;

	if (getrandom(salt, sizeof salt, 0) != sizeof salt)
		return -1;
	if (scramkey_derive(&key, password, (struct span){ salt, sizeof salt },
		    PASSWORD_ITERATIONS) == -1) {
		errno = ENOMEM;
		return -1;
	}
	verifier_print(out, PASSWORD_ITERATIONS,
		(struct span){ salt, sizeof salt },
		(struct span){ (const char *)key.stored, sizeof key.stored },
		(struct span){ (const char *)key.server, sizeof key.server });
	OPENSSL_cleanse(&key, sizeof key);
	return 0;
}

int
password_crypt(struct buf *out, struct span password)
{
	char room[HASHING_MAX];
	struct buf setting = BUF(room);

	return hashing_setting(&setting) == -1
		       ? -1
		       : hashing_make(out, password, buf_text(&setting));
}

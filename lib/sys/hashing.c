/* SPDX-License-Identifier: ISC */
#include "sys/hashing.h"

#include <crypt.h>
#include <errno.h>

/* crypt(3) wants C strings. */
static const char *
copy(char *room, size_t cap, struct span text)
{
	if (text.n >= cap || span_find(text, '\0') < text.n) {
		errno = EINVAL;
		return NULL;
	}
	memcpy(room, text.p, text.n);
	room[text.n] = '\0';
	return room;
}

bool
hashing_known(struct span hash)
{
	char text[HASHING_MAX + 1];
	int answer = copy(text, sizeof text, hash) ? crypt_checksalt(text)
						   : CRYPT_SALT_INVALID;

	return answer != CRYPT_SALT_INVALID &&
	       answer != CRYPT_SALT_METHOD_DISABLED;
}

int
hashing_make(struct buf *out, struct span phrase, struct span setting)
{
	static struct crypt_data work;
	char words[HASHING_PHRASE + 1];
	char method[HASHING_MAX + 1];
	const char *hash = NULL;
	int result = -1;

	if (copy(words, sizeof words, phrase) &&
		copy(method, sizeof method, setting))
		hash = crypt_r(words, method, &work);
	if (hash && *hash != '*') {
		buf_str(out, hash);
		result = out->over ? -1 : 0;
	}
	explicit_bzero(words, sizeof words);
	explicit_bzero(&work, sizeof work);
	return result;
}

int
hashing_setting(struct buf *out)
{
	char setting[CRYPT_GENSALT_OUTPUT_SIZE];

	if (!crypt_gensalt_rn(NULL, 0, NULL, 0, setting, (int)sizeof setting))
		return -1;
	buf_str(out, setting);
	return out->over ? -1 : 0;
}

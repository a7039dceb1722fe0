/* SPDX-License-Identifier: ISC */
#include "net/sasl.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "net/crammd5.h"
#include "net/scramkey.h"
#include "pure/base64.h"
#include "pure/bearer.h"

/* --- SCRAM-SHA-256 and -PLUS --- */

enum { NONCE_OCTETS = SCRAM_NONCE / 4 * 3 };

/* n: no binding here; y: we could, and the server does not offer it; p: bound
 * (RFC 5802 6). */
static char
scram_flag(const struct sasl *s)
{
	if (s->mechanism == MECHANISM_SCRAM_PLUS)
		return 'p';
	return s->cbdata.n && !s->plus ? 'y' : 'n';
}

static enum sasl_verdict
scram_begin(struct sasl *s, struct buf *out)
{
	struct scram_first first = {
		.binding = scram_flag(s), .cbname = s->cbname, .user = s->user
	};
	struct buf b = BUF(s->first);
	unsigned char octets[NONCE_OCTETS];
	struct buf nonce = BUF(s->nonce);

	if (s->nonce_len == 0) {
		if (RAND_bytes(octets, sizeof octets) != 1)
			return SASL_BROKEN;
		base64_encode(
			&nonce, (struct span){ (char *)octets, sizeof octets });
		s->nonce_len = nonce.len;
	}
	first.nonce = (struct span){ s->nonce, s->nonce_len };
	scram_first_print(&b, &first);
	s->first_len = b.len;
	buf_span(out, buf_text(&b));
	return b.over ? SASL_BROKEN : SASL_ANSWER;
}

/* The gs2 header and the binding data. */
static void
scram_binding(
	const struct sasl *s, const struct scram_first *first, struct buf *out)
{
	char plain[1024];
	struct buf b = BUF(plain);

	buf_span(&b, first->header);
	if (s->mechanism == MECHANISM_SCRAM_PLUS)
		buf_span(&b, s->cbdata);
	base64_encode(out, buf_text(&b));
	out->over |= b.over;
}

/* Appends the proof, and keeps the signature that must come back. */
static int
scram_prove(struct sasl *s, struct span salt, uint64_t iterations,
	struct span message, struct buf *out)
{
	uint8_t proof[SCRAMKEY_LENGTH];
	struct scramkey key;
	int result = scramkey_derive(&key, s->secret, salt, iterations);

	if (result == 0)
		result = scramkey_proof(proof, &key, message);
	if (result == 0)
		result = scramkey_sign(s->signature,
			(struct span){ (char *)key.server, sizeof key.server },
			message);
	if (result == 0) {
		buf_str(out, ",p=");
		base64_encode(
			out, (struct span){ (char *)proof, sizeof proof });
	}
	OPENSSL_cleanse(&key, sizeof key);
	return result;
}

static enum sasl_verdict
scram_final(struct sasl *s, struct span challenge, struct buf *out)
{
	static char message_space[3 * SCRAM_MAX];
	char salt_space[BASE64_ROOM(SCRAM_MAX)];
	char binding_space[1536];
	struct buf message = BUF(message_space);
	struct buf salt = BUF(salt_space);
	struct buf binding = BUF(binding_space);
	struct scram_first first;
	struct scram_challenge c;
	size_t start = out->len;

	if (scram_first_parse(
		    (struct span){ s->first, s->first_len }, &first) == -1)
		return SASL_BROKEN;
	if (challenge.n > SCRAM_MAX ||
		scram_challenge_parse(challenge, first.nonce, &c) == -1 ||
		base64_decode(&salt, c.salt) == -1)
		return SASL_SENSELESS;
	if (c.iterations < SCRAM_ITERATIONS || c.iterations > SCRAM_TURNS_MAX)
		return SASL_WEAK;
	scram_binding(s, &first, &binding);
	scram_final_print(out, buf_text(&binding), c.nonce);
	scram_message(&message, first.bare, challenge,
		span_from(buf_text(out), start));
	if (message.over || binding.over || out->over)
		return SASL_BROKEN;
	return scram_prove(s, buf_text(&salt), c.iterations, buf_text(&message),
		       out) == 0
		       ? SASL_ANSWER
		       : SASL_BROKEN;
}

static enum sasl_verdict
scram_end(struct sasl *s, struct span challenge)
{
	char space[BASE64_ROOM(128)];
	struct buf signature = BUF(space);
	struct buf reason = BUF(s->reason);
	struct scram_end end;

	if (challenge.n > 128 || scram_end_parse(challenge, &end) == -1)
		return SASL_SENSELESS;
	if (end.signature.n == 0) {
		buf_span(&reason, span_head(end.error, sizeof s->reason));
		s->reason_len = reason.len;
		return SASL_ANSWER;
	}
	if (base64_decode(&signature, end.signature) == -1)
		return SASL_SENSELESS;
	s->proved = scramkey_same(buf_text(&signature),
		(struct span){ (char *)s->signature, sizeof s->signature });
	return s->proved ? SASL_ANSWER : SASL_FALSE;
}

static enum sasl_verdict
scram_answer(struct sasl *s, struct span challenge, struct buf *out)
{
	switch (s->step) {
	case 0:
		return scram_final(s, challenge, out);
	case 1:
		return scram_end(s, challenge);
	default:
		return SASL_SENSELESS;
	}
}

/* --- passwords --- */

static enum sasl_verdict
plain_begin(struct sasl *s, struct buf *out)
{
	buf_char(out, '\0');
	buf_span(out, s->user);
	buf_char(out, '\0');
	buf_span(out, s->secret);
	return SASL_ANSWER;
}

static enum sasl_verdict
no_answer(struct sasl *s, struct span challenge, struct buf *out)
{
	(void)s;
	(void)challenge;
	(void)out;
	return SASL_SENSELESS;
}

/* The prompts are whatever the server likes. */
static enum sasl_verdict
login_answer(struct sasl *s, struct span challenge, struct buf *out)
{
	(void)challenge;
	if (s->step > 1)
		return SASL_SENSELESS;
	buf_span(out, s->step == 0 ? s->user : s->secret);
	return SASL_ANSWER;
}

static enum sasl_verdict
cram_answer(struct sasl *s, struct span challenge, struct buf *out)
{
	if (s->step > 0 || challenge.n == 0)
		return SASL_SENSELESS;
	return crammd5_answer(out, s->user, s->secret, challenge) == 0
		       ? SASL_ANSWER
		       : SASL_BROKEN;
}

/* --- tokens --- */

static enum sasl_verdict
bearer_begin(struct sasl *s, struct buf *out)
{
	const struct bearer bearer = {
		.user = s->user,
		.host = s->host,
		.port = s->port,
		.token = s->secret,
	};

	bearer_print(out, s->mechanism, &bearer);
	return SASL_ANSWER;
}

/* A challenge is a reason for the refusal that follows when we have said that
 * we have heard it: with an empty line, or with ^A (RFC 7628 3.2.3). */
static enum sasl_verdict
bearer_answer(struct sasl *s, struct span challenge, struct buf *out)
{
	struct buf reason = BUF(s->reason);

	if (s->step > 0)
		return SASL_SENSELESS;
	bearer_reason(&reason, challenge);
	s->reason_len = reason.len;
	s->proved = false;
	if (s->mechanism == MECHANISM_OAUTHBEARER)
		buf_char(out, '\1');
	return SASL_ANSWER;
}

static const struct {
	/* NULL: the server has the first word */
	enum sasl_verdict (*begin)(struct sasl *s, struct buf *out);
	enum sasl_verdict (*answer)(
		struct sasl *s, struct span challenge, struct buf *out);
	bool proves; /* the server has to show that it knows the password */
} mechanisms[MECHANISMS] = {
	[MECHANISM_SCRAM_PLUS] = {scram_begin,   scram_answer,  true },
	[MECHANISM_SCRAM] = { scram_begin,  scram_answer,  true },
	[MECHANISM_CRAM_MD5] = { NULL,         cram_answer,   false},
	[MECHANISM_PLAIN] = { plain_begin,  no_answer,     false},
	[MECHANISM_LOGIN] = { NULL,         login_answer,  false},
	[MECHANISM_OAUTHBEARER] = { bearer_begin, bearer_answer, false},
	[MECHANISM_XOAUTH2] = { bearer_begin, bearer_answer, false},
};

bool
sasl_speaks_first(enum mechanism mechanism)
{
	return mechanisms[mechanism].begin != NULL;
}

enum sasl_verdict
sasl_begin(struct sasl *s, struct buf *out)
{
	s->step = 0;
	s->reason_len = 0;
	s->proved = !mechanisms[s->mechanism].proves;
	return mechanisms[s->mechanism].begin
		       ? mechanisms[s->mechanism].begin(s, out)
		       : SASL_ANSWER;
}

enum sasl_verdict
sasl_answer(struct sasl *s, struct span challenge, struct buf *out)
{
	enum sasl_verdict verdict =
		mechanisms[s->mechanism].answer(s, challenge, out);

	s->step++;
	return verdict;
}

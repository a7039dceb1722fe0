/* SPDX-License-Identifier: ISC */
#include "net/tlspair.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/tlswords.h"

/* Clocks of responders that run before ours, in seconds. */
enum { CLOCK_SLACK = 300 };

/* A file's octets; wiped when they are freed, for one may be a key. */
struct octets {
	unsigned char *p;
	size_t n;
};

static void
explain(struct buf *why, const char *path, const char *reason)
{
	buf_str(why, path);
	buf_str(why, ": ");
	buf_str(why, reason);
}

static int
fail(struct buf *why, const char *path, const char *reason)
{
	explain(why, path, reason);
	return -1;
}

static int
fail_words(struct buf *why, const char *path)
{
	explain(why, path, "");
	tlswords(why);
	return -1;
}

static void
wipe(struct octets *o)
{
	if (o->p)
		OPENSSL_cleanse(o->p, o->n);
	free(o->p);
	*o = (struct octets){ NULL, 0 };
}

static int
read_all(int fd, struct octets *o)
{
	size_t have = 0;

	while (have < o->n) {
		ssize_t got = read(fd, o->p + have, o->n - have);

		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1)
			return -1;
		if (got == 0)
			break;
		have += (size_t)got;
	}
	o->n = have;
	return 0;
}

/* Returns 0, or -1 with the reason in why. */
static int
read_file(struct octets *o, const char *path, struct buf *why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	int result = -1;

	*o = (struct octets){ NULL, 0 };
	if (fd == -1)
		return fail(why, path, strerror(errno));
	if (fstat(fd, &st) == -1)
		explain(why, path, strerror(errno));
	else if (!S_ISREG(st.st_mode))
		explain(why, path, "not a regular file");
	else if (st.st_size > TLSPAIR_FILE)
		explain(why, path, "over 64 KiB; that is no such file");
	else
		result = 0;
	if (result == 0) {
		o->n = (size_t)st.st_size;
		o->p = calloc(1, o->n + 1);
		if (!o->p || read_all(fd, o) == -1)
			result = fail(why, path, strerror(errno));
	}
	close(fd);
	if (result == -1)
		wipe(o);
	return result;
}

/* Nobody is there to be asked for a passphrase. */
static int
no_passphrase(char *out, int room, int writing, void *ctx)
{
	(void)out;
	(void)room;
	(void)writing;
	(void)ctx;
	return -1;
}

static int
parse_chain(struct tlspair *pair, BIO *in, const char *path, struct buf *why)
{
	X509 *next;

	pair->chain = sk_X509_new_null();
	pair->leaf = PEM_read_bio_X509(in, NULL, no_passphrase, NULL);
	if (!pair->leaf || !pair->chain) {
		ERR_clear_error();
		return fail(why, path, "holds no certificate (PEM)");
	}
	while ((next = PEM_read_bio_X509(in, NULL, no_passphrase, NULL)))
		if (!sk_X509_push(pair->chain, next)) {
			X509_free(next);
			return fail_words(why, path);
		}
	/* the end of the file is an error, too */
	if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
		return fail_words(why, path);
	ERR_clear_error();
	return 0;
}

static int
read_chain(struct tlspair *pair, const char *path, struct buf *why)
{
	struct octets text;
	BIO *in;
	int result;

	if (read_file(&text, path, why) == -1)
		return -1;
	in = BIO_new_mem_buf(text.p, (int)text.n);
	result = in ? parse_chain(pair, in, path, why) : fail_words(why, path);
	BIO_free(in);
	wipe(&text);
	return result;
}

static int
read_key(struct tlspair *pair, const char *path, struct buf *why)
{
	struct octets text;
	BIO *in;

	if (read_file(&text, path, why) == -1)
		return -1;
	in = BIO_new_mem_buf(text.p, (int)text.n);
	if (in)
		pair->key =
			PEM_read_bio_PrivateKey(in, NULL, no_passphrase, NULL);
	BIO_free(in);
	wipe(&text);
	if (pair->key)
		return 0;
	ERR_clear_error();
	return fail(why, path, "holds no private key without a passphrase");
}

/* Seconds since 1970; 0 when that cannot be said. */
static time_t
time_of(const ASN1_TIME *t)
{
	struct tm tm;

	return t && ASN1_TIME_to_tm(t, &tm) == 1 ? timegm(&tm) : 0;
}

static int
learn(struct tlspair *pair, const char *certfile, const char *keyfile,
	struct buf *why)
{
	unsigned n = sizeof pair->hash;

	if (X509_check_private_key(pair->leaf, pair->key) != 1) {
		ERR_clear_error();
		explain(why, certfile, "its key is not the one in ");
		buf_str(why, keyfile);
		return -1;
	}
	pair->until = time_of(X509_get0_notAfter(pair->leaf));
	if (X509_digest(pair->leaf, EVP_sha256(), pair->hash, &n) != 1)
		return fail_words(why, certfile);
	return 0;
}

/* The answer for this certificate, or NULL. */
static OCSP_SINGLERESP *
find_answer(OCSP_BASICRESP *basic, X509 *leaf)
{
	for (int i = 0; i < OCSP_resp_count(basic); i++) {
		OCSP_SINGLERESP *one = OCSP_resp_get0(basic, i);
		ASN1_INTEGER *serial = NULL;

		OCSP_id_get0_info(NULL, NULL, NULL, &serial,
			(OCSP_CERTID *)(uintptr_t)OCSP_SINGLERESP_get0_id(one));
		if (serial && ASN1_INTEGER_cmp(serial,
				      X509_get0_serialNumber(leaf)) == 0)
			return one;
	}
	return NULL;
}

/* Why the response cannot be stapled, or NULL. */
static const char *
judge(OCSP_RESPONSE *response, X509 *leaf, time_t *until)
{
	ASN1_GENERALIZEDTIME *this_update = NULL;
	ASN1_GENERALIZEDTIME *next_update = NULL;
	OCSP_BASICRESP *basic;
	OCSP_SINGLERESP *one;
	const char *fault = NULL;

	if (OCSP_response_status(response) != OCSP_RESPONSE_STATUS_SUCCESSFUL)
		return "an OCSP responder's error";
	basic = OCSP_response_get1_basic(response);
	one = basic ? find_answer(basic, leaf) : NULL;
	if (!one)
		fault = "no OCSP response for this certificate";
	else if (OCSP_single_get0_status(one, NULL, NULL, &this_update,
			 &next_update) != V_OCSP_CERTSTATUS_GOOD)
		fault = "says that the certificate is not good";
	else if (!next_update || OCSP_check_validity(this_update, next_update,
					 CLOCK_SLACK, -1) != 1)
		fault = "an OCSP response out of date";
	if (!fault)
		*until = time_of(next_update);
	OCSP_BASICRESP_free(basic);
	ERR_clear_error();
	return fault;
}

/* Keeps the response when it may be stapled. */
static void
read_staple(struct tlspair *pair, const char *path, struct buf *why)
{
	struct octets der;
	const unsigned char *p;
	OCSP_RESPONSE *response;
	const char *fault;

	if (faccessat(AT_FDCWD, path, F_OK, 0) == -1 ||
		read_file(&der, path, why) == -1)
		return;
	p = der.p;
	response = d2i_OCSP_RESPONSE(NULL, &p, (long)der.n);
	fault = response ? judge(response, pair->leaf, &pair->staple_until)
			 : "no OCSP response (DER)";
	OCSP_RESPONSE_free(response);
	ERR_clear_error();
	if (fault) {
		explain(why, path, fault);
		wipe(&der);
		return;
	}
	pair->staple = der.p;
	pair->staple_n = der.n;
}

struct tlspair *
tlspair_read(const char *certfile, const char *keyfile, const char *staplefile,
	struct buf *why)
{
	struct tlspair *pair = calloc(1, sizeof *pair);

	if (!pair) {
		explain(why, certfile, strerror(errno));
		return NULL;
	}
	pair->count = 1;
	if (read_chain(pair, certfile, why) == -1 ||
		read_key(pair, keyfile, why) == -1 ||
		learn(pair, certfile, keyfile, why) == -1) {
		tlspair_drop(pair);
		return NULL;
	}
	read_staple(pair, staplefile, why);
	return pair;
}

struct tlspair *
tlspair_hold(struct tlspair *pair)
{
	pair->count++;
	return pair;
}

void
tlspair_drop(struct tlspair *pair)
{
	if (!pair || --pair->count)
		return;
	X509_free(pair->leaf);
	sk_X509_pop_free(pair->chain, X509_free);
	EVP_PKEY_free(pair->key); /* which wipes it */
	free(pair->staple);
	free(pair);
}

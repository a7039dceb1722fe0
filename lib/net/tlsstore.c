/* SPDX-License-Identifier: ISC */
#include "net/tlsstore.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "control/control.h"
#include "net/tlswords.h"
#include "pure/sni.h"
#include "sys/home.h"

enum {
	DAY = 86400,
	EXPIRY_DAYS = 14, /* from then on it is said every day */
	NAMES_MAX = 10000,
	WHY = 1024,           /* octets of a sentence with two paths */
	CLIENT_CHAIN = 32768, /* octets of a client's certificates */
	WEAK_RSA = 2048,      /* bits; fewer are not taken by today's clients */
};

/* TLS 1.2 of Mozilla's "intermediate" without DHE, which costs the server
 * much and every client of today can do without; TLS 1.3 as OpenSSL has it. */
static const char ciphers12[] =
	"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
	"ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
	"ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
static const char groups[] = "X25519:P-256:P-384:P-521";

/* A load at work. */
struct load {
	struct tlsstore *s;
	const struct tlsstore *old;
	tlsstore_say *say;
	void *ctx;
	struct control c;
};

__attribute__((format(printf, 3, 4))) static void
say(const struct load *l, enum log_level level, const char *format, ...)
{
	char text[WHY + 64];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	l->say(l->ctx, level, text);
}

static int
say_words(const struct load *l, const char *what)
{
	char text[256];
	struct buf words = BUF(text);

	words.cap--;
	tlswords(&words);
	text[words.len] = '\0';
	say(l, LOG_LEVEL_ERROR, "%s: %s", what, text);
	return -1;
}

/* --- certificates --- */

/* "mx.example.org until 2027-01-31" */
static void
say_read(const struct load *l, const struct tlsname *name, const char *certfile)
{
	char until[32];
	struct tm tm;
	int bits = EVP_PKEY_get_bits(name->pair->key);

	if (!gmtime_r(&name->pair->until, &tm) ||
		!strftime(until, sizeof until, "%Y-%m-%d", &tm))
		return;
	say(l, LOG_LEVEL_INFO, "%s: for %s, until %s", certfile,
		*name->name ? name->name : "everybody", until);
	if (EVP_PKEY_get_base_id(name->pair->key) == EVP_PKEY_RSA &&
		bits < WEAK_RSA)
		say(l, LOG_LEVEL_WARNING,
			"%s: an RSA key of %d bits is weak; make one of 2048",
			certfile, bits);
}

/* The pair that was used for the name until now, or NULL. */
static struct tlspair *
old_pair(const struct load *l, const char *name)
{
	if (!l->old)
		return NULL;
	if (!*name)
		return l->old->fallback.pair;
	for (size_t i = 0; i < l->old->names; i++)
		if (strcmp(l->old->name[i].name, name) == 0)
			return l->old->name[i].pair;
	return NULL;
}

static bool
same_pair(const struct tlspair *a, const struct tlspair *b)
{
	return a && b && memcmp(a->hash, b->hash, sizeof a->hash) == 0;
}

/* Returns 0 when there is a pair now, be it the old one, or -1. */
static int
read_pair(struct load *l, struct tlsname *name, const char *certfile,
	const char *keyfile)
{
	struct tlspair *old = old_pair(l, name->name);
	char staple[LIMIT_PATH];
	char text[WHY];
	struct buf path = BUF(staple);
	struct buf why = BUF(text);

	buf_str(&path, certfile);
	buf_str(&path, ".ocsp");
	buf_cstr(&path);
	if (watch_add(&l->s->files, certfile) == -1 ||
		watch_add(&l->s->files, keyfile) == -1 ||
		watch_add(&l->s->files, staple) == -1) {
		say(l, LOG_LEVEL_ERROR, "%s: %s", certfile, strerror(errno));
		return -1;
	}
	why.cap--;
	name->pair = tlspair_read(certfile, keyfile, staple, &why);
	text[why.len] = '\0';
	if (name->pair) {
		if (why.len)
			say(l, LOG_LEVEL_WARNING, "%s", text);
		if (!same_pair(name->pair, old))
			say_read(l, name, certfile);
		return 0;
	}
	l->s->stale = true;
	say(l, LOG_LEVEL_ERROR, "%s%s", text,
		old ? "; the certificate from before goes on" : "");
	if (old)
		name->pair = tlspair_hold(old);
	return old ? 0 : -1;
}

/* A file that the service manager hands over, for this user alone. */
static const char *
credential(char out[LIMIT_PATH], const char *name)
{
	const char *dir = getenv("CREDENTIALS_DIRECTORY");
	struct buf path = { out, LIMIT_PATH, 0, false };

	if (!dir || !*dir)
		return NULL;
	buf_str(&path, dir);
	buf_char(&path, '/');
	buf_str(&path, name);
	buf_cstr(&path);
	if (path.over || faccessat(AT_FDCWD, out, F_OK, 0) == -1)
		return NULL;
	return out;
}

/* The path that a control file holds, if the service manager has not brought
 * what it names. Returns 1, 0 when there is none, -1 when it is wrong. */
static int
find_file(struct load *l, enum control_id id, char out[LIMIT_PATH])
{
	const char *name = control_file(id)->name;
	char line[LIMIT_PATH];
	int given = control_line(&l->c, id, line, sizeof line);

	if (given == -1) {
		say(l, LOG_LEVEL_ERROR, "%s", control_error(&l->c));
		return -1;
	}
	if (credential(out, name))
		return 1;
	if (given == 1 && !home_path(out, span_of(line))) {
		say(l, LOG_LEVEL_ERROR, "control/%s: %s: not a path from / on",
			name, line);
		return -1;
	}
	return given;
}

static int
read_fallback(struct load *l)
{
	char certfile[LIMIT_PATH];
	char keyfile[LIMIT_PATH];
	int cert = find_file(l, CONTROL_TLSCERT, certfile);
	int key = find_file(l, CONTROL_TLSKEY, keyfile);

	if (cert == 0)
		say(l, LOG_LEVEL_ERROR,
			"control/tlscert: there is none, so there is no TLS; "
			"write the path of a certificate chain (PEM)");
	if (cert != 1 || key == -1) {
		struct tlspair *old = old_pair(l, "");

		l->s->stale = true;
		if (old)
			l->s->fallback.pair = tlspair_hold(old);
		return old ? 0 : -1;
	}
	return read_pair(
		l, &l->s->fallback, certfile, key ? keyfile : certfile);
}

/* --- the folder --- */

static int
path_of(char out[LIMIT_PATH], const char *dir, struct span name,
	const char *ending)
{
	struct buf path = { out, LIMIT_PATH, 0, false };

	buf_str(&path, dir);
	buf_char(&path, '/');
	buf_span(&path, name);
	buf_str(&path, ending);
	buf_cstr(&path);
	return path.over ? -1 : 0;
}

/* Takes NAME.crt, whose key is in NAME.key. */
static void
read_named(struct load *l, const char *dir, struct span file)
{
	struct tlsstore *s = l->s;
	struct span stem = span_head(file, file.n - 4);
	struct tlsname *name = &s->name[s->names];
	char certfile[LIMIT_PATH];
	char keyfile[LIMIT_PATH];
	struct buf text = { name->name, sizeof name->name - 1, 0, false };

	*name = (struct tlsname){ .pair = NULL };
	if (sni_filed(stem, &text) == -1 ||
		path_of(certfile, dir, stem, ".crt") == -1 ||
		path_of(keyfile, dir, stem, ".key") == -1) {
		say(l, LOG_LEVEL_ERROR,
			"control/tlscerts/%.*s: not a host name; write "
			"mx.example.org.crt, or _.example.org.crt for "
			"*.example.org",
			(int)file.n, file.p);
		return;
	}
	if (read_pair(l, name, certfile, keyfile) == 0)
		s->names++;
}

static int
make_room(struct tlsstore *s)
{
	struct tlsname *more;

	if (s->names & (s->names + 1)) /* room is 2^n - 1 */
		return 0;
	more = realloc(s->name, (2 * s->names + 1) * sizeof *more);
	if (!more)
		return -1;
	s->name = more;
	return 0;
}

static void
read_folder(struct load *l, DIR *folder, const char *path)
{
	struct dirent *e;

	while ((e = readdir(folder))) {
		struct span file = span_of(e->d_name);

		/* lego keeps the issuer's certificate beside the other */
		if (file.p[0] == '.' || !span_ends_nocase(file, SPAN(".crt")) ||
			span_ends_nocase(file, SPAN(".issuer.crt")))
			continue;
		if (l->s->names == NAMES_MAX || make_room(l->s) == -1) {
			say(l, LOG_LEVEL_ERROR,
				"control/tlscerts: no room for %s", e->d_name);
			return;
		}
		read_named(l, path, file);
	}
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct tlsname *)a)->name,
		((const struct tlsname *)b)->name);
}

static void
read_names(struct load *l)
{
	char home[LIMIT_PATH];
	char path[LIMIT_PATH];
	DIR *folder;

	if (!home_control(home) ||
		path_of(path, home, SPAN("tlscerts"), "") == -1 ||
		watch_add(&l->s->files, path) == -1)
		return;
	folder = opendir(path);
	if (!folder) {
		if (errno != ENOENT)
			say(l, LOG_LEVEL_ERROR, "control/tlscerts: %s",
				strerror(errno));
		return;
	}
	read_folder(l, folder, path);
	closedir(folder);
	if (l->s->names)
		qsort(l->s->name, l->s->names, sizeof *l->s->name, by_name);
}

/* --- settings --- */

/* Lines of cipher names, put together as OpenSSL wants them: what begins with
 * TLS_ is of TLS 1.3. Returns 0 or -1. */
static int
read_ciphers(struct load *l, struct buf *tls12, struct buf *tls13)
{
	struct control_list list;
	struct span entry;

	if (control_list(&l->c, CONTROL_TLSCIPHERS, &list) == -1) {
		say(l, LOG_LEVEL_ERROR, "%s", control_error(&l->c));
		return -1;
	}
	while (control_next(&list, &entry)) {
		struct buf *out =
			span_begins_nocase(entry, SPAN("TLS_")) ? tls13 : tls12;

		if (out->len)
			buf_char(out, ':');
		buf_span(out, entry);
	}
	control_list_free(&list);
	buf_cstr(tls12);
	buf_cstr(tls13);
	if (!tls12->over && !tls13->over)
		return 0;
	say(l, LOG_LEVEL_ERROR, "control/tlsciphers: too long");
	return -1;
}

static int
set_ciphers(struct load *l)
{
	char text12[LIMIT_CONTROL_LINE];
	char text13[LIMIT_CONTROL_LINE];
	struct buf tls12 = BUF(text12);
	struct buf tls13 = BUF(text13);

	if (read_ciphers(l, &tls12, &tls13) == -1)
		return -1;
	if (SSL_CTX_set_cipher_list(
		    l->s->ctx, tls12.len ? text12 : ciphers12) != 1 ||
		(tls13.len && SSL_CTX_set_ciphersuites(l->s->ctx, text13) != 1))
		return say_words(l, "control/tlsciphers");
	return 0;
}

/* Whose certificate it is matters, not who says so: tlsclients lists the keys
 * themselves. */
static int
take_any(X509_STORE_CTX *ctx, void *arg)
{
	(void)ctx;
	(void)arg;
	return 1;
}

static int
set_options(struct load *l)
{
	SSL_CTX *ctx = l->s->ctx;

	SSL_CTX_set_security_level(ctx, 2);
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION |
					 SSL_OP_NO_COMPRESSION |
					 SSL_OP_CIPHER_SERVER_PREFERENCE |
					 SSL_OP_PRIORITIZE_CHACHA);
	SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS |
				      SSL_MODE_ENABLE_PARTIAL_WRITE |
				      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_max_early_data(ctx, 0);
	SSL_CTX_set_max_cert_list(ctx, CLIENT_CHAIN);
	if (SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) != 1 ||
		SSL_CTX_set1_groups_list(ctx, groups) != 1)
		return say_words(l, "set up TLS");
	if (l->s->clients) {
		SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
		SSL_CTX_set_cert_verify_callback(ctx, take_any, NULL);
	}
	return set_ciphers(l);
}

static int
make_context(struct load *l)
{
	struct tlspair *pair = l->s->fallback.pair;

	l->s->clients =
		l->c.text[CONTROL_TLSCLIENTS] || l->c.cdb[CONTROL_TLSCLIENTS];
	l->s->ctx = SSL_CTX_new(TLS_server_method());
	if (!l->s->ctx)
		return say_words(l, "set up TLS");
	if (set_options(l) == -1)
		return -1;
	if (SSL_CTX_use_cert_and_key(
		    l->s->ctx, pair->leaf, pair->key, pair->chain, 1) != 1)
		return say_words(l, "use the certificate");
	return 0;
}

static int
watch_control(struct load *l)
{
	static const char *const files[] = { "tlscert", "tlsciphers",
		"tlsclients", "tlsclients.cdb", "tlskey" };
	char home[LIMIT_PATH];
	char path[LIMIT_PATH];

	if (!home_control(home) || watch_add(&l->s->files, home) == -1)
		return -1;
	for (size_t i = 0; i < LEN(files); i++)
		if (path_of(path, home, span_of(files[i]), "") == -1 ||
			watch_add(&l->s->files, path) == -1)
			return -1;
	return 0;
}

int
tlsstore_load(struct tlsstore *s, const struct tlsstore *old, tlsstore_say *to,
	void *ctx)
{
	struct load l = { .s = s, .old = old, .say = to, .ctx = ctx };
	int result = -1;

	*s = (struct tlsstore){ .ctx = NULL };
	if (watch_control(&l) == -1) {
		say(&l, LOG_LEVEL_ERROR, "read the control files: %s",
			strerror(errno));
		return -1;
	}
	if (control_open(&l.c) == -1)
		say(&l, LOG_LEVEL_ERROR, "%s", control_error(&l.c));
	else if (read_fallback(&l) == 0) {
		read_names(&l);
		result = make_context(&l);
	}
	control_close(&l.c);
	if (result == -1) {
		struct watch files = s->files;

		s->files = (struct watch){ 0 };
		tlsstore_free(s);
		s->files = files;
	}
	return result;
}

bool
tlsstore_changed(const struct tlsstore *s)
{
	return watch_changed(&s->files);
}

static void
say_expiry(const struct tlsname *name, tlsstore_say *to, void *ctx)
{
	const struct load l = { .say = to, .ctx = ctx };
	time_t left = name->pair->until - time(NULL);
	const char *whose = *name->name ? name->name : "everybody";

	if (left <= 0)
		say(&l, LOG_LEVEL_ERROR,
			"the certificate for %s has expired; renew it", whose);
	else if (left <= EXPIRY_DAYS * DAY)
		say(&l, LOG_LEVEL_WARNING,
			"the certificate for %s ends in %lld days; renew it",
			whose, (long long)(left / DAY));
}

void
tlsstore_expiry(const struct tlsstore *s, tlsstore_say *to, void *ctx)
{
	say_expiry(&s->fallback, to, ctx);
	for (size_t i = 0; i < s->names; i++)
		say_expiry(&s->name[i], to, ctx);
}

/* The name that is filed as it is asked for, or NULL. */
static const struct tlsname *
look_up(const struct tlsstore *s, const char *filed)
{
	struct tlsname key;

	memcpy(key.name, filed, strlen(filed) + 1);
	return s->names ? bsearch(&key, s->name, s->names, sizeof key, by_name)
			: NULL;
}

const struct tlsname *
tlsstore_find(const struct tlsstore *s, struct span name)
{
	char text[LIMIT_DOMAIN + 3];
	struct buf filed = BUF(text);
	const struct tlsname *found;
	size_t dot = span_find(name, '.');

	buf_span(&filed, name);
	buf_cstr(&filed);
	found = name.n <= LIMIT_DOMAIN ? look_up(s, text) : NULL;
	if (found || dot == name.n || dot == 0 || dot + 1 == name.n)
		return found ? found : &s->fallback;
	filed = BUF(text);
	buf_str(&filed, "_");
	buf_span(&filed, span_from(name, dot));
	buf_cstr(&filed);
	found = filed.len <= LIMIT_DOMAIN ? look_up(s, text) : NULL;
	return found ? found : &s->fallback;
}

void
tlsstore_free(struct tlsstore *s)
{
	SSL_CTX_free(s->ctx);
	tlspair_drop(s->fallback.pair);
	for (size_t i = 0; i < s->names; i++)
		tlspair_drop(s->name[i].pair);
	free(s->name);
	watch_free(&s->files);
	*s = (struct tlsstore){ .ctx = NULL };
}

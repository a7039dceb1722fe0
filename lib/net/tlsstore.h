/* SPDX-License-Identifier: ISC
 *
 * tlsstore: what postern-tls shows its clients: the certificates by name, and
 * the settings of all sessions, as the control files say:
 *
 *	control/tlscert, tlskey    the certificate for everybody else
 *	control/tlscerts/          NAME.crt and NAME.key, for clients that
 *	                           ask for NAME (SNI)
 *	control/tlsciphers         what is offered
 *	control/tlsclients         is there: ask for a client's certificate
 *
 * Read once, and again when one of the files has changed. What was good goes
 * on being used in the place of what is bad. */
#ifndef NET_TLSSTORE_H
#define NET_TLSSTORE_H

#include "net/tlspair.h"
#include "pure/limits.h"
#include "sys/log.h"
#include "sys/watch.h"

/* What a name is served with. */
struct tlsname {
	char name[LIMIT_DOMAIN + 1]; /* as sni_filed has it; "": the default */
	struct tlspair *pair;
};

struct tlsstore {
	SSL_CTX *ctx;
	struct tlsname fallback;
	struct tlsname *name;
	size_t names;
	bool clients; /* their certificates are asked for */
	bool stale;   /* something in it is older than the files */
	struct watch files;
};

/* Hears of each fault: `level` LOG_LEVEL_ERROR when something is not as the
 * files say, LOG_LEVEL_WARNING when it soon will not be, or is weak,
 * LOG_LEVEL_INFO for a certificate that was read. */
typedef void tlsstore_say(void *ctx, enum log_level level, const char *text);

/* Reads everything. `old` (may be NULL) is what was used until now: it lends
 * what cannot be read any more, and stays as it is. Returns 0, or -1 when
 * nobody can be served: s then holds nothing but the files to watch. */
int tlsstore_load(struct tlsstore *s, const struct tlsstore *old,
	tlsstore_say *say, void *ctx);

/* Has one of the files changed since? */
bool tlsstore_changed(const struct tlsstore *s);

/* Says which certificates end within two weeks. */
void tlsstore_expiry(const struct tlsstore *s, tlsstore_say *say, void *ctx);

/* The certificate for a host name in lower case; the fallback when there is
 * none of that name. */
const struct tlsname *tlsstore_find(const struct tlsstore *s, struct span name);

void tlsstore_free(struct tlsstore *s);

#endif

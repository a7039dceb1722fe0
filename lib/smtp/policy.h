/* SPDX-License-Identifier: ISC
 *
 * policy: from whom and to whom mail is taken. Decided from control/ and from
 * who the client is; one reading a session.
 *
 *	relayfrom      networks that may relay to anywhere; none by default
 *	               beside this machine (loopback and named unix socket)
 *	RELAYCLIENT    (environment, with TCPREMOTEIP) the client may relay; the
 *	               value is appended to every recipient, as in qmail
 *	tlsclients     keys of clients' certificates that may relay
 *	rcpthosts      domains taken from anybody; `.suffix` for names below
 *	morercpthosts  the same as .cdb
 *	locals         domains delivered here; only to mailboxes that exist
 *	denyfrom       networks that are greeted with a refusal
 *	badmailfrom    senders, or @domains of senders, that are refused
 *	normalize      networks whose bare line ends are mended
 *	hidereceived   networks whose clients the Received field does not show
 *	aliases ...    names that are here beside the mailboxes, and who may
 *	               have mail at all (control/rewrite.h)
 *
 * A default gateway's address counts for relayfrom only when it is listed by
 * itself: behind NAT it is everybody's address. */
#ifndef SMTP_POLICY_H
#define SMTP_POLICY_H

#include "control/control.h"
#include "control/mailboxes.h"
#include "control/map.h"
#include "control/rewrite.h"
#include "pure/address.h"
#include "sys/gateway.h"
#include "sys/peer.h"

enum policy_verdict {
	POLICY_OK = 0,
	POLICY_SENDER,  /* badmailfrom */
	POLICY_RELAY,   /* not one of our domains, and no right to relay */
	POLICY_GATEWAY, /* the same, and only for being a default gateway */
	POLICY_ROUTED,  /* a stranger's local part that routes: % ! @ */
	POLICY_NO_USER, /* our domain, but no such mailbox */
	POLICY_NO_DOMAIN,
	POLICY_NOT_ALLOWED, /* allowrecipients does not have it */
	POLICY_LONG,        /* RELAYCLIENT's value made the address too long */
	POLICY_BROKEN,      /* control error */
};

/* What decided: a line of a control file (0: a .cdb), or, with file NULL, what
 * holds without one. */
struct policy_why {
	const char *file;
	unsigned line;
};

struct policy {
	struct control *control;
	struct mailboxes *mailboxes; /* NULL: no domain is local */
	struct rewrite *rewrite;     /* NULL: nothing is rewritten */
	struct control_list rcpthosts;
	struct control_list badmailfrom;
	struct map *morercpthosts;
	bool denied;    /* greet with 554 */
	bool here;      /* it is this machine: loopback, named unix socket */
	bool relay;     /* may send to anywhere */
	bool gateway;   /* may not relay because it is a default gateway */
	bool insecure;  /* may log in without TLS (control/authinsecure) */
	bool normalize; /* bare line ends are mended */
	bool hiderelay; /* hidereceived has the word relay */
	bool hidden;    /* the Received field does not show this client */
	char suffix[LIMIT_DOMAIN + 1]; /* RELAYCLIENT's value */
	struct policy_why denied_by;
	struct policy_why relay_by;
	struct policy_why why; /* of the last sender or recipient */
};

/* Reads and checks everything that concerns this peer. `relayclient` is
 * the variable or NULL. `c` must stay until policy_close.
 * Returns 0, or -1 with the control error set. */
int policy_open(struct policy *p, struct control *c, const struct peer *peer,
	const char *relayclient, const struct gateway_paths *routes);

void policy_close(struct policy *p);

/* The client has shown who it is, by AUTH or a certificate: it may relay. `by`
 * says which line allows it. */
void policy_grant(struct policy *p, struct policy_why by);

/* The same for the key of a client's certificate, in hex, if
 * control/tlsclients has it. Returns 1 and appends the identity, 0, or -1 with
 * the control error set. */
int policy_certificate(
	struct policy *p, struct span fingerprint, struct buf *identity);

/* The port is one where everybody must log in: until then the client has no
 * right to relay, wherever it is; names without a domain are completed.
 * Returns 0, or -1 with the control error set. */
int policy_submission(struct policy *p);

/* Judges the sender; the null one is always good. */
enum policy_verdict policy_sender(
	struct policy *p, const struct address *sender);

/* Appends the domain of defaulthost to a sender that has none, where addresses
 * are rewritten and the client may relay. */
enum policy_verdict policy_complete(struct policy *p, struct address *sender);

/* Judges a recipient and appends it as it is to be stored. */
enum policy_verdict policy_rcpt(
	struct policy *p, const struct address *rcpt, struct buf *stored);

#endif

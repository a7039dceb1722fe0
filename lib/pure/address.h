/* SPDX-License-Identifier: ISC
 *
 * address: mailboxes of RFC 5321 4.1.2 as they stand in MAIL and RCPT, in
 * control files and in queue records. */
#ifndef PURE_ADDRESS_H
#define PURE_ADDRESS_H

#include "pure/buf.h"
#include "pure/ip.h"
#include "pure/limits.h"

/* Why a path or mailbox is refused. */
enum address_verdict {
	ADDRESS_OK = 0,
	ADDRESS_SYNTAX, /* not a path: brackets, quotes, stray bytes */
	ADDRESS_LOCAL,  /* bad or overlong local part */
	ADDRESS_DOMAIN, /* bad or overlong domain or literal */
	ADDRESS_UTF8, /* 8-bit where SMTPUTF8 was not asked for, or not UTF-8 */
};

/* What the grammar may bend to. */
struct address_rules {
	bool utf8;       /* SMTPUTF8 was asked for (RFC 6531 3.3) */
	bool loose_dots; /* control/loosedots: a..b@, .a@, a.@ */
};

/* A mailbox. `text` is local part @ domain as it is stored: the local part
 * with the quotes it needs and no others, case kept; a domain literal in its
 * canonical text. Empty text: the null reverse-path. */
struct address {
	char text[LIMIT_ADDRESS + 1]; /* with a NUL that does not count */
	size_t len;
	size_t at;         /* where the last @ stands; == len: no domain */
	struct ip literal; /* the address when the domain is a literal */
};

/* Parses a path that begins with '<' and ends at its '>' (RFC 5321 4.1.2).
 * A source route is checked and dropped. `<>` gives empty text; `<Postmaster>`
 * and other names without a domain give at == len: the caller decides. On OK
 * *used is how many octets of `in` the path took. */
enum address_verdict address_path(struct span in,
	const struct address_rules *rules, struct address *out, size_t *used);

/* Parses a mailbox without brackets that fills `in`, domain required. */
enum address_verdict address_mailbox(
	struct span in, const struct address_rules *rules, struct address *out);

static inline struct span
address_text(const struct address *a)
{
	return (struct span){ a->text, a->len };
}

/* The local part as it is stored (maybe quoted). */
struct span address_local(const struct address *a);

/* The domain, without the @; empty when there is none. */
struct span address_domain(const struct address *a);

/* The domain of a stored address: after the last @. Empty: none. */
struct span address_domain_of(struct span text);

/* A stored local part without quotes and backslashes, for lookups. */
void address_unquote(struct span local, struct buf *out);

/* True for a host or mail domain: letters, digits, -, _ (interop) in labels
 * of 1 to 63, no - at a label's ends, at most LIMIT_DOMAIN, no trailing dot;
 * UTF-8 labels too when `utf8`. */
bool address_domain_valid(struct span domain, bool utf8);

/* True for an EHLO argument: a domain, or anything visible without spaces
 * up to LIMIT_HELO, or an address literal (RFC 5321 4.1.1.1; S-011). */
bool address_helo_valid(struct span name);

#endif
